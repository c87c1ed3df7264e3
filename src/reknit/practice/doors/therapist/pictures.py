"""Trust as a picture: the large curve of one relationship, and the small thread of a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reknit import plot
from reknit.measures import load
from reknit.practice.insight.estimates import Point
from reknit.practice.insight.growth import Sense
from reknit.practice.insight.sentences import trend_sentence
from reknit.practice.repairs.models import Episode, ReplyAnswer, State

LOW, HIGH = load("check_in").scale
SIZES = (("wide", 900, 310), ("narrow", 370, 270))
NEAREST = 0.4  # weeks
THREAD_WIDE, THREAD_TALL, EDGE = 132, 44, 3


def curve_svg(points: Sequence[Point], episodes: Iterable[Episode]) -> SafeString:
    """The trust curve as inline SVG, for wide and for narrow pages; nothing where there is no session yet."""
    if not points:
        return SafeString("")
    events = _events(points, episodes)
    drawn = [
        plot.Point(
            week=week, label=str(point.number), rating=point.rating,
            trust=point.trust, lo80=point.trust_lo80, hi80=point.trust_hi80,
            lo95=point.trust_lo95, hi95=point.trust_hi95,
            p_rupture=point.p_rupture, p_repair=point.p_repair, event=events.get(point.session_id),
        )
        for week, point in zip(_weeks(points), points, strict=True)
    ]  # fmt: skip
    words = {
        "difficulty": _("a difficulty"),
        "rupture": _("a difficulty?"),
        "repair": _("repair"),
        "exceeded": _("repair, and higher"),
    }
    said = trend_sentence(points)
    pictures = [
        plot.trust_svg(
            drawn, LOW, HIGH, width=width, height=height, title=_("Trust from session to session"),
            desc=said, words=words, uid=size,
        )
        for size, width, height in SIZES
    ]  # fmt: skip
    return mark_safe("".join(_only_there(size[0], svg) for size, svg in zip(SIZES, pictures, strict=True)))


def _weeks(points: Sequence[Point]) -> list[float]:
    """Weeks since the first session; two on one day stand a little apart, so that both can be seen."""
    weeks: list[float] = []
    for point in points:
        week = (point.date - points[0].date).days / 7
        weeks.append(max(week, weeks[-1] + NEAREST) if weeks else week)
    return weeks


def _only_there(size: str, svg: str) -> str:
    """Of the two sizes a style sheet shows one."""
    return f'<div class="curve__{size}">{svg}</div>'


def _events(points: Sequence[Point], episodes: Iterable[Episode]) -> dict[int, str]:
    """What happened at which session: difficulties looked into, and repairs that reached the client."""
    events: dict[int, str] = {}
    for episode in episodes:
        if episode.state == State.NOT_A_RUPTURE:
            continue
        if episode.session_id:
            events[episode.session_id] = "difficulty"
        for reply in episode.replies.all():
            point = _first_after(points, reply.answered_at) if reply.answer == ReplyAnswer.YES else None
            if point:
                events[point.session_id] = "exceeded" if episode.state == State.EXCEEDED else "repair"
    return events


def _first_after(points: Sequence[Point], moment: datetime | None) -> Point | None:
    return next((point for point in points if moment and point.date > moment.date()), None)


def thread_svg(points: Sequence[Point]) -> SafeString:
    """A thread the height of a line: the estimate in its 80 % band. A sentence beside it says the same."""
    if len(points) < 2:
        return SafeString("")
    step = (THREAD_WIDE - 2 * EDGE) / (len(points) - 1)
    xs = [EDGE + step * i for i in range(len(points))]

    def path(values: Iterable[float], xs: Iterable[float]) -> str:
        return " ".join(f"{x:.0f} {_height(value):.1f}" for x, value in zip(xs, values, strict=True))

    band = path((p.trust_hi80 for p in points), xs)
    back = path((p.trust_lo80 for p in points[::-1]), xs[::-1])
    line = path((p.trust for p in points), xs)
    end = f'<circle class="rk-end" cx="{xs[-1]:.0f}" cy="{_height(points[-1].trust):.1f}" r="2.6"/>'
    svg = (
        f'<svg class="thread" viewBox="0 0 {THREAD_WIDE} {THREAD_TALL}" aria-hidden="true" focusable="false">'
        f'<path class="rk-band80" d="M{band} L{back}Z"/><path class="rk-line" d="M{line}"/>{end}</svg>'
    )
    return mark_safe(svg)


REHEARSAL_WIDE, REHEARSAL_TALL, AIR = 370, 150, 14


def rehearsal_svg(curve: Sequence[float], bond: float) -> SafeString:
    """Trust in a rehearsal, reply by reply, with a dashed line where it stood before it was hurt."""
    lowest, highest = min(*curve, bond), max(*curve, bond)
    line = _Line(len(curve), lowest - 0.02, highest + 0.02)
    points = " ".join(f"{line.x(i):.0f} {line.y(trust):.1f}" for i, trust in enumerate(curve))
    dots = "".join(
        f'<circle class="rk-rating" cx="{line.x(i):.0f}" cy="{line.y(trust):.1f}" r="4"/>'
        for i, trust in enumerate(curve)
    )
    return line.svg(
        f'{line.rule(bond, "rk-old")}<path class="rk-line" d="M{points}"/>{dots}',
        _("Trust from reply to reply. The dashed line is where it stood before it was hurt."),
    )


def senses_svg(senses: Sequence[Sense]) -> SafeString:
    """Guess minus rating from guess to guess, in its 80 % band, with a line where the two would agree."""
    lowest, highest = min(s.bias.lo80 for s in senses), max(s.bias.hi80 for s in senses)
    line = _Line(len(senses), min(lowest, -1.0), max(highest, 1.0))

    def path(values: Iterable[tuple[int, float]]) -> str:
        return " ".join(f"{line.x(i):.0f} {line.y(value):.1f}" for i, value in values)

    above = path(enumerate(s.bias.hi80 for s in senses))
    below = path(reversed(list(enumerate(s.bias.lo80 for s in senses))))
    middle = path(enumerate(s.bias.mean for s in senses))
    return line.svg(
        f'<path class="rk-band80" d="M{above} L{below}Z"/>{line.rule(0.0, "rk-old")}'
        f'<path class="rk-line" d="M{middle}"/>',
        _("Your guess against their rating, from guess to guess. On the dashed line the two agree."),
    )


@dataclass(frozen=True)
class _Line:
    """Maps so many steps, and values between two ends, to the pixels of a small picture."""

    steps: int
    low: float
    high: float

    def x(self, step: int) -> float:
        return AIR + (REHEARSAL_WIDE - 2 * AIR) * step / max(self.steps - 1, 1)

    def y(self, value: float) -> float:
        return AIR + (REHEARSAL_TALL - 2 * AIR) * (self.high - value) / (self.high - self.low)

    def rule(self, value: float, look: str) -> str:
        y = self.y(value)
        return f'<path class="{look} rule--dashed" d="M{AIR} {y:.1f} H{REHEARSAL_WIDE - AIR}"/>'

    def svg(self, inside: str, said: str) -> SafeString:
        head = f'<svg class="small-curve" viewBox="0 0 {REHEARSAL_WIDE} {REHEARSAL_TALL}" role="img"'
        return mark_safe(f'{head} aria-label="{escape(said)}">{inside}</svg>')


def _height(value: float) -> float:
    """From the scale to the thread's own pixels."""
    share = (min(max(value, LOW), HIGH) - LOW) / (HIGH - LOW)
    return EDGE + (THREAD_TALL - 2 * EDGE) * (1 - share)
