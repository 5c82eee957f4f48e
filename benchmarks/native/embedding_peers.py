#!/usr/bin/env python3
"""Python's PyTorch on the networks of EmbeddingThroughput: eager, and TorchScript frozen.

    apt-get install python3-torch python3-torchvision
    /usr/bin/python3 embedding_peers.py [THREADS [NAME ...]]

Random inputs of 218x218, no preprocessing, batch normalization in inference mode; the median of
the batches of six seconds. "default" is the bundled network, 150x150. ONNX Runtime has no Debian
package for Python: the JMH class EmbeddingPeers measures its own API on the same networks.
"""
import statistics
import sys
import time

import torch
import torchvision

torch.set_grad_enabled(False)
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)


def network(name):
    net = getattr(torchvision.models, name)()
    features = 2048 if name == "resnet50" else 1280
    head = torch.nn.Sequential(
        torch.nn.Linear(features, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128))
    if name == "resnet50":
        net.fc = head
    else:
        net.classifier = head
    return net.eval()


class Dlib(torch.nn.Module):
    """The bundled network, folded, with random weights."""

    BLOCKS = [(32, 0)] * 3 + [(64, 1)] + [(64, 0)] * 3 + [(128, 1)] + [(128, 0)] * 2 + \
        [(256, 1)] + [(256, 0)] * 2 + [(256, 1)]

    def __init__(self):
        super().__init__()
        self.stem = torch.nn.Conv2d(3, 32, 7, 2)
        self.convs = torch.nn.ModuleList()
        channels = 32
        for to, down in self.BLOCKS:
            self.convs.append(torch.nn.Conv2d(channels, to, 3, 1 + down, 1 - down))
            self.convs.append(torch.nn.Conv2d(to, to, 3, 1, 1))
            channels = to
        self.fc = torch.nn.Linear(256, 128, bias=False)

    def forward(self, x):
        x = torch.nn.functional.max_pool2d(self.stem(x).relu(), 3, 2)
        for i, (to, down) in enumerate(self.BLOCKS):
            y = self.convs[2 * i + 1](self.convs[2 * i](x).relu())
            if down:
                x = torch.nn.functional.avg_pool2d(x, 2)
                y = torch.nn.functional.pad(y, (0, x.shape[3] - y.shape[3]) * 2)
                x = torch.nn.functional.pad(x, (0, 0, 0, 0, 0, to - x.shape[1]))
            x = (x + y).relu()
        return self.fc(x.mean((2, 3)))


def measure(net, batch, side):
    x = torch.randn(batch, 3, side, side)
    for _ in range(4):
        net(x)
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < 6 or len(times) < 5:
        before = time.perf_counter()
        net(x)
        times.append(time.perf_counter() - before)
    return statistics.median(times) * 1000 / batch


def main():
    print("torch", torch.__version__, "threads", torch.get_num_threads())
    for name in sys.argv[2:] or ["default", "mobilenet_v2", "resnet50"]:
        net = Dlib().eval() if name == "default" else network(name)
        side = 150 if name == "default" else 218
        for batch in 1, 4, 16:
            eager = measure(net, batch, side)
            traced = torch.jit.freeze(torch.jit.trace(net, torch.zeros(batch, 3, side, side)))
            print(f"{name} batch {batch}: eager {eager:.2f} ms/image, "
                  f"TorchScript frozen {measure(traced, batch, side):.2f} ms/image", flush=True)


main()
