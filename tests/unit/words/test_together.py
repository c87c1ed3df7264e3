"""Two texts read together: what the runtime does with them, and what training must keep to."""

from __future__ import annotations

import statistics
import time
from importlib.resources import files

import numpy as np
import pytest

from reknit.words import available, match_many, together, train_homework
from reknit.words.examples import author, folds_by_author, pairs, read_pairs

needs_model = pytest.mark.skipif(not available(), reason="the extra reknit[words] is not installed")


def test_a_condition_is_marked_for_the_reader() -> None:
    assert together.text_of("it is short", "only-if") == "Only if: it is short"
    assert together.text_of("Hates writing", "avoid") == "Hates writing"


@needs_model
def test_scores_do_not_depend_on_company_nor_on_order() -> None:
    rows = [
        ("Hates journaling", "Write three pages every morning"),
        ("Six months sober and proud of it, keeps away from every bar", "Have tea with your sister"),
        ("No running", "Run round the park twice before work and note how your legs feel"),
    ]
    among = together.read(rows)
    alone = np.vstack([together.read([row]) for row in rows])
    assert among.shape == (3, len(together.CLASSES))
    assert np.allclose(among, alone, atol=1e-3)
    assert np.allclose(together.read(rows[::-1])[::-1], among, atol=1e-3)
    assert together.read([]).shape == (0, 3)


@needs_model
def test_which_text_is_which_matters() -> None:
    one = together.read([("Hates writing", "Call your brother")])
    other = together.read([("Call your brother", "Hates writing")])
    assert not np.allclose(one, other, atol=1e-2)


@needs_model
def test_very_long_texts_are_cut_and_answered() -> None:
    assert np.isfinite(together.read([("no " * 500, "write " * 500)])).all()


@needs_model
def test_twenty_learnings_are_held_against_one_homework_at_once() -> None:
    learnings = sorted({one.learning for one in pairs() if one.polarity == "avoid"})[:20]
    rows = [
        (one, "avoid", "Write three pages every morning before you look at your phone") for one in learnings
    ]
    match_many(rows)
    taken = []
    for _ in range(3):
        start = time.process_time()
        match_many(rows)
        taken.append(time.process_time() - start)
    assert statistics.median(taken) < 1.0  # three times what it takes; see bench/words.py


def test_no_author_stands_on_both_sides() -> None:
    rows = read_pairs()
    fold = folds_by_author((one.source for one in rows), 3)
    of = {(author(one.source), k) for one, k in zip(rows, fold, strict=True)}
    assert len(of) == len({who for who, _ in of})
    assert {k for _, k in of} == {0, 1, 2}
    assert author("pairs_third_author_more.txt") == author("pairs_third_author.txt")


def test_what_ships_was_read_of_the_pairs_that_ship() -> None:
    rows = read_pairs()
    assert train_homework.scores(rows).shape == (len(rows), 3)
    with pytest.raises(RuntimeError, match="train_together"):
        train_homework.scores(rows[1:])


def test_thresholds_keep_to_what_may_be_missed_and_asked() -> None:
    rng = np.random.default_rng(5)
    conflict = rng.random(4000) < 0.5
    p = 1 / (1 + np.exp(-(4 * conflict - 2 + rng.normal(0, 1.3, 4000))))
    low, high = train_homework.thresholds(p, conflict, 0.23)
    assert low <= high
    assert (p[conflict] < low).mean() <= train_homework.MISSED_AT_MOST
    assert ((p >= low) & (p < high)).mean() <= 0.23
    decided = (p < low) | (p >= high)
    assert ((p >= high) == conflict)[decided].mean() > ((p >= 0.5) == conflict).mean()


def test_where_nothing_can_be_told_asking_stays_within_its_limit() -> None:
    p, conflict = np.linspace(0, 1, 1000), np.arange(1000) % 2 == 0
    low, high = train_homework.thresholds(p, conflict, 0.23)
    assert ((p >= low) & (p < high)).mean() <= 0.23


def test_a_network_written_to_a_file_reads_as_before(tmp_path: object) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is only there where somebody trains")
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from reknit.words import network

    torch.manual_seed(3)
    made = network.Network().eval()
    path = f"{tmp_path}/made.onnx"
    network.save(made, path)
    given = (torch.randn(3, 7, 384), torch.tensor([[0] * 3 + [1] * 4] * 3), torch.ones(3, 7))
    with torch.no_grad():
        wanted = made(*given).numpy()
    session = onnxruntime.InferenceSession(path)
    feed = {name: one.numpy() for name, one in zip(("words", "kinds", "mask"), given, strict=True)}
    assert np.allclose(session.run(None, feed)[0], wanted, atol=0.05)


def test_the_weights_are_small() -> None:
    shipped = files("reknit.words") / "data" / together.MODEL
    assert len(shipped.read_bytes()) < 12_000_000
