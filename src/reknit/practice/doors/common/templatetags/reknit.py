"""What every page may use in its templates: `{% load reknit %}`."""

from __future__ import annotations

import re

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_NUMBER = re.compile(r"\+?\d[\d\s()/.-]{1,}\d")


@register.filter
def contact(line: str) -> SafeString:
    """One line of crisis contacts, its number made a link that a phone can call: `Samaritans: 116 123`."""
    found = _NUMBER.search(line)
    if not found:
        return format_html("{}", line)
    dial = re.sub(r"[^\d+]", "", found.group())
    return format_html(
        '{}<a href="tel:{}" dir="ltr">{}</a>{}', line[: found.start()], dial, found.group(), line[found.end() :]
    )
