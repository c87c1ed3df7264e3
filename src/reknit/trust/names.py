"""Names that were not understood: the nearest one that is known."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any


def nearest(name: str, known: Iterable[str]) -> str:
    """Such as ``; did you mean 'week'?``, or nothing where no known name is like it."""
    names = {other.casefold(): other for other in known}
    found = difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return f"; did you mean {names[found[0]]!r}?" if found else ""


def strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that answers an argument it does not know with the nearest one that it does."""
    taken = inspect.signature(function).parameters
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values()):
        return function

    @wraps(function)
    def asked(*args: Any, **named: Any) -> Any:
        for name in named:
            if name not in taken:
                known = ", ".join(taken)
                raise TypeError(
                    f"{function.__name__}() has no argument {name!r}{nearest(name, taken)} (it takes {known})"
                )
        return function(*args, **named)

    return asked
