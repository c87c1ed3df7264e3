"""A set of parameters with its doubt and its origin; JSON there and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from reknit.trust.spec import INDEX, NAMES, SPECS

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
        unknown = set(self.values) - set(NAMES)
        if unknown:
            raise ValueError(f"unknown parameter: {', '.join(sorted(unknown))}")
        full = {spec.name: float(self.values.get(spec.name, spec.default)) for spec in SPECS}
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
        return self.values[name] - z * self.se[name], self.values[name] + z * self.se[name]

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
        """Read what `to_json` wrote; raises ValueError on another format."""
        data = json.loads(text)
        if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
            raise ValueError(f"not a Reknit parameter file of format {FORMAT}")
        data["loglik"] = float(data.get("loglik") or 0.0)
        data["free"] = tuple(data.get("free", ()))
        data["cov"] = tuple(tuple(row) for row in data.get("cov", ()))
        try:
            return cls(**data)
        except TypeError as error:
            raise ValueError(f"not a Reknit parameter file: {error}") from error

    def save(self, path: str | Path) -> None:
        """Write the JSON document to a file."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read parameters from a JSON file."""
        return cls.from_json(Path(path).read_text(encoding="utf-8"))


DEFAULT = Params()
