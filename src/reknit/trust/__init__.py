"""Trust between two people, estimated session by session from what they say of it. See docs/model.md."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from reknit.trust.params import DEFAULT, Params

if TYPE_CHECKING:
    from reknit.trust.explain import Reason, reason_text
    from reknit.trust.fit import fit_rows
    from reknit.trust.forecast import Recovery, recovery, threshold
    from reknit.trust.series import Estimate, Series, estimate_columns, estimate_series

_HOMES = {
    "Estimate": "series",
    "Series": "series",
    "estimate_columns": "series",
    "estimate_series": "series",
    "Reason": "explain",
    "reason_text": "explain",
    "Recovery": "forecast",
    "recovery": "forecast",
    "threshold": "forecast",
    "fit_rows": "fit",
}

__all__ = [
    "DEFAULT",
    "Estimate",
    "Params",
    "Reason",
    "Recovery",
    "Series",
    "estimate_columns",
    "estimate_series",
    "fit_rows",
    "reason_text",
    "recovery",
    "threshold",
    "warm",
]


def __getattr__(name: str) -> Any:
    """Load the kernels only when something is asked of them."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def warm() -> None:
    """Compile (or load) the kernels, some twenty seconds the first time, so that neither the first estimate
    nor the first question whether trust came back keeps anybody waiting.
    """
    from reknit.trust.forecast import recovery
    from reknit.trust.series import Series, estimate_series

    series = Series(week=[0.0, 1.0, 2.0], rating=[5.0, 2.0, 6.0])
    estimate_series(series, smooth=True)
    recovery(series, 1)
