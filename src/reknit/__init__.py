"""Reknit: trust in the therapeutic relationship, its ruptures and their repair.

The library's public face. Everything is loaded when it is first asked for, so that `import reknit` is quick.
"""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from reknit.criteria import episodes as episodes
    from reknit.trust.fit import fit as fit
    from reknit.trust.forecast import recovery as recovery
    from reknit.trust.params import DEFAULT as DEFAULT
    from reknit.trust.params import Params as Params
    from reknit.trust.series import Estimate as Estimate
    from reknit.trust.series import Series as Series
    from reknit.trust.series import estimate_series as estimate_series
    from reknit.trust.simulate import simulate as simulate
    from reknit.trust.table import estimate as estimate

_HOMES = {
    "DEFAULT": "reknit.trust.params",
    "Estimate": "reknit.trust.series",
    "Params": "reknit.trust.params",
    "Series": "reknit.trust.series",
    "episodes": "reknit.criteria",
    "estimate": "reknit.trust.table",
    "estimate_series": "reknit.trust.series",
    "fit": "reknit.trust.fit",
    "recovery": "reknit.trust.forecast",
    "simulate": "reknit.trust.simulate",
}

__all__ = [
    "DEFAULT",
    "Estimate",
    "Params",
    "Series",
    "__version__",
    "episodes",
    "estimate",
    "estimate_series",
    "fit",
    "recovery",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(_HOMES[name]), name)
    if isinstance(found, FunctionType):
        from reknit.trust.refusals import strict

        found = strict(found)
        found.__module__ = __name__  # where it can be pickled by name
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
