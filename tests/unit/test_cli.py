"""The command line from outside: columns, order, refusals in one line with status 2."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reknit import __version__, cli

ADDED = [
    "trust", "trust_lo80", "trust_hi80", "trust_lo95", "trust_hi95", "p_rupture", "p_strain", "p_repair",
    "next_mean", "next_sd", "p_dropout", "reason",
]  # fmt: skip
EPISODE = [
    "client", "start_week", "low_week", "end_week", "kind", "criterion", "depth", "recovered", "exceeded",
]  # fmt: skip


@pytest.fixture
def reknit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> object:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["reknit", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return run


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    rng = np.random.default_rng(8)
    rows = ["client,therapist,week,alliance,note,difficulty"]
    for k in range(12):
        level = rng.normal(5, 0.7)
        for week in range(10):
            rating = np.clip(level + rng.normal(0, 0.4) - (2 if week == 6 and k % 3 == 0 else 0), 1, 7)
            rows.append(f"{k:03d},t{k % 2},{week},{rating:.2f},n{week},{int(week == 6)}")
    rows[1:] = rng.permutation(np.array(rows[1:], dtype=object)).tolist()
    path = tmp_path / "sessions.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_trust_adds_columns_and_touches_nothing(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert reknit("trust", sessions, "-o", tmp_path / "out.csv") == (0, "", "")
    given = sessions.read_text().splitlines()
    out = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.startswith(before + ",") for line, before in zip(out, given, strict=True)] == [True] * len(
        given
    )
    frame = pl.read_csv(tmp_path / "out.csv", infer_schema_length=None)
    assert frame.columns[6 : 6 + len(ADDED)] == ADDED
    assert (frame["trust_lo95"] <= frame["trust_lo80"]).all()
    assert (frame["trust_hi80"] <= frame["trust_hi95"]).all()
    assert frame["p_rupture"].is_between(0, 1).all()


def test_csv_and_parquet_say_the_same(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pl.read_csv(sessions, schema_overrides={"client": pl.String}).write_parquet(tmp_path / "in.parquet")
    assert reknit("trust", sessions, "-o", tmp_path / "a.parquet")[0] == 0
    assert reknit("trust", tmp_path / "in.parquet", "-o", tmp_path / "b.parquet")[0] == 0
    a, b = pl.read_parquet(tmp_path / "a.parquet"), pl.read_parquet(tmp_path / "b.parquet")
    assert a["client"].to_list() == b["client"].to_list()
    assert a.select(ADDED).equals(b.select(ADDED))


def test_lower_is_better_is_the_mirror_image(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    mirrored = pl.read_csv(sessions, schema_overrides={"client": pl.String}).with_columns(
        alliance=8 - pl.col("alliance")
    )
    mirrored.write_parquet(tmp_path / "in.parquet")
    reknit("trust", sessions, "-o", tmp_path / "a.parquet")
    assert reknit("trust", tmp_path / "in.parquet", "-o", tmp_path / "b.parquet", "--lower-is-better")[0] == 0
    a, b = pl.read_parquet(tmp_path / "a.parquet"), pl.read_parquet(tmp_path / "b.parquet")
    assert (8 - b["trust"]).to_numpy() == pytest.approx(a["trust"].to_numpy())
    assert (8 - b["trust_hi95"]).to_numpy() == pytest.approx(a["trust_lo95"].to_numpy())
    assert not b["reason"].str.contains("higher|lower").any()
    assert b["p_rupture"].to_numpy() == pytest.approx(a["p_rupture"].to_numpy(), abs=1e-9)


def test_alarms_come_at_about_the_stated_rate(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert reknit("simulate", "--relationships", 600, "--seed", 77, "-o", tmp_path / "in.csv")[0] == 0
    assert reknit("trust", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--false-alarms", 5)[0] == 0
    frame = pl.read_csv(tmp_path / "out.csv", infer_schema_length=None)
    quiet = frame.filter((pl.col("true_rupture") == 0) & pl.col("alliance").is_not_null())
    assert set(frame["alarm"]) == {0, 1}
    # About 7,000 quiet sessions: three standard errors are .8 of a hundredth, and neighbours are alike.
    assert quiet["alarm"].mean() == pytest.approx(0.05, abs=0.012)


def test_a_fit_is_kept_and_used(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    source, kept = tmp_path / "in.csv", tmp_path / "p.json"
    assert reknit("simulate", "--relationships", 80, "--seed", 5, "-o", source)[0] == 0
    assert reknit("fit", source, "-o", kept) == (0, "", "")
    found = json.loads(kept.read_text())
    assert found["relationships"] == 80
    assert found["se"]["repair_gain"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "p.json"]
    assert reknit("trust", source, "-o", tmp_path / "own.parquet", "--params", kept)[0] == 0
    assert reknit("trust", source, "-o", tmp_path / "shipped.parquet")[0] == 0
    own, shipped = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("own", "shipped"))
    assert not own["trust"].equals(shipped["trust"])


def test_an_interrupted_fit_goes_on_where_it_stopped(  # type: ignore[no-untyped-def]
    reknit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reknit.cohort import runs

    source, kept = tmp_path / "in.csv", tmp_path / "p.json"
    assert reknit("simulate", "--relationships", 60, "--seed", 5, "-o", source)[0] == 0
    fit, checkpoints = runs.fit, []

    def stops(*given: object, tell: object, **more: object) -> object:
        def tired(share: float, note: str = "") -> None:
            if (tmp_path / "p.json.part").exists():
                raise ValueError("stopped")

        return fit(*given, tell=tired, **more)  # type: ignore[arg-type]

    def notes(*given: object, **more: object) -> object:
        checkpoints.append((tmp_path / "p.json.part").exists())
        return fit(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "fit", stops)
    assert reknit("fit", source, "-o", kept)[0] == 2
    assert (tmp_path / "p.json.part").exists()
    assert not kept.exists()
    monkeypatch.setattr(runs, "fit", notes)
    assert reknit("fit", source, "-o", kept, "--resume")[0] == 0
    assert checkpoints == [True]
    assert not (tmp_path / "p.json.part").exists()


def test_episodes_have_the_contract_columns(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert reknit("episodes", sessions, "--criterion", "all", "-o", tmp_path / "e.csv") == (0, "", "")
    frame = pl.read_csv(tmp_path / "e.csv", schema_overrides={"client": pl.String}, infer_schema_length=None)
    assert frame.columns[: len(EPISODE)] == EPISODE
    assert {"stiles2004", "observed", "model"} <= set(frame["criterion"])
    assert set(frame["client"]) <= {f"{k:03d}" for k in range(12)}


def test_a_criterion_takes_its_own_parameters(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    counts = []
    for sds in (1, 3):
        out = tmp_path / f"e{sds}.csv"
        assert reknit("episodes", sessions, "-c", "strauss2006", "-o", out, "--set", f"sds={sds}")[0] == 0
        counts.append(pl.read_csv(out).height)
    assert counts[0] > counts[1]


def test_simulate_repeats_itself_and_carries_the_truth(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("a.csv", "b.csv"):
        assert reknit("simulate", "--relationships", 20, "--seed", 4, "-o", tmp_path / name)[0] == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert "true_rupture" in pl.read_csv(tmp_path / "a.csv", infer_schema_length=None).columns


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_plot_writes_a_figure(reknit, sessions: Path, tmp_path: Path, kind: str) -> None:  # type: ignore[no-untyped-def]
    if kind != "svg":
        pytest.importorskip("cairosvg", reason="the extra reknit[figures] is not installed")
    figure = tmp_path / f"f.{kind}"
    assert reknit("plot", sessions, "--client", "003", "-o", figure) == (0, "", "")
    assert figure.read_bytes()[:4] in (b"<svg", b"%PDF", b"\x89PNG")


def test_words_answer_in_json(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    draft = tmp_path / "draft.txt"
    draft.write_text("I'm sorry you felt that way, but I was only trying to help.", encoding="utf-8")
    status, out, _err = reknit("words", "draft", draft)
    assert status == 0
    assert {"spans", "kinds", "overall", "abstained"} <= set(json.loads(out))
    said = (
        "--learning",
        "I hate journaling.",
        "--polarity",
        "avoid",
        "--homework",
        "Three pages every morning",
    )
    status, out, _err = reknit("words", "match", *said)
    assert status == 0
    assert {"p_conflict", "decision", "why"} <= set(json.loads(out))


def test_words_match_many_pairs_in_order(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "id,learning,homework,polarity\n"
        "07,I hate journaling,Write in a journal,avoid\n08,I like walks,Go for a walk,likes\n"
    )
    assert reknit("words", "match", "--pairs", pairs, "-o", tmp_path / "out.csv")[0] == 0
    frame = pl.read_csv(tmp_path / "out.csv", schema_overrides={"id": pl.String})
    assert frame["id"].to_list() == ["07", "08"]
    assert frame["decision"].is_in(["conflict", "ok", "unsure"]).all()
    assert frame["p_conflict"][0] > frame["p_conflict"][1]


REFUSALS = [
    (["trust", "in.csv", "-o", "in.csv"], "in.csv: this is the table that is read"),
    (["trust", "folder", "-o", "out.csv"], "no .parquet file in this folder"),
    (["trust", "semi.csv", "-o", "out.csv"], "the cells are separated by semicolons; commas are needed"),
    (["trust", "packed.csv", "-o", "out.csv"], "packed.csv: this is no CSV text but a packed file"),
    (["trust", "in.csv.gz", "-o", "out.csv"], "unknown extension .gz; use .csv or .parquet"),
    (["trust", "comma.csv", "-o", "out.csv"], "'4,5' is not a number; decimals are written with a point"),
    (["trust", "in.csv", "-o", "out.csv", "--scale", "1:5"], "this column runs from 5 to 6"),
    (
        ["trust", "in.csv", "-o", "out.csv", "--params", "bad.json"],
        "unknown key 'vals'; did you mean 'values'?",
    ),
    (["trust", "in.csv", "-o", "out.csv", "--dask", "local:2"], "for a folder of parts"),
    (["fit", "silent.csv", "-o", "p.json"], "column alliance: there is no rating to learn from"),
    (["clinics", "in.csv", "-o", "out.csv"], "column clinic is missing (found: client, week, alliance)\n"),
    (["partition", "in.csv", "-o", "folder"], "folder: is there already"),
    (["episodes", "in.csv", "-c", "ewm", "-o", "out.csv"], "did you mean 'ewma'?"),
    (["episodes", "in.csv", "-c", "ewma", "-o", "out.csv", "--set", "wieght=1"], "did you mean 'weight'?"),
    (
        ["episodes", "in.csv", "-c", "ewma", "-o", "out.csv", "--set", "within=2.5"],
        "a whole number of sessions",
    ),
    (["episodes", "in.csv", "-c", "ewma", "-o", "out.csv", "--set", "near=2"], "must lie between 0 and 1"),
    (["episodes", "in.csv", "-c", "stiles2004", "-o", "out.csv", "--set", "sds=-1"], "must not be below 0"),
    (["episodes", "in.csv", "-o", "out.csv", "--cutoff", "nan"], "cutoff must be a number"),
    (["words", "match", "--learning", " ", "--homework", "y"], "--learning: it is empty"),
    (["words", "match", "--pairs", "blank.csv", "-o", "out.csv"], "row 1, column homework: it is empty"),
    (["trust", "none.csv", "-o", "out.csv"], "none.csv: no such file"),
    (["trust", "in.csv", "-o", "out.txt"], "out.txt: unknown extension .txt"),
    (["trust", "in.csv", "-o", "nowhere/out.csv"], "there is no folder nowhere"),
    (["trust", "in.csv", "-o", "out.csv", "--scale", "7:1"], "--scale '7:1'"),
    (
        ["trust", "in.csv", "-o", "out.csv", "--scale", "1:4"],
        "row 1 (line 2), column alliance: '5' is off the scale",
    ),
    (["trust", "in.csv", "-o", "out.csv", "--params", "none.json"], "none.json: no such file"),
    (["trust", "in.csv", "-o", "out.csv", "--params", "in.csv"], "in.csv: not a parameter file"),
    (["trust", "in.csv", "-o", "out.csv", "--false-alarms", "0"], "--false-alarms 0"),
    (["trust", "again.csv", "-o", "out.csv"], "column trust is already there"),
    (["fit", "in.csv", "-o", "out.csv"], "unknown extension .csv; use .json"),
    (["episodes", "in.csv", "-c", "nonsense", "-o", "out.csv"], "unknown criterion 'nonsense'"),
    (["episodes", "in.csv", "-c", "ewma", "-o", "out.csv", "--cutoff", "3"], "ewma takes no cut-off"),
    (["episodes", "in.csv", "-c", "ewma", "-o", "out.csv", "--set", "weight"], "--set 'weight'"),
    (["episodes", "in.csv", "-c", "observed", "-o", "out.csv"], "column difficulty is missing"),
    (["simulate", "-o", "out.csv", "--generator", "nonsense"], "generator must be"),
    (["simulate", "-o", "out.csv", "--sessions", "9"], "--sessions '9'"),
    (["plot", "in.csv", "--client", "zz", "-o", "f.svg"], "there is no client 'zz'"),
    (["plot", "in.csv", "--client", "a", "-o", "f.gif"], "unknown extension .gif"),
    (["words", "draft", "none.txt"], "none.txt: no such file"),
    (["words", "match", "--pairs", "in.csv", "-o", "out.csv"], "column learning is missing"),
    (["words", "match", "--pairs", "in.csv"], "--pairs needs -o"),
    (["words", "match"], "give --learning and --homework"),
    (["words", "match", "--learning", "x", "--homework", "y", "--polarity", "z"], "--polarity 'z'"),
]


@pytest.mark.parametrize(
    ("arguments", "said"), REFUSALS, ids=lambda part: part if isinstance(part, str) else ""
)
def test_a_refusal_is_one_line_with_status_2(  # type: ignore[no-untyped-def]
    reknit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("client,week,alliance\na,0,5\na,1,6\n")
    Path("again.csv").write_text("client,week,alliance,trust\na,0,5,1\n")
    Path("semi.csv").write_text("client;week;alliance\na;0,5;4,5\n")
    Path("comma.csv").write_text('client,week,alliance\na,0,"4,5"\n')
    Path("silent.csv").write_text("client,week,alliance\na,0,\na,1,NA\n")
    Path("blank.csv").write_text("learning,homework,polarity\nx, ,avoid\n")
    Path("bad.json").write_text('{"format": 1, "vals": {}, "values": {"walk_sd": 1}}')
    for name in ("packed.csv", "in.csv.gz"):
        Path(name).write_bytes(gzip.compress(b"client,week,alliance\na,0,5\n"))
    Path("folder").mkdir()
    before = sorted(tmp_path.iterdir())
    status, out, err = reknit(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert said in err
    assert sorted(tmp_path.iterdir()) == before


def test_an_interrupted_write_leaves_the_old_file(  # type: ignore[no-untyped-def]
    reknit, sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("old")

    def fails(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_csv", fails)
    status, _out, err = reknit("trust", sessions, "-o", out)
    assert status == 2
    assert "No space left" in err
    assert out.read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_two_therapists_of_one_client_are_told_apart(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "in.csv"
    path.write_text("client,therapist,week,alliance\na,x,0,5\na,y,0,6\na,x,1,5\na,y,1,6\n")
    status, _out, err = reknit("plot", path, "--client", "a", "-o", tmp_path / "f.svg")
    assert status == 2
    assert "--therapist x or y" in err
    assert reknit("plot", path, "--client", "a", "--therapist", "y", "-o", tmp_path / "f.svg")[0] == 0


def test_starting_loads_nothing_heavy() -> None:
    heavy = ("numpy", "polars", "numba", "django", "scipy")
    script = f"import sys, reknit.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_version_is_printed(reknit) -> None:  # type: ignore[no-untyped-def]
    assert reknit("--version") == (0, f"reknit {__version__}\n", "")


def test_nothing_is_drawn_where_nobody_watches(sessions: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "reknit.cli", "trust", str(sessions), "-o", str(tmp_path / "o.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def piped(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "reknit.cli", *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=False)


def test_a_table_may_come_through_a_pipe_and_leave_through_one(sessions: Path, tmp_path: Path) -> None:
    done = piped("trust", "-", "-o", "-", given=sessions.read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert piped("trust", str(sessions), "-o", str(tmp_path / "out.csv")).returncode == 0
    assert done.stdout == (tmp_path / "out.csv").read_bytes()
    refused = piped("episodes", "-", "-o", "-", given=b"client,week,alliance\na,0,9\n")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert refused.stderr.startswith(b"-: row 1 (line 2), column alliance: '9' is off the scale 1:7")


def test_a_pipe_that_closes_early_is_no_disaster(sessions: Path) -> None:
    command = f"{sys.executable} -m reknit.cli trust {sessions} -o - | head -0"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_behind_standard_output_is_one_line(sessions: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "reknit.cli", "trust", str(sessions), "-o", "-"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (1, b"cannot be written (No space left on device)\n")


def test_what_is_stopped_leaves_nothing_behind(reknit, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert reknit("simulate", "--relationships", 3000, "--seed", 5, "-o", tmp_path / "in.csv")[0] == 0
    command = [
        sys.executable,
        "-m",
        "reknit.cli",
        "fit",
        str(tmp_path / "in.csv"),
        "-o",
        str(tmp_path / "p.json"),
    ]
    running = subprocess.Popen(command, stderr=subprocess.PIPE)
    time.sleep(5)
    running.send_signal(signal.SIGINT)
    _out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    left = sorted(path.name for path in tmp_path.iterdir())
    if "p.json.part" in left:
        assert err.endswith(b"stopped: add --resume to go on from here\n")
        left.remove("p.json.part")
    elif err:  # on a busy machine it may have been stopped before its work began
        assert err.endswith(b"stopped: nothing was written\n")
    assert left == ["in.csv"]


def test_parts_that_were_kept_are_said_to_be_kept(reknit, sessions: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    parts, target = tmp_path / "parts", tmp_path / "trust"
    assert reknit("partition", sessions, "-o", parts, "--parts", 2)[1] == f"{parts}: 2 parts\n"
    assert reknit("trust", parts, "-o", target) == (0, f"{target}: 2 parts done\n", "")
    assert reknit("trust", parts, "-o", target)[1] == f"{target}: all 2 parts kept: nothing had changed\n"
    next(iter(target.glob("*.parquet"))).unlink()
    again = f"{target}: 1 of 2 parts done, 1 kept: they had not changed\n"
    assert reknit("trust", parts, "-o", target)[1] == again
