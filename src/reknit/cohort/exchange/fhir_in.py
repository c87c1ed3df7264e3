"""FHIR R4 resources back into dossiers. Scores are not taken over: they are reckoned anew and must agree."""

from __future__ import annotations

from collections.abc import Iterable

from reknit.cohort.exchange.records import (
    Answer,
    Consent,
    Dossier,
    Episode,
    ExchangeError,
    Form,
    Letter,
    Meeting,
    Step,
    Trust,
)
from reknit.cohort.exchange.terms import Json, code_of, extensions, identity_of
from reknit.measures import Measure, NotAMeasure, by_key, parse
from reknit.measures.fhir import BASE


def dossiers(resources: Iterable[Json]) -> list[Dossier]:
    """Read the resources of any number of relationships, in any order.

    Args:
        resources: as `fhir_out.resources` writes them, or the like from another system.

    Raises:
        ExchangeError: something is missing, points at nothing, or a score differs from its answers.
    """
    try:
        pile: dict[str, list[Json]] = {}
        for each in resources:
            pile.setdefault(str(each["resourceType"]), []).append(each)
        measures = _measures(pile.get("Questionnaire", []))
        _refuse_wrong_scores(pile, measures)
        return [_dossier(care, pile, measures) for care in pile.get("EpisodeOfCare", [])]
    except (KeyError, IndexError, TypeError, AttributeError, StopIteration) as error:
        raise ExchangeError(f"a resource lacks something that is needed here: {error!r}") from error


def from_bundle(bundle: Json) -> list[Dossier]:
    """Read a Bundle.

    Raises:
        ExchangeError: it is no Bundle, or as for `dossiers`.
    """
    if bundle.get("resourceType") != "Bundle":
        raise ExchangeError("this is not a FHIR Bundle")
    return dossiers(entry["resource"] for entry in bundle.get("entry", []))


def _measures(found: list[Json]) -> dict[str, Measure]:
    """The measures that answers may refer to: those that ship, and those that came along."""
    measures = dict(by_key())
    for each in found:
        try:
            measure = parse(each)
        except NotAMeasure as error:
            raise ExchangeError(f"Questionnaire/{each.get('id')}: {error}") from error
        measures.setdefault(measure.key, measure)
    return measures


def _refuse_wrong_scores(pile: dict[str, list[Json]], measures: dict[str, Measure]) -> None:
    forms = {each["id"]: each for each in pile.get("QuestionnaireResponse", [])}
    for each in pile.get("Observation", []):
        if "derivedFrom" not in each:
            continue
        found = forms.get(identity_of(each["derivedFrom"][0]))
        if found is None:
            raise ExchangeError(f"Observation/{each['id']}: the form it is derived from is missing")
        form = _form(found, measures)
        measure = measures.get(form.measure.split("|")[0])
        key = str(each["id"]).rpartition(".")[2]
        score = next((s for s in measure.scores if s.key == key), None) if measure else None
        if score is None:
            continue
        reckoned = score.of({answer.item: answer.value for answer in form.answers})
        if reckoned != each["valueQuantity"]["value"]:
            raise ExchangeError(f"Observation/{each['id']}: its value differs from what its answers come to")


def _dossier(care: Json, pile: dict[str, list[Json]], measures: dict[str, Measure]) -> Dossier:
    client = identity_of(care["patient"])
    patient = next((each for each in pile.get("Patient", []) if each["id"] == client), None)
    if patient is None:
        raise ExchangeError(f"EpisodeOfCare/{care['id']}: Patient/{client} is missing")
    own = _Own(client, pile)
    return Dossier(
        client=client,
        therapist=identity_of(care["careManager"]),
        started_on=care["period"]["start"],
        ending=extensions(care).get("ending", "running"),
        ended_on=care["period"].get("end", ""),
        language=code_of(patient["communication"][0]["language"]) if "communication" in patient else "",
        time_zone=extensions(patient).get("time-zone", "UTC"),
        consents=tuple(_consent(each) for each in own.of("Consent", "patient")),
        meetings=tuple(_meeting(each) for each in own.of("Encounter")),
        forms=tuple(_form(each, measures) for each in own.of("QuestionnaireResponse")),
        trust=tuple(_trust(each) for each in own.of("Observation") if "component" in each),
        episodes=tuple(_episode(each, own) for each in own.of("Task", "for")),
    )


class _Own:
    """The resources of one client."""

    def __init__(self, client: str, pile: dict[str, list[Json]]) -> None:
        self.client, self.pile = client, pile

    def of(self, kind: str, subject: str = "subject") -> list[Json]:
        whole = self.pile.get(kind, [])
        return [each for each in whole if subject in each and identity_of(each[subject]) == self.client]


def _consent(raw: Json) -> Consent:
    said = extensions(raw)
    purpose = said.get("purpose") or code_of(raw["scope"])
    return Consent(purpose, raw["policyRule"]["text"], raw["dateTime"], said.get("withdrawn", ""))


def _meeting(raw: Json) -> Meeting:
    said = extensions(raw)
    return Meeting(
        number=said["session-number"],
        starts_at=raw["period"]["start"],
        status=said["session-status"],
        times_moved=said.get("times-moved", 0),
    )


def _number(raw: Json) -> int | None:
    return int(identity_of(raw["encounter"]).rpartition(".")[2]) if "encounter" in raw else None


def _form(raw: Json, measures: dict[str, Measure]) -> Form:
    said = extensions(raw)
    canonical = str(raw["questionnaire"]).removeprefix(f"{BASE}Questionnaire/")
    measure = measures.get(canonical.split("|")[0])
    return Form(
        key=raw["id"],
        measure=canonical,
        meeting=_number(raw),
        begun_at=str(said.get("begun") or raw.get("authored", "")),
        sent_at=raw.get("authored", ""),
        answers=tuple(_answer(each, measure, raw["id"]) for each in raw.get("item", [])),
        seconds=said.get("seconds-taken"),
    )


def _answer(raw: Json, measure: Measure | None, form: str) -> Answer:
    key, words, value = raw["linkId"], "", None
    for each in raw.get("answer", []):
        if "valueString" in each:
            words = each["valueString"]
        elif "valueCoding" in each:
            value = _value_of(measure, key, each["valueCoding"]["code"], form)
        else:
            value = float(next(v for name, v in each.items() if name.startswith("value")))
    return Answer(key, value, words, extensions(raw).get("audience", "therapist_now"))


def _value_of(measure: Measure | None, key: str, code: str, form: str) -> float:
    try:
        if measure is None:
            raise ValueError("its Questionnaire is not known")
        return measure.item(key).value_of(code)
    except (ValueError, StopIteration) as error:
        raise ExchangeError(
            f"QuestionnaireResponse/{form}, item {key}: {code} has no number: {error}"
        ) from error


def _trust(raw: Json) -> Trust:
    ends = {code_of(part["code"]): part["valueQuantity"]["value"] for part in raw["component"]}
    meeting = _number(raw)
    if meeting is None:
        raise ExchangeError(f"Observation/{raw['id']}: an estimate of trust belongs to a session")
    return Trust(
        meeting, raw["effectiveDateTime"], raw["valueQuantity"]["value"],
        (ends["lo80"], ends["hi80"]), (ends["lo95"], ends["hi95"]), code_of(raw["method"]),
    )  # fmt: skip


def _episode(raw: Json, own: _Own) -> Episode:
    parts = {
        code_of(each["type"]): next(v for name, v in each.items() if name.startswith("value"))
        for each in [*raw.get("input", []), *raw.get("output", [])]
    }
    return Episode(
        number=extensions(raw)["episode-number"],
        meeting=_number(raw),
        origin=parts.get("origin", ""),
        state=code_of(raw["businessStatus"]),
        noticed_at=raw["authoredOn"],
        due_on=raw["restriction"]["period"]["end"],
        kind=parts.get("kind", ""),
        cause=parts.get("cause", ""),
        felt=parts.get("felt", ""),
        intended=parts.get("intended", ""),
        closed_at=raw.get("lastModified", ""),
        p_restored=parts.get("p-restored"),
        p_exceeded=parts.get("p-exceeded"),
        steps=tuple(_step(each) for each in raw.get("extension", []) if "extension" in each),
        letters=tuple(_letters(raw, own)),
    )


def _step(raw: Json) -> Step:
    parts = {p["url"]: next(v for name, v in p.items() if name.startswith("value")) for p in raw["extension"]}
    return Step(parts["state"], parts["at"], parts["byClient"])


def _letters(task: Json, own: _Own) -> list[Letter]:
    about = [each for each in own.of("Communication") if identity_of(each["about"][0]) == task["id"]]
    answers = {identity_of(each["inResponseTo"][0]): each for each in about if "inResponseTo" in each}
    return [_letter(each, answers.get(each["id"])) for each in about if "inResponseTo" not in each]


def _letter(raw: Json, answer: Json | None) -> Letter:
    text = raw["payload"][0]["contentString"]
    if answer is None:
        return Letter(text, raw["sent"])
    words = answer["payload"][0]["contentString"] if "payload" in answer else ""
    return Letter(text, raw["sent"], extensions(answer)["reply-answer"], words, answer["sent"])
