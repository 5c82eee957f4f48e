#!/usr/bin/env python3
"""Quality of OpenCV's own YuNet and SFace on the photos that LfwVerification and WiderValidation use.

Usage: quality.py lfw   YUNET.onnx SFACE.onnx PAIRS IMAGES
       quality.py wider YUNET.onnx VALIDATION             (opencv-python-headless, numpy)

LFW: the face nearest to the middle counts, a photo without a face is an error; accuracy by ten
folds, each at the threshold that is best on the others. WIDER: recall of faces by their shorter
side, at an intersection over union of 0.5; photos are given to YuNet in their own size.
"""
import pathlib
import sys

import cv2
import numpy as np

SCORE = 0.75


def boxes(detector, image):
    detector.setInputSize((image.shape[1], image.shape[0]))
    faces = detector.detect(image)[1]
    return [] if faces is None else sorted(faces, key=lambda face: -face[14])


def read_pairs(file, images):
    lines = pathlib.Path(file).read_text().splitlines()
    photo = lambda person, n: pathlib.Path(images) / person / f"{person}_{int(n):04d}.jpg"
    pairs = []
    for line in lines[1:]:
        parts = line.split()
        if len(parts) == 3:
            pairs.append((photo(parts[0], parts[1]), photo(parts[0], parts[2]), True))
        elif len(parts) == 4:
            pairs.append((photo(parts[0], parts[1]), photo(parts[2], parts[3]), False))
    return pairs


def lfw(yunet, sface, pairs_file, images):
    detector = cv2.FaceDetectorYN.create(yunet, "", (320, 320), SCORE, 0.3)
    recognizer = cv2.FaceRecognizerSF.create(sface, "")
    pairs = read_pairs(pairs_file, images)
    vectors = {}
    for photo in sorted({p for pair in pairs for p in pair[:2]}):
        image = cv2.imread(str(photo))
        found = boxes(detector, image)
        if not found:
            continue
        middle = np.array([image.shape[1] / 2, image.shape[0] / 2])
        face = min(found, key=lambda f: np.linalg.norm(f[:2] + f[2:4] / 2 - middle))
        vector = recognizer.feature(recognizer.alignCrop(image, face))[0].astype(np.float64)
        vectors[photo] = vector / np.linalg.norm(vector)
    distances = np.array(
        [
            np.linalg.norm(vectors[a] - vectors[b]) if a in vectors and b in vectors else np.inf
            for a, b, _ in pairs
        ]
    )
    same = np.array([pair[2] for pair in pairs])
    # Folds as in the file: equally many pairs of either kind, in order.
    fold = np.zeros(len(pairs), int)
    for kind in (True, False):
        places = np.flatnonzero(same == kind)
        fold[places] = np.arange(len(places)) * 10 // len(places)
    correct = lambda part, t: np.mean((distances[part] <= t) == same[part])
    thresholds = np.unique(distances[np.isfinite(distances)])
    scores = []
    for i in range(10):
        best = max(thresholds, key=lambda t: correct(fold != i, t))
        scores.append(correct(fold == i, best))
    impostors = np.sort(distances[~same])
    genuine = distances[same]
    ranks = np.searchsorted(impostors, genuine, side="right") + np.searchsorted(impostors, genuine)
    area = 1 - np.mean(ranks) / 2 / len(impostors)
    at = impostors[int(len(impostors) * 0.01) - 1]
    print(
        f"OpenCV {cv2.__version__}: {len(vectors)} photos with a face, "
        f"accuracy {np.mean(scores):.4f} +- {np.std(scores, ddof=1) / np.sqrt(10):.4f}, "
        f"ROC area {area:.4f}, TAR at FAR 1e-2 {np.mean(genuine <= at):.4f}"
    )


def read_wider(folder):
    lines = iter((pathlib.Path(folder) / "wider_face_val_bbx_gt.txt").read_text().splitlines())
    for name in lines:
        count = int(next(lines))
        faces = [[int(v) for v in next(lines).split()] for _ in range(max(1, count))]
        photo = pathlib.Path(folder) / "images" / name
        if photo.exists():
            yield photo, [f for f in faces if f[2] > 0 and f[3] > 0]


def overlap(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


def wider(yunet, folder):
    detector = cv2.FaceDetectorYN.create(yunet, "", (320, 320), SCORE, 0.3)
    sizes, hits, photos, wrong = [], [], 0, 0
    for photo, faces in read_wider(folder):
        found = boxes(detector, cv2.imread(str(photo)))
        photos += 1
        free = set(range(len(faces)))
        matched = set()
        for box in found:
            best = max(free, key=lambda i: overlap(box, faces[i]), default=None)
            if best is not None and overlap(box, faces[best]) >= 0.5:
                free.remove(best)
                matched.add(best)
            elif all(overlap(box, face) < 0.5 for face in faces):
                wrong += 1
        for i, face in enumerate(faces):
            if face[7] == 0:
                sizes.append(min(face[2], face[3]))
                hits.append(i in matched)
    sizes, hits = np.array(sizes), np.array(hits)
    text = ", ".join(
        f"{name} {hits[(sizes >= low) & (sizes < high)].mean():.3f}"
        for name, low, high in [
            ("< 16", 0, 16), ("< 24", 16, 24), ("< 32", 24, 32), ("< 50", 32, 50), ("< 80", 50, 80),
            ("< 150", 80, 150), ("150 and more", 150, 1e9), ("50 and more", 50, 1e9), ("all", 0, 1e9),
        ]
    )
    print(f"OpenCV {cv2.__version__}: {photos} photos, {len(sizes)} faces; recall {text}; "
          f"false boxes a photo {wrong / photos:.2f}")


cv2.setNumThreads(1)
{"lfw": lfw, "wider": wider}[sys.argv[1]](*sys.argv[2:])
