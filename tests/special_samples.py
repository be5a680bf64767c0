"""Functions of scipy.special: where each is sampled, and what mpmath calls it.

``ONE[f]`` is the same function in mpmath and an interval; ``TWO[f]`` has one for each operand.
Samples and the measured accuracy follow. An order or another parameter is fixed by ``at``.
"""

from __future__ import annotations

from functools import wraps

from draws import between, call
from mpmath import mp
from scipy import special

import micrograd_np as mg
from micrograd_np.rules.special import incomplete, integrals


def at(function, *parameters):
    """A function with its first arguments given."""

    @wraps(function)
    def of_the_rest(*args, **kwargs):
        return function(*parameters, *args, **kwargs)

    of_the_rest.__name__ = f"{function.__name__}({', '.join(map(str, parameters))})"
    del of_the_rest.__wrapped__
    return of_the_rest


def part(function, i):
    """One of the results of a function."""

    def of_result(*args):
        return function(*args)[i]

    of_result.__name__ = f"{function.__name__}[{i}]"
    return of_result


ONE = {
    special.erf: (mp.erf, -5, 5),
    special.erfc: (mp.erfc, -5, 12),
    special.erfi: (mp.erfi, -3, 3),
    special.erfcx: (lambda x: mp.exp(x * x) * mp.erfc(x), -2, 8),
    special.erfinv: (mp.erfinv, -0.99, 0.99),
    special.erfcinv: (lambda x: mp.erfinv(1 - x), 0.01, 1.99),
    special.dawsn: (lambda x: mp.exp(-x * x) * mp.erfi(x) * mp.sqrt(mp.pi) / 2, -5, 5),
    special.ndtr: (mp.ncdf, -30, 5),
    special.ndtri: (lambda p: mp.sqrt(2) * mp.erfinv(2 * p - 1), 0.001, 0.99),
    special.log_ndtr: (lambda x: mp.log(mp.ncdf(x)), -30, 5),
    special.gamma: (mp.gamma, 0.1, 7),
    special.gammaln: (mp.loggamma, 0.1, 30),
    special.loggamma: (mp.loggamma, 0.1, 30),
    special.rgamma: (mp.rgamma, 0.1, 30),
    special.psi: (lambda x: mp.psi(0, x), 0.1, 30),
    special.expit: (lambda x: 1 / (1 + mp.exp(-x)), -40, 40),
    special.log_expit: (lambda x: -mp.log1p(mp.exp(-x)), -40, 40),
    special.logit: (lambda x: mp.log(x / (1 - x)), 0.01, 0.99),
    special.entr: (lambda x: -x * mp.log(x), 0.5, 9),
    special.cbrt: (mp.cbrt, 0.1, 9),
    special.exp2: (lambda x: mp.mpf(2) ** x, -9, 9),
    special.exp10: (lambda x: mp.mpf(10) ** x, -4, 4),
    special.expm1: (mp.expm1, -9, 9),
    special.log1p: (mp.log1p, -0.9, 9),
    special.exprel: (lambda x: mp.expm1(x) / x, -9, 9),
    special.cosm1: (lambda x: mp.cos(x) - 1, 0.2, 3),
    special.sindg: (lambda x: mp.sin(mp.pi * x / 180), 5, 85),
    special.cosdg: (lambda x: mp.cos(mp.pi * x / 180), 5, 85),
    special.tandg: (lambda x: mp.tan(mp.pi * x / 180), 5, 85),
    special.cotdg: (lambda x: mp.cot(mp.pi * x / 180), 5, 85),
    special.ellipk: (mp.ellipk, -3, 0.9),
    special.ellipe: (mp.ellipe, -3, 0.9),
    special.ellipkm1: (lambda p: mp.ellipk(1 - p), 0.1, 3),
    special.j0: (lambda x: mp.besselj(0, x), 0.1, 3),
    special.j1: (lambda x: mp.besselj(1, x), 0.1, 1.5),
    special.y0: (lambda x: mp.bessely(0, x), 0.1, 2),
    special.y1: (lambda x: mp.bessely(1, x), 0.1, 3),
    special.i0: (lambda x: mp.besseli(0, x), 0.1, 9),
    special.i1: (lambda x: mp.besseli(1, x), -9, 9),
    special.k0: (lambda x: mp.besselk(0, x), 0.1, 9),
    special.k1: (lambda x: mp.besselk(1, x), 0.1, 9),
    special.i0e: (lambda x: mp.besseli(0, x) * mp.exp(-x), 0.1, 9),
    special.i1e: (lambda x: mp.besseli(1, x) * mp.exp(-x), 3, 9),
    special.k0e: (lambda x: mp.besselk(0, x) * mp.exp(x), 0.1, 9),
    special.k1e: (lambda x: mp.besselk(1, x) * mp.exp(x), 0.1, 9),
    special.ber: (lambda x: mp.ber(0, x), 0.5, 4),
    special.bei: (lambda x: mp.bei(0, x), 0.5, 4),
    special.ker: (lambda x: mp.ker(0, x), 0.5, 3),
    special.kei: (lambda x: mp.kei(0, x), 0.5, 4),
    special.berp: (lambda x: mp.diff(lambda t: mp.ber(0, t), x), 0.5, 3),
    special.beip: (lambda x: mp.diff(lambda t: mp.bei(0, t), x), 0.5, 3),
    special.kerp: (lambda x: mp.diff(lambda t: mp.ker(0, t), x), 0.5, 2),
    special.keip: (lambda x: mp.diff(lambda t: mp.kei(0, t), x), 0.5, 1.5),
    special.expi: (mp.ei, 0.1, 9),
    special.exp1: (mp.e1, 0.1, 9),
    special.spence: (lambda x: mp.polylog(2, 1 - x), 0.1, 1.9),
    special.wrightomega: (lambda x: mp.lambertw(mp.exp(x)), -3, 9),
    at(special.lambertw): (lambda x: mp.lambertw(x).real, 0.1, 9),
    part(special.airy, 0): (mp.airyai, 0.1, 3),
    part(special.airy, 1): (lambda x: mp.airyai(x, derivative=1), 0.1, 3),
    part(special.airy, 2): (mp.airybi, 0.1, 3),
    part(special.airy, 3): (lambda x: mp.airybi(x, derivative=1), 0.1, 3),
    part(special.sici, 0): (mp.si, 0.1, 3),
    part(special.sici, 1): (mp.ci, 0.1, 1.5),
    part(special.shichi, 0): (mp.shi, 0.1, 3),
    part(special.shichi, 1): (mp.chi, 0.1, 3),
    part(special.fresnel, 0): (mp.fresnels, 0.1, 1.3),
    part(special.fresnel, 1): (mp.fresnelc, 0.1, 0.9),
    at(special.gammainc, 2.5): (lambda x: mp.gammainc(2.5, 0, x, regularized=True), 0.1, 9),
    at(special.gammaincc, 2.5): (lambda x: mp.gammainc(2.5, x, regularized=True), 0.1, 9),
    at(special.betainc, 2.5, 1.5): (
        lambda x: mp.betainc(2.5, 1.5, 0, x, regularized=True), 0.1, 0.9,
    ),
    at(special.betaincc, 2.5, 1.5): (
        lambda x: mp.betainc(2.5, 1.5, x, 1, regularized=True), 0.1, 0.9,
    ),
    at(special.chdtr, 3): (lambda x: mp.gammainc(1.5, 0, x / 2, regularized=True), 0.1, 9),
    at(special.chdtrc, 3): (lambda x: mp.gammainc(1.5, x / 2, regularized=True), 0.1, 9),
    at(special.gdtr, 2, 1.5): (lambda x: mp.gammainc(1.5, 0, 2 * x, regularized=True), 0.1, 5),
    at(special.gdtrc, 2, 1.5): (lambda x: mp.gammainc(1.5, 2 * x, regularized=True), 0.1, 5),
    at(special.pdtr, 3): (lambda m: mp.gammainc(4, m, regularized=True), 0.1, 9),
    at(special.pdtrc, 3): (lambda m: mp.gammainc(4, 0, m, regularized=True), 0.1, 9),
    at(special.stdtr, 3): (
        lambda t: 0.5 + t * mp.gamma(2) / (mp.sqrt(3 * mp.pi) * mp.gamma(1.5))
        * mp.hyp2f1(0.5, 2, 1.5, -t * t / 3), -4, 4,
    ),
    at(special.jv, 1.5): (lambda x: mp.besselj(1.5, x), 0.1, 2),
    at(special.yv, 1.5): (lambda x: mp.bessely(1.5, x), 0.1, 3),
    at(special.yn, 2): (lambda x: mp.bessely(2, x), 0.1, 4),
    at(special.iv, 1.5): (lambda x: mp.besseli(1.5, x), 0.1, 9),
    at(special.kv, 1.5): (lambda x: mp.besselk(1.5, x), 0.1, 9),
    at(special.kn, 2): (lambda x: mp.besselk(2, x), 0.1, 9),
    at(special.ive, 1.5): (lambda x: mp.besseli(1.5, x) * mp.exp(-x), 0.1, 1),
    at(special.kve, 1.5): (lambda x: mp.besselk(1.5, x) * mp.exp(x), 0.1, 9),
    at(special.struve, 1.5): (lambda x: mp.struveh(1.5, x), 0.1, 3),
    at(special.modstruve, 1.5): (lambda x: mp.struvel(1.5, x), 0.1, 6),
    at(special.hyp0f1, 1.5): (lambda x: mp.hyp0f1(1.5, x), -2, 9),
    at(special.hyp1f1, 1.5, 2.5): (lambda x: mp.hyp1f1(1.5, 2.5, x), -5, 5),
    at(special.hyperu, 1.5, 2.5): (lambda x: mp.hyperu(1.5, 2.5, x), 0.5, 5),
    at(special.hyp2f1, 0.5, 1.5, 2.5): (lambda x: mp.hyp2f1(0.5, 1.5, 2.5, x), -3, 0.8),
    at(special.expn, 3): (lambda x: mp.expint(3, x), 0.1, 9),
    at(special.expn, 1): (lambda x: mp.expint(1, x), 0.1, 9),
    at(special.zeta, 2.5): (lambda q: mp.zeta(2.5, q), 0.5, 9),
    at(special.eval_jacobi, 3, 0.5, 1.5): (lambda x: mp.jacobi(3, 0.5, 1.5, x), 0.7, 2),
    at(special.eval_gegenbauer, 3, 1.5): (lambda x: mp.gegenbauer(3, 1.5, x), 0.7, 2),
    at(special.eval_genlaguerre, 3, 0.5): (lambda x: mp.laguerre(3, 0.5, x), -2, 1),
    at(special.eval_laguerre, 3): (lambda x: mp.laguerre(3, 0, x), -2, 0.8),
    at(special.eval_legendre, 3): (lambda x: mp.legendre(3, x), 0.7, 2),
    at(special.eval_chebyt, 3): (lambda x: mp.chebyt(3, x), 0.7, 2),
    at(special.eval_chebyu, 3): (lambda x: mp.chebyu(3, x), 0.7, 2),
    at(special.eval_hermite, 3): (lambda x: mp.hermite(3, x), 1, 2),
    at(special.eval_hermitenorm, 3): (lambda x: x**3 - 3 * x, 1.5, 3),
    at(mg.special.polygamma, 2): (lambda x: mp.psi(2, x), 0.5, 9),
    at(mg.special.spherical_jn, 2): (
        lambda x: mp.sqrt(mp.pi / (2 * x)) * mp.besselj(2.5, x), 0.5, 2.5,
    ),
    at(mg.special.spherical_yn, 2): (
        lambda x: mp.sqrt(mp.pi / (2 * x)) * mp.bessely(2.5, x), 0.5, 3,
    ),
    at(mg.special.spherical_in, 2): (
        lambda x: mp.sqrt(mp.pi / (2 * x)) * mp.besseli(2.5, x), 0.5, 5,
    ),
    at(mg.special.spherical_kn, 2): (
        lambda x: mp.sqrt(mp.pi / (2 * x)) * mp.besselk(2.5, x), 0.5, 5,
    ),
    at(special.eval_legendre, 0): (lambda x: mp.mpf(1), 0.7, 2),
}  # fmt: skip

TWO = {
    special.owens_t: (
        lambda h, a: mp.quad(lambda t: mp.exp(-h * h * (1 + t * t) / 2) / (1 + t * t), [0, a])
        / (2 * mp.pi), (0.2, 2), (0.2, 2),
    ),
    special.poch: (mp.rf, (0.5, 5), (0.5, 3)),
    special.beta: (mp.beta, (0.3, 5), (0.3, 5)),
    special.betaln: (lambda a, b: mp.log(mp.beta(a, b)), (0.3, 5), (0.3, 5)),
    special.binom: (mp.binomial, (5, 9), (0.5, 2)),
    special.xlogy: (lambda x, y: x * mp.log(y), (0.5, 3), (1.5, 3)),
    special.xlog1py: (lambda x, y: x * mp.log1p(y), (0.5, 3), (0.1, 3)),
    special.rel_entr: (lambda x, y: x * mp.log(x / y), (1, 3), (0.1, 0.9)),
    special.kl_div: (lambda x, y: x * mp.log(x / y) - x + y, (1, 3), (0.1, 0.9)),
    special.huber: (
        lambda d, r: r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2), (0.5, 1), (1.2, 3),
    ),
    special.pseudo_huber: (
        lambda d, r: d * d * (mp.sqrt(1 + (r / d) ** 2) - 1), (0.5, 2), (-3, 3),
    ),
    special.powm1: (lambda x, y: x**y - 1, (1.2, 3), (-2, 2)),
    special.boxcox: (lambda x, y: (x**y - 1) / y, (1.2, 3), (-2, 2)),
    special.boxcox1p: (lambda x, y: ((1 + x) ** y - 1) / y, (0.2, 3), (-2, 2)),
    special.inv_boxcox: (lambda x, y: (1 + x * y) ** (1 / y), (0.2, 2), (0.1, 2)),
    special.inv_boxcox1p: (lambda x, y: (1 + x * y) ** (1 / y) - 1, (0.2, 2), (0.1, 2)),
    special.gammainc: (
        lambda a, x: mp.gammainc(a, 0, x, regularized=True), (0.3, 5), (0.1, 9),
    ),
    special.gammaincc: (lambda a, x: mp.gammainc(a, x, regularized=True), (0.3, 5), (0.1, 9)),
    special.chdtr: (
        lambda v, x: mp.gammainc(v / 2, 0, x / 2, regularized=True), (0.6, 9), (0.2, 9),
    ),
    special.chdtrc: (
        lambda v, x: mp.gammainc(v / 2, x / 2, regularized=True), (0.6, 9), (0.2, 9),
    ),
    special.ellipkinc: (mp.ellipf, (0.3, 1.5), (-2, 0.6)),
    special.ellipeinc: (lambda x, m: mp.ellipe(x, m), (0.3, 1.5), (-2, 0.6)),
}  # fmt: skip

# Only sampled: inverse functions and others that mpmath lacks, or that give complex numbers
MORE = {
    special.ndtri_exp: (-9, -0.1),
    at(special.gammaincinv, 2.5): (0.1, 0.9),
    at(special.gammainccinv, 2.5): (0.1, 0.9),
    at(special.betaincinv, 2.5, 1.5): (0.1, 0.9),
    at(special.betainccinv, 2.5, 1.5): (0.1, 0.9),
    at(special.chdtri, 3): (0.1, 0.9),
    at(special.stdtrit, 3): (0.6, 0.9),
    special.wofz: (0.2, 3),
    at(special.hankel1, 1.5): (0.5, 4),
    at(special.hankel2, 1.5): (0.5, 4),
    at(special.hankel1e, 1.5): (0.5, 4),
    at(special.hankel2e, 1.5): (0.5, 4),
}

SPECIAL = {
    **{f: [call(between(a, b, 2))] for f, (_, a, b) in ONE.items()},
    **{f: [call(between(a, b, 2))] for f, (a, b) in MORE.items()},
    **{f: [call(between(*x, 2, 1), between(*y, 2))] for f, (_, x, y) in TWO.items()},
    mg.special.multigammaln: [call(between(2, 5, 2), 3)],
    **{
        f: [call(between(0.5, 5, 2, 1), between(0.2, 0.8, 2))]
        for f in (special.gammaincinv, special.gammainccinv, special.chdtri)
    },
    **{
        f: [call(between(0.5, 2, 2), between(0.5, 3, 2), between(0.5, 4, 2))]
        for f in (special.gdtr, special.gdtrc)
    },
    **{
        at(f, 2): [call(between(0.5, 2, 2), derivative=True)]
        for f in (
            mg.special.spherical_jn,
            mg.special.spherical_yn,
            mg.special.spherical_in,
            mg.special.spherical_kn,
        )
    },
    # What the rules themselves compute, and second derivatives differentiate
    incomplete.gammainc_in_a: [call(between(0.5, 5, 2, 1), between(0.1, 9, 2))],
    **{
        f: [call(between(0.3, 1.5, 2, 1), between(-2, 0.6, 2))]
        for f in (integrals.first_kind_in_m, integrals.second_kind_in_m)
    },
    special.radian: [call(between(1, 9, 3), between(1, 9), between(1, 9))],
}
