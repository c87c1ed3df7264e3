"""Any relationship at all: whatever was answered, moved, repaired or left open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from reknit.cohort.exchange import (
    Answer,
    Consent,
    Dossier,
    Episode,
    Form,
    Letter,
    Meeting,
    Step,
    Trust,
)
from reknit.measures import Measure, by_key

FIRST = datetime(2025, 3, 3, 15, tzinfo=UTC)
MOMENTS = st.integers(0, 60 * 24 * 400).map(
    lambda m: (FIRST + timedelta(minutes=m, microseconds=m)).isoformat()
)
DAYS = st.integers(0, 400).map(lambda d: (FIRST + timedelta(days=d)).date().isoformat())
WORDS = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \n"), min_size=1).filter(
    str.strip
)
AUDIENCES = st.sampled_from(["therapist_now", "in_the_room", "clinic", "only_me"])
CHANCES = st.none() | st.floats(0, 1)
TRUST = st.floats(0, 10)
STATES = ["noticed", "understood", "replied", "answered", "agreed", "restored", "exceeded", "not_a_rupture"]


@st.composite
def forms(draw: st.DrawFn, meeting: int | None) -> Form:
    measure = draw(st.sampled_from(list(by_key().values())))
    sent = draw(st.one_of(st.just(""), MOMENTS))
    return Form(
        key=str(draw(st.uuids())),
        measure=measure.canonical,
        meeting=meeting,
        begun_at=draw(MOMENTS),
        sent_at=sent,
        answers=tuple(draw(answers(measure))),
        seconds=draw(st.none() | st.integers(0, 9999)),
    )


@st.composite
def answers(draw: st.DrawFn, measure: Measure) -> list[Answer]:
    found = []
    for item in draw(st.sets(st.sampled_from(measure.questions))):
        audience = draw(AUDIENCES)
        if item.choices:
            value = item.value_of(draw(st.sampled_from(item.choices)).code)
            found.append(Answer(item.key, value, audience=audience))
        elif item.lo is not None and item.hi is not None:
            found.append(Answer(item.key, draw(st.floats(item.lo, item.hi)), audience=audience))
        else:
            found.append(Answer(item.key, words=draw(WORDS), audience=audience))
    return sorted(found, key=lambda answer: answer.item)


@st.composite
def episodes(draw: st.DrawFn, number: int, meeting: int | None) -> Episode:
    letter = st.builds(Letter, WORDS, MOMENTS)
    steps = st.builds(Step, st.sampled_from(STATES), MOMENTS, st.booleans())
    answered = st.builds(
        Letter, WORDS, MOMENTS, st.sampled_from(["yes", "not_quite", "no"]), st.just("") | WORDS, MOMENTS
    )
    return Episode(
        number=number, meeting=meeting, origin=draw(st.sampled_from(["alert", "client_words", "own_sense"])),
        state=draw(st.sampled_from(STATES)), noticed_at=draw(MOMENTS), due_on=draw(DAYS),
        kind=draw(st.sampled_from(["", "withdrawal", "confrontation"])),
        cause=draw(st.sampled_from(["", "impact", "naivety"])),
        felt=draw(st.just("") | WORDS), intended=draw(st.just("") | WORDS),
        closed_at=draw(st.just("") | MOMENTS),
        p_restored=draw(CHANCES), p_exceeded=draw(CHANCES),
        steps=tuple(draw(st.lists(steps, max_size=4))),
        letters=tuple(draw(st.lists(letter | answered, max_size=2))),
    )  # fmt: skip


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    status = st.sampled_from(["planned", "attended", "missed", "cancelled_late", "cancelled"])
    count = draw(st.integers(0, 4))
    meetings = tuple(
        Meeting(n, draw(MOMENTS), draw(status), draw(st.integers(0, 3))) for n in range(1, count + 1)
    )
    place = st.none() | st.integers(1, count) if count else st.none()
    trust = tuple(
        Trust(
            m.number, draw(DAYS), draw(TRUST), (draw(TRUST), draw(TRUST)), (draw(TRUST), draw(TRUST)), "1.0"
        )
        for m in meetings
    )
    consent = st.builds(
        Consent,
        st.sampled_from(["check_ins", "research"]),
        st.just("2026-11"),
        MOMENTS,
        st.just("") | MOMENTS,
    )
    return Dossier(
        client=draw(st.text("0123456789abcdef", min_size=8, max_size=8)),
        therapist=draw(st.text("0123456789abcdef", min_size=8, max_size=8)),
        started_on=draw(DAYS), ending=draw(st.sampled_from(["running", "planned", "dropped", "ended_well"])),
        ended_on=draw(st.just("") | DAYS), language=draw(st.sampled_from(["", "en", "ar", "zh-hans"])),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Berlin"])),
        consents=tuple(draw(st.lists(consent, max_size=2))), meetings=meetings,
        forms=tuple(draw(st.lists(place.flatmap(forms), max_size=3, unique_by=lambda form: form.key))),
        trust=trust,
        episodes=tuple(draw(episodes(n, draw(place))) for n in range(1, draw(st.integers(0, 2)) + 1)),
    )  # fmt: skip
