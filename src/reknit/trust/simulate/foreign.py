"""A world that is not the model: what the estimates are tried on.

Ordinal items with a response style and t noise, ruptures that build up over one to three sessions, clients who hide
part of what they feel, growth that differs between people, missed sessions and leaving that follow strain. Lengths
are in points of a seven-point scale, whatever the scale the answers are given on.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from reknit.trust.simulate.calendar import Calendar, Floats, Ints
from reknit.trust.simulate.table import Diary

BOTTOM, TOP, CENTRE = 1.0, 7.0, 4.0


@dataclass(frozen=True)
class ForeignWorld:
    """Everything that the foreign generator can be told; `replace` a field to make another world."""

    # the person
    level: float = 5.5
    level_sd_clinic: float = 0.15
    level_sd_therapist: float = 0.3
    level_sd: float = 0.75
    slope: float = 0.22  # points per unit of log(1 + sessions so far)
    slope_sd: float = 0.22
    style_sd: float = 0.15  # log-sd of how far from the centre a person answers
    # the ordinary week
    mood_sd: float = 0.3
    mood_weeks: float = 1.5
    shock: float = 0.15  # scale of a t(4) shock that all items of a session share
    # rupture and repair
    rupture_rate: float = 0.08  # per attended session after the first
    depth: float = 1.4
    depth_shape: float = 4.0  # gamma shape: 4 is a coefficient of variation of one half
    steps: tuple[float, float, float] = (0.5, 0.3, 0.2)  # chance that a rupture takes 1, 2, 3 sessions
    healing: float = 0.93  # strain left after a week in which nothing is done
    repair_rate: float = 0.25  # per session with strain of at least `repairable`
    repairable: float = 0.3
    repair_left: float = 0.15  # mean share of the strain that a repair leaves (uniform from 0 to twice it)
    gain: float = 0.15  # the repair gain, per point of strain repaired
    # the answers
    items: tuple[float, ...] = (0.3, 0.1, 0.0, -0.1, -0.3)  # how easily each is agreed to
    categories: int = 7
    warp: float = 1.0  # above 1 leaves less room at the top, below 1 more
    item_noise: float = 0.55  # scale of t(4) noise of each item
    answered: float = 0.93
    # what clients say and do not say
    concealing: float = 0.3  # mean of a person's share of strain not told (Beta with 4 pseudo-counts)
    mask: float = 0.5  # how much of that share is missing from the ratings as well
    asked: float = 0.9
    says: float = 0.85
    says_lingering: float = 0.25
    says_falsely: float = 0.05
    yes_rupture: float = 0.6
    yes_other: float = 0.25
    # what others do
    miss: float = -2.8
    miss_strain: float = 0.7
    leave: float = -4.2
    leave_strain: float = 0.8
    leave_trust: float = -0.3
    leave_missed: float = 0.8
    ends_as_planned: float = 0.8
    therapist_level: float = 5.0
    therapist_level_sd: float = 0.5
    therapist_share: float = 0.35
    therapist_noise: float = 0.5
    therapist_answers: float = 0.8
    guess_bias: float = 0.2
    guess_noise: float = 0.55
    repair_recorded: float = 0.6
    repair_confirmed: float = 0.5
    repair_falsely: float = 0.02


@dataclass
class People:
    """Lasting traits and present state of N relationships, all arrays (N,)."""

    level: Floats
    slope: Floats
    style: Floats
    conceal: Floats
    therapist_level: Floats
    gained: Floats
    mood: Floats
    strain: Floats
    pending: Ints
    step: Floats


def draw_people(world: ForeignWorld, calendar: Calendar, rng: np.random.Generator) -> People:
    """Levels nested in therapists and clinics, slopes, styles and willingness to tell."""
    n = len(calendar.planned)
    of_clinic = rng.normal(0, world.level_sd_clinic, calendar.clinic.max() + 1)
    of_therapist = rng.normal(0, world.level_sd_therapist, calendar.therapist.max() + 1)
    level = world.level + of_clinic[calendar.clinic] + of_therapist[calendar.therapist]
    share = np.clip(world.concealing, 1e-6, 1 - 1e-6)
    return People(
        level=level + rng.normal(0, world.level_sd, n),
        slope=rng.normal(world.slope, world.slope_sd, n),
        style=np.exp(rng.normal(0, world.style_sd, n)),
        conceal=rng.beta(4 * share, 4 * (1 - share), n),
        therapist_level=rng.normal(world.therapist_level, world.therapist_level_sd, n),
        gained=np.zeros(n),
        mood=rng.normal(0, world.mood_sd, n),
        strain=np.zeros(n),
        pending=np.zeros(n, dtype=np.int64),
        step=np.zeros(n),
    )


def live(world: ForeignWorld, calendar: Calendar, rng: np.random.Generator) -> Diary:
    """Run the world session by session; answers stay on the scale 1 to 7."""
    people, diary = draw_people(world, calendar, rng), Diary(calendar)
    here = np.ones(len(calendar.planned), dtype=bool)
    for session in range(calendar.week.shape[0]):
        here &= session < calendar.planned
        who = np.nonzero(here)[0]
        if not len(who):
            break
        pass_time(world, people, who, calendar.gap[session, who], rng)
        came = rng.random(len(who)) >= expit(world.miss + world.miss_strain * people.strain[who])
        came |= session == 0
        events = have_session(world, people, who, came, session, rng)
        trust = write_truth(world, people, who, session, events, diary)
        write_answers(world, people, who, came, session, trust, events, diary, rng)
        leaves = rng.random(len(who)) < leaving(world, people.strain[who], trust, ~came)
        last = session == calendar.planned[who] - 1
        finished = np.where(rng.random(len(who)) < world.ends_as_planned, 1, 0)
        ended = np.where(leaves, 2.0, np.where(last, finished, np.nan))
        diary.write(session, who, ended=ended)
        here[who[leaves]] = False
    return diary


def leaving(world: ForeignWorld, strain: Floats, trust: Floats, missed: np.ndarray) -> Floats:
    """Chance of dropping out before the next session."""
    logit = world.leave + world.leave_strain * strain + world.leave_trust * (trust - 5.0)
    return np.asarray(expit(logit + world.leave_missed * missed))


def pass_time(world: ForeignWorld, people: People, who: Ints, gap: Floats, rng: np.random.Generator) -> None:
    """Mood drifts back to its mean (Ornstein-Uhlenbeck), strain heals a little by itself."""
    keep = np.exp(-gap / world.mood_weeks)
    noise = rng.normal(size=len(who)) * world.mood_sd * np.sqrt(1 - keep**2)
    people.mood[who] = keep * people.mood[who] + noise
    people.strain[who] *= world.healing**gap


def have_session(
    world: ForeignWorld, people: People, who: Ints, came: np.ndarray, session: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Ruptures begin or go on, or strain is repaired; nothing happens in a session that was missed."""
    n = len(who)
    goes_on = came & (people.pending[who] > 0)
    begins = came & ~goes_on & (rng.random(n) < world.rupture_rate) & (session > 0)
    repairs = came & ~goes_on & ~begins & (people.strain[who] > world.repairable)
    repairs &= rng.random(n) < world.repair_rate
    steps = rng.choice(3, size=n, p=world.steps) + 1
    depth = rng.gamma(world.depth_shape, world.depth / world.depth_shape, n)
    new = who[begins]
    people.step[new] = (depth / steps)[begins]
    people.pending[new] = steps[begins]
    falls = begins | goes_on
    people.strain[who[falls]] += people.step[who[falls]]
    people.pending[who[falls]] -= 1
    healed = who[repairs]
    people.gained[healed] += world.gain * people.strain[healed]
    people.strain[healed] *= 2 * world.repair_left * rng.random(len(healed))
    return {"rupture": falls, "onset": begins, "repair": repairs}


def write_truth(
    world: ForeignWorld, people: People, who: Ints, session: int, events: dict[str, np.ndarray], diary: Diary
) -> Floats:
    """Truth columns; returns trust (n,) of the relationships `who`."""
    bond = people.level[who] + people.slope[who] * np.log1p(session) + people.gained[who]
    trust = np.asarray(bond + people.mood[who] - people.strain[who])
    diary.write(
        session,
        who,
        true_trust=trust,
        true_bond=bond,
        true_passing=people.mood[who],
        true_strain=people.strain[who],
        true_rupture=events["rupture"],
        true_onset=events["onset"],
        true_repair=events["repair"],
    )
    return trust


def cut_points(world: ForeignWorld) -> Floats:
    """Where one category of an item ends and the next begins, (categories - 1,) points."""
    even = (np.arange(1, world.categories) - 0.5) / (world.categories - 1)
    return np.asarray(BOTTOM + (TOP - BOTTOM) * even**world.warp)


def write_answers(
    world: ForeignWorld,
    people: People,
    who: Ints,
    came: np.ndarray,
    session: int,
    trust: Floats,
    events: dict[str, np.ndarray],
    diary: Diary,
    rng: np.random.Generator,
) -> None:
    """The columns a clinic would have."""
    n, strain, conceal = len(who), people.strain[who], people.conceal[who]
    shown = trust + world.mask * conceal * strain + world.shock * rng.standard_t(4, n)
    shown = CENTRE + people.style[who] * (shown - CENTRE)
    noise = world.item_noise * rng.standard_t(4, (n, len(world.items)))
    chosen = np.searchsorted(cut_points(world), shown[:, None] + np.array(world.items) + noise)
    rating = BOTTOM + (TOP - BOTTOM) * chosen.mean(axis=1) / (world.categories - 1)
    said = chance_of_saying(world, events["rupture"], strain, conceal)
    yes = rng.random(n) < np.where(events["rupture"], world.yes_rupture, world.yes_other)
    report = np.where(rng.random(n) < said, 1.0 + yes, 0.0)
    felt = people.therapist_level[who] + world.therapist_share * (trust - 5.0)
    theirs = felt + rng.normal(0, world.therapist_noise, n)
    guess = trust + 0.6 * strain + world.guess_bias + rng.normal(0, world.guess_noise, n)
    recorded = rng.random(n) < np.where(events["repair"], world.repair_recorded, world.repair_falsely)
    confirmed = recorded & events["repair"] & (rng.random(n) < world.repair_confirmed)
    writes = came & (rng.random(n) < world.therapist_answers)
    diary.write(
        session,
        who,
        alliance=np.where(came & (rng.random(n) < world.answered), rating, np.nan),
        difficulty=np.where(came & (rng.random(n) < world.asked), report, np.nan),
        attended=came,
        therapist_rating=np.where(writes, np.clip(np.rint(theirs), BOTTOM, TOP), np.nan),
        therapist_guess=np.where(writes, np.clip(np.rint(guess), BOTTOM, TOP), np.nan),
        repair=np.where(came, 0.0 + recorded + confirmed, np.nan),
    )


def chance_of_saying(world: ForeignWorld, rupture: np.ndarray, strain: Floats, conceal: Floats) -> Floats:
    """Chance of answering "a little" or "yes" when asked about a difficulty."""
    honest = 1.0 - conceal
    silent = (1 - world.says_falsely) * (1 - honest * world.says * rupture)
    return np.asarray(1 - silent * (1 - honest * world.says_lingering * -np.expm1(-strain)))
