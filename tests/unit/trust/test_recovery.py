"""What an episode has done to trust: restored, exceeded, and what cannot be said."""

import numpy as np
import pytest

from reknit.trust import DEFAULT, Params, Series, recovery
from reknit.trust.backward import differences
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
    lasting, mended = recovery(series(FALLEN, REPORT), 4), recovery(series(BACK, [*REPORT, 0]), 4)
    assert lasting.p_restored < 0.1
    assert mended.p_restored > 0.5
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


def test_draws_agree_with_the_truth_of_the_models_own_world() -> None:
    """Mean difference over many relationships, known parameters: what was gained less what strain is left."""
    table = simulate(250, 4, "model", (10, 10), repair_gain=0.3, own_style=False)
    params = DEFAULT.with_values(repair_gain=0.3)
    rng, said, true = np.random.default_rng(1), [], []
    for _, person in table.group_by("client", maintain_order=True):
        if person.height < 10:
            continue
        numbers = {
            name: person[name].fill_null(-1).to_numpy().astype(np.int8)
            for name in ("difficulty", "attended", "repair")
        }
        rating = person["alliance"].cast(float).fill_null(float("nan")).to_numpy()
        rows = as_rows(Series(week=person["week"].to_numpy(), rating=rating, scale=(1, 7), **numbers))
        said.append(differences(rows, 3, params, rng, 200)[0].mean())
        old = person["true_strain"][2] * params["strain_keep"] ** (person["week"][9] - person["week"][2])
        gained = person["true_gained"][9] - person["true_gained"][2]
        true.append((gained - (person["true_strain"][9] - old)) / 6)
    error = np.array(said) - np.array(true)
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(len(error))
    assert np.corrcoef(said, true)[0, 1] > 0.5
