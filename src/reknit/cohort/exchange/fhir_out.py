"""A dossier as FHIR R4 resources.

A relationship is an EpisodeOfCare, a session an Encounter, a form a QuestionnaireResponse, each score and
each estimate of trust an Observation with its method (and its interval), a rupture episode a profiled Task
and never a Condition: it is not an illness of the client. Replies are Communications. Provenance says where
all of it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator

from reknit.cohort.exchange.records import Answer, Dossier, Episode, Form, Letter, Meeting, Trust
from reknit.cohort.exchange.terms import (
    CLOSED_TASK,
    CONSENT_SCOPE,
    ENCOUNTER_STATUS,
    EPISODE_PROFILE,
    LOINC,
    UCUM,
    Json,
    code,
    extension,
    present,
    reference,
)
from reknit.measures import Measure, Score, by_key, name_of, questionnaire
from reknit.measures.fhir import BASE


def resources(dossier: Dossier, recorded: str) -> list[Json]:
    """All resources of one relationship, those that others point at first.

    Args:
        dossier: what is exported.
        recorded: when, ISO 8601 with zone; goes into the Provenance.
    """
    made = [*_people(dossier), *_consents(dossier), *questionnaires(dossier)]
    made += [_encounter(dossier, meeting) for meeting in dossier.meetings]
    for form in dossier.forms:
        made += [_response(dossier, form), *_scores(dossier, form)]
    made += [_trust(dossier, point) for point in dossier.trust]
    for episode in dossier.episodes:
        made += [_task(dossier, episode), *_letters(dossier, episode)]
    return [*made, _provenance(dossier, made, recorded)]


def bundle(dossiers: list[Dossier], recorded: str) -> Json:
    """Dossiers as one Bundle of type collection; a resource that several share stands in it once."""
    unique = {
        f"{each['resourceType']}/{each['id']}": each
        for dossier in dossiers
        for each in resources(dossier, recorded)
    }
    entries = [{"fullUrl": f"{BASE}{name}", "resource": each} for name, each in unique.items()]
    return {"resourceType": "Bundle", "type": "collection", "timestamp": recorded, "entry": entries}


def questionnaires(dossier: Dossier) -> list[Json]:
    """The Questionnaires behind the forms. Words that a licence holder supplied stay where they are."""
    keys = dict.fromkeys(form.measure.split("|")[0] for form in dossier.forms)
    return [questionnaire(name_of(key)) for key in keys if key in by_key()]


def _people(dossier: Dossier) -> Iterator[Json]:
    yield {
        "resourceType": "Patient",
        "id": dossier.client,
        "identifier": [{"system": f"{BASE}client-code", "value": dossier.client}],
        **_speaks(dossier.language),
        "extension": [extension("time-zone", "Code", dossier.time_zone)],
    }
    yield {"resourceType": "Practitioner", "id": dossier.therapist}
    yield {
        "resourceType": "EpisodeOfCare",
        "id": f"{dossier.client}.care",
        "status": "active" if dossier.ending == "running" else "finished",
        "extension": [extension("ending", "Code", dossier.ending)],
        "patient": reference("Patient", dossier.client),
        "careManager": reference("Practitioner", dossier.therapist),
        "period": present(start=dossier.started_on, end=dossier.ended_on),
    }


def _consents(dossier: Dossier) -> Iterator[Json]:
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    for place, consent in enumerate(dossier.consents, 1):
        yield {
            "resourceType": "Consent",
            "id": f"{dossier.client}.consent.{place}",
            "status": "inactive" if consent.withdrawn_at else "active",
            "extension": [
                extension("purpose", "Code", consent.purpose),
                *([extension("withdrawn", "DateTime", consent.withdrawn_at)] if consent.withdrawn_at else []),
            ],
            "scope": {"coding": [{"system": scope, "code": CONSENT_SCOPE[consent.purpose]}]},
            "category": [{"coding": [{"system": LOINC, "code": "59284-0"}]}],
            "patient": reference("Patient", dossier.client),
            "dateTime": consent.given_at,
            "policyRule": {"text": consent.wording},
        }


def _encounter(dossier: Dossier, meeting: Meeting) -> Json:
    return {
        "resourceType": "Encounter",
        "id": _meeting_id(dossier, meeting.number),
        "status": ENCOUNTER_STATUS[meeting.status],
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": reference("Patient", dossier.client),
        "episodeOfCare": [reference("EpisodeOfCare", f"{dossier.client}.care")],
        "period": {"start": meeting.starts_at},
        "extension": [
            extension("session-number", "Integer", meeting.number),
            extension("session-status", "Code", meeting.status),
            extension("times-moved", "Integer", meeting.times_moved),
        ],
    }


def _meeting_id(dossier: Dossier, number: int) -> str:
    return f"{dossier.client}.session.{number}"


def _of(dossier: Dossier, meeting: int | None) -> Json:
    """The two references that nearly every resource carries."""
    encounter = reference("Encounter", _meeting_id(dossier, meeting)) if meeting is not None else None
    return present(subject=reference("Patient", dossier.client), encounter=encounter)


def _response(dossier: Dossier, form: Form) -> Json:
    measure = by_key().get(form.measure.split("|")[0])
    extra = [extension("begun", "DateTime", form.begun_at)]
    extra += [extension("seconds-taken", "Integer", form.seconds)] if form.seconds is not None else []
    return {
        "resourceType": "QuestionnaireResponse",
        "id": form.key,
        "questionnaire": f"{BASE}Questionnaire/{form.measure}",
        "status": "completed" if form.sent_at else "in-progress",
        **_of(dossier, form.meeting),
        **present(authored=form.sent_at),
        "source": reference("Patient", dossier.client),
        "extension": extra,
        **present(item=[_item(measure, answer) for answer in form.answers]),
    }


def _item(measure: Measure | None, answer: Answer) -> Json:
    item: Json = {"linkId": answer.item, "extension": [extension("audience", "Code", answer.audience)]}
    said = [{"valueString": answer.words}] if answer.words else []
    if answer.value is not None:
        said.append(_value(measure, answer.item, answer.value))
    return item | present(answer=said)


def _value(measure: Measure | None, key: str, value: float) -> Json:
    item = next((each for each in measure.items if each.key == key), None) if measure else None
    if item is None or not item.choices:
        return {"valueDecimal": value}
    option = item.option_of(value)
    return {"valueCoding": present(system=option.system, code=option.code, display=option.display)}


def _scores(dossier: Dossier, form: Form) -> Iterator[Json]:
    """What the answers come to, by the measure's own file; nothing for a form that is not finished."""
    measure = by_key().get(form.measure.split("|")[0])
    if measure is None or not form.sent_at:
        return
    values = {answer.item: answer.value for answer in form.answers}
    for score in measure.scores:
        if (value := score.of(values)) is not None:
            yield _score(dossier, form, measure, score, value)


def _score(dossier: Dossier, form: Form, measure: Measure, score: Score, value: float) -> Json:
    own = {"system": f"{BASE}CodeSystem/score", "code": f"{measure.key}.{score.key}"}
    coding = [{"system": LOINC, "code": score.code}, own] if score.code else [own]
    how = f"{score.method} of {len(score.items)} items"
    band = score.band(value)
    return {
        "resourceType": "Observation",
        "id": f"{form.key}.{score.key}",
        "status": "final",
        "category": [_survey()],
        "code": {"coding": coding, "text": f"{measure.title}: {score.title}"},
        **_of(dossier, form.meeting),
        "effectiveDateTime": form.sent_at,
        "valueQuantity": {"value": value, "system": UCUM, "code": "{score}"},
        **present(interpretation=[{"text": band}] if band else []),
        "method": {"text": f"{how}; {score.source}" if score.source else how},
        "derivedFrom": [reference("QuestionnaireResponse", form.key)],
    }


def _survey() -> Json:
    system = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {"coding": [{"system": system, "code": "survey"}]}


def _trust(dossier: Dossier, point: Trust) -> Json:
    ends = {"lo80": point.interval80[0], "hi80": point.interval80[1],
            "lo95": point.interval95[0], "hi95": point.interval95[1]}  # fmt: skip
    return {
        "resourceType": "Observation",
        "id": f"{dossier.client}.trust.{point.meeting}",
        "status": "final",
        "category": [_survey()],
        "code": code("estimate", "trust", "Trust in the relationship, 0 to 10, estimated"),
        **_of(dossier, point.meeting),
        "effectiveDateTime": point.on,
        "valueQuantity": {"value": point.value, "system": UCUM, "code": "{score}"},
        "method": code("model", point.method),
        "component": [
            {
                "code": code("interval", name),
                "valueQuantity": {"value": value, "system": UCUM, "code": "{score}"},
            }
            for name, value in ends.items()
        ],
    }


def _task(dossier: Dossier, episode: Episode) -> Json:
    said = {"kind": episode.kind, "cause": episode.cause, "origin": episode.origin}
    words = {"felt": episode.felt, "intended": episode.intended}
    chances = {"p-restored": episode.p_restored, "p-exceeded": episode.p_exceeded}
    inputs = [
        {"type": code("episode-part", name), "valueCode": value} for name, value in said.items() if value
    ]
    inputs += [{"type": code("episode-part", n), "valueString": value} for n, value in words.items() if value]
    outputs = [
        {"type": code("episode-part", name), "valueDecimal": value}
        for name, value in chances.items()
        if value is not None
    ]
    return {
        "resourceType": "Task",
        "id": f"{dossier.client}.episode.{episode.number}",
        "meta": {"profile": [EPISODE_PROFILE]},
        "extension": [_step(step.state, step.at, step.by_client) for step in episode.steps]
        + [extension("episode-number", "Integer", episode.number)],
        "status": CLOSED_TASK.get(episode.state, "in-progress"),
        "businessStatus": code("episode-state", episode.state),
        "intent": "plan",
        "code": code("episode", "rupture-episode", "A rupture between two people, and its repair"),
        "for": reference("Patient", dossier.client),
        "owner": reference("Practitioner", dossier.therapist),
        **{key: value for key, value in _of(dossier, episode.meeting).items() if key == "encounter"},
        "authoredOn": episode.noticed_at,
        **present(lastModified=episode.closed_at),
        "restriction": {"period": {"end": episode.due_on}},
        **present(input=inputs, output=outputs),
    }


def _step(state: str, at: str, by_client: bool) -> Json:
    parts = [("state", "Code", state), ("at", "DateTime", at), ("byClient", "Boolean", by_client)]
    return {"url": f"{BASE}step", "extension": [{"url": n, f"value{k}": v} for n, k, v in parts]}


def _letters(dossier: Dossier, episode: Episode) -> Iterator[Json]:
    for place, letter in enumerate(episode.letters, 1):
        identity = f"{dossier.client}.reply.{episode.number}.{place}"
        task = reference("Task", f"{dossier.client}.episode.{episode.number}")
        yield _communication(identity, dossier, letter.text, letter.sent_at) | {"about": [task]}
        if letter.answered_at:
            yield _answer(identity, dossier, letter) | {"about": [task]}


def _speaks(language: str) -> Json:
    """The language of the client, where they chose one."""
    if not language:
        return {}
    return {"communication": [{"language": {"coding": [{"system": "urn:ietf:bcp:47", "code": language}]}}]}


def _communication(identity: str, dossier: Dossier, text: str, sent: str) -> Json:
    return {
        "resourceType": "Communication",
        "id": identity,
        "status": "completed",
        "subject": reference("Patient", dossier.client),
        "sent": sent,
        "sender": reference("Practitioner", dossier.therapist),
        "recipient": [reference("Patient", dossier.client)],
        "payload": [{"contentString": text}],
    }


def _answer(identity: str, dossier: Dossier, letter: Letter) -> Json:
    answer = _communication(f"{identity}.answer", dossier, letter.answer_words, letter.answered_at)
    answer |= {
        "sender": reference("Patient", dossier.client),
        "recipient": [reference("Practitioner", dossier.therapist)],
        "inResponseTo": [reference("Communication", identity)],
        "extension": [extension("reply-answer", "Code", letter.answer)],
    }
    return {key: value for key, value in answer.items() if key != "payload" or letter.answer_words}


def _provenance(dossier: Dossier, made: list[Json], recorded: str) -> Json:
    targets = [reference(each["resourceType"], each["id"]) for each in made]
    return {
        "resourceType": "Provenance",
        "id": f"{dossier.client}.provenance",
        "target": targets,
        "recorded": recorded,
        "activity": {"text": "Exported from Reknit"},
        "agent": [{"who": reference("Practitioner", dossier.therapist)}],
    }
