"""Every sentence that somebody reads is translated, and no translation has lost a name or a tag."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.management import call_command
from django.utils.translation import to_locale

from reknit.measures import SHIPPED, load
from reknit.practice import settings as practice
from reknit.practice.doors.client.measure_words import WORDS
from reknit.practice.languages import LANGUAGES, STAFF

CATALOGUES = practice.PRACTICE / "locale"
TRANSLATED = [code for code in LANGUAGES if code != "en"]
TO_A_CLIENT = re.compile(
    r"^(doors/(client|common)/|loop/|(owed|repairs|concerns)/models\.py|people/(audience|handing_over)\.py"
    r"|rights/templates/|settings\.py|languages\.py)"
)
NOT_TO_A_CLIENT = re.compile(
    r"(base_staff\.html|^loop/(clinic|noticing|sessions|staff|steps|supervision)\.py)"
)
PART = re.compile(r"%\(\w+\)[sd]|%[sd]|</?\w+[^>]*>|&\w+;|https?://\S+")
COUNTERS = {"%(n)s", "%(n)d", "%(count)d", "%(left)d", "%(hours)s"}
CALLS = {"_", "gettext", "ngettext", "pgettext", "gettext_lazy", "gettext_noop"}
LATIN = re.compile(r"[A-Za-z]{3,}")


def catalogue(code: str) -> polib.POFile:
    return polib.pofile(str(CATALOGUES / to_locale(code) / "LC_MESSAGES" / "django.po"))


def is_for_a_client(entry: polib.POEntry) -> bool:
    """By the file in which it stands: what a client sees, mails and errors of the loop included."""
    files = [name for name, _line in entry.occurrences]
    return any(TO_A_CLIENT.search(name) and not NOT_TO_A_CLIENT.search(name) for name in files)


def forms(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_that_is_read_is_left_in_english(code: str) -> None:
    entries = catalogue(code)
    assert len(entries) > 1000
    left = [
        f"{entry.occurrences[0][0]}: {entry.msgid}"
        for entry in entries
        if not all(forms(entry)) and (code in STAFF or is_for_a_client(entry))
    ]
    assert not left, f"not translated into {code}: {left}"
    assert not [entry.msgid for entry in entries if entry.fuzzy]


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_name_number_and_tag_is_kept(code: str) -> None:
    """Where there are several forms for a number, a form may write the number as a word."""
    wrong = []
    for entry in catalogue(code):
        one, many = set(PART.findall(entry.msgid)), set(PART.findall(entry.msgid_plural or entry.msgid))
        for form in filter(None, forms(entry)):
            found = set(PART.findall(form))
            must = many if form == forms(entry)[-1] else one & many - COUNTERS
            if not must <= found <= one | many:
                wrong.append(f"{entry.msgid!r} became {form!r}")
    assert not wrong, wrong


@pytest.mark.parametrize("code", TRANSLATED)
def test_each_form_of_a_number_is_there(code: str) -> None:
    entries = catalogue(code)
    wanted = int(re.search(r"nplurals=(\d)", entries.metadata["Plural-Forms"]).group(1))  # type: ignore[union-attr]
    for entry in entries:
        if entry.msgid_plural and all(forms(entry)):
            assert len(forms(entry)) == wanted, entry.msgid


@pytest.mark.parametrize("code", ["ar", "zh-hans"])
def test_no_english_word_is_left_inside_a_translation(code: str) -> None:
    """In another script a forgotten word shows."""
    names = {"Reknit", "Cookie", "CSV", "Excel", "relationship", "json"}
    for entry in catalogue(code):
        if entry.msgctxt and "date" in entry.msgctxt:
            continue
        for form in forms(entry):
            assert set(LATIN.findall(PART.sub("", form))) <= names, form


@pytest.mark.parametrize("code", TRANSLATED)
def test_the_compiled_catalogue_says_the_same(code: str) -> None:
    """The server reads `.mo`; it is kept beside its `.po`, so that nobody needs gettext to run Reknit."""
    compiled = polib.mofile(str(CATALOGUES / to_locale(code) / "LC_MESSAGES" / "django.mo"))
    of = lambda entries: {(e.msgctxt, e.msgid): forms(e) for e in entries if all(forms(e))}
    assert of(compiled) == of(catalogue(code)), "run `manage compilemessages`, see docs/languages.md"


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_review_by_a_native_clinician_is_asked_for_or_named(code: str) -> None:
    assert "eview" in catalogue(code).header


def test_the_words_of_our_own_measures_can_be_found_by_translators() -> None:
    measures = [load(name) for name in SHIPPED]
    words = {
        text
        for measure in measures
        if not measure.locked
        for item in measure.items
        for text in (measure.title, item.text, item.anchor_low, item.anchor_high, *_options(item))
        if text
    }
    assert words == set(WORDS)
    published = {item.text for measure in measures if measure.locked for item in measure.items} - {""}
    assert not published & {entry.msgid for entry in catalogue("es")}, "published wording is never translated"


def _options(item: Any) -> list[str]:
    return [option.display for option in item.choices]


def test_no_string_hides_where_it_cannot_be_collected() -> None:
    """GNU gettext does not look inside f-strings."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in practice.PRACTICE.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CALLS
    ]
    assert not hidden


@pytest.mark.skipif(not shutil.which("xgettext"), reason="collecting strings needs GNU gettext")
def test_every_string_in_the_code_is_in_the_catalogues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    source = tmp_path / "practice"
    shutil.copytree(
        practice.PRACTICE, source, ignore=shutil.ignore_patterns("__pycache__", "*.mo", "*.html.py")
    )
    monkeypatch.chdir(source)
    settings.LOCALE_PATHS = []
    call_command(
        "makemessages", locale=["es"], no_wrap=True, add_location="file", no_obsolete=True, verbosity=0
    )
    collected = polib.pofile(str(source / "locale/es/LC_MESSAGES/django.po"))
    wanted = {(entry.msgctxt, entry.msgid) for entry in collected}
    for code in TRANSLATED:
        there = {(entry.msgctxt, entry.msgid) for entry in catalogue(code)}
        assert not wanted - there, f"not in the catalogue of {code} yet: {wanted - there}"
        assert not there - wanted, f"in the catalogue of {code} and no longer in use: {there - wanted}"
