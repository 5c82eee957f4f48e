#!/usr/bin/env python3
"""Makes the reference losses, gradients and optimiser steps that the tests of facesearch-train
compare with, by PyTorch and torchvision (Debian: python3-torch, python3-torchvision).

    make_fixtures.py ../src/test/resources/io/facesearch/train/reference.json

Weights follow from the names of the tensors by the formula of facesearch-embed's make_fixtures.py,
images by that of TestNetworks.java. MobileNet-V2, its last ten layers and the head learn: all else
is in inference mode. Of each gradient its norm and some values are kept.
"""
import json
import sys

import numpy as np
import torch
import torchvision

SIZE, PEOPLE, EACH, SAMPLES = 64, 3, 2, 40
TRAINED = ("features.16.conv.2.", "features.16.conv.3.", "features.17.conv.", "features.18.",
           "embedding.")


def weight(name, shape):
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 0x9E3779B9 + seed).astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> 13
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> 16
    u = ((x >> 8).astype(np.float64) / 2**24).reshape(shape)
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        value = 0.5 + u
    elif len(shape) == 1:
        value = 0.4 * (u - 0.5)
    else:
        value = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:]))
    return torch.from_numpy(value.astype(np.float32))


class Network(torch.nn.Module):
    def __init__(self, normalise):
        super().__init__()
        self.features = torchvision.models.mobilenet_v2().features
        self.embedding = torch.nn.Sequential(
            torch.nn.Linear(1280, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128))
        self.normalise = normalise
        self.load_state_dict({
            name: weight(name, tuple(t.shape)) if t.is_floating_point() else t
            for name, t in self.state_dict().items()})
        self.eval()
        for name, module in self.named_modules():
            if not list(module.children()) and (name + ".").startswith(TRAINED):
                module.train()
        for name, p in self.named_parameters():
            p.requires_grad_(name.startswith(TRAINED))

    def forward(self, x):
        x = self.embedding(self.features(x).mean((2, 3)))
        return torch.nn.functional.normalize(x) if self.normalise else x


def images():
    y, x, c = np.mgrid[0:SIZE, 0:SIZE, 0:3]
    for s in range(PEOPLE * EACH):
        rgb = (x * (3 + s) + y * (5 + 2 * s) + 40 * c + (x // 8 + y // 8 + c) % 2 * 60) % 256
        v = torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1) / 255
        mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
        std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
        yield (v - mean) / std


def triplets(d, people, mining):
    n = len(people)
    for a in range(n):
        others = [i for i in range(n) if people[i] != people[a]]
        same = [i for i in range(n) if people[i] == people[a] and i != a]
        if mining == "BATCH_HARD":
            yield a, max(same, key=lambda p: d[a, p]), min(others, key=lambda i: d[a, i])
        else:
            for p in same:
                beyond = [i for i in others if d[a, i] > d[a, p]]
                yield a, p, (min(beyond, key=lambda i: d[a, i]) if beyond
                             else max(others, key=lambda i: d[a, i]))


def triplet_case(mining, squared, normalise, margin):
    net = Network(normalise)
    e = net(torch.stack(list(images())))
    people = [i // EACH for i in range(PEOPLE * EACH)]
    square = (e[:, None] - e[None]).pow(2).sum(2)
    d = square if squared else (square + torch.eye(len(people)) * 1e-9).sqrt()
    chosen = list(triplets(d.detach().numpy(), people, mining))
    loss = torch.stack([torch.relu(d[a, p] - d[a, n] + margin) for a, p, n in chosen]).mean()
    loss.backward()
    out = {"mining": mining, "squared": squared, "normalised": normalise, "margin": margin,
           "loss": loss.item(), "gradients": {}, "statistics": {}}
    for name, p in net.named_parameters():
        if p.requires_grad:
            g = p.grad.double().flatten()
            out["gradients"][name] = {"norm": g.norm().item(), "largest": g.abs().max().item(),
                                      "values": g[::max(1, len(g) // SAMPLES)][:SAMPLES].tolist()}
    for name, b in net.named_buffers():
        if name.startswith(TRAINED) and b.is_floating_point():
            out["statistics"][name] = b[:10].tolist()
    print(mining, loss.item(), "triplets", len(chosen))
    return out


def optimizer_case(kind, decay):
    weights = [torch.nn.Parameter(weight("matrix", (3, 2))), torch.nn.Parameter(weight("bias", (4,)))]
    groups = [{"params": weights[:1], "weight_decay": decay},
              {"params": weights[1:], "weight_decay": 0}]
    optimizer = {"ADAM": lambda: torch.optim.Adam(groups, lr=1),
                 "ADAMW": lambda: torch.optim.AdamW(groups, lr=1),
                 "SGD": lambda: torch.optim.SGD(groups, lr=1, momentum=0.9)}[kind]()
    steps = []
    for step in range(4):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (step + 1)
        for w, name in zip(weights, ("matrix", "bias")):
            w.grad = weight(f"{name}.gradient.{step}", tuple(w.shape))
        torch.nn.utils.clip_grad_norm_(weights, 0.7)
        optimizer.step()
        steps.append([w.detach().flatten().tolist() for w in weights])
    return {"kind": kind, "decay": decay, "clip": 0.7, "steps": steps}


def main():
    torch.manual_seed(1)
    json.dump({
        "triplets": [triplet_case("SEMI_HARD", True, False, 0.3),
                     triplet_case("BATCH_HARD", False, True, 0.2)],
        "optimizers": [optimizer_case("ADAM", 0.1), optimizer_case("ADAMW", 0.1),
                       optimizer_case("SGD", 0.1)]},
        open(sys.argv[1], "w"), indent=1)


main()
