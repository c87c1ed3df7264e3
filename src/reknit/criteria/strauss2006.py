"""V-shaped deflections with a smaller fall.

Strauss, J. L., Hayes, A. M., Johnson, S. L., Newman, C. F., Brown, G. K., Barber, J. P., Laurenceau, J.-P.
& Beck, A. T. (2006). Early alliance, alliance ruptures, and symptom change in a nonrandomized trial of
cognitive therapy for avoidant and obsessive-compulsive personality disorders. *Journal of Consulting and
Clinical Psychology* 74, 337-345.

The rule of :mod:`reknit.criteria.stiles2004` with ``sds`` = 1, a cut-off set from memory that must be checked
against the paper before it is quoted.
"""

from reknit.criteria import stiles2004
from reknit.criteria.episode import Criterion, Found
from reknit.criteria.series import Series


def rule(series: Series, *, sds: float = 1.0, near: float = 0.25, within: int = 5) -> Found:
    """Falls of at least ``sds`` standard deviations of the differences; arguments as in stiles2004."""
    return stiles2004.rule(series, sds=sds, near=near, within=within)


CRITERION = Criterion(
    "strauss2006", "Strauss et al. 2006, J Consult Clin Psychol 74:337", rule, stiles2004.score
)
