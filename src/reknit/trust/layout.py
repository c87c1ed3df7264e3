"""Where things stand in the kernels' arrays: parameters, channels, output columns and the slate.

The slate is one flat array on which a relationship is worked out; every place is a number, so that the
compiled kernels pass no views around.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from reknit.trust.spec import INDEX

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int8]
Step = tuple[float, float, float, float, float, float]
Data = tuple[Floats, Floats, Floats, Small, Small, Small, Floats, Floats]
Result = tuple[Ints, npt.NDArray[np.uint8], Floats, Floats]

# columns of the output, on the unit scale
TRUST, TRUST_SD, BOND, STRAIN, P_RUPTURE, P_STRAIN, P_REPAIR, NEXT_MEAN, NEXT_SD, P_DROPOUT = range(10)
COLUMNS = 10
# channels, in the order in which they are heard; 0 is the prior
ATTENDED, RATING, THERAPIST, GUESS, DIFFICULTY, REPAIR = 1, 2, 3, 4, 5, 6
CHANNELS = 7
STEPS = 7  # numbers that say what passed between two sessions
# what the kernel is asked for
LOGLIK, ESTIMATES, STORE = 0, 1, 2

# one Gaussian component: weight, four means, ten covariances
SIZE = 15
W, B, G, A, D = 0, 1, 2, 3, 4
BB, BG, BA, BD, GG, GA, GD, AA, AD, DD = 5, 6, 7, 8, 9, 10, 11, 12, 13, 14

# the slate
COMPS = 0  # three components, one for each mode of the last session
BASE = 45  # a component after time has passed
PAIR = 60  # the component of one pair of modes
NEW = 75  # three sums of weighted pairs
HEARD = 120  # for each channel: weight of all pairs once it is heard, and of those in rupture
SUMS = 134  # weighted sums over pairs: two of the person's own noise, two of each witness's level
SEEN = 140  # the same six of one pair
LEVEL = 146  # mean and variance of the therapist's level as a rater, then as a guesser
MOVED = 150  # how far each channel moved the log-odds of a rupture
JUMP = 157  # a rupture's strain: probability of being above zero, and its mean and variance there
PLAIN = 160  # the plain level with a slope: its state (5 numbers), its forecast's mean and variance
KNOWN = 167  # ratings met already, as observations: five numbers for each part of the scale
KEPT = 128
SLATE = KNOWN + 5 * (KEPT + 1)

BOND_MEAN, BOND_SD, GROWTH_MEAN = INDEX["bond_mean"], INDEX["bond_sd"], INDEX["growth_mean"]
GROWTH_SD, GROWTH_CORR, GROWTH_WEEKS = INDEX["growth_sd"], INDEX["growth_corr"], INDEX["growth_weeks"]
WALK_SD, STATE_SD, STATE_WEEKS = INDEX["walk_sd"], INDEX["state_sd"], INDEX["state_weeks"]
STRAIN_KEEP, STRAIN_SD, STRAIN_SIZE = INDEX["strain_keep"], INDEX["strain_sd"], INDEX["strain_size"]
JUMP_MEAN, JUMP_SD, REPAIR_KEEP = INDEX["jump_mean"], INDEX["jump_sd"], INDEX["repair_keep"]
REPAIR_GAIN, REPAIR_RATE, RUPTURE_RATE = INDEX["repair_gain"], INDEX["repair_rate"], INDEX["rupture_rate"]
RUPTURE_FIRST, RATING_SD, ITEMS = INDEX["rupture_first"], INDEX["rating_sd"], INDEX["items"]
OUTLIER_SHARE, OUTLIER_FACTOR, STYLE_WEIGHT = (
    INDEX["outlier_share"],
    INDEX["outlier_factor"],
    INDEX["style_weight"],
)
STYLE_MEMORY, HASTE_FACTOR, RATING_STEP = INDEX["style_memory"], INDEX["haste_factor"], INDEX["rating_step"]
STRAIN_SHOWN = INDEX["strain_shown"]
SCALE_USE, USUAL_GAP, INTERVAL_FACTOR = INDEX["scale_use"], INDEX["usual_gap"], INDEX["interval_factor"]
SAID_CALM, SAID_RUPTURE, SAID_STRAIN = INDEX["said_calm"], INDEX["said_rupture"], INDEX["said_strain"]
YES_CALM, YES_HURT = INDEX["yes_calm"], INDEX["yes_hurt"]
MISSED_CALM, MISSED_STRAIN, MISSED_SHARE = INDEX["missed_calm"], INDEX["missed_strain"], INDEX["missed_share"]
RECORD_CALM, RECORD_REPAIR = INDEX["record_calm"], INDEX["record_repair"]
CONFIRM_CALM, CONFIRM_REPAIR = INDEX["confirm_calm"], INDEX["confirm_repair"]
T_LEVEL, T_LEVEL_SD, T_SD = INDEX["therapist_level"], INDEX["therapist_level_sd"], INDEX["therapist_sd"]
WITNESS_STEP = INDEX["witness_step"]
T_SLOPE, T_STRAIN = INDEX["therapist_slope"], INDEX["therapist_strain"]
G_LEVEL, G_LEVEL_SD, G_SD = INDEX["guess_level"], INDEX["guess_level_sd"], INDEX["guess_sd"]
G_SLOPE, G_STRAIN = INDEX["guess_slope"], INDEX["guess_strain"]
LEAVE_BASE, LEAVE_STRAIN = INDEX["leave_base"], INDEX["leave_strain"]
LEAVE_TRUST, LEAVE_MISSED = INDEX["leave_trust"], INDEX["leave_missed"]
SIMPLE_MEAN, SIMPLE_SPREAD = INDEX["simple_mean"], INDEX["simple_spread"]
SIMPLE_WALK, SIMPLE_NOISE = INDEX["simple_walk"], INDEX["simple_noise"]
SIMPLE_SLOPE, SIMPLE_SLOPE_SD = INDEX["simple_slope"], INDEX["simple_slope_sd"]
SIMPLE_CORR, FORECAST_PLAIN = INDEX["simple_corr"], INDEX["forecast_plain"]
FORECAST_WEIGHT = INDEX["forecast_weight"]
FORECAST_FACTOR, FORECAST_POWER = INDEX["forecast_factor"], INDEX["forecast_power"]
