#!/usr/bin/env python3
"""A training step of TrainingStep.java in Python's PyTorch: MobileNet-V2 at 224x224, 12 images,
the last ten layers and the head learn, AdamW, triplet loss; the frozen trunk runs in inference
mode, or its outputs are given ("cached"). Prints the median ms of a step for both.

    apt-get install python3-torch python3-torchvision
    /usr/bin/python3 training_step.py [THREADS [STEPS]]
"""
import statistics
import sys
import time

import torch
import torchvision

torch.manual_seed(1)
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
STEPS = int(sys.argv[2]) if len(sys.argv) > 2 else 30

blocks = list(torchvision.models.mobilenet_v2().features)
trunk = torch.nn.Sequential(*blocks[:16]).eval()
tail = torch.nn.Sequential(*blocks[16:], torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
                           torch.nn.Linear(1280, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128))
# Block 16 is an expansion, a depthwise convolution, and the two last layers, which learn.
frozen = tail[0].conv[:2]
for p in list(trunk.parameters()) + list(frozen.parameters()):
    p.requires_grad_(False)
tail.train()
frozen.eval()
optimizer = torch.optim.AdamW([p for p in tail.parameters() if p.requires_grad], lr=1e-4)
images = torch.randn(12, 3, 224, 224)
with torch.no_grad():
    features = trunk(images)


def step(cached):
    if cached:
        x = features
    else:
        with torch.no_grad():
            x = trunk(images)
    e = tail(x)
    a, p, n = e[0::3], e[1::3], e[2::3]
    loss = torch.relu((a - p).pow(2).sum(1) - (a - n).pow(2).sum(1) + 0.2).mean()
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(tail.parameters(), 5)
    optimizer.step()
    return loss.item()


for cached in (False, True):
    times = []
    for i in range(5 + STEPS):
        start = time.perf_counter()
        step(cached)
        times.append(1000 * (time.perf_counter() - start))
    print("cached" if cached else "trunk", "%.1f" % statistics.median(times[5:]), flush=True)
