"""A learning and a homework read together, by a small model that was fine-tuned for it.

One text beside the other goes through six layers of all-MiniLM-L6-v2 (Wang et al. 2020), whose weights were
trained further on the pairs of ``data/pairs*.txt`` (``python -m reknit.words.train``). Those layers ship as
``data/together.onnx``, eight bits a weight; the vectors of single word pieces are those of the model of
meaning that is installed. So each word of the homework is read in the light of what was learned, and the
other way round.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reknit.words import embedding
from reknit.words.examples import Pair
from reknit.words.sentences import straighten

Array = NDArray[np.float64]
Ids = NDArray[np.int64]

CLASSES = ("conflict", "ok", "unsure")
MODEL = "together.onnx"
MOST_TOKENS = 96
_BATCH = 32
_loading = threading.Lock()


def available() -> bool:
    """Whether two texts can be read together: the extra ``reknit[words]`` and the weights are there."""
    return embedding.available() and (files("reknit.words") / "data" / MODEL).is_file()


def text_of(learning: str, polarity: str) -> str:
    """The learning as the model reads it: what holds only on a condition is said to do so."""
    return f"Only if: {straighten(learning)}" if polarity == "only-if" else straighten(learning)


def read(rows: Sequence[tuple[str, str]]) -> Array:
    """Scores of shape (n, 3), in the order of ``CLASSES``, before the softmax.

    Args:
        rows: (learning as by :func:`text_of`, homework).

    Raises:
        ModelAbsent: the extra ``reknit[words]`` is not installed.
    """
    if not available():
        raise embedding.ModelAbsent("reading two texts together needs the extra reknit[words]")
    scores = np.zeros((len(rows), len(CLASSES)))
    order = sorted(range(len(rows)), key=lambda n: len(rows[n][0]) + len(rows[n][1]))
    for start in range(0, len(order), _BATCH):
        chosen = order[start : start + _BATCH]
        scores[chosen] = _run([rows[n] for n in chosen])
    return scores


def fingerprint(rows: Sequence[Pair]) -> str:
    """What pairs are, in short: their authors, polarities and texts."""
    told = "\n".join(f"{one.source}|{one.polarity}|{one.learning}|{one.homework}" for one in rows)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _run(rows: list[tuple[str, str]]) -> Array:
    session, words, tokenizer = _model()
    ids, kinds, mask = encode(tokenizer, rows)
    feed = {"words": words[ids], "kinds": kinds, "mask": mask.astype(np.float32)}
    return np.asarray(session.run(None, feed)[0], dtype=np.float64)


def encode(tokenizer: Any, rows: Sequence[tuple[str, str]]) -> tuple[Ids, Ids, Ids]:
    """Word pieces, which of the two texts each belongs to, and which are not padding; each (n, length)."""
    encoded = tokenizer.encode_batch([(left, straighten(right)) for left, right in rows])
    ids, kinds, mask = (
        np.array([getattr(one, name) for one in encoded], dtype=np.int64)
        for name in ("ids", "type_ids", "attention_mask")
    )
    return ids, kinds, mask


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    """The word pieces of MiniLM, for two texts at once."""
    import tokenizers

    with as_file(files("reknit.words") / "data" / "minilm" / "tokenizer.json") as path:
        pieces = tokenizers.Tokenizer.from_file(str(path))
    pieces.enable_truncation(MOST_TOKENS)
    pieces.enable_padding()
    return pieces


def _model() -> tuple[Any, NDArray[np.float32], Any]:
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, NDArray[np.float32], Any]:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import onnxruntime

    with as_file(files("reknit.words") / "data" / MODEL) as path:
        session = onnxruntime.InferenceSession(
            str(path), embedding.session_options(), providers=["CPUExecutionProvider"]
        )
    return session, embedding.word_vectors(), tokenizer()
