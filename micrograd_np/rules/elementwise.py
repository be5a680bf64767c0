"""Rules for functions of entries: NumPy's float ufuncs. Floor 5."""

from __future__ import annotations

import math
import operator

import numpy as np

from ..calls.dispatch import atomic, constant_call, primitive
from ..calls.operands import as_values, rebind
from ..errors import ArgumentError
from ..errors import where as line
from ..rule import composite, elementwise, identity
from .activations import sigmoid
from .arrays import fixed_array
from .spread import or_infinite

# Arithmetic, by Python's operators: they equal the ufuncs and are faster on scalars

elementwise(np.add, identity, identity, forward=operator.add)
elementwise(np.subtract, identity, lambda g: -g, forward=operator.sub)
elementwise(np.multiply, lambda g, y: g * y, lambda g, x: g * x, forward=operator.mul)
elementwise(
    np.divide, lambda g, y: g / y, lambda g, y, out: -g * (out / y), forward=operator.truediv
)
elementwise(np.negative, lambda g: -g, forward=operator.neg)
elementwise(np.positive, identity)
elementwise(np.square, lambda g, x: g * (x + x))
elementwise(np.reciprocal, lambda g, out: -g * out * out)
elementwise(  # x / y may round to a step
    np.remainder, identity, lambda g, x, y: -g * (x // y), forward=operator.mod
)
elementwise(np.fmod, identity, lambda g, x, y, out: -g * np.rint((x - out) / y))

# Powers. At base 0 the exponent is pinned where its derivative would be 0 * inf


def power_base(g, x, y):
    """Derivative of x**y in x: y * x**(y - 1), and 0 at 0**0."""
    return g * (y * x ** np.where((x == 0) & (y == 0), 1, y - 1))


def power_exponent(g, x, out):
    """Derivative of x**y in y: out * log(x), and 0 where out is 0, and at 0**0."""
    return g * (out * np.log(np.where((out == 0) | ((x == 0) & (out == 1)), 1, x)))


elementwise(np.power, power_base, power_exponent, forward=operator.pow)
elementwise(
    np.float_power,
    power_base,
    power_exponent,
    arguments=lambda x1, x2: ((x1, x2), {}),  # computes in double: each cotangent is cast back
)
elementwise(np.sqrt, lambda g, out: g / (2 * out))
elementwise(np.cbrt, lambda g, out: g / (3 * out * out))

# Exponentials and logarithms

elementwise(np.exp, lambda g, out: g * out)
elementwise(np.exp2, lambda g, out: g * (out * math.log(2)))
elementwise(np.expm1, lambda g, x: g * np.exp(x))  # out + 1 loses all digits below -37
elementwise(np.log, lambda g, x: g / x)
elementwise(np.log2, lambda g, x: g / (x * math.log(2)))
elementwise(np.log10, lambda g, x: g / (x * math.log(10)))
elementwise(np.log1p, lambda g, x: g / (1 + x))


def excess(x, y):
    """Return x - y, and 0 where both are the same infinity: they share a derivative evenly."""
    same = np.isinf(x) & (x == y)
    return np.where(same, 0, x) - np.where(same, 0, y)


elementwise(
    np.logaddexp,
    lambda g, x, y: g * sigmoid(excess(x, y)),
    lambda g, x, y: g * sigmoid(-excess(x, y)),
)
elementwise(
    np.logaddexp2,
    lambda g, x, y: g * sigmoid(excess(x, y) * math.log(2)),
    lambda g, x, y: g * sigmoid(-excess(x, y) * math.log(2)),
)

# Trigonometric and hyperbolic functions


def arcsin_derivative(g, x, out):
    """Derivative of arcsin: 1 / sqrt(1 - x**2), of complex x with the sign of the branch taken."""
    return g / (np.cos(out) if x.dtype.kind == "c" else np.sqrt((1 - x) * (1 + x)))


def arccos_derivative(g, x, out):
    """Derivative of arccos: that of arcsin, negated."""
    return -g / (np.sin(out) if x.dtype.kind == "c" else np.sqrt((1 - x) * (1 + x)))


def arcsinh_derivative(g, x):
    """Derivative of arcsinh: 1 / sqrt(1 + x**2), without overflow where x is real."""
    return g / (np.sqrt(1 + x * x) if x.dtype.kind == "c" else np.hypot(1, x))


elementwise(np.sin, lambda g, x: g * np.cos(x))
elementwise(np.cos, lambda g, x: -g * np.sin(x))
elementwise(np.tan, lambda g, out: g * (1 + out * out))
elementwise(np.arcsin, arcsin_derivative)
elementwise(np.arccos, arccos_derivative)
elementwise(np.arctan, lambda g, x: g / (1 + x * x))
elementwise(np.sinh, lambda g, x: g * np.cosh(x))
elementwise(np.cosh, lambda g, x: g * np.sinh(x))
elementwise(np.arcsinh, arcsinh_derivative)
elementwise(np.arccosh, lambda g, x: g / (np.sqrt(x - 1) * np.sqrt(x + 1)))
elementwise(np.arctanh, lambda g, x: g / ((1 - x) * (1 + x)))


def turned(x, y):
    """Return y / (x**2 + y**2) where x * x may overflow; 0 at infinities."""
    size = np.hypot(x, y)
    return np.where(np.abs(y) == math.inf, 0, y) / size / size


def portion(x, out):
    """Return x / out, out at least as large: 0 where both are 0, the sign of an infinite x."""
    far = np.abs(x) == math.inf
    return np.where(far, np.sign(x), x) / np.where(far, 1, or_infinite(out))


elementwise(np.arctan2, lambda g, x, y: g * turned(x, y), lambda g, x, y: -g * turned(y, x))
elementwise(np.hypot, lambda g, x, out: g * portion(x, out), lambda g, y, out: g * portion(y, out))
elementwise(np.degrees, lambda g: g * (180 / math.pi))
elementwise(np.rad2deg, lambda g: g * (180 / math.pi))
elementwise(np.radians, lambda g: g * (math.pi / 180))
elementwise(np.deg2rad, lambda g: g * (math.pi / 180))


@primitive
def sech_squared(x):
    """Return 1 / cosh(x)**2; of real x, 1 - tanh(x)**2 would lose all digits beyond 19."""
    if x.dtype.kind == "c":
        return 1 - np.tanh(x) ** 2
    e = np.exp(-2 * np.abs(x))
    y = e / (1 + e)
    return 4 * y * (1 - y)


elementwise(sech_squared, lambda g, x, out: g * (-2 * out * np.tanh(x)))
elementwise(np.tanh, lambda g, x: g * sech_squared(x))

# Functions with kinks. At a kink: the element of least norm of the generalized gradient


def absolute_derivative(g, x):
    """Derivative of the absolute value: the sign, or for complex x its conjugate direction."""
    if x.dtype.kind != "c":
        return g * np.sign(x)
    return g * np.conj(x / or_infinite(np.abs(x)))


elementwise(np.absolute, absolute_derivative, forward=abs, real_valued=True)
elementwise(np.fabs, lambda g, x: g * np.sign(x))
elementwise(np.copysign, lambda g, x, y: g * np.copysign(1, x) * np.copysign(1, y), None)


def kept(g, more, tie):
    """Return g where ``more``, half of it where ``tie``, and 0 elsewhere."""
    return g * (more + 0.5 * tie).astype(g.dtype)


elementwise(
    np.maximum,
    lambda g, x, y: kept(g, x > y, x == y),
    lambda g, x, y: kept(g, y > x, x == y),
    weighs=True,
)
elementwise(
    np.minimum,
    lambda g, x, y: kept(g, x < y, x == y),
    lambda g, x, y: kept(g, y < x, x == y),
    weighs=True,
)
elementwise(  # beside a NaN, the number is chosen
    np.fmax,
    lambda g, x, y: kept(g, (x > y) | np.isnan(y), x == y),
    lambda g, x, y: kept(g, (y > x) | np.isnan(x), x == y),
    weighs=True,
)
elementwise(
    np.fmin,
    lambda g, x, y: kept(g, (x < y) | np.isnan(y), x == y),
    lambda g, x, y: kept(g, (y < x) | np.isnan(x), x == y),
    weighs=True,
)


def clip_arguments(a, a_min=None, a_max=None, *, min=None, max=None):  # noqa: A002
    """Return np.clip's operands; a bound that is not given is infinite."""
    low, high = a_min if min is None else min, a_max if max is None else max
    return (a, -math.inf if low is None else low, math.inf if high is None else high), {}


elementwise(
    np.clip,
    lambda g, x, y, z: g * ((x >= y) & (x <= z) & (y < z)),  # 1 at both bounds
    lambda g, x, y, z: g * ((x < y) & (y <= z)),
    lambda g, x, y, z: g * ((x > z) | (y > z) | ((x == z) & (y == z))),
    forward=lambda x, low, high: np.minimum(np.maximum(x, low), high),
    arguments=clip_arguments,
    weighs=True,
)

# Choosing entries


def where_arguments(condition, x=None, y=None):
    """Return np.where's operands; the condition is a parameter."""
    if x is None or y is None:
        raise ArgumentError(
            "np.where of one argument finds where it is true, and Tensors that require a gradient "
            f"are numbers{line()}. Write np.where(x != 0), or np.where(x > 0, x, 0) to choose."
        )
    return (x, y), {"condition": as_values(condition)}


elementwise(
    np.where,
    lambda g, condition: g * np.not_equal(condition, 0).astype(g.dtype),
    lambda g, condition: g * np.equal(condition, 0).astype(g.dtype),
    forward=lambda x, y, condition: np.where(condition, x, y),
    arguments=where_arguments,
    weighs=True,
)

# Parts of a number

composite(np.divmod, lambda x1, x2: (x1 // x2, np.remainder(x1, x2)))


@atomic
@primitive
def fraction(x):
    """Return x without its integer part."""
    return np.modf(x)[0]


@atomic
@primitive
def mantissa(x, exponent):
    """Return x / 2**exponent, between 1/2 and 1."""
    return np.frexp(x)[0]


elementwise(fraction, identity)
elementwise(mantissa, lambda g, y: np.ldexp(g, -y), None, arguments=lambda x, y: ((x, y), {}))
elementwise(np.ldexp, lambda g, y: np.ldexp(g, y), None, arguments=lambda x1, x2: ((x1, x2), {}))
composite(np.modf, lambda x: (fraction(x), np.trunc(x)))


def split_number(x):
    """Body of np.frexp."""
    exponent = constant_call(np.frexp)(x)[1]
    return mantissa(x, exponent), exponent


composite(np.frexp, split_number)


def finite_parts(g, x):
    """Cotangent of the entries that are finite numbers, each of the two parts for itself."""
    if x.dtype.kind != "c":
        return np.where(np.isfinite(x), g, 0)
    real, imag = (np.where(np.isfinite(f(x)), f(g), 0) for f in (np.real, np.imag))
    return real + imag * 1j


@atomic
@primitive
def numbers(x, nan=0.0, posinf=None, neginf=None):
    """Return x with numbers in place of NaN and infinity."""
    return np.nan_to_num(x, True, nan, posinf, neginf)


elementwise(
    numbers,
    finite_parts,
    arguments=lambda x, nan, posinf, neginf: (
        (x,),
        {"nan": nan, "posinf": posinf, "neginf": neginf},
    ),
    ignores=("nan", "posinf", "neginf"),
    selects=True,
    name="nan_to_num",
)


def without_nan(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Body of np.nan_to_num."""
    t = numbers(x, nan, posinf, neginf)
    return t if copy else rebind(x, t)


composite(np.nan_to_num, without_nan, writes=True)

# Complex numbers. Cotangents follow JAX and HIPS autograd: a holomorphic f has the vjp g * f'(x)

elementwise(np.conjugate, lambda g: np.conj(g))
elementwise(
    np.real,
    lambda g: g,
    real_valued=True,
    forward=lambda x: np.real(x)[()],
    arguments=lambda val: ((val,), {}),
)
elementwise(
    np.imag,
    lambda g: g * -1j,
    real_valued=True,
    forward=lambda x: np.imag(x)[()],
    arguments=lambda val: ((val,), {}),
)


def angle(z, deg=False):
    """Body of np.angle: of real numbers it is piecewise constant."""
    if z.dtype.kind != "c":
        return constant_call(np.angle)(z, deg)
    return np.arctan2(np.imag(z), np.real(z)) * (180 / math.pi if deg else 1.0)


composite(np.angle, angle)


def sign(x):
    """Body of np.sign: of real numbers it is piecewise constant."""
    if not np.iscomplexobj(x):
        return constant_call(np.sign)(x)
    return x / or_infinite(np.abs(x))


composite(np.sign, sign)
composite(
    np.real_if_close,
    lambda a, tol=100: a if np.iscomplexobj(np.real_if_close(fixed_array(a), tol)) else np.real(a),
)

# Types and copies


def cast(x, dtype):
    """Return x in another dtype."""
    cast = np.asarray(x).astype(dtype)
    return cast if cast.ndim else cast[()]


elementwise(
    np.astype,
    identity,
    forward=cast,
    arguments=lambda x, dtype, /, copy=True: ((x,), {"dtype": dtype}),
)
elementwise(
    np.copy,
    identity,
    forward=lambda x: x.copy(),
    arguments=lambda a, order="K", subok=False: ((a,), {}),  # which no value hangs on
)
