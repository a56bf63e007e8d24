"""Writes the model file: the encoder with all frame heads as one graph, all scorers as another, the constants, and
the grapheme-to-phoneme graph. The format is described in crates/speech/src/model.rs."""

import hashlib
import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from . import model
from .phones import CLASSES

MAGIC = b"JYEAR\0\0\2"
ALIGN = 64


def unrolled(conv):
    """A convolution of width 3 as the weights of a matrix product with three neighbouring frames side by side:
    (out, in, 3) -> (3 in, out)."""
    return conv.weight.detach().permute(2, 1, 0).reshape(-1, conv.out_channels).clone()


def neighbours(x, step=1):
    """(T, C) -> (T / step, 3 C): the frame before, the frame itself, the frame after."""
    padded = torch.nn.functional.pad(x, (0, 0, 1, 1))
    count = x.shape[0]
    return torch.cat([padded[first : first + count : step] for first in range(3)], -1)


class EncoderGraph(nn.Module):
    """(1, 80, 2 T) -> log posteriors (T, heads, 40), vectors (T, heads * 256).

    The same numbers as the network's own, in fewer and cheaper steps: convolutions are matrix products, so that they are
    quantised like the others, and the heads' layers are one."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.heads = len(net.frames)
        self.wide = nn.Parameter(torch.cat([unrolled(head.conv) for head in net.frames], 1))
        self.wide_bias = nn.Parameter(torch.cat([head.conv.bias.detach() for head in net.frames]))
        classes = [head.classes.weight.detach().T for head in net.frames]
        self.classes = nn.Parameter(torch.block_diag(*classes))
        self.classes_bias = nn.Parameter(torch.cat([head.classes.bias.detach() for head in net.frames]))
        self.first, self.second = (nn.Parameter(unrolled(c)) for c in (net.encoder.conv1, net.encoder.conv2))

    def front(self, mel):
        gelu, encoder = torch.nn.functional.gelu, self.net.encoder
        x = gelu(neighbours(mel[0].T) @ self.first + encoder.conv1.bias)
        x = gelu(neighbours(x, 2) @ self.second + encoder.conv2.bias)
        return x + encoder.positions[: x.shape[0]]

    def forward(self, mel):
        x = self.front(mel)[None]
        outputs = []
        for block in self.net.encoder.blocks:
            x = block(x)
            outputs.append(x)
        x = self.net.mix(outputs[-3:])[0]
        vectors = torch.nn.functional.gelu(neighbours(x) @ self.wide + self.wide_bias)
        logits = vectors @ self.classes + self.classes_bias
        return torch.log_softmax(logits.reshape(-1, self.heads, CLASSES), -1), vectors


class ScorerGraph(nn.Module):
    """Features of every head -> scores averaged over the heads."""

    def __init__(self, net):
        super().__init__()
        self.scorers = net.scorers

    def forward(self, features, vectors, statistics, phone, stress, place, word, gather, gather_mask):
        outputs = [
            scorer(
                features[k : k + 1],
                vectors[k : k + 1],
                phone,
                stress,
                place,
                word,
                gather,
                gather_mask,
                statistics[k : k + 1],
            )
            for k, scorer in enumerate(self.scorers)
        ]
        return tuple(sum(o[i] for o in outputs) / len(outputs) for i in range(3))


def to_onnx(module, inputs, dynamic, outputs, path):
    module.eval()
    program = torch.onnx.export(
        module,
        tuple(inputs.values()),
        input_names=list(inputs),
        output_names=outputs,
        dynamic_shapes=dynamic,
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    program.save(str(path))
    graph = onnx.load(str(path))
    del graph.graph.value_info[:]  # the exporter leaves shapes from before its own rewriting
    onnx.save(graph, str(path))
    onnx.checker.check_model(str(path))


def quantise(source, target, skip=()):
    """int8 weights for the matrix products, one scale a channel; the rest stays in float."""
    quantize_dynamic(
        str(source), str(target), op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
        weight_type=QuantType.QInt8, nodes_to_exclude=list(skip),
    )


def encoder_graph(net, folder, quantised=True):
    for block in net.encoder.blocks:
        block.plain = True
    frames = torch.export.Dim("frames", min=4, max=1500)
    path = folder / "encoder.onnx"
    to_onnx(
        EncoderGraph(net), {"mel": torch.randn(1, 80, 400)}, ({2: 2 * frames},), ["log_posteriors", "vectors"], path
    )
    if not quantised:
        return path
    quantise(path, folder / "encoder.int8.onnx")
    return folder / "encoder.int8.onnx"


def scorer_inputs(heads, phones, words, longest, rng):
    each = np.sort(rng.integers(0, words, phones))
    ints = {name: torch.from_numpy(rng.integers(0, top, (1, phones))) for name, top in (("phone", 39), ("stress", 5), ("place", 4))}
    return {
        "features": torch.from_numpy(rng.standard_normal((heads, phones, model.PHONE_FEATURES)).astype(np.float32)),
        "vectors": torch.from_numpy(rng.standard_normal((heads, phones, model.VECTOR)).astype(np.float32)),
        "statistics": torch.from_numpy(rng.standard_normal((heads, 28)).astype(np.float32)),
        **ints,
        "word": torch.from_numpy(each[None]),
        "gather": torch.from_numpy(rng.integers(0, phones, (1, words, longest))),
        "gather_mask": torch.ones(1, words, longest),
    }


def scorer_graph(net, folder, quantised=True):
    phones, words, longest = (torch.export.Dim(n, min=1, max=1000) for n in ("phones", "words", "longest"))
    inputs = scorer_inputs(len(net.scorers), 17, 6, 5, np.random.default_rng(0))
    dynamic = (
        {1: phones}, {1: phones}, {}, {1: phones}, {1: phones}, {1: phones}, {1: phones},
        {1: words, 2: longest}, {1: words, 2: longest},
    )
    path = folder / "scorer.onnx"
    to_onnx(ScorerGraph(net), inputs, dynamic, ["phone_scores", "word_scores", "utterance_scores"], path)
    if not quantised:
        return path
    quantise(path, folder / "scorer.int8.onnx")
    return folder / "scorer.int8.onnx"


def write(path, header, parts):
    """parts: {name: bytes}"""
    entries = [{"name": n, "offset": 0, "length": len(b), "sha256": hashlib.sha256(b).hexdigest()} for n, b in parts.items()]
    room = len(json.dumps({**header, "parts": entries})) + 20 * len(entries)
    offset = -(-(len(MAGIC) + 4 + room) // ALIGN) * ALIGN
    for entry in entries:
        entry["offset"] = offset
        offset += -(-entry["length"] // ALIGN) * ALIGN
    text = json.dumps({**header, "parts": entries}).encode()
    with open(path, "wb") as file:
        file.write(MAGIC + struct.pack("<I", len(text)) + text)
        for entry, part in zip(entries, parts.values()):
            file.write(b"\0" * (entry["offset"] - file.tell()))
            file.write(part)


def model_file(net, decisions, version, g2p, out, quantised=True):
    """Writes the model file; `g2p` is the path of the grapheme-to-phoneme graph."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts = {
            "encoder": encoder_graph(net, folder, quantised).read_bytes(),
            "scorer": scorer_graph(net, folder, quantised).read_bytes(),
        }
    parts["g2p"] = Path(g2p).read_bytes()
    header = {
        "version": version,
        "heads": len(net.scorers),
        "vector": model.VECTOR,
        "log_prior": [round(float(x), 5) for x in net.log_prior],
        "decisions": decisions,
    }
    write(out, header, parts)
    print(f"{out}: {Path(out).stat().st_size / 2**20:.1f} MiB", {n: len(b) for n, b in parts.items()})
