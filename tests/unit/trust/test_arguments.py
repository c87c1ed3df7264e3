"""Arguments that cannot be taken are answered with what would be."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import reknit
from reknit.trust.params import DEFAULT

TABLE = pl.DataFrame({"client": 1, "week": [0.0, 1.0, 2.0], "alliance": [5.0, 6.0, 4.0]})


def document(**changes: Any) -> dict[str, Any]:
    """A parameter file with some of its keys changed."""
    return {**json.loads(DEFAULT.to_json()), **changes}


def test_parameters_may_be_named_by_their_file(tmp_path: Path) -> None:
    params = DEFAULT.with_values(rating_sd=0.1)
    params.save(tmp_path / "p.json")
    wanted = reknit.estimate(TABLE, params)["trust"].to_list()
    for path in (tmp_path / "p.json", str(tmp_path / "p.json")):
        assert reknit.estimate(TABLE, path)["trust"].to_list() == wanted
        assert reknit.episodes(TABLE, "model", params=path).equals(
            reknit.episodes(TABLE, "model", params=params)
        )
    series = reknit.Series([0, 1], [5, 6], scale="1:7")  # type: ignore[arg-type]
    assert reknit.estimate_series(series, tmp_path / "p.json") == reknit.estimate_series(series, params)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"format": 1,', "not JSON: Expecting property name enclosed in double quotes at line 1, column 14"),
        ("[]", "not a Reknit parameter file of format 1"),
        ("{}", "not a Reknit parameter file of format 1"),
        (json.dumps(document(format=9)), "not a Reknit parameter file of format 1"),
        (json.dumps(document(values={})), "key 'values' is missing"),
        (json.dumps(document(valeus={})), "unknown key 'valeus'; did you mean 'values'?"),
        (
            json.dumps(document(values={"walk_sd": 1})),
            "parameters are missing: bond_mean, bond_sd",
        ),
        (
            json.dumps(document(values={**DEFAULT.values, "walk_sdd": 1})),
            "unknown parameter: walk_sdd; did you mean 'walk_sd'?",
        ),
        (
            json.dumps(document(values={**DEFAULT.values, "walk_sd": "x"})),
            "walk_sd is no number: 'x'",
        ),
        (json.dumps(document(values={**DEFAULT.values, "walk_sd": None})), "walk_sd is no number: None"),
        (json.dumps(document(cov=3)), "not a Reknit parameter file"),
        ("\xff".encode("latin-1"), "not UTF-8 text"),
        ("", "not JSON"),
    ],
)
def test_a_broken_parameter_file_is_refused_in_one_line(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for door in (reknit.Params.load, lambda file: reknit.estimate(TABLE, file)):
        with pytest.raises(ValueError, match="not a parameter file") as caught:
            door(path)
        assert said in str(caught.value)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)


def test_a_parameter_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.json: no such file"):
        reknit.estimate(TABLE, tmp_path / "none.json")
    with pytest.raises(ValueError, match="cannot be read"):
        reknit.Params.load(tmp_path)
    with pytest.raises(TypeError, match=r"reknit\.Params or the path of its file is needed, not dict"):
        reknit.estimate(TABLE, {})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: reknit.estimate(TABLE, smoth=True), "no argument 'smoth'; did you mean 'smooth'?"),
        (lambda: reknit.fit(TABLE, lower_better=True), "did you mean 'lower_is_better'?"),
        (lambda: reknit.fit(TABLE, colour=1), "(it takes table, scale, progress, checkpoint, low"),
        (lambda: reknit.episodes(TABLE, "stiles2004", sd=1), "no parameter 'sd'; did you mean 'sds'?"),
        (lambda: reknit.episodes(TABLE, "sudden-gain", percnt=1), "did you mean 'percent'?"),
        (lambda: reknit.episodes(TABLE, "stiles2004", sds="two"), "sds must be a number, not 'two'"),
        (lambda: reknit.episodes(TABLE, lower_better=1), "did you mean 'lower_is_better'?"),
        (lambda: reknit.episodes(TABLE, "stiles"), "unknown criterion 'stiles'; did you mean 'stiles2004'?"),
        (lambda: reknit.simulate(5, rupture_rat=0.1), "did you mean 'rupture_rate'?"),
        (lambda: reknit.simulate(5, generator="foreign", categorie=5), "did you mean 'categories'?"),
        (lambda: reknit.simulate(5, scale="7:1"), "scale '7:1': the first number must be below the second"),
        (lambda: reknit.simulate(0), "relationships >= 1"),
        (lambda: DEFAULT.with_values(walk=1.0), "unknown parameter: walk; did you mean 'walk_sd'?"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_known_is_answered_with_the_nearest(call: Any, said: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert said in str(caught.value)


def test_the_public_functions_can_be_handed_to_another_process() -> None:
    for function in (reknit.estimate, reknit.fit, reknit.recovery):
        assert pickle.loads(pickle.dumps(function)) is function
