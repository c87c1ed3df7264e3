"""The trust curve as SVG."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from reknit.plot import Point, trust_sentence, trust_svg

NAME = "{http://www.w3.org/2000/svg}"


def point(week: float, trust: float, *, wide: float = 0.5, **more: object) -> Point:
    known = {"rating": trust, "label": str(int(week) + 1), **more}
    return Point(
        week=week,
        trust=trust,
        lo80=trust - wide,
        hi80=trust + wide,
        lo95=trust - 1.5 * wide,
        hi95=trust + 1.5 * wide,
        **known,  # type: ignore[arg-type]
    )


STORY = [
    point(0, 4.6),
    point(1, 5.0),
    point(2, 3.6, event="difficulty"),
    point(3, 3.7, rating=None),
    point(4, 5.4, event="exceeded"),
    point(5, 5.6),
]


def drawn(points: list[Point], **options: object) -> ElementTree.Element:
    return ElementTree.fromstring(trust_svg(points, 1, 7, standalone=True, **options))  # type: ignore[arg-type]


def named(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if element.get("class") == name]


def test_a_screen_reader_hears_a_title_and_a_sentence() -> None:
    root = drawn(STORY, title="Trust with <A & B>")
    assert root.get("role") == "img"
    spoken = {element.get("id"): element.text for element in root if element.get("id")}
    assert [spoken[i] for i in str(root.get("aria-labelledby")).split()] == [
        "Trust with <A & B>",
        trust_sentence(STORY),
    ]


def test_every_rating_is_a_point_and_every_repair_three_strokes() -> None:
    root = drawn(STORY)
    assert len(list(root.iter(f"{NAME}circle"))) == 5
    (stitch,) = named(root, "rk-stitch")
    assert str(stitch.get("d")).count("M") == 3
    assert len(named(root, "rk-old")) == 1
    assert [note.text for note in named(root, "rk-note")] == ["a difficulty", "repair, and higher"]


def test_the_thread_thins_with_the_probability_of_a_rupture() -> None:
    middle = 22 + (280 - 22 - 34) / 2  # where 4 of 1 to 7 lies between the margins

    def width(p_rupture: float) -> float:
        (thread,) = named(drawn([point(0, 4), point(1, 4, p_rupture=p_rupture), point(2, 4)]), "rk-thread")
        numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*", str(thread.get("d")))]
        start, step = numbers[1], numbers[7]  # the upper edge, and its step to the second session
        return 2 * abs(start + step - middle)

    assert width(0.0) == pytest.approx(3.4, abs=0.25)
    assert width(1.0) == pytest.approx(0.7, abs=0.25)
    assert width(0.0) > width(0.6) > width(1.0)


def test_a_probable_rupture_is_asked_not_told() -> None:
    root = drawn([point(0, 5), point(1, 4, p_rupture=0.7), point(2, 4)])
    assert [note.text for note in named(root, "rk-note")] == ["a difficulty?"]


def test_the_band_of_doubt_holds_the_thread() -> None:
    root = drawn(STORY)
    assert len(named(root, "rk-band80")) == len(named(root, "rk-band95")) == 1


def test_colours_live_in_classes_and_a_page_gets_no_style() -> None:
    svg = trust_svg(STORY, 1, 7, uid="x7")
    assert "<style" not in svg
    assert "#" not in svg
    assert 'id="x7-title"' in svg
    assert "<style" in trust_svg(STORY, 1, 7, standalone=True)


def test_it_is_small() -> None:
    assert len(trust_svg([point(k, 5 + 0.1 * k) for k in range(12)], 1, 7)) < 5000


@pytest.mark.parametrize(
    "points",
    [
        [point(0, 5)],
        [point(0, 5), point(0, 4)],
        [point(0, 9), point(1, -3)],
        [point(0, 5, wide=0), point(1, 5, wide=0)],
        [point(-1e6, 5), point(1e6, 5)],
        [point(k, 5, label="2024-01-01 <&>") for k in range(300)],
        [point(0, 5, rating=math.nan), point(1, 4, rating=None)],
    ],
)
def test_odd_series_are_drawn_too(points: list[Point]) -> None:
    text = trust_svg(points, 1, 7, standalone=True)
    ElementTree.fromstring(text)
    assert "nan" not in text.split("</desc>")[1]
    assert "inf" not in text.split("</style>")[1]


def test_nothing_to_draw_and_a_scale_turned_round_are_refused() -> None:
    with pytest.raises(ValueError, match="no points"):
        trust_svg([], 1, 7)
    with pytest.raises(ValueError, match="low to high"):
        trust_svg(STORY, 7, 1)


def test_the_caption_is_drawn_below() -> None:
    plain, spoken = drawn(STORY), drawn(STORY, caption="Trust has grown. " * 12)
    assert len(named(spoken, "rk-caption")) == 3
    assert float(str(spoken.get("height"))) > float(str(plain.get("height")))


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([], "Nothing has been said yet."),
        ([point(0, 5)], "One session so far: it is too early to see a direction."),
        ([point(0, 5), point(1, 5.1)], "Trust has held about steady."),
        ([point(0, 4), point(1, 4.5), point(2, 5)], "Trust has grown since session 1; we are fairly sure."),
        ([point(0, 5.2), point(1, 3)], "Trust has fallen since session 1; we are almost sure."),
        (
            [point(0, 4.5), point(1, 5, name="week 2"), point(2, 4.5)],
            "Trust has fallen since week 2; we are not sure.",
        ),
        (
            STORY,
            "Trust has grown since session 3; we are almost sure. There was a repair at session 5 after the"
            " difficulty at session 3, and trust stands higher than before.",
        ),
        (
            [point(0, 5), point(1, 5, p_rupture=0.9)],
            "Trust has held about steady. Something may have happened at session 2.",
        ),
    ],
)
def test_the_sentence_says_what_the_curve_shows_with_its_doubt(points: list[Point], said: str) -> None:
    assert trust_sentence(points) == said
