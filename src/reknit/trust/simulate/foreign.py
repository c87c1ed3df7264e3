"""A world that is not the model: what the estimates are tried on.

Ordinal items with a response style and t noise, ruptures that build up over one to three sessions, clients
who hide part of what they feel, growth that differs between people, missed sessions and leaving that follow
strain. Lengths are in points of a seven-point scale, whatever the scale the answers are given on.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from reknit.trust.simulate.calendar import Calendar, Flags, Floats, Ints
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
    depth: float = 1.5
    depth_shape: float = 4.0  # gamma shape: 4 is a coefficient of variation of one half
    steps: tuple[float, float, float] = (0.7, 0.2, 0.1)  # chance that a rupture takes 1, 2, 3 sessions
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
    concealing: float = 0.35  # mean of a person's share of strain not told (Beta with 4 pseudo-counts)
    mask: float = 0.3  # how much of that share is missing from the ratings as well
    asked: float = 0.9
    says: float = 0.8
    says_lingering: float = 0.25
    says_falsely: float = 0.05
    yes_rupture: float = 0.55
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


@dataclass
class Visit:
    """One session of the relationships `who` that still run: who came and what happened, arrays (n,)."""

    session: int
    who: Ints
    came: Flags
    rupture: Flags
    onset: Flags
    repair: Flags


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


class Life:
    """The world at work: `run` lives through the calendar and returns the diary, on the scale 1 to 7."""

    def __init__(self, world: ForeignWorld, calendar: Calendar, rng: np.random.Generator) -> None:
        self.world, self.calendar, self.rng = world, calendar, rng
        self.people = draw_people(world, calendar, rng)
        self.diary = Diary(calendar)

    def run(self) -> Diary:
        calendar, world, here = self.calendar, self.world, np.ones(len(self.calendar.planned), dtype=bool)
        for session in range(calendar.week.shape[0]):
            here &= session < calendar.planned
            who = np.nonzero(here)[0]
            if not len(who):
                break
            self.pass_time(who, calendar.gap[session, who])
            visit = self.meet(session, who)
            trust = self.write_truth(visit)
            self.write_answers(visit, trust)
            leaves = self.rng.random(len(who)) < leaving(world, self.people.strain[who], trust, ~visit.came)
            last = session == calendar.planned[who] - 1
            finished = np.where(self.rng.random(len(who)) < world.ends_as_planned, 1, 0)
            self.diary.write(session, who, ended=np.where(leaves, 2.0, np.where(last, finished, np.nan)))
            here[who[leaves]] = False
        return self.diary

    def pass_time(self, who: Ints, gap: Floats) -> None:
        """Mood drifts back to its mean (Ornstein-Uhlenbeck), strain heals a little by itself."""
        world, people = self.world, self.people
        keep = np.exp(-gap / world.mood_weeks)
        noise = self.rng.normal(size=len(who)) * world.mood_sd * np.sqrt(1 - keep**2)
        people.mood[who] = keep * people.mood[who] + noise
        people.strain[who] *= world.healing**gap

    def meet(self, session: int, who: Ints) -> Visit:
        """Who comes; ruptures begin or go on, or strain is repaired. A missed session brings no event."""
        world, people, rng, n = self.world, self.people, self.rng, len(who)
        came = rng.random(n) >= expit(world.miss + world.miss_strain * people.strain[who])
        came |= session == 0
        goes_on = came & (people.pending[who] > 0)
        begins = came & ~goes_on & (rng.random(n) < world.rupture_rate) & (session > 0)
        repairs = came & ~goes_on & ~begins & (people.strain[who] > world.repairable)
        repairs &= rng.random(n) < world.repair_rate
        self.rupture(who[begins], who[begins | goes_on])
        self.repair(who[repairs])
        return Visit(session, who, came, begins | goes_on, begins, repairs)

    def rupture(self, begins: Ints, falls: Ints) -> None:
        """A rupture takes one to three sessions, the same fall in each."""
        world, people = self.world, self.people
        steps = self.rng.choice(3, size=len(begins), p=world.steps) + 1
        people.step[begins] = (
            self.rng.gamma(world.depth_shape, world.depth / world.depth_shape, len(begins)) / steps
        )
        people.pending[begins] = steps
        people.strain[falls] += people.step[falls]
        people.pending[falls] -= 1

    def repair(self, who: Ints) -> None:
        """A repair takes most of the strain away and raises the bond by the repair gain."""
        world, people = self.world, self.people
        people.gained[who] += world.gain * people.strain[who]
        people.strain[who] *= 2 * world.repair_left * self.rng.random(len(who))

    def write_truth(self, visit: Visit) -> Floats:
        """Truth columns; returns trust (n,)."""
        people, who = self.people, visit.who
        bond = people.level[who] + people.slope[who] * np.log1p(visit.session) + people.gained[who]
        trust = np.asarray(bond + people.mood[who] - people.strain[who])
        self.diary.write(
            visit.session,
            who,
            true_trust=trust,
            true_bond=bond,
            true_passing=people.mood[who],
            true_strain=people.strain[who],
            true_gained=people.gained[who],
            true_rupture=visit.rupture,
            true_onset=visit.onset,
            true_repair=visit.repair,
        )
        return trust

    def write_answers(self, visit: Visit, trust: Floats) -> None:
        """The columns a clinic would have."""
        world, rng, who, came, n = self.world, self.rng, visit.who, visit.came, len(visit.who)
        strain, conceal = self.people.strain[who], self.people.conceal[who]
        rating = self.rate(who, trust + world.mask * conceal * strain)
        said = chance_of_saying(world, visit.rupture, strain, conceal)
        yes = rng.random(n) < np.where(visit.rupture, world.yes_rupture, world.yes_other)
        report = np.where(rng.random(n) < said, 1.0 + yes, 0.0)
        felt = self.people.therapist_level[who] + world.therapist_share * (trust - 5.0)
        theirs = felt + rng.normal(0, world.therapist_noise, n)
        guess = trust + 0.6 * strain + world.guess_bias + rng.normal(0, world.guess_noise, n)
        recorded = rng.random(n) < np.where(visit.repair, world.repair_recorded, world.repair_falsely)
        confirmed = recorded & visit.repair & (rng.random(n) < world.repair_confirmed)
        writes = came & (rng.random(n) < world.therapist_answers)
        self.diary.write(
            visit.session,
            who,
            alliance=np.where(came & (rng.random(n) < world.answered), rating, np.nan),
            difficulty=np.where(came & (rng.random(n) < world.asked), report, np.nan),
            attended=came,
            therapist_rating=np.where(writes, np.clip(np.rint(theirs), BOTTOM, TOP), np.nan),
            therapist_guess=np.where(writes, np.clip(np.rint(guess), BOTTOM, TOP), np.nan),
            repair=np.where(came, 0.0 + recorded + confirmed, np.nan),
        )

    def rate(self, who: Ints, shown: Floats) -> Floats:
        """Mean of ordinal items: a shock to all of them, the person's style, noise of each, then cut
        points.
        """
        world, rng, n = self.world, self.rng, len(who)
        shown = shown + world.shock * rng.standard_t(4, n)
        shown = CENTRE + self.people.style[who] * (shown - CENTRE)
        noise = world.item_noise * rng.standard_t(4, (n, len(world.items)))
        chosen = np.searchsorted(cut_points(world), shown[:, None] + np.array(world.items) + noise)
        return np.asarray(BOTTOM + (TOP - BOTTOM) * chosen.mean(axis=1) / (world.categories - 1))


def live(world: ForeignWorld, calendar: Calendar, rng: np.random.Generator) -> Diary:
    """Run the world session by session."""
    return Life(world, calendar, rng).run()


def leaving(world: ForeignWorld, strain: Floats, trust: Floats, missed: Flags) -> Floats:
    """Chance of dropping out before the next session."""
    logit = world.leave + world.leave_strain * strain + world.leave_trust * (trust - 5.0)
    return np.asarray(expit(logit + world.leave_missed * missed))


def cut_points(world: ForeignWorld) -> Floats:
    """Where one category of an item ends and the next begins, (categories - 1,) points."""
    even = (np.arange(1, world.categories) - 0.5) / (world.categories - 1)
    return np.asarray(BOTTOM + (TOP - BOTTOM) * even**world.warp)


def chance_of_saying(world: ForeignWorld, rupture: Flags, strain: Floats, conceal: Floats) -> Floats:
    """Chance of answering "a little" or "yes" when asked about a difficulty."""
    honest = 1.0 - conceal
    silent = (1 - world.says_falsely) * (1 - honest * world.says * rupture)
    return np.asarray(1 - silent * (1 - honest * world.says_lingering * -np.expm1(-strain)))
