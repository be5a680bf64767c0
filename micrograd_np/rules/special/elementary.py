"""Rules for scipy.special: logistic functions, entropies, losses, powers, degrees. Floor 6."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from ...rule import constant
from ..activations import logistic_density, sigmoid
from ..readable import entries
from .entries import of_entries

# Logistic functions

of_entries(special.expit, lambda g, x: g * logistic_density(x))
entries(special.expit, lambda g, out: g * (out * (1 - out)))  # as it is printed
of_entries(special.log_expit, lambda g, x: g * sigmoid(-x))
of_entries(special.logit, lambda g, x: g / (x * (1 - x)))

# Products with logarithms: 0 where the factor is 0, also of a logarithm of 0


def share(x, y):
    """Return x / y, and 0 where both are 0."""
    return x / np.where((x == 0) & (y == 0), 1, y)


def plain_share(x, y):
    """Return x / y as it is printed, where no y is 0."""
    return x / y if np.all(y != 0) else share(x, y)


of_entries(special.xlogy, lambda g, y: g * np.log(y), lambda g, x, y: g * share(x, y))
of_entries(special.xlog1py, lambda g, y: g * np.log1p(y), lambda g, x, y: g * share(x, 1 + y))
entries(special.xlogy, lambda g, y: g * np.log(y), lambda g, x, y: g * plain_share(x, y))
entries(special.xlog1py, lambda g, y: g * np.log1p(y), lambda g, x, y: g * plain_share(x, 1 + y))
of_entries(special.entr, lambda g, x: -g * (1 + np.log(x)))
of_entries(
    special.rel_entr,
    lambda g, x, y: g * (1 + np.log(x / y)),
    lambda g, x, y: -g * share(x, y),
)
of_entries(
    special.kl_div,
    lambda g, x, y: g * np.log(x / y),
    lambda g, x, y: g * ((y - x) / y),
)

# Losses

of_entries(
    special.huber,
    lambda g, x, y: g * np.maximum(np.abs(y) - x, 0),
    lambda g, x, y: g * np.clip(y, -x, x),
)
of_entries(
    special.pseudo_huber,
    lambda g, x, y: g * (x * steepness(y / x)),
    lambda g, x, y: g * (y / np.hypot(1, y / x)),
)


def steepness(t):
    """Return (root - 1)**2 / root with root = sqrt(1 + t**2), where root - 1 keeps its digits."""
    root = np.hypot(1, t)
    return (t * t / (root + 1)) ** 2 / root


# Powers and exponentials

of_entries(special.cbrt, lambda g, out: g / (3 * out * out))
of_entries(special.exp2, lambda g, out: g * (out * math.log(2)))
of_entries(special.exp10, lambda g, out: g * (out * math.log(10)))
of_entries(special.expm1, lambda g, x: g * np.exp(x))
of_entries(special.log1p, lambda g, x: g / (1 + x))
of_entries(special.exprel, lambda g, x: g * exprel_slope(x))
of_entries(
    special.powm1,
    lambda g, x, y: g * (y * x ** (y - 1)),
    lambda g, x, y: g * (x**y * np.log(x)),
)


def exprel_slope(x):
    """Return the derivative of (exp(x) - 1) / x; near 0 by Kummer's function: no digits lost.

    Far out SciPy would add up the terms of that series for ever.
    """
    near = np.abs(x) < 2
    far = np.minimum(np.where(near, 2, x), 1000)
    kummer = special.hyp1f1(2.0, 3.0, np.where(near, x, 0)) / 2
    return np.where(near, kummer, (np.exp(far) * (1 - 1 / far) + 1 / far) / far)


of_entries(
    special.boxcox,  # log(x) exprel(y log(x))
    lambda g, x, y: g * x ** (y - 1),
    lambda g, x, y: g * (np.log(x) ** 2 * exprel_slope(y * np.log(x))),
)
of_entries(
    special.boxcox1p,
    lambda g, x, y: g * (1 + x) ** (y - 1),
    lambda g, x, y: g * (np.log1p(x) ** 2 * exprel_slope(y * np.log1p(x))),
)
of_entries(
    special.inv_boxcox,
    lambda g, y, out: g * out ** (1 - y),
    lambda g, y, out: -g * (out ** (1 - y) * np.log(out) ** 2 * exprel_slope(y * np.log(out))),
)
of_entries(
    special.inv_boxcox1p,
    lambda g, y, out: g * (1 + out) ** (1 - y),
    lambda g, y, out: (
        -g * ((1 + out) ** (1 - y) * np.log1p(out) ** 2 * exprel_slope(y * np.log1p(out)))
    ),
)

# Trigonometry, also in degrees

DEGREE = math.pi / 180
of_entries(special.cosm1, lambda g, x: -g * np.sin(x))
of_entries(special.sindg, lambda g, x: g * (DEGREE * special.cosdg(x)))
of_entries(special.cosdg, lambda g, x: -g * (DEGREE * special.sindg(x)))
of_entries(special.tandg, lambda g, out: g * (DEGREE * (1 + out * out)))
of_entries(special.cotdg, lambda g, out: -g * (DEGREE * (1 + out * out)))
of_entries(
    special.radian,
    lambda g: g * DEGREE,
    lambda g: g * (DEGREE / 60),
    lambda g: g * (DEGREE / 3600),
)
constant(special.round)
