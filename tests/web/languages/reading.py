"""The words of a page that nobody wrote: what its maker says."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

QUIET = ("script", "style", "title", "select", "textarea")  # names of time zones are the same everywhere
SPOKEN = ("aria-label", "placeholder", "alt")


class Reading(HTMLParser):
    """Text between tags, and names of controls, in `found`."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.quiet, self.found = 0, list[str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        given = dict(attributes)
        self.quiet += tag in QUIET
        if given.get("name") != "language":
            self.found += [given[name] for name in SPOKEN if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in QUIET

    def handle_data(self, data: str) -> None:
        if not self.quiet and data.strip():
            self.found.append(" ".join(data.split()))
