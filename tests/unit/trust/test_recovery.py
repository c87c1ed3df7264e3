"""What an episode has done to trust: restored, exceeded, and what cannot be said."""

import itertools

import numpy as np
import pytest

from reknit.trust import DEFAULT, Params, Series, layout, recovery
from reknit.trust.backward import events
from reknit.trust.engine import Rows, run_filter
from reknit.trust.forecast import gain_belief, outcomes
from reknit.trust.series import as_rows
from reknit.trust.simulate import simulate

SURE = Params(values={"repair_gain": 0.0}, se={"repair_gain": 1e-6})


def series(ratings: list[float], difficulty: list[int] | None = None) -> Series:
    given = {} if difficulty is None else {"difficulty": np.array(difficulty, np.int8)}
    return Series(week=np.arange(len(ratings), dtype=float), rating=np.array(ratings), scale=(0, 10), **given)


FALLEN = [7.0, 7.2, 7.1, 7.0, 3.0, 3.2, 3.1, 3.0]
BACK = [7.0, 7.2, 7.1, 7.0, 3.0, 3.2, 7.0, 7.1, 7.0]
REPORT = [0, 0, 0, 0, 2, 1, 0, 0]


def test_a_fall_that_lasts_is_not_restored_and_one_that_is_mended_is() -> None:
    lasting = recovery(series(FALLEN, REPORT), 4)
    mended = recovery(series(BACK, [*REPORT, 0]), 4)
    halfway = recovery(series([*BACK[:6], 5.0, 5.1, 5.0], [*REPORT, 0]), 4)
    assert lasting.p_restored < 0.1
    assert mended.p_restored > 0.5 > 2 * halfway.p_restored
    assert lasting.expected > lasting.now + 2


def test_nothing_exceeds_where_repairs_are_known_to_add_nothing() -> None:
    higher = [*BACK, 8.0, 8.2, 8.1]
    assert recovery(series(higher), 4, SURE).p_exceeded < 0.05
    gains = Params(values={"repair_gain": 0.5}, se={"repair_gain": 0.05})
    assert recovery(series(higher, [0, 0, 0, 0, 2, 1] + [0] * 6), 4, gains).p_exceeded > 0.3


def test_a_rupture_at_the_first_session_is_set_against_relationships_at_large() -> None:
    found = recovery(series([3.0, 3.1, 6.8, 7.0]), 0)
    assert 6 < found.expected < 8
    assert found.expected_sd > 1
    assert 0 <= found.p_exceeded <= found.p_restored <= 1


def test_the_same_question_has_the_same_answer_and_a_start_outside_is_refused() -> None:
    assert recovery(series(BACK), 4) == recovery(series(BACK), 4)
    with pytest.raises(ValueError, match="start must be"):
        recovery(series(BACK), 9)


def test_many_episodes_at_once_are_answered_as_one_at_a_time() -> None:
    people = [series(BACK, [*REPORT, 0]), series(FALLEN, REPORT), series(BACK)]
    parts = [as_rows(one) for one in people]
    starts = np.cumsum([0, *map(len, parts)])
    told = [part.difficulty if part.difficulty is not None else np.full(len(part), -1) for part in parts]
    rows = Rows(
        starts=starts,
        week=np.concatenate([part.week for part in parts]),
        rating=np.concatenate([part.rating for part in parts]),
        difficulty=np.concatenate(told).astype(np.int8),
    )
    episodes = np.array([[first, first + 4, last - 1] for first, last in itertools.pairwise(starts)])
    restored, exceeded = outcomes(rows, episodes)
    alone = [recovery(one, 4) for one in people]
    assert restored == pytest.approx([one.p_restored for one in alone], abs=1e-9)
    assert exceeded == pytest.approx([one.p_exceeded for one in alone], abs=1e-9)


def test_a_rupture_that_is_known_to_have_happened_has_to_be_restored() -> None:
    small = series([7.0, 7.1, 7.0, 7.1, 6.4, 6.5, 6.6, 6.5])
    assert recovery(small, 4, happened=True).p_restored < recovery(small, 4).p_restored - 0.2


def test_that_there_is_no_gain_is_believed_until_the_data_say_otherwise() -> None:
    def none(gain: float, se: float) -> float:
        return gain_belief(Params(values={"repair_gain": gain}, se={"repair_gain": se}))[0]

    assert none(0.0, 0.1) > none(0.1, 0.1) > none(0.2, 0.1) > none(0.3, 0.1)
    assert none(0.0, 1e-6) > 0.999
    assert none(0.3, 0.05) < 0.01
    assert none(0.0, 10.0) == pytest.approx(0.5, abs=0.01)


def test_draws_agree_with_the_truth_of_the_models_own_world() -> None:
    """Mean difference over many relationships, known parameters: what was gained less what strain is left."""
    table = simulate(250, 4, "model", (10, 10), repair_gain=0.3, own_style=False)
    params = DEFAULT.with_values(repair_gain=0.3)
    said, true, ahead_of = [], [], []
    for _, person in table.group_by("client", maintain_order=True):
        if person.height < 10:
            continue
        numbers = {
            name: person[name].fill_null(-1).to_numpy().astype(np.int8)
            for name in ("difficulty", "attended", "repair")
        }
        rating = person["alliance"].cast(float).fill_null(float("nan")).to_numpy()
        rows = as_rows(Series(week=person["week"].to_numpy(), rating=rating, scale=(1, 7), **numbers))
        result = run_filter(rows, params, layout.STORE)
        met, left, ahead, _ = events(params, result, np.array([[0, 3, 9]]), 200)
        said.append(0.3 * met.mean() - left.mean())
        ahead_of.append(ahead.mean())
        old = person["true_strain"][2] * params["strain_keep"] ** (person["week"][9] - person["week"][2])
        gained = person["true_gained"][9] - person["true_gained"][2]
        true.append((gained - (person["true_strain"][9] - old)) / 6)
    error = np.array(said) - np.array(true)
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))
    assert np.corrcoef(said, true)[0, 1] > 0.5
    error = np.array(ahead_of) - np.array(true)  # its own noise, with no side to it
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))
