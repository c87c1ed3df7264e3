"""The shipped threshold is the one that its command finds."""

import pytest

from reknit.trust import DEFAULT
from reknit.trust.alarm import SHIPPED_ALARM, alarm_from


def test_the_shipped_threshold_is_the_one_that_is_computed() -> None:
    assert alarm_from(relationships=4000) == pytest.approx(SHIPPED_ALARM, abs=0.015)


def test_fewer_false_alarms_need_a_higher_threshold() -> None:
    rates = [alarm_from(DEFAULT, rate, relationships=500) for rate in (1.0, 5.0, 10.0)]
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < rates[0] < 1


def test_an_impossible_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        alarm_from(DEFAULT, 0.0, relationships=50)
