"""The model's own world: every draw as the filter believes it to be (trust-model page of the documentation).

Works on the filter's scale, ratings in 0 to 1 and time in weeks, and writes the diary on the scale 1 to 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, ndtr, ndtri

from reknit.trust.params import Params, as_params
from reknit.trust.refusals import nearest
from reknit.trust.simulate.calendar import Calendar, Flags, Floats, Ints
from reknit.trust.simulate.foreign import BOTTOM, TOP
from reknit.trust.simulate.table import Diary

STRAIN_SOFTNESS = 0.4  # width of "strain of a size that matters", in units of that size
STEADY, RUPTURE, REPAIR = 0, 1, 2
UNIT = TOP - BOTTOM


@dataclass(frozen=True)
class Sampling:
    """What the model leaves open: which channels are filled and how the bond's variance is nested."""

    answered: float = 0.93
    asked: float = 0.9
    therapist_answers: float = 0.8
    ends_as_planned: float = 0.8
    therapist_share: float = 0.10  # of the variance of the starting bond
    clinic_share: float = 0.03
    categories: int = 0  # round every item to so many categories; 0 leaves the rating continuous
    own_style: bool = True  # whether people differ in their noise and in their use of the scale


@dataclass
class State:
    """N relationships, arrays (N,) on the unit scale."""

    bond: Floats
    growth: Floats
    passing: Floats
    strain: Floats
    mode: Ints
    style: Floats
    use: Floats
    hides: Floats
    therapist: Floats
    guess: Floats
    gained: Floats


def world_of(params: Params | None, options: Mapping[str, Any]) -> tuple[Params, Sampling]:
    """Parameters with the options that name one of them changed, and the sampling with the rest."""
    params = as_params(params)
    changes = {name: float(value) for name, value in options.items() if name in params.values}
    rest = {name: value for name, value in options.items() if name not in params.values}
    unknown = rest.keys() - Sampling.__dataclass_fields__.keys()
    if unknown:
        name, known = sorted(unknown)[0], [*params.values, *Sampling.__dataclass_fields__]
        raise ValueError(f"the model has no option {name!r}{nearest(name, known)}")
    return params.with_values(**changes), Sampling(**rest)


class Life:
    """The model at work: `run` lives through the calendar and returns the diary, answers on the scale 1 to
    7.
    """

    def __init__(
        self, setting: tuple[Params, Sampling], calendar: Calendar, rng: np.random.Generator
    ) -> None:
        self.params, self.sampling = setting
        self.calendar, self.rng = calendar, rng
        self.state = begin(self.params, self.sampling, calendar, rng)
        self.diary = Diary(calendar)

    def run(self) -> Diary:
        calendar, rng, here = self.calendar, self.rng, np.ones(len(self.calendar.planned), dtype=bool)
        for session in range(calendar.week.shape[0]):
            here &= session < calendar.planned
            who = np.nonzero(here)[0]
            if not len(who):
                break
            self.pass_time(session, who)
            missed = rng.random(len(who)) < missing(self.params, self.state.strain[who])
            self.change_mode(session, who, missed)
            trust = self.write_truth(session, who)
            self.write_answers(session, who, trust, ~missed)
            leaves = rng.random(len(who)) < leaving(self.params, self.state.strain[who], trust, missed)
            finished = np.where(rng.random(len(who)) < self.sampling.ends_as_planned, 1.0, 0.0)
            last = session == calendar.planned[who] - 1
            self.diary.write(session, who, ended=np.where(leaves, 2.0, np.where(last, finished, np.nan)))
            here[who[leaves]] = False
        return self.diary

    def pass_time(self, session: int, who: Ints) -> None:
        """The bond grows and wanders, the passing state returns to zero, strain fades."""
        params, state, rng, n = self.params, self.state, self.rng, len(who)
        week, gap = self.calendar.week[session, who], self.calendar.gap[session, who]
        half, style = params["growth_weeks"], state.style[who]
        grown = half * (np.log1p(week / half) - np.log1p((week - gap) / half))
        walk = params["walk_sd"] * np.sqrt(style * gap) * rng.normal(size=n)
        state.bond[who] += grown * state.growth[who] + walk
        keep = np.exp(-gap / params["state_weeks"])
        noise = params["state_sd"] * np.sqrt(style * (1 - keep**2)) * rng.normal(size=n)
        state.passing[who] = keep * state.passing[who] + noise
        left = params["strain_keep"] ** gap
        state.strain[who] *= left
        state.strain[who] += params["strain_sd"] * np.sqrt(1 - left**2) * rng.normal(size=n)

    def change_mode(self, session: int, who: Ints, missed: Flags) -> None:
        """The Markov chain of modes, and what a rupture or a repair does."""
        params, state, rng = self.params, self.state, self.rng
        rates = np.array([params["rupture_rate"], params["rupture_again"], params["rupture_late"]])
        rate = rates[state.mode[who]] if session else params["rupture_first"]
        hit = rate * np.where(missed, params["missed_share"], 1.0)
        mend = (1 - hit) * params["repair_rate"] * strained(params, state.strain[who])
        u = rng.random(len(who))
        mode = np.where(u < hit, RUPTURE, np.where(u < hit + mend, REPAIR, STEADY))
        state.mode[who] = mode
        hurt, mended = who[mode == RUPTURE], who[mode == REPAIR]
        share = ndtr(-params["jump_mean"] / max(params["jump_sd"], 1e-9))
        drawn = ndtri(share + (1 - share) * rng.random(len(hurt)))
        state.strain[hurt] += params["jump_mean"] + params["jump_sd"] * drawn
        gain = params["repair_gain"] * state.strain[mended]
        state.bond[mended] += gain
        state.gained[mended] += gain
        state.strain[mended] *= params["repair_keep"]

    def write_truth(self, session: int, who: Ints) -> Floats:
        """Truth columns on the scale 1 to 7; returns trust on the unit scale."""
        state = self.state
        bond, passing, strain = state.bond[who], state.passing[who], state.strain[who]
        trust = np.asarray(bond + passing - strain)
        rupture = state.mode[who] == RUPTURE
        self.diary.write(
            session,
            who,
            true_trust=BOTTOM + UNIT * trust,
            true_bond=BOTTOM + UNIT * bond,
            true_passing=UNIT * passing,
            true_strain=UNIT * strain,
            true_gained=UNIT * state.gained[who],
            true_rupture=rupture,
            true_onset=rupture,
            true_repair=state.mode[who] == REPAIR,
        )
        return trust

    def write_answers(self, session: int, who: Ints, trust: Floats, came: Flags) -> None:
        """The columns a clinic would have, on the scale 1 to 7."""
        params, sampling, state, rng, n = self.params, self.sampling, self.state, self.rng, len(who)
        shown = 0.5 + state.use[who] * (trust + state.hides[who] * state.strain[who] - 0.5)
        rating = rate(params, sampling, shown, state.style[who], rng)
        strain, calm = state.strain[who], trust + state.strain[who]
        theirs = state.therapist[who] + params["therapist_slope"] * calm - params["therapist_strain"] * strain
        guess = state.guess[who] + params["guess_slope"] * calm - params["guess_strain"] * strain
        theirs = np.clip(theirs + rng.normal(0, params["therapist_sd"], n), 0, 1)
        guess = np.clip(guess + rng.normal(0, params["guess_sd"], n), 0, 1)
        writes = came & (rng.random(n) < sampling.therapist_answers)
        answers = came & (rng.random(n) < sampling.answered)
        asked = came & (rng.random(n) < sampling.asked)
        self.diary.write(
            session,
            who,
            alliance=np.where(answers, BOTTOM + UNIT * rating, np.nan),
            difficulty=np.where(asked, report(params, state, who, rng), np.nan),
            attended=came,
            therapist_rating=np.where(writes, BOTTOM + UNIT * theirs, np.nan),
            therapist_guess=np.where(writes, BOTTOM + UNIT * guess, np.nan),
            repair=np.where(came, record(params, state.mode[who], rng), np.nan),
        )


def live(setting: tuple[Params, Sampling], calendar: Calendar, rng: np.random.Generator) -> Diary:
    """Run the model session by session."""
    return Life(setting, calendar, rng).run()


def begin(params: Params, sampling: Sampling, calendar: Calendar, rng: np.random.Generator) -> State:
    """Bond and growth correlated between relationships; therapists and clinics share part of the bond."""
    n = len(calendar.planned)
    shared = sampling.therapist_share + sampling.clinic_share
    of_clinic = rng.normal(0, np.sqrt(sampling.clinic_share), calendar.clinic.max() + 1)
    of_therapist = rng.normal(0, np.sqrt(sampling.therapist_share), calendar.therapist.max() + 1)
    z = of_clinic[calendar.clinic] + of_therapist[calendar.therapist]
    z += rng.normal(0, np.sqrt(1 - shared), n)
    corr = params["growth_corr"]
    z_growth = corr * z + np.sqrt(1 - corr**2) * rng.normal(size=n)
    style = params["style_weight"] / rng.chisquare(params["style_weight"], n)
    return State(
        bond=params["bond_mean"] + params["bond_sd"] * z,
        growth=params["growth_mean"] + params["growth_sd"] * z_growth,
        passing=rng.normal(0, params["state_sd"], n),
        strain=np.zeros(n),
        mode=np.zeros(n, dtype=np.int64),
        style=style if sampling.own_style else np.ones(n),
        use=np.exp(params["scale_use"] * rng.normal(size=n)) if sampling.own_style else np.ones(n),
        hides=params["strain_shown"] * rng.normal(size=n) if sampling.own_style else np.zeros(n),
        therapist=rng.normal(params["therapist_level"], params["therapist_level_sd"], n),
        guess=rng.normal(params["guess_level"], params["guess_level_sd"], n),
        gained=np.zeros(n),
    )


def strained(params: Params, strain: Floats) -> Floats:
    """Share to which strain is of a size that matters."""
    size = params["strain_size"]
    return np.asarray(ndtr((strain - size) / (STRAIN_SOFTNESS * size)))


def missing(params: Params, strain: Floats) -> Floats:
    """Chance of missing the session, from the strain brought to it."""
    calm, worn = params["missed_calm"], params["missed_strain"]
    return calm + (worn - calm) * strained(params, strain)


def rate(
    params: Params, sampling: Sampling, shown: Floats, style: Floats, rng: np.random.Generator
) -> Floats:
    """Mean of the items, each what is shown plus noise, kept within the scale; a few ratings are outliers."""
    items = max(1, round(params["items"]))
    odd = rng.random(len(shown)) < params["outlier_share"]
    sd = params["rating_sd"] * np.sqrt(items * style) * np.where(odd, params["outlier_factor"], 1.0)
    answers = np.clip(shown[:, None] + sd[:, None] * rng.normal(size=(len(shown), items)), 0, 1)
    if sampling.categories > 1:
        answers = np.rint(answers * (sampling.categories - 1)) / (sampling.categories - 1)
    return np.asarray(answers.mean(axis=1))


def report(params: Params, state: State, who: Ints, rng: np.random.Generator) -> Floats:
    """Answer to "did anything bother you": the client in a rupture, under old strain, or in calm."""
    n, hurt = len(who), state.mode[who] == RUPTURE
    worn = ~hurt & (rng.random(n) < strained(params, state.strain[who]))
    said = np.where(hurt, params["said_rupture"], np.where(worn, params["said_strain"], params["said_calm"]))
    yes = np.where(hurt | worn, params["yes_hurt"], params["yes_calm"])
    return np.where(rng.random(n) < said, 1.0 + (rng.random(n) < yes), 0.0)


def record(params: Params, mode: Ints, rng: np.random.Generator) -> Floats:
    """Repair written down by the therapist (1), confirmed by the client (2)."""
    n, repair = len(mode), mode == REPAIR
    written = rng.random(n) < np.where(repair, params["record_repair"], params["record_calm"])
    confirmed = rng.random(n) < np.where(repair, params["confirm_repair"], params["confirm_calm"])
    return np.where(written, 1.0 + confirmed, 0.0)


def leaving(params: Params, strain: Floats, trust: Floats, missed: Flags) -> Floats:
    """Chance of dropping out before the next session."""
    odds = params["leave_base"] + params["leave_strain"] * strain + params["leave_trust"] * trust
    return np.asarray(expit(odds + params["leave_missed"] * missed))
