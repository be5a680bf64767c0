"""The exceptions. The docstring of each is the help page of that error. Floor 0.

Every class is a `MicrogradError` and also the built-in type that people catch in such a case. A
message says what happened, with shapes and dtypes, where in the user's own code, and what to write
instead.
"""

from __future__ import annotations

import sys
from os.path import basename, dirname
from typing import Any

_HERE = dirname(__file__)


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
    """Return " (file.py:12)", the line of the user's own code that is running; "" if none is."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        outside = not path.startswith(_HERE) and "numpy" not in frame.f_globals.get("__name__", "")
        if outside:
            return f" ({basename(path)}:{frame.f_lineno})"
        frame = frame.f_back
    return ""


def describe(x: Any) -> str:
    """Return "'w' (2, 3) float64", "array (3,) float64" or the value of a plain number."""
    data = getattr(x, "_data", x)
    if isinstance(data, int | float | complex) and data is x:
        return repr(x)
    if not hasattr(data, "shape"):
        return type(x).__name__
    name = getattr(x, "_name", None)
    title = repr(name) if name else "Tensor" if data is not x else "array"
    return f"{title} {data.shape} {data.dtype}"


def failed(name: str, operands: Any, error: Exception) -> Exception:
    """Return the error to raise when NumPy refused a forward call: its own, with our context."""
    shapes = [getattr(getattr(x, "_data", x), "shape", ()) for x in operands]
    listed = ", ".join(describe(x) for x in operands)
    if isinstance(error, ValueError) and "broadcast" in str(error) and len(shapes) > 1:
        axis = _clash(*shapes[:2])
        return ShapeError(
            f"{name}: shapes {shapes[0]} and {shapes[1]} do not broadcast{axis}. "
            f"Operands: {listed}{where()}. Reshape one of them."
        )
    error.add_note(f"in {name} of {listed}{where()}")
    return error


def _clash(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    for back in range(1, min(len(a), len(b)) + 1):
        m, n = a[-back], b[-back]
        if m != n and 1 not in (m, n):
            return f" (axis -{back}: {m} against {n})"
    return ""
