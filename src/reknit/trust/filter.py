"""The filter: a collapsed Gaussian mixture over pairs of modes (GPB2; Kim 1994, J. Econometrics 60, eq. 2.6-2.18).

The same kernel serves one relationship after one check-in and ten million check-ins. It takes flat arrays sorted by
relationship and week, with `starts[r]:starts[r+1]` the rows of relationship r.
"""

from __future__ import annotations

import math

import numpy as np

from reknit.trust.gauss import (
    AA,
    BB,
    BG,
    DD,
    GG,
    SIZE,
    B,
    D,
    G,
    W,
    add_weighted,
    bounded_moments,
    collapse,
    evolve,
    repair,
    rupture,
    trust_moments,
)
from reknit.trust.jit import inline, jit
from reknit.trust.spec import INDEX
from reknit.trust.steps import read_rating, report_probability, see_rating, see_strain, see_witness, strained

# columns of the output, on the unit scale
TRUST, TRUST_SD, BOND, STRAIN, P_RUPTURE, P_STRAIN, P_REPAIR, NEXT_MEAN, NEXT_SD, P_DROPOUT = range(10)
COLUMNS = 10
# channels, in the order in which they are heard; 0 is the prior
ATTENDED, RATING, THERAPIST, GUESS, DIFFICULTY, REPAIR = 1, 2, 3, 4, 5, 6
CHANNELS = 7
STEPS = 7  # numbers that say what passed between two sessions
# what the kernel is asked for
LOGLIK, ESTIMATES, STORE = 0, 1, 2

PRUNE = 1e-5  # pairs of modes less likely than this before the data are skipped
MAX_GAP = 520.0  # weeks
LOG_FLOOR = -600.0

BOND_MEAN, BOND_SD = INDEX["bond_mean"], INDEX["bond_sd"]
GROWTH_MEAN, GROWTH_SD = INDEX["growth_mean"], INDEX["growth_sd"]
GROWTH_CORR, GROWTH_WEEKS = INDEX["growth_corr"], INDEX["growth_weeks"]
WALK_SD, STATE_SD, STATE_WEEKS = INDEX["walk_sd"], INDEX["state_sd"], INDEX["state_weeks"]
STRAIN_KEEP, JUMP_MEAN, JUMP_SD = INDEX["strain_keep"], INDEX["jump_mean"], INDEX["jump_sd"]
REPAIR_KEEP, REPAIR_GAIN = INDEX["repair_keep"], INDEX["repair_gain"]
RUPTURE_RATE, RUPTURE_FIRST, REPAIR_RATE = INDEX["rupture_rate"], INDEX["rupture_first"], INDEX["repair_rate"]
RATING_SD, ITEMS = INDEX["rating_sd"], INDEX["items"]
OUTLIER_SHARE, OUTLIER_FACTOR = INDEX["outlier_share"], INDEX["outlier_factor"]
STYLE_WEIGHT, STYLE_MEMORY = INDEX["style_weight"], INDEX["style_memory"]
HASTE_FACTOR = INDEX["haste_factor"]
SAID_CALM, SAID_RUPTURE, SAID_STRAIN = INDEX["said_calm"], INDEX["said_rupture"], INDEX["said_strain"]
YES_CALM, YES_HURT = INDEX["yes_calm"], INDEX["yes_hurt"]
MISSED_CALM, MISSED_STRAIN = INDEX["missed_calm"], INDEX["missed_strain"]
MISSED_SHARE = INDEX["missed_share"]
RECORD_CALM, RECORD_REPAIR = INDEX["record_calm"], INDEX["record_repair"]
CONFIRM_CALM, CONFIRM_REPAIR = INDEX["confirm_calm"], INDEX["confirm_repair"]
T_LEVEL, T_LEVEL_SD = INDEX["therapist_level"], INDEX["therapist_level_sd"]
T_SLOPE, T_STRAIN, T_SD = INDEX["therapist_slope"], INDEX["therapist_strain"], INDEX["therapist_sd"]
G_LEVEL, G_LEVEL_SD = INDEX["guess_level"], INDEX["guess_level_sd"]
G_SLOPE, G_STRAIN, G_SD = INDEX["guess_slope"], INDEX["guess_strain"], INDEX["guess_sd"]
LEAVE_BASE, LEAVE_STRAIN = INDEX["leave_base"], INDEX["leave_strain"]
LEAVE_TRUST, LEAVE_MISSED = INDEX["leave_trust"], INDEX["leave_missed"]
STRAIN_SIZE, STRAIN_SD, USUAL_GAP = INDEX["strain_size"], INDEX["strain_sd"], INDEX["usual_gap"]
RATING_STEP, SCALE_USE = INDEX["rating_step"], INDEX["scale_use"]
INTERVAL_FACTOR = INDEX["interval_factor"]
SIMPLE_MEAN, SIMPLE_SPREAD = INDEX["simple_mean"], INDEX["simple_spread"]
SIMPLE_WALK, SIMPLE_NOISE = INDEX["simple_walk"], INDEX["simple_noise"]
FORECAST_WEIGHT, FORECAST_SHIFT = INDEX["forecast_weight"], INDEX["forecast_shift"]
FORECAST_FACTOR, FORECAST_POWER = INDEX["forecast_factor"], INDEX["forecast_power"]


@inline
def _begin(th, move, move_var, comps):
    """The state before the first session: no strain, one component."""
    comps[:, :] = 0.0
    c = comps[0]
    c[W] = 1.0
    c[B] = th[BOND_MEAN] + move
    c[G] = th[GROWTH_MEAN]
    c[BB] = th[BOND_SD] ** 2 + move_var
    c[GG] = th[GROWTH_SD] ** 2
    c[BG] = th[GROWTH_CORR] * th[BOND_SD] * th[GROWTH_SD]
    c[AA] = th[STATE_SD] ** 2


@inline
def _rupture_prior(th, mode, first, absence):
    """P(rupture now | mode at the session before, or that this is the first); `absence` 0 came .. 1 missed."""
    p = th[RUPTURE_FIRST] if first else th[RUPTURE_RATE + mode]
    if absence > 0.0:
        p *= 1.0 - absence * (1.0 - th[MISSED_SHARE])
    return p


@inline
def _absence(att, answered):
    """How surely nobody came: 1 when recorded, a half when nothing at all is known of the session."""
    if att >= 0:
        return 1.0 - att
    return 0.0 if answered else 0.5


@inline
def _see_attendance(th, x, att, size, width):
    """Whether the client came, which depends on the strain brought to the session; returns its probability."""
    calm, worn = th[MISSED_CALM], th[MISSED_STRAIN]
    if att == 1:
        calm, worn = 1.0 - calm, 1.0 - worn
    return see_strain(x, calm, worn, size, width)


@inline
def _see_words(th, x, mode, said, weight, acc, size, width):
    """The channels of answers: difficulty, recorded repair; returns the new weight."""
    diff, _, rep = said
    hurt = mode == 1
    if diff >= 0:
        bad = report_probability(diff, th[SAID_RUPTURE], th[YES_HURT])
        if hurt:
            weight *= bad
        else:
            calm = report_probability(diff, th[SAID_CALM], th[YES_CALM])
            worn = report_probability(diff, th[SAID_STRAIN], th[YES_HURT])
            weight *= see_strain(x, calm, worn, size, width)
        acc[DIFFICULTY, 0] += weight
        acc[DIFFICULTY, 1] += weight if hurt else 0.0
    if rep >= 0:
        if mode == 2:
            weight *= report_probability(rep, th[RECORD_REPAIR], th[CONFIRM_REPAIR])
        else:
            weight *= report_probability(rep, th[RECORD_CALM], th[CONFIRM_CALM])
        acc[REPAIR, 0] += weight
        acc[REPAIR, 1] += weight if hurt else 0.0
    return weight


@inline
def _see_numbers(th, x, mode, rated, noise, told, weight, acc, level, seen):
    """The channels of numbers: client's rating, therapist's rating and guess; returns the new weight."""
    yt, yg = told
    hurt = mode == 1
    z2, own, te, ti, ge, gi = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if noise[0] > 0.0:
        like, z2, own = see_rating(x, rated, noise[0], noise[1], th[OUTLIER_SHARE])
        weight *= like
        acc[RATING, 0] += weight
        acc[RATING, 1] += weight if hurt else 0.0
    if not math.isnan(yt):
        like, te, ti = see_witness(x, yt, level[0], level[1], th[T_SLOPE], th[T_STRAIN], th[T_SD] ** 2)
        weight *= like
        acc[THERAPIST, 0] += weight
        acc[THERAPIST, 1] += weight if hurt else 0.0
    if not math.isnan(yg):
        like, ge, gi = see_witness(x, yg, level[2], level[3], th[G_SLOPE], th[G_STRAIN], th[G_SD] ** 2)
        weight *= like
        acc[GUESS, 0] += weight
        acc[GUESS, 1] += weight if hurt else 0.0
    seen[0], seen[1] = own * own, own * (z2 - 1.0 + own)
    seen[2], seen[3], seen[4], seen[5] = te, ti, ge, gi
    return weight


@inline
def _learn_level(level, at, pull, info, total):
    """Update the therapist's own level (mean level[at], variance level[at + 1]) from all pairs."""
    var = level[at + 1]
    level[at] += var * pull / total
    level[at + 1] = max(var - var * var * info / total, 1e-12)


@inline
def _dropout(th, trust, strain, missed):
    """P(the relationship ends before the next session), a discrete hazard."""
    x = th[LEAVE_BASE] + th[LEAVE_STRAIN] * strain + th[LEAVE_TRUST] * trust + th[LEAVE_MISSED] * missed
    return 1.0 / (1.0 + math.exp(-min(max(x, -30.0), 30.0)))


@inline
def _forecast(th, comps, weeks, gap, growth_weeks, noise, style, bounded, size, width):
    """Mean and variance of the next rating `gap` weeks ahead: with and without a rupture at that session."""
    df = growth_weeks * (math.log1p((weeks + gap) / growth_weeks) - math.log1p(weeks / growth_weeks))
    ea, ed = math.exp(-gap / th[STATE_WEEKS]), th[STRAIN_KEEP] ** gap
    extra = th[WALK_SD] ** 2 * style * gap + th[STATE_SD] ** 2 * style * (1.0 - ea * ea)
    w0, m0, v0, w1, m1, v1 = 1e-300, 0.0, 0.0, 1e-300, 0.0, 0.0
    for i in range(3):
        c = comps[i]
        if c[W] <= 0.0:
            continue
        m = c[B] + df * c[G] + ea * c[2] - ed * c[D]
        p = c[BB] + df * (2.0 * c[BG] + df * c[GG]) + ea * ea * c[AA] + ed * ed * c[DD] + extra
        p += 2.0 * (ea * (c[7] + df * c[11]) - ed * (c[8] + df * c[12]) - ea * ed * c[13])
        mend = th[REPAIR_RATE] * strained(ed * c[D], ed * ed * c[DD], size, width)
        m += mend * (1.0 - th[REPAIR_KEEP] + th[REPAIR_GAIN]) * ed * c[D]
        hit = th[RUPTURE_RATE + i]
        w0 += c[W] * (1.0 - hit)
        m0 += c[W] * (1.0 - hit) * m
        v0 += c[W] * (1.0 - hit) * (p + m * m)
        w1 += c[W] * hit
        m1 += c[W] * hit * m
        v1 += c[W] * hit * (p + m * m)
    m0, m1 = m0 / w0, m1 / w1
    v0, v1 = max(v0 / w0 - m0 * m0, 0.0), max(v1 / w1 - m1 * m1, 0.0) + th[JUMP_SD] ** 2
    m1 -= th[JUMP_MEAN]
    noise *= 1.0 + th[OUTLIER_SHARE] * (th[OUTLIER_FACTOR] ** 2 - 1.0)
    v0, v1 = v0 + noise, v1 + noise
    if bounded:
        s2 = th[RATING_SD] ** 2 * th[ITEMS]
        m0, _, v0 = bounded_moments(m0, v0, s2)
        m1, _, v1 = bounded_moments(m1, v1, s2)
    m = w0 * m0 + w1 * m1
    return m, w0 * (v0 + (m0 - m) ** 2) + w1 * (v1 + (m1 - m) ** 2) + th[RATING_STEP] ** 2 / 12.0


@inline
def _follow(th, plain, y):
    """One session of the plain local level (plain: its mean and variance): the rating, then the step to the next."""
    if not math.isnan(y):
        gain = plain[1] / (plain[1] + th[SIMPLE_NOISE] ** 2)
        plain[0] += gain * (y - plain[0])
        plain[1] *= 1.0 - gain
    plain[1] += th[SIMPLE_WALK] ** 2


@inline
def _combine(th, mean, var, plain):
    """Mean and sd of the next rating: the model's forecast beside the local level's, recalibrated (`calibrate`)."""
    weight = th[FORECAST_WEIGHT]
    mean = weight * mean + (1.0 - weight) * plain + th[FORECAST_SHIFT]
    sd = math.sqrt(var)
    if th[FORECAST_POWER] != 1.0:
        sd = sd ** th[FORECAST_POWER]
    return mean, th[FORECAST_FACTOR] * sd


@inline
def _log_odds(acc, channel):
    return math.log((acc[channel, 1] + 1e-300) / (acc[channel, 0] - acc[channel, 1] + 1e-300))


@inline
def _reason_code(channel, said, moved):
    """The number of a reason (an index of `reknit.trust.explain.CODES`)."""
    diff, att, rep = said
    if channel == DIFFICULTY:
        return 3 if diff > 0 else 4
    if channel == ATTENDED:
        return 5 if att == 0 else 6
    if channel == REPAIR:
        return 8 if rep == 2 else (7 if rep == 1 else 9)
    first = 1 if channel == RATING else (10 if channel == THERAPIST else 12)
    return first if moved > 0 else first + 1


@inline
def _explain(acc, said, moves):
    """How far each channel moved the log-odds of a rupture (into moves); returns the two strongest, packed."""
    before = _log_odds(acc, 0)
    best, second, top, next_top = 0, 0, 0.15, 0.15
    for channel in range(1, CHANNELS):
        moves[channel] = 0.0
        if acc[channel, 0] <= 0.0:
            continue
        now = _log_odds(acc, channel)
        moves[channel] = now - before
        before = now
        size = abs(moves[channel])
        if size > top:
            second, next_top, best, top = best, top, channel, size
        elif size > next_top:
            second, next_top = channel, size
    packed = 0
    if best > 0:
        packed = _reason_code(best, said, moves[best])
    if second > 0:
        packed += 16 * _reason_code(second, said, moves[second])
    return packed


@inline
def _report(th, comps, size, width, out, at):
    """Write what is believed now into one column of `out`; returns trust and strain."""
    trust, second, bond, strain, worn = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(3):
        c = comps[i]
        if c[W] <= 0.0:
            continue
        m, p, _, _, _, _ = trust_moments(c)
        trust += c[W] * m
        second += c[W] * (p + m * m)
        bond += c[W] * c[B]
        strain += c[W] * c[D]
        worn += c[W] * strained(c[D], c[DD], size, width)
    out[TRUST, at] = trust
    use = th[SCALE_USE] * (min(max(trust, 0.0), 1.0) - 0.5)
    out[TRUST_SD, at] = th[INTERVAL_FACTOR] * math.sqrt(max(second - trust * trust, 0.0) + use * use)
    out[BOND, at] = bond
    out[STRAIN, at] = strain
    out[P_RUPTURE, at] = min(max(comps[1, W], 0.0), 1.0)
    out[P_STRAIN, at] = min(max(worn, 0.0), 1.0)
    out[P_REPAIR, at] = min(max(comps[2, W], 0.0), 1.0)
    return trust, strain


@inline
def _session(th, comps, work, acc, sums, level, step, rated, noise, told, said, first, size, width):
    """All pairs of modes of one session: predict, hear the channels, collapse. Returns the likelihood."""
    base, pair, new = work[0], work[1], work[2:5]
    new[:, :] = 0.0
    acc[:, :] = 0.0
    sums[:, :] = 0.0
    absence = _absence(said[1], noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0)
    for i in range(3):
        before = comps[i, W]
        if before < PRUNE:
            continue
        evolve(comps[i], step, base)
        hit = _rupture_prior(th, i, first, 0.0 if said[1] >= 0 else absence)
        acc[0, 0] += before
        acc[0, 1] += before * hit
        if said[1] >= 0:
            before *= _see_attendance(th, base, said[1], size, width)
            hit = _rupture_prior(th, i, first, absence)
            acc[ATTENDED, 0] += before
            acc[ATTENDED, 1] += before * hit
        mend = (1.0 - hit) * th[REPAIR_RATE] * strained(base[D], base[DD], size, width)
        for mode in range(3):
            prior = before * (hit if mode == 1 else (mend if mode == 2 else 1.0 - hit - mend))
            if prior < PRUNE:
                continue
            pair[:] = base
            if mode == 1:
                rupture(pair, th[JUMP_MEAN], th[JUMP_SD] ** 2)
            elif mode == 2:
                repair(pair, th[REPAIR_KEEP], th[REPAIR_GAIN])
            weight = _see_numbers(th, pair, mode, rated, noise, told, prior, acc, level, sums[1])
            weight = _see_words(th, pair, mode, said, weight, acc, size, width)
            add_weighted(pair, weight, new[mode])
            for i_sum in range(6):
                sums[0, i_sum] += weight * sums[1, i_sum]
    total = new[0, W] + new[1, W] + new[2, W]
    for mode in range(3):
        if new[mode, W] > 0.0:
            collapse(new[mode], 1.0 / total)
        comps[mode, :] = new[mode]
    return total / max(acc[0, 0], 1e-300)


@inline
def _step(th, last, now, style, growth_weeks):
    """What passes between two sessions: growth, decay of state and strain, and the noise that came in."""
    gap = min(max(now - last, 0.0), MAX_GAP)
    df = growth_weeks * (math.log1p(now / growth_weeks) - math.log1p(last / growth_weeks))
    ea = math.exp(-gap / th[STATE_WEEKS])
    ed = th[STRAIN_KEEP] ** gap
    qb, qa = th[WALK_SD] ** 2 * style * gap, th[STATE_SD] ** 2 * style * (1.0 - ea * ea)
    return gap, (df, ea, ed, qb, qa, th[STRAIN_SD] ** 2 * (1.0 - ed * ed))


@inline
def _read(th, y, care, style, bounded):
    """The client's rating as an observation, and its noise variance, ordinary and outlying (0: no rating)."""
    if math.isnan(y):
        return (0.0, 0.0, 0.0, 0), (0.0, 0.0)
    rated = read_rating(y, th[RATING_SD] * math.sqrt(th[ITEMS]), th[RATING_STEP], bounded)
    noise = th[RATING_SD] ** 2 * style * (1.0 + (th[HASTE_FACTOR] ** 2 - 1.0) * (1.0 - care))
    if rated[3] != 0:  # an end of the scale
        return rated, (noise, noise * th[OUTLIER_FACTOR] ** 2)
    return rated, (noise + rated[1], noise * th[OUTLIER_FACTOR] ** 2 + rated[1])


@inline
def _relationship(th, data, has, first, last, move, move_var, bounded, mode, scratch, loglik, out, result):
    """Filter one relationship, rows first..last of the sorted arrays."""
    week, y, care, diff, att, rep, yt, yg = data
    where, reasons, moves, stored = result
    comps, work, acc, sums, level, moved, plain = scratch
    size, width = th[STRAIN_SIZE], 0.4 * th[STRAIN_SIZE]
    tau = th[GROWTH_WEEKS]
    _begin(th, move, move_var, comps)
    level[0], level[1] = th[T_LEVEL], th[T_LEVEL_SD] ** 2
    level[2], level[3] = th[G_LEVEL], th[G_LEVEL_SD] ** 2
    plain[0], plain[1] = th[SIMPLE_MEAN], th[SIMPLE_SPREAD] ** 2
    style, seen, heard, usual = 1.0, 0.0, 0.0, th[USUAL_GAP]
    start = week[first]
    before = 0.0
    for k in range(first, last):
        now = week[k] - start
        gap, step = _step(th, before, now, style, tau)
        if k > first and gap > 0.0:
            usual += (min(gap, 3.0 * usual) - usual) / min(k - first + 1.0, 10.0)
        before = now
        rated, noise = _read(th, y[k], care[k * has[1]], style, bounded)
        told = (yt[k * has[5]], yg[k * has[6]])
        said = (diff[k * has[2]], att[k * has[3]], rep[k * has[4]])
        like = _session(
            th, comps, work, acc, sums, level, step, rated, noise, told, said, k == first, size, width
        )
        loglik[k] = math.log(like) if like > 1e-260 else LOG_FLOOR
        total = comps[0, W] + comps[1, W] + comps[2, W]
        weight = like * acc[0, 0]
        if not math.isnan(y[k]):
            seen = th[STYLE_MEMORY] * seen + sums[0, 0] / weight
            heard = th[STYLE_MEMORY] * heard + style * sums[0, 1] / weight
            style = max((th[STYLE_WEIGHT] + heard) / (th[STYLE_WEIGHT] + seen), 0.02)
        if sums[0, 3] > 0.0:
            _learn_level(level, 0, sums[0, 2], sums[0, 3], weight)
        if sums[0, 5] > 0.0:
            _learn_level(level, 2, sums[0, 4], sums[0, 5], weight)
        if mode == LOGLIK:
            continue
        at = where[k]
        trust, strain = _report(th, comps, size, width, out, at)
        mean, var = _forecast(
            th, comps, now, usual, tau, th[RATING_SD] ** 2 * style, style, bounded, size, width
        )
        _follow(th, plain, y[k])
        mean, sd = _combine(th, mean, var, plain[0])
        out[NEXT_MEAN, at] = min(max(mean, 0.0), 1.0) if bounded else mean
        out[NEXT_SD, at] = sd
        out[P_DROPOUT, at] = _dropout(th, trust, strain, 1.0 if said[1] == 0 else 0.0)
        reasons[at] = _explain(acc, said, moved)
        if mode == STORE:
            moves[k, :CHANNELS] = moved
            for i in range(6):
                moves[k, CHANNELS + i] = step[i]
            moves[k, CHANNELS + 6] = _absence(said[1], noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0)
            stored[k, :, :] = comps


@jit
def run(th, starts, data, has, move, move_var, bounded, mode, first, last, loglik, out, result):
    """Filter relationships first..last (rows of `starts`); see `reknit.trust.engine` for the arrays."""
    comps = np.zeros((3, SIZE))
    work = np.zeros((5, SIZE))
    acc = np.zeros((CHANNELS, 2))
    sums = np.zeros((2, 6))
    level = np.zeros(4)
    moved = np.zeros(CHANNELS)
    scratch = (comps, work, acc, sums, level, moved, np.zeros(2))
    for r in range(first, last):
        _relationship(
            th, data, has, starts[r], starts[r + 1], move[r * has[7]], move_var[r * has[7]],
            bounded, mode, scratch, loglik, out, result,
        )  # fmt: skip
