"""The codes that a dossier's words become in FHIR, once, for writing and for reading."""

from __future__ import annotations

from typing import Any

from reknit.measures.fhir import BASE

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
EPISODE_PROFILE = f"{BASE}StructureDefinition/rupture-episode"

ENCOUNTER_STATUS = {
    "planned": "planned",
    "attended": "finished",
    "missed": "cancelled",
    "cancelled_late": "cancelled",
    "cancelled": "cancelled",
}
CLOSED_TASK = {
    "restored": "completed",
    "exceeded": "completed",
    "ended_well": "completed",
    "not_a_rupture": "cancelled",
}
CONSENT_SCOPE = {"research": "research", "check_ins": "patient-privacy"}

Json = dict[str, Any]


def code(kind: str, value: str, text: str = "") -> Json:
    """A CodeableConcept from Reknit's own code system for this kind of thing."""
    concept: Json = {"coding": [{"system": f"{BASE}CodeSystem/{kind}", "code": value}]}
    return concept | ({"text": text} if text else {})


def code_of(concept: Json) -> str:
    return str(concept["coding"][0]["code"])


def extension(name: str, kind: str, value: Any) -> Json:
    return {"url": f"{BASE}{name}", f"value{kind}": value}


def extensions(element: Json) -> Json:
    """Reknit's own simple extensions of an element, by name."""
    found: Json = {}
    for each in element.get("extension", []):
        if each["url"].startswith(BASE) and "extension" not in each:
            name = each["url"].removeprefix(BASE)
            found[name] = next(value for key, value in each.items() if key.startswith("value"))
    return found


def reference(kind: str, identity: str) -> Json:
    return {"reference": f"{kind}/{identity}"}


def identity_of(reference: Json) -> str:
    return str(reference["reference"]).split("/")[-1]


def present(**parts: Any) -> Json:
    """The parts that say something; FHIR has no empty elements."""
    return {name: value for name, value in parts.items() if value not in (None, "", [], {}, ())}
