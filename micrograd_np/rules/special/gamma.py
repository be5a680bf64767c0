"""Rules for scipy.special: error functions, gamma and beta functions, distributions. Floor 6."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from ...rule import constant, unknown
from ..bell import exp_of_square, normal_density
from ..readable import entries
from .entries import of_entries
from .incomplete import gamma_density, gammainc_in_a

ROOT_PI = math.sqrt(math.pi)
ROOT_HALF = math.sqrt(0.5)

# Error functions (DLMF 7.2, 7.10)

of_entries(special.erf, lambda g, x: g * (2 / ROOT_PI * exp_of_square(x, -2)))
of_entries(special.erfc, lambda g, x: -g * (2 / ROOT_PI * exp_of_square(x, -2)))
of_entries(special.erfi, lambda g, x: g * (2 / ROOT_PI * exp_of_square(x, 2)))
entries(special.erf, lambda g, x: g * (2 / ROOT_PI * np.exp(-(x**2))))  # as it is printed
entries(special.erfc, lambda g, x: -g * (2 / ROOT_PI * np.exp(-(x**2))))
entries(special.erfi, lambda g, x: g * (2 / ROOT_PI * np.exp(x**2)))
of_entries(special.erfcx, lambda g, x, out: g * (2 * (x * out) - 2 / ROOT_PI))
of_entries(special.erfinv, lambda g, out: g * (ROOT_PI / 2 * exp_of_square(out, 2)))
of_entries(special.erfcinv, lambda g, out: -g * (ROOT_PI / 2 * exp_of_square(out, 2)))
of_entries(special.dawsn, lambda g, x, out: g * (1 - 2 * (x * out)))
of_entries(special.wofz, lambda g, x, out: g * (2j / ROOT_PI - 2 * (x * out)))
of_entries(special.ndtr, lambda g, x: g * normal_density(x))
entries(special.ndtr, lambda g, x: g * (np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)))
of_entries(special.ndtri, lambda g, out: g / normal_density(out))
of_entries(
    special.log_ndtr,  # density / cdf, neither of which underflows in the quotient
    lambda g, x: g * (math.sqrt(2 / math.pi) / special.erfcx(-ROOT_HALF * x)),
)
of_entries(
    special.ndtri_exp,
    lambda g, out: g * (special.erfcx(-ROOT_HALF * out) / math.sqrt(2 / math.pi)),
)
of_entries(
    special.owens_t,
    lambda g, x, y: -g * (normal_density(x) * special.erf(ROOT_HALF * (x * y)) / 2),
    lambda g, x, y: g * (exp_of_square(x * np.sqrt(1 + y * y), -1) / (2 * math.pi * (1 + y * y))),
)

# Gamma functions (DLMF 5.2, 5.15, 8.8)


def rgamma_derivative(g, x, out):
    """Derivative of 1 / gamma: -psi / gamma, on the left by reflection, which has no poles."""
    left = np.real(x) < 0.5
    y = 1 - np.where(left, x, 0)
    turn = np.cos(math.pi * x) - special.psi(y) * np.sin(math.pi * x) / math.pi
    return g * np.where(left, special.gamma(y) * turn, -out * special.psi(np.where(left, 1, x)))


of_entries(special.gamma, lambda g, x, out: g * (out * special.psi(x)))
of_entries(special.gammaln, lambda g, x: g * special.psi(x))
of_entries(special.loggamma, lambda g, x: g * special.psi(x))
of_entries(special.rgamma, rgamma_derivative)
of_entries(special.psi, lambda g, x: g * special.zeta(2.0, x), name="digamma")
constant(special.gammasgn)


def beta_density(a, b, x):
    """Return the derivative of betainc(a, b, x) in x."""
    return np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b))


of_entries(
    special.gammainc,
    lambda g, x, y: g * gammainc_in_a(x, y),
    lambda g, x, y: g * gamma_density(x, y),
)
of_entries(
    special.gammaincc,
    lambda g, x, y: -g * gammainc_in_a(x, y),
    lambda g, x, y: -g * gamma_density(x, y),
)
of_entries(
    special.gammaincinv,
    lambda g, x, out: -g * (gammainc_in_a(x, out) / gamma_density(x, out)),
    lambda g, x, out: g / gamma_density(x, out),
)
of_entries(
    special.gammainccinv,
    lambda g, x, out: -g * (gammainc_in_a(x, out) / gamma_density(x, out)),
    lambda g, x, out: -g / gamma_density(x, out),
)
of_entries(
    special.poch,
    lambda g, x, y, out: g * (out * (special.psi(x + y) - special.psi(x))),
    lambda g, x, y, out: g * (out * special.psi(x + y)),
)
of_entries(
    special.beta,
    lambda g, x, y, out: g * (out * (special.psi(x) - special.psi(x + y))),
    lambda g, x, y, out: g * (out * (special.psi(y) - special.psi(x + y))),
)
of_entries(
    special.betaln,
    lambda g, x, y: g * (special.psi(x) - special.psi(x + y)),
    lambda g, x, y: g * (special.psi(y) - special.psi(x + y)),
)
of_entries(special.betainc, unknown, unknown, lambda g, x, y, z: g * beta_density(x, y, z))
of_entries(special.betaincc, unknown, unknown, lambda g, x, y, z: -g * beta_density(x, y, z))
of_entries(special.betaincinv, unknown, unknown, lambda g, x, y, out: g / beta_density(x, y, out))
of_entries(special.betainccinv, unknown, unknown, lambda g, x, y, out: -g / beta_density(x, y, out))
of_entries(
    special.binom,
    lambda g, x, y, out: g * (out * (special.psi(x + 1) - special.psi(x - y + 1))),
    lambda g, x, y, out: g * (out * (special.psi(x - y + 1) - special.psi(y + 1))),
)

# Distributions. Those of Poisson and Student have no derivative in their parameter

of_entries(
    special.gdtr,
    lambda g, x, y, z: g * (z * gamma_density(y, x * z)),
    lambda g, x, y, z: g * gammainc_in_a(y, x * z),
    lambda g, x, y, z: g * (x * gamma_density(y, x * z)),
)
of_entries(
    special.gdtrc,
    lambda g, x, y, z: -g * (z * gamma_density(y, x * z)),
    lambda g, x, y, z: -g * gammainc_in_a(y, x * z),
    lambda g, x, y, z: -g * (x * gamma_density(y, x * z)),
)
of_entries(
    special.chdtr,
    lambda g, x, y: g * (gammainc_in_a(x / 2, y / 2) / 2),
    lambda g, x, y: g * (gamma_density(x / 2, y / 2) / 2),
)
of_entries(
    special.chdtrc,
    lambda g, x, y: -g * (gammainc_in_a(x / 2, y / 2) / 2),
    lambda g, x, y: -g * (gamma_density(x / 2, y / 2) / 2),
)
of_entries(
    special.chdtri,
    lambda g, x, out: -g * (gammainc_in_a(x / 2, out / 2) / gamma_density(x / 2, out / 2)),
    lambda g, x, out: -g / (gamma_density(x / 2, out / 2) / 2),
)
of_entries(special.pdtr, unknown, lambda g, x, y: -g * gamma_density(np.floor(x) + 1, y))
of_entries(special.pdtrc, unknown, lambda g, x, y: g * gamma_density(np.floor(x) + 1, y))


def student_density(n, t):
    """Return the density of Student's distribution with n degrees of freedom."""
    return np.exp(
        -0.5 * (n + 1) * np.log1p(t * t / n) - special.betaln(n / 2, 0.5) - 0.5 * np.log(n)
    )


of_entries(special.stdtr, unknown, lambda g, x, y: g * student_density(x, y))
of_entries(special.stdtrit, unknown, lambda g, x, out: g / student_density(x, out))
