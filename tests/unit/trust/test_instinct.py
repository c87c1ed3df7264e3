"""A therapist's calibration: nothing below a few guesses, shrunken, and its intervals hold what they say."""

from __future__ import annotations

import numpy as np
import pytest

from reknit.trust.instinct import FEW, PRIOR_SD, WINDOW, calibration, shrunken


def test_too_few_guesses_say_nothing():
    few = [5.0] * (FEW - 1)
    assert calibration(few, few, range(FEW - 1)) == []
    assert len(calibration([*few, 5.0], [*few, 5.0], range(FEW))) == 1


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="one length"):
        calibration([5.0], [5.0, 6.0], ["a"])


def test_a_bias_is_found_and_shrunken_and_a_single_client_says_less():
    ratings = np.full(16, 6.0)
    many = calibration(ratings + 2, ratings, range(16))[-1]
    one = calibration(ratings + 2, ratings, ["jo"] * 16)[-1]
    assert 1 < many.bias.mean < 2
    assert many.bias.tells
    assert one.bias.hi80 - one.bias.lo80 > many.bias.hi80 - many.bias.lo80
    assert many.clients == 16
    assert one.clients == 1


def test_only_the_last_guesses_count():
    ratings = np.full(3 * WINDOW, 5.0)
    guesses = np.r_[ratings[:WINDOW] + 3, ratings[WINDOW:]]
    course = calibration(guesses, ratings, range(len(ratings)))
    assert course[0].bias.mean > 1
    assert course[-1].bias.mean == pytest.approx(0)
    assert course[-1].near > 0.9
    assert course[-1].guesses == WINDOW


def test_one_point_off_is_near_and_more_is_not():
    ratings = [5.0] * 10
    assert calibration([6.0] * 10, ratings, range(10))[-1].near > 0.8
    assert calibration([6.2] * 10, ratings, range(10))[-1].near < 0.2


@pytest.mark.parametrize("between", [0.3, 0.7, 1.1])
def test_eighty_in_a_hundred_intervals_hold_the_true_bias(between):
    draw = np.random.default_rng(4)
    held = 0
    for _ in range(600):
        bias = draw.normal(0, PRIOR_SD)
        clients = draw.integers(0, 6, WINDOW)
        off = bias + draw.normal(0, between, 6)[clients] + draw.normal(0, 1.3, WINDOW)
        sense = calibration(5 + off, np.full(WINDOW, 5.0), clients)[-1]
        held += sense.bias.lo80 <= bias <= sense.bias.hi80
    assert 0.68 < held / 600 < 0.92


def test_nothing_known_leaves_the_prior():
    nothing = shrunken(np.array([]), np.array([]), prior_sd=1.0, between_sd=0.5)
    assert (nothing.mean, nothing.tells) == (0, False)
    assert nothing.hi80 == pytest.approx(1.2816, abs=1e-3)
