"""A service with many clinics: its sessions in parts, and its clinics month by month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reknit.cli.common import Dask, Lower, Out, ParamsFile, ScaleText, group, working

app = group()


@app.command(short_help="Share a large table out into parts.")
def partition(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="Sessions: CSV, Parquet, or a folder of Parquet files.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new folder for the parts.")
    ],
    parts: Annotated[
        int | None,
        typer.Option("--parts", min=1, metavar="N", help="How many; else one for 250,000 sessions."),
    ] = None,
) -> None:
    """Share a table of sessions out into Parquet files, every relationship whole in one of them."""
    from reknit.cohort import partitions

    with working("Sharing out"):
        made = partitions.partition(source, output, parts)
    typer.echo(f"{output}: {len(made)} part{'s' * (len(made) > 1)}")


@app.command(short_help="Clinics month by month, small cells hidden.")
def clinics(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="Sessions, or what `reknit trust` made of them: a file or a folder."
        ),
    ],
    *,
    output: Out,
    scale: ScaleText = "1:7",
    params: ParamsFile = None,
    lower_is_better: Lower = False,
    dask: Dask = None,
    open_month: Annotated[
        bool, typer.Option("--open-month", help="Keep the latest month, which may not be over.")
    ] = False,
) -> None:
    """Trust, ruptures and repairs of every clinic in every month, each figure with its number and interval.

    Cells of fewer than five relationships are hidden.
    """
    from reknit.cohort import runs, tables
    from reknit.cohort import scale as scaled

    tables.check_output(output, source=source)
    how = scaled.How(tables.parse_scale(scale), runs.load_params(params), lower_is_better=lower_is_better)
    with working("Adding up clinics") as tell:
        found = scaled.clinic_table(source, how, open_month=open_month, tell=tell, dask=dask)
        tables.write_frame(found, output)
