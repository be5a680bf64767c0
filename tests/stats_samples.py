"""Shape parameters to try the distributions of mg.stats at, and what mpmath says of each."""

from mpmath import mp

SHAPES = {
    "norm": [()],
    "t": [(0.3,), (3.0,), (50.0,)],
    "cauchy": [()],
    "laplace": [()],
    "logistic": [()],
    "gamma": [(0.4,), (2.5,), (30.0,)],
    "chi2": [(1.0,), (3.0,), (40.0,)],
    "expon": [()],
    "invgamma": [(0.4,), (2.5,)],
    "halfnorm": [()],
    "lognorm": [(0.3,), (2.0,)],
    "beta": [(0.5, 0.7), (1.5, 2.5), (20.0, 3.0)],
    "uniform": [()],
    "bernoulli": [(0.3,), (0.999,)],
    "binom": [(7.0, 0.3), (40.0, 0.9)],
    "geom": [(0.3,), (0.01,)],
    "nbinom": [(0.4, 0.3), (5.0, 0.8)],
    "poisson": [(0.3,), (12.5,)],
}


def normal(z):
    return -z * z / 2 - mp.log(2 * mp.pi) / 2


def gamma(z, a):
    return (a - 1) * mp.log(z) - z - mp.loggamma(a)


def below(a, z):
    return mp.gammainc(a, 0, z, regularized=True)


def above(a, z):
    return mp.gammainc(a, z, mp.inf, regularized=True)


def between(a, b, z):
    return mp.betainc(a, b, 0, z, regularized=True)


def beyond(a, b, z):
    return mp.betainc(b, a, 0, 1 - z, regularized=True)


def log_binomial(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def student(z, df):
    """P(Z > z) for z > 0."""
    return between(df / 2, mp.mpf(1) / 2, df / (df + z * z)) / 2


ORACLES = {  # log p(z), P(Z <= z), P(Z > z)
    "norm": (normal, mp.ncdf, lambda z: mp.ncdf(-z)),
    "t": (
        lambda z, df: (
            mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(df * mp.pi) / 2
            - (df + 1) / 2 * mp.log1p(z * z / df)
        ),
        lambda z, df: 1 - student(z, df) if z > 0 else student(-z, df),
        lambda z, df: student(z, df) if z > 0 else 1 - student(-z, df),
    ),
    "cauchy": (
        lambda z: -mp.log(mp.pi * (1 + z * z)),
        lambda z: mp.atan2(1, -z) / mp.pi,
        lambda z: mp.atan2(1, z) / mp.pi,
    ),
    "laplace": (
        lambda z: -abs(z) - mp.log(2),
        lambda z: mp.exp(z) / 2 if z < 0 else 1 - mp.exp(-z) / 2,
        lambda z: mp.exp(-z) / 2 if z > 0 else 1 - mp.exp(z) / 2,
    ),
    "logistic": (
        lambda z: -z - 2 * mp.log1p(mp.exp(-z)),
        lambda z: 1 / (1 + mp.exp(-z)),
        lambda z: 1 / (1 + mp.exp(z)),
    ),
    "gamma": (gamma, lambda z, a: below(a, z), lambda z, a: above(a, z)),
    "chi2": (
        lambda z, df: gamma(z / 2, df / 2) - mp.log(2),
        lambda z, df: below(df / 2, z / 2),
        lambda z, df: above(df / 2, z / 2),
    ),
    "expon": (lambda z: -z, lambda z: -mp.expm1(-z), lambda z: mp.exp(-z)),
    "invgamma": (
        lambda z, a: -(a + 1) * mp.log(z) - 1 / z - mp.loggamma(a),
        lambda z, a: above(a, 1 / z),
        lambda z, a: below(a, 1 / z),
    ),
    "halfnorm": (
        lambda z: normal(z) + mp.log(2),
        lambda z: mp.erf(z / mp.sqrt(2)),
        lambda z: mp.erfc(z / mp.sqrt(2)),
    ),
    "lognorm": (
        lambda z, s: normal(mp.log(z) / s) - mp.log(s * z),
        lambda z, s: mp.ncdf(mp.log(z) / s),
        lambda z, s: mp.ncdf(-mp.log(z) / s),
    ),
    "beta": (
        lambda z, a, b: (a - 1) * mp.log(z) + (b - 1) * mp.log1p(-z) - mp.log(mp.beta(a, b)),
        lambda z, a, b: between(a, b, z),
        lambda z, a, b: beyond(a, b, z),
    ),
    "uniform": (lambda z: mp.mpf(0), lambda z: z, lambda z: 1 - z),
    "bernoulli": (
        lambda k, p: mp.log(p if k == 1 else 1 - p),
        lambda k, p: 1 - p if k < 1 else mp.mpf(1),
        lambda k, p: p if k < 1 else mp.mpf(0),
    ),
    "binom": (
        lambda k, n, p: log_binomial(n, k) + k * mp.log(p) + (n - k) * mp.log1p(-p),
        lambda k, n, p: beyond(k + 1, n - k, p),
        lambda k, n, p: between(k + 1, n - k, p),
    ),
    "geom": (
        lambda k, p: (k - 1) * mp.log1p(-p) + mp.log(p),
        lambda k, p: 1 - (1 - p) ** k,
        lambda k, p: (1 - p) ** k,
    ),
    "nbinom": (
        lambda k, n, p: log_binomial(n + k - 1, k) + n * mp.log(p) + k * mp.log1p(-p),
        lambda k, n, p: between(n, k + 1, p),
        lambda k, n, p: beyond(n, k + 1, p),
    ),
    "poisson": (
        lambda k, mu: k * mp.log(mu) - mu - mp.loggamma(k + 1),
        lambda k, mu: above(k + 1, mu),
        lambda k, mu: below(k + 1, mu),
    ),
}  # fmt: skip
