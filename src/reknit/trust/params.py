"""A set of parameters with its doubt and its origin; JSON there and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from reknit.trust.refusals import nearest
from reknit.trust.spec import INDEX, NAMES, SPECS

if TYPE_CHECKING:
    import polars as pl

FORMAT = 1


@dataclass(frozen=True)
class Params:
    """Parameters of the trust model on their natural, scale-free scale (ratings in (0, 1), time in weeks).

    ``values`` maps every name of `reknit.trust.spec.NAMES` to its value; missing names take the default.
    ``se`` holds standard errors and ``cov`` the covariance (rows and columns in the order of ``free``) of the
    parameters that were fitted. ``effects`` maps ``"therapist:ID"`` / ``"clinic:ID"`` to a shift of the
    starting bond. ``n`` is the number of ratings behind the fit, ``loglik`` its log-likelihood (0 unfitted).
    """

    values: Mapping[str, float] = field(default_factory=dict)
    se: Mapping[str, float] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    cov: tuple[tuple[float, ...], ...] = ()
    effects: Mapping[str, float] = field(default_factory=dict)
    n: int = 0
    relationships: int = 0
    loglik: float = 0.0
    version: str = "default-1"
    origin: str = ""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.values) - set(NAMES))
        if unknown:
            raise ValueError(f"unknown parameter: {_some(unknown)}{nearest(unknown[0], NAMES)}")
        full = {spec.name: _number(spec.name, self.values.get(spec.name, spec.default)) for spec in SPECS}
        bad = [name for name, value in full.items() if not np.isfinite(value)]
        if bad:
            raise ValueError(f"parameter is not a finite number: {', '.join(bad)}")
        object.__setattr__(self, "values", full)
        vector = np.array([full[name] for name in NAMES])
        vector.setflags(write=False)
        object.__setattr__(self, "_vector", vector)

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    @property
    def repair_gain(self) -> float:
        """Share of the strain that a repair adds to the bond (kappa); 0 = back to where it was."""
        return self.values["repair_gain"]

    def interval(self, name: str, z: float = 1.959964) -> tuple[float, float]:
        """Wald interval of a fitted parameter, 95 % unless told; raises KeyError where it was not fitted."""
        if name not in self.se:
            known = self.se or self.values
            raise KeyError(f"{name} was not fitted and has no interval{nearest(name, known)}")
        return self.values[name] - z * self.se[name], self.values[name] + z * self.se[name]

    def summary(self) -> pl.DataFrame:
        """One row a parameter, as it may go into a paper's appendix.

        Returns the columns ``parameter``, ``value``, ``se``, ``lo95``, ``hi95`` (null where it was not
        fitted) and ``meaning``; ratings on the unit scale, time in weeks (docs/model.md).
        """
        import polars as pl

        fitted = [name in self.se for name in NAMES]
        bounds = [
            self.interval(name) if there else (None, None) for name, there in zip(NAMES, fitted, strict=True)
        ]
        return pl.DataFrame(
            {
                "parameter": NAMES,
                "value": [self.values[name] for name in NAMES],
                "se": [self.se.get(name) for name in NAMES],
                "lo95": [low for low, _ in bounds],
                "hi95": [high for _, high in bounds],
                "meaning": [spec.doc for spec in SPECS],
            }
        )

    def __repr__(self) -> str:
        """Short enough for a notebook; `summary` has the numbers."""
        if not self.se:
            return f"Params({self.version!r})"
        taught = f"{self.n} ratings of {self.relationships} relationships"
        return f"Params({self.version!r}: {taught}; see .summary())"

    def vector(self) -> npt.NDArray[np.float64]:
        """All values in the order of `NAMES`, as the kernels take them (read-only)."""
        vector: npt.NDArray[np.float64] = self.__dict__["_vector"]
        return vector

    def with_values(self, **changes: float) -> Self:
        """A copy with some values changed."""
        return replace(self, values={**self.values, **changes})

    @classmethod
    def from_vector(cls, vector: npt.NDArray[np.float64]) -> Self:
        """Parameters from a vector in the order of `NAMES`."""
        return cls(values={name: float(vector[INDEX[name]]) for name in NAMES})

    def to_json(self) -> str:
        """A JSON document that `from_json` reads back exactly."""
        return json.dumps({"format": FORMAT, **self._public()}, indent=1)

    def _public(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "origin": self.origin,
            "n": self.n,
            "relationships": self.relationships,
            "loglik": self.loglik,
            "values": dict(self.values),
            "se": dict(self.se),
            "free": list(self.free),
            "cov": [list(row) for row in self.cov],
            "effects": dict(self.effects),
        }

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; parameters that a later version added take their default.

        Raises ValueError, in one line, on anything else.
        """
        data = _document(text)
        try:
            data["loglik"] = float(data.get("loglik") or 0.0)
            data["free"] = tuple(data.get("free", ()))
            data["cov"] = tuple(tuple(row) for row in data.get("cov", ()))
            return cls(**data)
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not a Reknit parameter file: {error}") from None

    def save(self, path: str | Path) -> None:
        """Write the JSON document to a file."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read parameters from a file that `save` or ``reknit fit`` wrote.

        Raises ValueError, naming the file and what is wrong with it; none of its parameters may be missing.
        """
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise ValueError(f"{path}: no such file") from None
        except OSError as error:
            raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
        except ValueError:
            raise ValueError(f"{path}: not a parameter file of reknit fit (not UTF-8 text)") from None
        try:
            lacking = [name for name in NAMES if name not in _document(text)["values"]]
            if lacking:
                raise ValueError(f"parameters are missing: {_some(lacking)}; fit again with this version")
            return cls.from_json(text)
        except ValueError as error:
            raise ValueError(f"{path}: not a parameter file of reknit fit ({error})") from None


def _number(name: str, value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"parameter {name} is no number: {value!r}") from None


def _document(text: str) -> dict[str, Any]:
    """The JSON object of a parameter file, its format taken off; raises ValueError on anything else."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise ValueError(f"not a Reknit parameter file of format {FORMAT}")
    if not isinstance(data.get("values"), dict) or not data["values"]:
        raise ValueError("key 'values' is missing")
    known = [item.name for item in fields(Params)]
    for name in data:
        if name not in known:
            raise ValueError(f"unknown key {name!r}{nearest(name, known)}")
    return data


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


DEFAULT = Params()


def as_params(params: Params | str | Path | None) -> Params:
    """`Params` as they are, from a file by its path, or the shipped ones for None.

    Raises TypeError on any other kind of object, ValueError on a file that cannot be read.
    """
    if params is None:
        return DEFAULT
    if isinstance(params, str | Path):
        return Params.load(params)
    if not isinstance(params, Params):
        raise TypeError(
            f"params: reknit.Params or the path of its file is needed, not {type(params).__name__}"
        )
    return params
