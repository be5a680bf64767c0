"""The exceptions. The docstring of each is the help page of that error. Floor 0.

Every class is a `MicrogradError` and also the built-in type that people catch in such a case. A
message says what happened, with shapes and dtypes, where in the user's own code, and what to write
instead.
"""

from __future__ import annotations

import math
import os
import re
import sys
from os.path import basename, dirname
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE = dirname(__file__) + os.sep
_LIBRARIES = (dirname(os.__file__), "<frozen")

__all__ = [
    "MicrogradError",
    "ShapeError",
    "DtypeError",
    "OutOfRangeError",
    "GraphError",
    "FreedGraphError",
    "InPlaceError",
    "DetachError",
    "NoRuleError",
    "ArgumentError",
    "GradientError",
    "MissingExtraError",
    "DrawError",
]


class MicrogradError(Exception):
    """Any error that this library raises on purpose."""


class ShapeError(MicrogradError, ValueError):
    """Shapes do not fit together.

    ``Tensor([1., 2., 3.]) + Tensor([1., 2.])`` raises it, as does a gradient of another shape than
    its tensor, or a loss whose prediction and target would broadcast. Reshape one of the two.
    """


class DtypeError(MicrogradError, TypeError):
    """A dtype cannot do what was asked.

    Integers have no gradient: ``Tensor([1, 1], requires_grad=True)`` raises it, ``Tensor([1.0,
    1.0], requires_grad=True)`` is meant. Text and Python objects make no Tensor at all.
    """


class OutOfRangeError(MicrogradError, IndexError, ValueError):
    """An index, a label or a target lies outside what there is.

    ``x[7]`` where there are two entries; a class label of 5, or of -1, for two classes; a target
    probability of 2. Labels count from 0, and do not wrap around as indices do.
    """


class GraphError(MicrogradError, RuntimeError):
    """There is nothing to differentiate, or not in this way.

    ``backward()`` on a result computed from constants, or under ``no_grad()``; ``backward()`` on
    many entries without a ``gradient``; ``gradients()`` for a tensor that is not in the graph.
    """


class FreedGraphError(GraphError):
    """A second backward through a graph that was given up after the first.

    ``loss.backward(retain_graph=False)`` drops the saved arrays as it goes. Call ``backward()``
    (which retains), or compute the loss again.
    """


class InPlaceError(MicrogradError, RuntimeError):
    """A change in place that would lose a gradient or change history.

    A leaf changes only inside ``with mg.no_grad():``. A Tensor never aliases another, so writing
    to a view of ``y`` could not reach ``y``: instead of ``v = y[1:3]; v += 1`` write
    ``y[1:3] += 1``.
    """


class DetachError(MicrogradError, TypeError):
    """A Tensor that requires a gradient would silently become a plain array or number.

    ``np.asarray(t)``, ``np.array([t, t])``, ``float(t)``, ``math.sin(t)``, ``buffer[0] = t`` and
    ``array.dot(t)`` would all cut the graph. Use the NumPy function that records (``np.stack``,
    ``np.sin``, ``array @ t``), or ``t.detach()``, ``t.item()`` if cutting is what you mean.
    """


class NoRuleError(MicrogradError, TypeError):
    """A function has no derivative rule, or none for an argument it was given.

    Declare one with ``mg.custom_vjp``, or compute with functions that have rules.
    """


class ArgumentError(MicrogradError, TypeError):
    """A transform was given something it cannot work with.

    ``mg.grad(f(x))`` instead of ``mg.grad(f)(x)``; an ``argnums`` that f does not have; a function
    that returns None, several values, or an array where a scalar is needed.
    """


class GradientError(MicrogradError, AssertionError):
    """A derivative is wrong: raised by ``testing.check_grads`` and ``testing.check_gradient``."""


class MissingExtraError(MicrogradError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it."""


class DrawError(MicrogradError, RuntimeError):
    """A picture cannot be made: too many cards, no renderer, or an unknown suffix."""


def where() -> str:
    """Return " (file.py:12)", the line of the user's own code that is running; "" if none is.

    A library that called us is passed over, if there is a line outside of libraries.
    """
    frame: Any = sys._getframe(1)
    nearest = ""
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith(_HERE) and "numpy" not in frame.f_globals.get("__name__", ""):
            line = f" ({basename(path)}:{frame.f_lineno})"
            if not path.startswith(_LIBRARIES) and "-packages" not in path:
                return line
            nearest = nearest or line
        frame = frame.f_back
    return nearest


def describe(x: Any) -> str:
    """Return "'w' (2, 3) float64", "array (3,) float64" or the value of a plain number."""
    data = getattr(x, "_value", x)
    if isinstance(data, int | float | complex) and data is x:
        return repr(x)
    if not hasattr(data, "shape"):
        return type(x).__name__
    name = getattr(x, "_name", None)
    title = repr(name) if name else "Tensor" if data is not x else "array"
    return f"{title} {data.shape} {data.dtype}"


def failed(name: str, operands: Any, error: Exception) -> Exception:
    """Return the error to raise when NumPy refused a forward call: its own, with our context."""
    if isinstance(error, MicrogradError):
        return error
    listed = ", ".join(describe(x) for x in operands)
    if type(error) is IndexError and "out of bounds" in str(error):
        return OutOfRangeError(f"{name}: {error}. Operands: {listed}{where()}.")
    shapes = [getattr(getattr(x, "_value", x), "shape", ()) for x in operands]
    misfit = _misfit(name, shapes, str(error)) if type(error) is ValueError else None
    if misfit is not None:
        what, cure = misfit
        return ShapeError(f"{name}: {what}. Operands: {listed}{where()}. {cure}")
    error.add_note(f"in {name} of {listed}{where()}")
    return error


def _misfit(name: str, shapes: list[Any], text: str) -> tuple[str, str] | None:
    """Return how the shapes do not fit, and the cure; None if that is not what NumPy said."""
    if name == "matmul" and min(map(len, shapes)):
        return _unmatched(*shapes)
    if name == "reshape" and (wanted := re.search(r"into shape (\(.*\))", text)):
        entries = math.prod(shapes[0])
        what = f"{shapes[0]} has {entries} elements, which do not fill the shape {wanted[1]}"
        return what, f"The product of the lengths must be {entries}; one may be -1."
    if wanted := re.search(r"requested shape (\(.*\))", text):
        return f"shape {shapes[0]} does not broadcast to {wanted[1]}", "Reshape it first."
    if "broadcast" in text and len(shapes) > 1 and (axis := _clash(*shapes[:2])):
        return f"shapes {shapes[0]} and {shapes[1]} do not broadcast{axis}", "Reshape one of them."
    return (text, "Reshape those that differ.") if name in ("stack", "concatenate") else None


def _unmatched(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[str, str]:
    """Return why a and b are not the shapes of a matrix product, and which would be."""
    inner, other = a[-1], b[-2:][0]
    if inner == other:
        what = f"{a} @ {b}: leading axes {a[:-2]} and {b[:-2]} do not broadcast"
        return what, "Reshape one of them."
    transpose = ".T" if len(a) < 3 > len(b) else ".mT"
    swaps = {
        f"x @ y{transpose}": len(b) > 1 and inner == b[-1],
        f"x{transpose} @ y": len(a) > 1 and a[-2] == other,
        "y @ x": b[-1] == a[-2:][0],
    }
    fits = [swap for swap, fit in swaps.items() if fit]
    cure = f"Did you mean {fits[0]}?" if fits else "Transpose or reshape one of them."
    return f"{a} @ {b}: inner sizes {inner} and {other} differ", cure


def _clash(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    for back in range(1, min(len(a), len(b)) + 1):
        m, n = a[-back], b[-back]
        if m != n and 1 not in (m, n):
            return f" (axis -{back}: {m} against {n})"
    return ""


def unknown_argument(function: str, name: str, known: Iterable[str]) -> ArgumentError:
    """Return the error for a misspelt argument, which suggests the one that was meant."""
    from difflib import get_close_matches

    names = [other for other in known if other not in ("self", "misspelt")]
    close = get_close_matches(name, names, 1)
    meant = f"Did you mean {close[0]!r}? " if close else ""
    return ArgumentError(
        f"{function} has no argument {name!r}{where()}. {meant}It takes {', '.join(names)}."
    )
