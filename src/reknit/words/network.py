"""The network that reads two texts together, for training only (needs PyTorch), and its way into an ONNX
file.

Six layers of BERT (Devlin et al. 2019) in the size of MiniLM (Wang et al. 2020); the first token and the
mean of all tokens go into three scores. The vectors of word pieces come from outside and are not trained.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

WIDTH, HEADS, LAYERS, INNER = 384, 12, 6, 1536
POSITIONS = 96
CLASSES = 3
DROPPED = 0.1
_EPSILON = 1e-12
_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mixed": "attention.output.dense",
    "widened": "intermediate.dense",
    "narrowed": "output.dense",
}
_NORMS = {"after_attention": "attention.output.LayerNorm", "after_inner": "output.LayerNorm"}


class Linear(nn.Module):
    """x W + b with W of shape (in, out), so that the ONNX file holds it as it is multiplied."""

    def __init__(self, wide: int, narrow: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(wide, narrow))
        self.bias = nn.Parameter(torch.zeros(narrow))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class Layer(nn.Module):
    """One layer: attention among all tokens of both texts, then each token by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.mixed = (Linear(WIDTH, WIDTH) for _ in range(4))
        self.widened, self.narrowed = Linear(WIDTH, INNER), Linear(INNER, WIDTH)
        self.after_attention, self.after_inner = (nn.LayerNorm(WIDTH, eps=_EPSILON) for _ in range(2))
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, x: Tensor, away: Tensor) -> Tensor:
        n, length, _ = x.shape
        query, key, value = (
            made(x).reshape(n, length, HEADS, WIDTH // HEADS).transpose(1, 2)
            for made in (self.query, self.key, self.value)
        )
        likeness = query @ key.transpose(2, 3) / (WIDTH // HEADS) ** 0.5 + away
        seen = self.dropped(likeness.softmax(-1)) @ value
        seen = seen.transpose(1, 2).reshape(n, length, WIDTH)
        x = self.after_attention(x + self.dropped(self.mixed(seen)))
        inner = self.narrowed(functional.gelu(self.widened(x)))
        return self.after_inner(x + self.dropped(inner))


class Network(nn.Module):
    """From the vectors of two texts' word pieces (n, length, 384) to scores (n, 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.positions = nn.Parameter(0.02 * torch.randn(POSITIONS, WIDTH))
        self.kinds = nn.Parameter(0.02 * torch.randn(2, WIDTH))
        self.first = nn.LayerNorm(WIDTH, eps=_EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.scores = Linear(2 * WIDTH, CLASSES)
        self.dropped = nn.Dropout(DROPPED)

    def forward(self, words: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        """``kinds`` (n, length): 0 learning, 1 homework. ``mask``: 1 for a token, 0 for padding."""
        second = kinds.unsqueeze(-1).to(words.dtype)
        of_kind = self.kinds[0] * (1 - second) + self.kinds[1] * second
        x = self.dropped(self.first(words + self.positions[: words.shape[1]] + of_kind))
        away = (1 - mask)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, away)
        weight = mask.unsqueeze(-1)
        mean = (x * weight).sum(1) / weight.sum(1)
        result: Tensor = self.scores(self.dropped(torch.cat([x[:, 0], mean], 1)))
        return result


def started(weights: dict[str, Tensor]) -> Network:
    """A network with the published weights of MiniLM (by their names in its file); scores start anew."""
    network = Network()
    own = network.state_dict()
    own["positions"] = weights["embeddings.position_embeddings.weight"][:POSITIONS]
    own["kinds"] = weights["embeddings.token_type_embeddings.weight"]
    for part in ("weight", "bias"):
        own[f"first.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for n in range(LAYERS):
            for name, theirs in _LAYER.items():
                stored = weights[f"encoder.layer.{n}.{theirs}.{part}"]
                own[f"layers.{n}.{name}.{part}"] = stored.T if part == "weight" else stored
            for name, theirs in _NORMS.items():
                own[f"layers.{n}.{name}.{part}"] = weights[f"encoder.layer.{n}.{theirs}.{part}"]
    network.load_state_dict(own)
    return network


def save(network: Network, path: Path) -> None:
    """Write the network as an ONNX file whose matrices have eight bits a weight."""
    import onnx

    network.eval()
    given = (torch.zeros(2, 5, WIDTH), torch.zeros(2, 5, dtype=torch.int64), torch.ones(2, 5))
    n, length = torch.export.Dim("n"), torch.export.Dim("length", max=POSITIONS)
    shapes = {name: {0: n, 1: length} for name in ("words", "kinds", "mask")}
    program = torch.onnx.export(
        network, given, dynamo=True, dynamic_shapes=shapes, input_names=list(shapes), output_names=["scores"]
    )
    if program is None:
        raise RuntimeError("the network could not be written as ONNX")
    onnx.save(_eight_bits(program.model_proto), str(path))


def _eight_bits(model: Any) -> Any:
    """Large matrices as 8-bit integers with a scale a column, multiplied out when the file is loaded."""
    from onnx import TensorProto, helper, numpy_helper

    graph, first = model.graph, []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.ndim != 2 or values.size < WIDTH * WIDTH or values.dtype != np.float32:
            continue
        whole, scale = eight_bits(values)
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(whole, f"{tensor.name}_q"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{tensor.name}_scale"))
        cast = helper.make_node("Cast", [f"{tensor.name}_q"], [f"{tensor.name}_f"], to=TensorProto.FLOAT)
        first += [cast, helper.make_node("Mul", [f"{tensor.name}_f", f"{tensor.name}_scale"], [tensor.name])]
    nodes = [*first, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def eight_bits(values: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix (m, n) as integers from -127 to 127 and a scale (1, n): each column by its largest weight."""
    scale = np.maximum(np.abs(values).max(0, keepdims=True), 1e-9) / 127
    return np.round(values / scale).astype(np.int8), scale.astype(np.float32)
