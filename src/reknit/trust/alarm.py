"""From which probability of a rupture a session is asked about, for a stated rate of false alarms."""

from __future__ import annotations

from reknit.trust.forecast import threshold
from reknit.trust.params import DEFAULT, Params

FALSE_ALARMS = 5.0  # per 100 sessions without a rupture
CHANNELS = ("difficulty", "attended", "repair", "therapist_guess")  # beside the client's rating
SHIPPED_ALARM = 0.145  # alarm_from(), at the shipped parameters (docs/model.md)


def alarm_from(
    params: Params = DEFAULT,
    false_alarms: float = FALSE_ALARMS,
    channels: tuple[str, ...] = CHANNELS,
    relationships: int = 10_000,
) -> float:
    """The threshold on ``p_rupture`` that gives `false_alarms` per 100 rated sessions without a rupture.

    Set empirically on relationships drawn from the model itself (`reknit.trust.simulate`, up to 16 sessions,
    a fixed seed), first sessions left out, since nothing can have been hurt before them. Raises ValueError
    where the rate is not between 0 and 100.
    """
    from reknit.trust.simulate import simulate
    from reknit.trust.table import estimate

    drawn = simulate(relationships, 20_240_101, "model", (6, 16), params=params)
    seen = estimate(drawn.select("client", "week", "alliance", *channels), params)
    quiet = (drawn["true_rupture"] == 0) & drawn["alliance"].is_not_null() & (drawn["session"] > 1)
    return threshold(seen.filter(quiet)["p_rupture"].to_numpy(), false_alarms)


if __name__ == "__main__":
    print(f"{alarm_from():.4f}")
