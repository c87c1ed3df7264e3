"""Sudden losses: sudden gains turned round.

The three criteria of Tang & DeRubeis (1999) with the sign of the change reversed, as in the R package
suddengains 0.7.2; see :mod:`reknit.criteria.sudden_gain`. A loss is *reversed* if a later rating regains
more than half of it.
"""

from reknit.criteria.episode import Criterion, Found
from reknit.criteria.series import Series
from reknit.criteria.sudden_gain import _found, sudden_changes


def rule(series: Series, **options: float | bool | None) -> Found:
    """Sudden losses; options as in :func:`reknit.criteria.sudden_gain.sudden_changes`."""
    found = sudden_changes(series, falls=not series.lower_is_better, **options)  # type: ignore[arg-type]
    return _found(series, *found, kind="sudden-loss")


CRITERION = Criterion(
    "sudden-loss",
    "Tang & DeRubeis 1999; Wiedemann et al. 2020, PLOS ONE 15:e0230276",
    rule,
    None,
    cutoff="cutoff",
)
