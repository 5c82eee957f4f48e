#!/usr/bin/env python3
"""From image file to vector with OpenCV's YuNet and SFace on one thread, the peer of PhotoToVector.

Usage: photo_to_vector.py YUNET.onnx SFACE.onnx FOLDER COUNT [ROUNDS]   (opencv-python-headless)

The networks are float files that OpenCV reads.
"""
import pathlib
import sys
import time

import cv2

cv2.setNumThreads(1)
photos = sorted(pathlib.Path(sys.argv[3]).rglob("*.jpg"))[: int(sys.argv[4])]
rounds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
detector = cv2.FaceDetectorYN.create(sys.argv[1], "", (320, 320), 0.75, 0.3)
recogniser = cv2.FaceRecognizerSF.create(sys.argv[2], "")
for r in range(rounds + 1):
    decode = detect = align = embed = 0.0
    found = 0
    for photo in photos:
        a = time.thread_time()
        image = cv2.imread(str(photo))
        b = time.thread_time()
        detector.setInputSize((image.shape[1], image.shape[0]))
        _, faces = detector.detect(image)
        c = time.thread_time()
        decode += b - a
        detect += c - b
        if faces is not None:
            face = max(faces, key=lambda f: f[2] * f[3])
            chip = recogniser.alignCrop(image, face)
            d = time.thread_time()
            recogniser.feature(chip)
            embed += time.thread_time() - d
            align += d - c
            found += 1
    n = len(photos) / 1000
    print(
        f"{'warm-up' if r == 0 else f'round {r}':8} {len(photos)} photos, {found} with a face: "
        f"decode {decode / n:.2f}, detect {detect / n:.2f}, align {align / n:.2f}, "
        f"embed {embed / n:.2f} ms; together {(decode + detect + align + embed) / n:.2f} ms of processor time a photo"
        f" (OpenCV {cv2.__version__})"
    )
