"""What a board is shown: the kept quarters as sentences, pictures and a table, the same in page and file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reknit.practice.doors.clinic import pictures
from reknit.practice.doors.clinic.pictures import Bar
from reknit.practice.insight import clinic as figures
from reknit.practice.insight.clinic_sentences import (
    NAMES,
    change_sentence,
    effect_sentence,
    is_claimed,
    percent,
    share_sentence,
    trust_sentence,
)
from reknit.practice.insight.models import ClinicQuarter
from reknit.practice.owed.models import OwedFor
from reknit.practice.people.models import Clinic

Kept = dict[str, Any]
SHARES = ("missed", "moved", "taken_up")


@dataclass(frozen=True)
class Quarter:
    """One kept quarter, named."""

    name: str
    kept: Kept


def title_of(figure: str) -> str:
    """What a figure is called."""
    return {
        "trust": _("Trust between clients and therapists"),
        "place": _("Trust in the clinic"),
        "missed": _("Sessions missed or cancelled late"),
        "moved": _("Sessions moved"),
        "taken_up": _("Proposals taken up"),
        "mended": _("What the clinic owed and clients say is mended"),
    }[figure]


class Board:
    """A clinic's kept figures, ready for a page. Nothing is reckoned here, and nothing can be asked for."""

    def __init__(self, clinic: Clinic) -> None:
        kept = figures.quarters(clinic)
        self.clinic = clinic
        self.quarters = [Quarter(_named(one), one.figures) for one in kept]
        self._buys = figures.latest_buys(kept)

    @property
    def is_empty(self) -> bool:
        return not self.quarters

    @property
    def latest(self) -> Quarter | None:
        return self.quarters[-1] if self.quarters else None

    def climate_sentences(self) -> list[str]:
        """Trust first, then friction, for the latest quarter."""
        if self.latest is None:
            return []
        now, before = self.latest.kept, self.quarters[-2].kept if len(self.quarters) > 1 else {}
        said = []
        for name in ("trust", "place"):
            title = title_of(name)
            said += [trust_sentence(title, now[name]), change_sentence(title, before.get(name), now[name])]
        said += [share_sentence(title_of(name), now[name]) for name in SHARES]
        return [sentence for sentence in said if sentence]

    def climate_picture(self) -> SafeString:
        names = ["trust", "place"]
        series = {
            title_of(name): [_bar(title_of(name), quarter.kept[name]) for quarter in self.quarters]
            for name in names
        }
        said = " ".join(self.climate_sentences()[:4])
        labels = [quarter.name for quarter in self.quarters]
        return pictures.climate(labels, series, _("Climate by quarter"), said, uid="climate")

    @property
    def newest_first(self) -> list[Quarter]:
        return self.quarters[::-1]

    def owed_rows(self) -> list[tuple[str, list[int | None]]]:
        """For each kind, and in all: how many in each quarter, newest first; None where it is hidden."""
        kept = [quarter.kept["owed"] for quarter in self.newest_first]
        rows = [
            (str(OwedFor(kind).label), [owed["kinds"].get(kind) for owed in kept]) for kind in OwedFor.values
        ]
        return [*rows, (_("in all"), [owed["total"] for owed in kept])]

    def owed_sentence(self) -> str:
        return share_sentence(title_of("mended"), self.latest.kept["owed"]["mended"]) if self.latest else ""

    @property
    def effects(self) -> list[Kept]:
        return self._buys[1] if self._buys else []

    @property
    def effects_until(self) -> str:
        return date_format(self._buys[0], "j F Y", use_l10n=False) if self._buys else ""

    def effect_sentences(self) -> list[tuple[bool, str]]:
        """What was found first; then where nothing can be seen; then where it is too little."""
        ordered = sorted(self.effects, key=lambda e: (not is_claimed(e), e["lo"] is None))
        return [(is_claimed(effect), effect_sentence(effect)) for effect in ordered]

    def effect_pictures(self) -> Iterator[tuple[str, SafeString]]:
        """One picture for what is counted in a hundred, one for what is measured in percent."""
        units = {False: _("more or fewer in a hundred"), True: _("percent more or less")}
        for in_percent, unit in units.items():
            found = [e for e in self.effects if (e["kind"] == "log") is in_percent]
            if not found:
                continue
            bars = [_effect_bar(effect) for effect in found]
            title = _("What goes with one more point of trust: %(unit)s") % {"unit": unit}
            name = "buys-percent" if in_percent else "buys-hundred"
            yield (
                name,
                pictures.effects(bars, unit, title, " ".join(effect_sentence(e) for e in found), uid=name),
            )

    def table(self) -> list[list[str]]:
        """Everything that the pages show, as rows for a file: what, when, from, to, people."""
        rows = [[_("what"), _("when"), _("from"), _("to"), _("at least so many people")]]
        for quarter in self.quarters:
            found = {**quarter.kept, "mended": quarter.kept["owed"]["mended"]}
            names = ("trust", "place", *SHARES, "mended")
            rows += [[title_of(name), quarter.name, *_cells(found[name])] for name in names]
        for kind, counts in self.owed_rows():
            for quarter, count in zip(self.newest_first, counts, strict=True):
                shown = _("hidden") if count is None else str(count)
                rows.append([_("Owed: %(kind)s") % {"kind": kind}, quarter.name, shown, shown, ""])
        for effect in self.effects:
            ends = ["", ""] if effect["lo"] is None else [str(effect["lo"]), str(effect["hi"])]
            what = _("One more point of trust: %(what)s") % {"what": NAMES[effect["outcome"]]}
            rows.append([what, self.effects_until, *ends, str(effect["relationships"])])
        return rows


def _named(quarter: ClinicQuarter) -> str:
    start = quarter.starts_on
    last = start.replace(month=start.month + 2)
    return f"{date_format(start, 'M', use_l10n=False)}–{date_format(last, 'M Y', use_l10n=False)}"


def _bar(label: str, figure: Kept | None) -> Bar:
    return Bar(label, figure["lo"], figure["hi"]) if figure else Bar(label, None, None)


def _effect_bar(effect: Kept) -> Bar:
    label = str(NAMES[effect["outcome"]])
    if effect["lo"] is None:
        return Bar(label, None, None)
    lo, hi = percent(effect, effect["lo"]), percent(effect, effect["hi"])
    return Bar(label, lo, hi, sure=is_claimed(effect))


def _cells(figure: Kept | None) -> Sequence[str]:
    return ["", "", ""] if figure is None else [str(figure["lo"]), str(figure["hi"]), str(figure["people"])]
