"""Every published criterion on 2,000 relationships of 12 sessions.

python bench/criteria.py
"""

from common import best_of, heading, row

from reknit import criteria
from reknit.trust.simulate import simulate


def main() -> None:
    table = simulate(2000, 1, "foreign", (12, 12), leave=-30.0)
    seen = table.select(name for name in table.columns if not name.startswith("true_"))
    heading(["criterion", "seconds", "episodes"])
    for name, rule in criteria.CRITERIA.items():
        cutoff = {"cutoff": 1.0} if rule.cutoff == "cutoff" else {}
        taken = best_of(lambda name=name, cutoff=cutoff: criteria.episodes(seen, name, **cutoff), 3)
        row([name, f"{taken:.3f}", criteria.episodes(seen, name, **cutoff).height])


if __name__ == "__main__":
    main()
