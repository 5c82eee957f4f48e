#!/usr/bin/env python3
"""Writes the landmark networks and the tiny detector as ONNX files for OpenCV's DNN module.

Usage: export_onnx.py FOLDER_WITH_SAFETENSORS OUTPUT_FOLDER   (needs numpy and onnx)

The topologies are those of face-api.js; the weights are copied unchanged. Inputs are NCHW floats
from which the mean was subtracted and that were divided by 255.
"""
import json
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def read_safetensors(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + n])
    tensors = {}
    for name, t in header.items():
        if name == "__metadata__":
            continue
        assert t["dtype"] == "F32", (name, t["dtype"])
        begin, end = t["data_offsets"]
        raw = data[8 + n + begin : 8 + n + end]
        tensors[name] = np.frombuffer(raw, dtype="<f4").reshape(t["shape"])
    return tensors


class Graph:
    def __init__(self, tensors):
        self.tensors = tensors
        self.nodes = []
        self.initializers = []
        self.used = set()

    def weight(self, name):
        if name not in self.used:
            self.used.add(name)
            self.initializers.append(
                numpy_helper.from_array(np.ascontiguousarray(self.tensors[name]), name))
        return name

    def node(self, op, inputs, **attributes):
        out = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [out], name=out, **attributes))
        return out

    def conv(self, x, name, stride=1, pads=(1, 1, 1, 1)):
        shape = self.tensors[name + ".weight"].shape
        return self.node("Conv", [x, self.weight(name + ".weight"), self.weight(name + ".bias")],
                         kernel_shape=list(shape[2:]), strides=[stride] * 2, pads=list(pads))

    def separable(self, x, name, stride=1, pads=(1, 1, 1, 1)):
        channels = self.tensors[name + ".depthwise.weight"].shape[0]
        x = self.node("Conv", [x, self.weight(name + ".depthwise.weight")], kernel_shape=[3, 3],
                      group=channels, strides=[stride] * 2, pads=list(pads))
        return self.node("Conv", [x, self.weight(name + ".pointwise.weight"),
                                  self.weight(name + ".bias")], kernel_shape=[1, 1])

    def save(self, path, output, in_shape, out_shape, doc):
        missing = set(self.tensors) - self.used
        assert not missing, f"unused tensors: {sorted(missing)}"
        self.nodes[-1].output[0] = output
        graph = helper.make_graph(
            self.nodes, "facesearch",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, in_shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, out_shape)],
            self.initializers)
        model = helper.make_model(graph, producer_name="facesearch",
                                  opset_imports=[helper.make_opsetid("", 11)], doc_string=doc)
        model.ir_version = 6
        onnx.checker.check_model(model)
        onnx.save(model, path)
        print(path)


def landmarks(source, target, blocks, convs):
    """Dense blocks with "same" padding as in TensorFlow: the extra pixel is bottom and right."""
    g = Graph(read_safetensors(source))
    x = "input"
    for b in range(blocks):
        first = g.conv if b == 0 else g.separable
        acc = g.node("Relu", [first(x, f"dense{b}.conv0", 2, (0, 0, 1, 1))])
        x = acc
        for c in range(1, convs):
            acc = g.node("Add", [acc, g.separable(x, f"dense{b}.conv{c}")])
            x = g.node("Relu", [acc])
    size = 112 >> blocks
    x = g.node("AveragePool", [x], kernel_shape=[size, size], strides=[2, 2])
    x = g.node("Flatten", [x], axis=1)
    g.node("Gemm", [x, g.weight("fc.weight"), g.weight("fc.bias")], transB=1)
    g.save(target, "landmarks", [1, 3, 112, 112], [1, 136],
           "68 face landmarks, x and y in 0..1; weights from @vladmandic/face-api 1.7.15 (MIT)")


def tiny(source, target):
    g = Graph(read_safetensors(source))
    x = g.conv("input", "conv0", pads=(0, 0, 0, 0))
    for i in range(6):
        if i > 0:
            x = g.separable(x, f"conv{i}")
        x = g.node("LeakyRelu", [x], alpha=0.1)
        if i < 5:
            x = g.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
        else:
            x = g.node("MaxPool", [x], kernel_shape=[2, 2], strides=[1, 1], pads=[0, 0, 1, 1])
    g.conv(x, "conv8", pads=(0, 0, 0, 0))
    g.save(target, "grid", [1, 3, "height", "width"], [1, 25, "rows", "columns"],
           "tiny YOLO-v2-like face detector; weights from @vladmandic/face-api 1.7.15 (MIT)")


if __name__ == "__main__":
    src, out = sys.argv[1:3]
    landmarks(f"{src}/face_landmark_68.safetensors", f"{out}/face_landmark_68.onnx", 4, 4)
    landmarks(f"{src}/face_landmark_68_tiny.safetensors", f"{out}/face_landmark_68_tiny.onnx", 3, 3)
    tiny(f"{src}/tiny_face_detector.safetensors", f"{out}/tiny_face_detector.onnx")
