"""Whether resources are valid FHIR R4, by a library that knows the standard (`fhir.resources`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reknit.cohort.exchange.records import ExchangeError
from reknit.cohort.exchange.terms import Json

MISSING = "FHIR needs the extra packages of `reknit[exchange]`"


def problems(resources: Iterable[Json]) -> Iterator[str]:
    """What is wrong, one line each: the resource, the element, and why.

    R4B is R4 with corrections; the resources used here are the same in both.

    Raises:
        ExchangeError: the library is not installed.
    """
    try:
        from fhir.resources.R4B import get_fhir_model_class
        from pydantic import ValidationError
    except ImportError as error:
        raise ExchangeError(MISSING) from error
    for place, each in enumerate(resources, 1):
        kind = str(each.get("resourceType"))
        name = f"{kind}/{each.get('id', f'number {place}')}"
        try:
            get_fhir_model_class(kind).model_validate(each)
        except ValidationError as error:
            for wrong in error.errors():
                yield f"{name}, {'.'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}"
        except ValueError:
            yield f"{name}: there is no such resource in R4"


def require_valid(resources: Iterable[Json]) -> None:
    """Raises ExchangeError with the first problems, if there are any."""
    found = list(problems(resources))
    if found:
        more = f" (and {len(found) - 5} more)" if len(found) > 5 else ""
        raise ExchangeError("not valid FHIR R4: " + "; ".join(found[:5]) + more)
