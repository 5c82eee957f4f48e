#!/usr/bin/env python3
"""Makes the reference outputs that the tests of facesearch-embed compare with, by PyTorch and
torchvision (Debian: apt-get install python3-torch python3-torchvision python3-numpy).

    make_fixtures.py ../src/test/resources/io/facesearch/embed   # the committed fixtures
    make_fixtures.py --full FOLDER                               # whole .pth files, 120 MB
    make_fixtures.py --imagenet WEIGHTS FOLDER                   # outputs of ImageNet weights

Weights and inputs are not stored: they follow from the names of the tensors by a formula, which
TestWeights.java repeats. Element i of tensor NAME is u = hash(fnv1a(NAME) + i * 0x9e3779b9), 24 bits
as a number in [0, 1), then: running_var and weights of batch normalisation 0.5 + u; biases and
running_mean 0.4 * (u - 0.5); other weights (2u - 1) * sqrt(3 / inputs); the input 4 * (u - 0.5).
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision

SIZES = {"resnet50": [(1, 224, 224), (2, 112, 96), (1, 65, 81)],
         "mobilenet_v2": [(1, 224, 224), (2, 218, 218), (1, 65, 81)]}


def uniform(name, shape):
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = (np.arange(int(np.prod(shape)), dtype=np.uint64) * 0x9E3779B9 + seed).astype(np.uint32)
    x ^= x >> 16
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> 13
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> 16
    return ((x >> 8).astype(np.float64) / 2**24).reshape(shape)


def weight(name, shape):
    u = uniform(name, shape)
    if name.endswith("running_var") or (name.endswith("weight") and len(shape) == 1):
        value = 0.5 + u
    elif len(shape) == 1:
        value = 0.4 * (u - 0.5)
    else:
        value = (2 * u - 1) * np.sqrt(3 / np.prod(shape[1:]))
    return torch.from_numpy(value.astype(np.float32))


class Embedding(torch.nn.Module):
    def __init__(self, features):
        super().__init__()
        self.embedding = torch.nn.Sequential(
            torch.nn.Linear(features, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128))

    def forward(self, x):
        return self.embedding(x)


def fill(module):
    module.load_state_dict({
        name: weight(name, tuple(t.shape)) if t.is_floating_point() else t
        for name, t in module.state_dict().items()})
    return module.eval()


def networks():
    yield "resnet50", fill(torchvision.models.resnet50()), 2048
    yield "mobilenet_v2", fill(torchvision.models.mobilenet_v2()), 1280


def features(name, net, x):
    if name == "resnet50":
        net.fc = torch.nn.Identity()
        return net(x)
    return net.features(x).mean((2, 3))


def save_safetensors(path, tensors, metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    types = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def reference(folder):
    out = {}
    for name, net, channels in networks():
        head = fill(Embedding(channels))
        for shape in SIZES[name]:
            n, h, w = shape
            x = torch.from_numpy((4 * (uniform("input", (n, 3, h, w)) - 0.5)).astype(np.float32))
            f = features(name, net, x)
            e = head(f)
            key = f"{name}/{n}x3x{h}x{w}/"
            out[key + "features"] = f
            out[key + "embedding"] = e
            out[key + "normalised"] = torch.nn.functional.normalize(e)
            print(key, "features", f.abs().mean().item(), f.abs().max().item(),
                  "embedding", e.abs().mean().item())
    save_safetensors(folder / "reference.safetensors", out)


class Evil:
    def __reduce__(self):
        import os
        return os.system, ("touch facesearch_was_here",)


def readers(folder):
    base = torch.arange(24, dtype=torch.float32) / 8 - 1
    state = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3)).state_dict()
    for key in list(state):
        if state[key].is_floating_point():
            state[key] = weight(key, tuple(state[key].shape))
    state["view"] = base[4:16].view(3, 4)
    state["transposed"] = base.view(4, 6).t()
    state["half"] = base[:6].half()
    state["double"] = base[:3].double()
    state["bfloat16"] = base[:3].bfloat16()
    state["scalar"] = torch.tensor(0.75)
    state["parameter"] = torch.nn.Parameter(base[:2].clone())
    torch.save(state, folder / "tiny.pth")
    torch.save(state, folder / "tiny_legacy.pth", _use_new_zipfile_serialization=False)
    torch.save({"epoch": 3, "state_dict": {"module." + k: v for k, v in state.items()},
                "arch": "tiny", "best": 0.5, "history": [1, 2.5, (True, None)]},
               folder / "tiny_nested.pth")
    torch.save({"weight": base, "evil": Evil()}, folder / "evil.pth")
    torch.save({"weight": base, "evil": Evil()}, folder / "evil_legacy.pth",
               _use_new_zipfile_serialization=False)
    save_safetensors(folder / "tiny.safetensors", {
        k: v.detach().float() if v.is_floating_point() else v for k, v in state.items()})


class Script(torch.nn.Module):
    def forward(self, x):
        m = x.mean((2, 3))
        return torch.cat([m, x[:, :, 0, 0]], 1)


def models(folder):
    torch.jit.trace(Script(), torch.zeros(2, 3, 8, 8)).save(str(folder / "mean.pt"))


def preprocessing(folder):
    """torchvision's transform of an image made by TestChips' formula, at the same and another size."""
    from PIL import Image
    from torchvision import transforms
    n, seed = 150, 1
    y, x, c = np.mgrid[0:n, 0:n, 0:3]
    rgb = (x * (3 + seed) + y * (5 + 2 * seed) + 40 * c + (x // 8 + y // 8 + c) % 2 * 60) % 256
    image = Image.fromarray(rgb.astype(np.uint8))
    norm = transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    out = {"same": norm(transforms.ToTensor()(image))[:, ::7, ::7]}
    for size in (218, 112):
        resize = transforms.Resize((size, size))
        out[f"resized_{size}"] = norm(transforms.ToTensor()(resize(image)))[:, ::7, ::7]
    save_safetensors(folder / "preprocessing.safetensors", out)


def imagenet(weights, folder):
    """Features of the formula's input by MobileNet-V2 of a safetensors file (pip: safetensors)."""
    from safetensors.torch import load_file
    net = torchvision.models.mobilenet_v2()
    net.load_state_dict({name: t.float() for name, t in load_file(weights).items()}, strict=False)
    x = torch.from_numpy((4 * (uniform("input", (1, 3, 218, 218)) - 0.5)).astype(np.float32))
    save_safetensors(folder / "imagenet.safetensors",
                     {"features": features("mobilenet_v2", net.eval(), x)})


def main():
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    if sys.argv[1] == "--imagenet":
        imagenet(sys.argv[2], Path(sys.argv[3]))
        return
    if sys.argv[1] == "--full":
        folder = Path(sys.argv[2])
        folder.mkdir(parents=True, exist_ok=True)
        for name, net, _ in networks():
            torch.save(net.state_dict(), folder / f"{name}.pth")
            torch.save(net.state_dict(), folder / f"{name}_legacy.pth",
                       _use_new_zipfile_serialization=False)
        return
    folder = Path(sys.argv[1])
    reference(folder)
    readers(folder)
    models(folder)
    preprocessing(folder)


main()
