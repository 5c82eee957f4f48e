#!/usr/bin/env python3
"""Makes photos of 12 megapixels with one face: photos of WIDER FACE's training part, enlarged, with a sensor's noise.

Usage: large_photos.py WIDER FOLDER   (opencv-python-headless, numpy; shared/data/wider has boxes.csv and images)
"""
import csv
import pathlib
import sys

import cv2
import numpy as np

wider, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
noise = np.random.default_rng(1)
made = 0
with open(wider / "boxes.csv") as rows:
    for row in list(csv.reader(rows))[1:]:
        image = cv2.imread(str(wider / "images" / row[0]))
        if image.shape[1] <= image.shape[0] or made == 5:
            continue
        large = cv2.resize(image, (4000, 3000), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        large = np.clip(large + noise.normal(0, 4, large.shape), 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{made}.jpg"), large, [cv2.IMWRITE_JPEG_QUALITY, 90])
        made += 1
