"""Made-up relationships with known truth, from the model or from a world that is not the model."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import polars as pl

from reknit.trust.refusals import as_scale, nearest
from reknit.trust.simulate.calendar import Calendar, plan
from reknit.trust.simulate.foreign import BOTTOM, TOP, ForeignWorld
from reknit.trust.simulate.foreign import live as live_foreign
from reknit.trust.simulate.table import Diary

__all__ = ["ForeignWorld", "simulate"]

ON_SCALE = ("alliance", "therapist_rating", "therapist_guess", "true_trust", "true_bond")
LENGTHS = ("true_passing", "true_strain", "true_gained")
FIRST = ("client", "therapist", "clinic", "session", "week", "alliance", "difficulty", "attended")
THEN = ("therapist_rating", "therapist_guess", "repair", "ended")


def simulate(
    relationships: int = 1000,
    seed: int = 0,
    generator: str = "model",
    sessions: tuple[int, int] = (6, 20),
    *,
    params: Any = None,
    scale: Any = (1.0, 7.0),
    **options: Any,
) -> pl.DataFrame:
    """Simulate relationships session by session.

    Arguments: `relationships` how many; `seed` of the NumPy generator; `generator` "model" (drawn from
    `params`, the shipped defaults if None) or "foreign" (not the model; `params` may be a `ForeignWorld`);
    `sessions` smallest and largest number planned, which dropout may cut short; `scale` of the ratings;
    `options` name parameters of the model, fields of its `Sampling`, or fields of `ForeignWorld`.

    Returns one row a session with the columns of the command line (client, therapist, clinic, session, week
    in weeks, alliance, difficulty, attended, therapist_rating, therapist_guess, repair, ended) and the
    truth: true_trust = true_bond + true_passing - true_strain on the rating's scale; true_gained (how much
    of the bond repairs have added so far); true_rupture (trust fell at this session because of something
    that happened), true_onset (the first such session of a rupture) and true_repair, all 0 or 1.

    Raises ValueError for an unknown generator, an unknown option or impossible sizes.
    """
    scale, rng = as_scale(scale), np.random.default_rng(seed)
    calendar = plan(rng, relationships, sessions)
    live, setting = _world(generator, params, scale, options)
    return _on_scale(live(setting, calendar, rng).table(), scale)


def _world(
    generator: str, params: Any, scale: tuple[float, float], options: dict[str, Any]
) -> tuple[Callable[[Any, Calendar, np.random.Generator], Diary], Any]:
    if generator == "model":
        from reknit.trust.simulate.own import live as live_model
        from reknit.trust.simulate.own import world_of

        return live_model, world_of(params, options)
    if generator != "foreign":
        raise ValueError(f'generator must be "model" or "foreign", not {generator!r}')
    world = params if isinstance(params, ForeignWorld) else ForeignWorld()
    unknown = options.keys() - {field.name for field in fields(ForeignWorld)}
    if unknown:
        name, known = sorted(unknown)[0], [field.name for field in fields(ForeignWorld)]
        raise ValueError(f"the foreign generator has no option {name!r}{nearest(name, known)}")
    if params is None and scale == (0.0, 10.0) and "categories" not in options:
        options = {"categories": 11, **options}
    return live_foreign, replace(world, **options)


def _on_scale(table: pl.DataFrame, scale: tuple[float, float]) -> pl.DataFrame:
    """From the seven-point scale to `scale`, columns in their order."""
    low, high = scale
    unit = (high - low) / (TOP - BOTTOM)
    levels = [((pl.col(name) - BOTTOM) * unit + low).alias(name) for name in ON_SCALE]
    lengths = [pl.col(name) * unit for name in LENGTHS]
    truth = [name for name in table.columns if name.startswith("true_")]
    if scale != (BOTTOM, TOP):
        table = table.with_columns(*levels, *lengths)
    return table.select(*FIRST, *THEN, *truth)
