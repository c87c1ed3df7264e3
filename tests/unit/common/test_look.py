"""The common look: contrast that can be read, forms that can be heard, errors that say nothing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import timezone, translation

from reknit.practice import clock
from reknit.practice.doors import common
from reknit.practice.doors.common.forms import LineField
from reknit.practice.doors.common.templatetags.reknit import contact, day, moment

STATIC = Path(common.__file__).parent / "static" / "common"


def palettes() -> list[dict[str, str]]:
    css = (STATIC / "tokens.css").read_text(encoding="utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    colours = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return [colours[0], colours[0] | colours[1]]


def contrast(one: str, two: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_every_pair_used_for_words_and_edges_can_be_seen(palette: dict[str, str]) -> None:
    for ground in ("paper", "sheet", "wash"):
        for ink in ("ink", "ink-soft", "thread"):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)
    for ground in ("paper", "sheet"):
        assert contrast(palette["edge"], palette[ground]) >= 3
    assert contrast(palette["on-thread"], palette["thread"]) >= 4.5


def test_styles_turn_round_for_right_to_left_and_fetch_nothing() -> None:
    for path in (*STATIC.glob("*.css"), *(STATIC.parents[2] / "client/static/client").glob("*.css")):
        css = path.read_text(encoding="utf-8")
        assert not re.search(r"(margin|padding|border|inset)-(left|right)|[^-]\b(left|right):|float:", css), (
            path
        )
        assert "url(" not in css
        assert "@import" not in css


class Sample(forms.Form):
    name = forms.CharField(help_text="As you like")
    words = forms.CharField(required=False, widget=forms.Textarea)
    how = forms.ChoiceField(choices=[("a", "One"), ("b", "Two")], widget=forms.RadioSelect)
    line = LineField(0, 10, "not at all", "fully", label="It was good")
    agree = forms.BooleanField(required=False, label="I agree")


def test_a_form_ties_label_hint_and_error_to_its_field() -> None:
    html = str(Sample({"name": "", "words": "kept <b>words</b>"}))
    assert '<label for="id_name" class="field__label">Name</label>' in html
    named = re.search(r'<input type="text" name="name"[^>]*>', html)
    assert named
    assert 'aria-describedby="id_name_helptext id_name_error"' in named.group()
    assert 'aria-invalid="true"' in named.group()
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert "kept &lt;b&gt;words&lt;/b&gt;" in html
    assert re.search(r'<fieldset class="field field--wrong"[^>]*aria-describedby="id_how_error"', html)
    assert "(if you like)" in html


def test_a_line_starts_empty_takes_whole_steps_and_can_be_taken_back() -> None:
    base = {"name": "x", "how": "a"}
    for given, value in (({}, None), ({"line": ""}, None), ({"line": "0"}, 0.0), ({"line": "10"}, 10.0)):
        form = Sample(base | given)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["line"] == value
    for wrong in ("11", "-1", "5.5", "x"):
        assert not Sample(base | {"line": wrong}).is_valid()
    html = str(Sample()["line"])
    assert html.count('type="radio"') == 12
    assert "checked" not in html
    assert 'aria-label="0: not at all"' in html
    assert 'aria-label="10: fully"' in html


@pytest.mark.parametrize("page", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_nothing_and_say_nothing_technical(page: str) -> None:
    html = render_to_string(page, {"exception": "secret", "reason": "secret"})
    assert "secret" not in html
    assert "emergency number" in html
    assert not re.search(r"\b(exception|django|csrf|traceback|error \d+|40\d|500)\b", html, re.IGNORECASE)
    with translation.override("ar"):
        assert 'dir="rtl"' in render_to_string(page)


@pytest.mark.parametrize(
    ("line", "dial"),
    [
        ("Samaritans: 116 123", "116123"),
        ("+44 (0)20 7946 0000, day and night", "+4402079460000"),
        ("Text SHOUT to 85258", "85258"),
        ("The people at the desk", None),
    ],
)
def test_a_crisis_contact_can_be_called(line: str, dial: str | None) -> None:
    html = contact(line)
    assert (f'href="tel:{dial}"' in html) if dial else html == line


def test_a_crisis_contact_is_only_text() -> None:
    assert "<script>" not in contact("<script>alert(1)</script>: 116 123")


def test_days_are_said_as_people_say_them() -> None:
    with clock.at(datetime(2026, 5, 1, tzinfo=UTC)), timezone.override("Europe/Madrid"):
        assert day(date(2026, 3, 3)) == "Tuesday 3 March"
        assert day(date(2025, 3, 3)) == "3 March 2025"
        assert moment(datetime(2026, 3, 3, 23, 30, tzinfo=UTC)) == "Wednesday 4 March, 00:30"
