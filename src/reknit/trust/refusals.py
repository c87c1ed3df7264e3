"""What is said of tables, scales and names that cannot be taken."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

Scale = tuple[float, float]


class TableError(ValueError):
    """A table that cannot be read or written; the message is one line that says where and why."""


def as_scale(scale: Any) -> Scale:
    """Lowest and highest possible rating, from two numbers or from text such as ``"1:7"``.

    Raises:
        TableError: it is anything else, or the first is not below the second.
    """
    wanted = f"scale {scale!r}: expected the lowest and the highest possible rating, such as (1, 7) or '1:7'"
    try:
        lo, hi = (float(end) for end in (scale.split(":") if isinstance(scale, str) else scale))
    except (TypeError, ValueError):
        raise TableError(wanted) from None
    if not (lo < hi and abs(lo) < 1e12 and abs(hi) < 1e12):
        raise TableError(f"scale {scale!r}: the first number must be below the second")
    return lo, hi


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
