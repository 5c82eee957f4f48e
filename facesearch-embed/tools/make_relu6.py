#!/usr/bin/env python3
"""Makes relu6.pt, PyTorch's hardtanh as a TorchScript module, which DJL has no call for.

    apt-get install python3-torch
    /usr/bin/python3 make_relu6.py ../src/main/resources/io/facesearch/embed/relu6.pt
"""
import io
import sys
import zipfile

import torch


class Relu6(torch.nn.Module):
    def forward(self, x):
        return torch.ops.aten.hardtanh(x, 0.0, 6.0)


whole = io.BytesIO()
torch.jit.save(torch.jit.script(Relu6()), whole)
# Without what names the source file.
with zipfile.ZipFile(whole) as source, zipfile.ZipFile(sys.argv[1], "w") as target:
    for entry in source.infolist():
        if not entry.filename.endswith(".debug_pkl"):
            target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry))
