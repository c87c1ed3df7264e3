"""Every page of staff in Spanish: nothing on it is still in English."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.translation import gettext

from reknit.practice.people.models import User
from tests.web.test_every_address import Person, addresses, people
from tests.web.world import World, build

from .reading import Reading
from .test_catalogues import catalogue

pytestmark = pytest.mark.django_db
SAME = {"no", "Reknit", "English"}


@pytest.fixture
def world() -> World:
    return build()


def english() -> set[str]:
    """Sentences that read otherwise in Spanish."""
    with translation.override("es"):
        words = {entry.msgid for entry in catalogue("es") if not entry.msgctxt}
        return {each for each in words if gettext(each) != each and "%" not in each} - SAME


def pages(world: World, person: Person) -> dict[str, list[str]]:
    """What the pages that this person may open say, by address."""
    found = {}
    for address in addresses():
        response = person.browser.get(address.path(world.a, person.token), headers={"accept-language": "es"})
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            assert response.headers["Content-Language"] == "es", address.name
            found[address.name] = Reading(response.content.decode()).found
    return found


def test_no_sentence_stays_english_on_a_spanish_page(world: World) -> None:
    User.objects.update(language="es")
    unwanted = english() - set(User.objects.values_list("name", flat=True))  # some are called by their role
    left, read = set(), 0
    for person in people(world):
        for name, said in pages(world, person).items():
            read += len(said)
            left |= {(name, each) for each in said if each in unwanted}
    assert read > 5000
    assert not left, sorted(left)
