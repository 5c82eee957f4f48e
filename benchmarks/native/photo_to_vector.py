#!/usr/bin/env python3
"""From image file to vector on one thread, the peers of PhotoToVector, photo by photo in turn:

- OpenCV's YuNet and SFace (FaceDetectorYN, FaceRecognizerSF), whole;
- what ONNX Runtime's kernels take for the same networks and pictures: decoding by OpenCV, and session.run of
  YuNet and of SFace without anything around them. It is what no wrapper can be faster than.

Usage: photo_to_vector.py YUNET.onnx SFACE_FLOAT.onnx SFACE_INT8.onnx FOLDER COUNT [ROUNDS]
       (opencv-python-headless, onnxruntime, numpy; OpenCV reads the float file only)
"""
import pathlib
import sys
import time

import cv2
import numpy as np
import onnxruntime as ort

cv2.setNumThreads(1)
yunet, sface, int8, folder, count = sys.argv[1:6]
rounds = int(sys.argv[6]) if len(sys.argv) > 6 else 3
photos = sorted(pathlib.Path(folder).rglob("*.jpg"))[: int(count)]
detector = cv2.FaceDetectorYN.create(yunet, "", (320, 320), 0.75, 0.3)
recognizer = cv2.FaceRecognizerSF.create(sface, "")


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


yunet_ort, int8_ort = session(yunet), session(int8)


def planes(image):
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32)


def padded(image):
    height, width = image.shape[:2]
    down, right = -height % 32, -width % 32
    return planes(cv2.copyMakeBorder(image, 0, down, 0, right, cv2.BORDER_CONSTANT, value=(0, 0, 0)))


def seen(image):
    """What is looked at of a large photo, and its scale, as YuNetDetector has it."""
    pixels = image.shape[0] * image.shape[1]
    if pixels <= 1.6e6:
        return image, 1.0
    scale = (1.1e6 / pixels) ** 0.5
    size = (round(scale * image.shape[1]), round(scale * image.shape[0]))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale


for r in range(rounds + 1):
    decode = detect = align = embed = detect_ort = embed_ort = 0.0
    found = 0
    for photo in photos:
        t = [time.thread_time()]
        image = cv2.imread(str(photo))
        t.append(time.thread_time())
        small, scale = seen(image)
        detector.setInputSize((small.shape[1], small.shape[0]))
        _, faces = detector.detect(small)
        t.append(time.thread_time())
        decode += t[1] - t[0]
        detect += t[2] - t[1]
        picture = padded(small)
        a = time.thread_time()
        yunet_ort.run(None, {"input": picture})
        detect_ort += time.thread_time() - a
        if faces is not None:
            face = max(faces, key=lambda f: f[2] * f[3])
            face[:14] /= scale
            a = time.thread_time()
            chip = recognizer.alignCrop(image, face)
            b = time.thread_time()
            recognizer.feature(chip)
            embed += time.thread_time() - b
            align += b - a
            picture = planes(chip[:, :, ::-1])
            a = time.thread_time()
            int8_ort.run(None, {"data": picture})
            embed_ort += time.thread_time() - a
            found += 1
    n = len(photos) / 1000
    print(
        f"{'warm-up' if r == 0 else f'round {r}':8} {len(photos)} photos, {found} with a face: "
        f"decode {decode / n:.2f}; OpenCV {cv2.__version__}: detect {detect / n:.2f}, align {align / n:.2f}, "
        f"embed {embed / n:.2f}, together {(decode + detect + align + embed) / n:.2f}; "
        f"kernels of ONNX Runtime {ort.__version__}: detect {detect_ort / n:.2f}, embed {embed_ort / n:.2f}, "
        f"with decoding {(decode + detect_ort + embed_ort) / n:.2f} ms of processor time a photo",
        flush=True,
    )
