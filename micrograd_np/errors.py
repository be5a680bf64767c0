"""The exceptions. The docstring of each is the help page of that error. Floor 0.

Every class is a `MicrogradError` and also the built-in type that people catch in such a case. A
message says what happened, with shapes and dtypes, where in the user's own code, and what to write
instead.
"""

from __future__ import annotations

import linecache
import os
import re
import sys
import warnings
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
    "TooLargeError",
    "GraphError",
    "FreedGraphError",
    "NonFiniteError",
    "InPlaceError",
    "DetachError",
    "NoRuleError",
    "NoDerivativeError",
    "TracingError",
    "ArgumentError",
    "GradientError",
    "MissingExtraError",
    "NoSuchNameError",
    "DrawError",
    "CompileWarning",
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


class TooLargeError(MicrogradError, MemoryError):
    """A result does not fit into the memory.

    Most often two shapes broadcast that should not have: ``(n, 1) + (n,)`` has n * n entries.
    Reshape one of the two, ``x[:, 0] + y``.
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


class NonFiniteError(MicrogradError, FloatingPointError):
    """An operation made a NaN or an infinity, under ``mg.debug()``.

    The message names the operation, your line, the entry, and what it was computed from. Keep the
    operand inside the domain (``np.maximum(x, 1e-12)``, ``np.where``), or use a function that stays
    finite (``mg.nn.log_softmax`` for ``np.log(softmax(x))``).
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


class TracingError(MicrogradError, TypeError):
    """A compiled function asked for a value while it was traced.

    ``mg.jit`` runs a function once, writes down every operation, and from then on runs what was
    written. So nothing that it writes down may hang on a value: ``if x > 0:``, ``while loss > 1:``,
    ``float(x)``, ``x.item()``, ``range(n)``, ``x[x > 0]`` and ``np.nonzero(x)`` raise this. Choose
    entries with ``np.where``, repeat steps with ``mg.scan``, and pass what decides shapes and
    branches, as a plain number, in ``static_argnames``.
    """


class NoDerivativeError(MicrogradError, ArithmeticError):
    """The derivative does not exist: the result depends on something that is chosen at random.

    The complex eigenvectors of a Hermitian matrix may each be multiplied by any number of absolute
    value 1. A loss that notices has no derivative; use ``np.abs(v)``, or ``v @ np.conj(v).T``.
    """


class ArgumentError(MicrogradError, TypeError):
    """A transform was given something it cannot work with.

    ``mg.grad(f(x))`` instead of ``mg.grad(f)(x)``; an ``argnums`` that f does not have; a function
    that returns None, several values, or an array where a scalar is needed.
    """


class GradientError(MicrogradError, AssertionError):
    """A derivative is wrong: raised by ``testing.check_grads`` and ``testing.check_gradient``.

    Of ``check_grads``: ``law`` names what is broken and ``point`` where, if not at the arguments
    themselves; ``index`` is the entry, with its ``actual`` and ``expected`` value.
    """

    law: str = ""
    point: str = ""
    index: tuple[int, ...] = ()
    actual: Any = None
    expected: Any = None


class MissingExtraError(MicrogradError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it.

    ``mg.draw`` needs Graphviz, ``backend="numba"`` needs Numba: install them with
    ``pip install "micrograd_np[draw]"`` and ``pip install "micrograd_np[numba]"``.
    """


class NoSuchNameError(MicrogradError, AttributeError):
    """A module has no such name: the message suggests the one that may be meant.

    ``mg.exp`` raises it, ``np.exp`` is meant: NumPy's functions work on Tensors. So does
    ``mg.tensor(...)``, for ``mg.Tensor(...)``.
    """


class CompileWarning(UserWarning):
    """A compiled function does not run as fast as it could; the message says why.

    It is compiled again and again, because shapes or static arguments change from call to call; or
    a function has no form in the back end that was asked for, so NumPy runs it.
    """


class DrawError(MicrogradError, RuntimeError):
    """A picture cannot be made: too many cards, no renderer, or an unknown suffix.

    A graph of thousands of operations is no picture: draw a part of it with ``around=`` or
    ``until=``, or its scopes with ``detail="modules"``. ``.save("x.svg")`` also takes png, pdf, dot
    and html.
    """


def is_ours(frame: Any) -> bool:
    """Tell whether a frame runs code of this library, or of NumPy."""
    ours = frame.f_code.co_filename.startswith(_HERE)
    return ours or str(frame.f_globals.get("__name__", "")).partition(".")[0] == "numpy"


def is_users(frame: Any) -> bool:
    """Tell whether a frame runs code of the user's own, not of a library."""
    path = frame.f_code.co_filename
    return not (is_ours(frame) or path.startswith(_LIBRARIES) or "-packages" in path)


def user_frame() -> Any:
    """Return the frame of the user's own code that is running; None if there is none.

    A library that called us is passed over, if there is a frame outside of libraries.
    """
    frame: Any = sys._getframe(1)
    nearest = None
    while frame is not None:
        if is_users(frame):
            return frame
        if not is_ours(frame):
            nearest = nearest or frame
        frame = frame.f_back
    return nearest


def where() -> str:
    """Return " (file.py:12)", the line of the user's own code that is running; "" if none is."""
    frame = user_frame()
    return "" if frame is None else f" ({line_of(frame)})"


def warn(message: str, category: type[Warning]) -> None:
    """Warn of the line of the user's own code that is running, however deep in ours it is."""
    frame = user_frame()
    if frame is None:
        warnings.warn(message, category, stacklevel=2)
        return
    seen = frame.f_globals.setdefault("__warningregistry__", {})
    module = frame.f_globals.get("__name__", "")
    path, line = frame.f_code.co_filename, frame.f_lineno
    warnings.warn_explicit(message, category, path, line, module, seen)


def inside() -> str:
    """Return "np.polymul", the function of NumPy or of ours that the user's line called; or ""."""
    frame: Any = sys._getframe(1)
    called = None
    while frame is not None and is_ours(frame):
        function = frame.f_locals.get("function")
        called = function if callable(function) else called
        frame = frame.f_back
    name = getattr(called, "__name__", "")
    module = getattr(called, "__module__", None) or "numpy"  # ufuncs name none
    return f"np{module[5:]}.{name}" if name and module.startswith("numpy") else name


def line_of(frame: Any) -> str:
    """Return "file.py:12", the line that a frame is running."""
    return f"{basename(frame.f_code.co_filename)}:{frame.f_lineno}"


def place() -> str:
    """Return " (file.py:12 in loss)": the user's line, and the function that it is in."""
    frame = user_frame()
    if frame is None:
        return ""
    name = frame.f_code.co_qualname.rpartition("<locals>.")[2]
    return f" ({line_of(frame)}{'' if name == '<module>' else f' in {name}'})"


CUTS = r"\b(no_grad|stop_gradient)\b|\.(detach|item|tolist|to_numpy)\(\)|\.data\b"
QUOTED = r"""'[^']*'|"[^"]*"|#.*"""


def suspects() -> str:
    """Return what may have cut the graph, as the source of the user's function shows it; or ""."""
    frame = user_frame()
    if frame is None:
        return ""
    path, first = frame.f_code.co_filename, frame.f_code.co_firstlineno
    found = [
        f"{cut[0].lstrip('.')} ({basename(path)}:{number})"
        for number in range(max(first, 1), frame.f_lineno + 1)
        for cut in re.finditer(
            CUTS, re.sub(QUOTED, "", linecache.getline(path, number, frame.f_globals))
        )
    ]
    return f"The graph may have been cut by {' or '.join(found[-2:])}. " if found else ""


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


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the one of the names that resembles a misspelt one most, "" if none does."""
    from difflib import get_close_matches

    by_lower = {other.lower(): other for other in names}
    close = get_close_matches(name.lower(), by_lower, 1)
    return by_lower[close[0]] if close else ""


ELSEWHERE = {
    "make_vjp": "vjp", "make_jvp": "jvp", "deriv": "jvp", "vector_jacobian_product": "vjp",
    "make_hvp": "hvp", "hessian_vector_product": "hvp", "holomorphic_grad": "grad",
    "grad_and_aux": "grad", "grad_named": "grad", "primitive": "custom_vjp", "defvjp": "custom_vjp",
    "execute_op": "custom_vjp", "no_autodiff": "no_grad", "astensor": "asarray",
    "Parameter": "Tensor", "Variable": "Tensor", "relu": "nn.relu", "softmax": "nn.softmax",
    "logsumexp": "special.logsumexp", "expm": "linalg.expm",
    "check_grads": "testing.check_grads", "gradcheck": "testing.check_grads",
}  # what autograd, MyGrad and PyTorch call what mg has under another name  # fmt: skip


def unknown_name(module: str, name: str, names: Iterable[str]) -> NoSuchNameError:
    """Return the error for a name that a module lacks: NumPy has it, or it is misspelt."""
    import numpy as np

    close = (ELSEWHERE.get(name) if module == "mg" else None) or nearest(name, names)
    cure = f" Did you mean {module}.{close}?" if close else ""
    if not name.startswith("_") and callable(getattr(np, name, None)) and close.lower() != name:
        cure = f" Write np.{name}: NumPy's functions work on Tensors."
    return NoSuchNameError(f"{module} has no attribute {name!r}.{cure}", name=name)


def unknown_argument(function: str, name: str, known: Iterable[str]) -> ArgumentError:
    """Return the error for a misspelt argument, which suggests the one that was meant."""
    names = [other for other in known if other not in ("self", "misspelt")]
    close = nearest(name, names)
    meant = f"Did you mean {close!r}? " if close else ""
    return ArgumentError(
        f"{function} has no argument {name!r}{where()}. {meant}It takes {', '.join(names)}."
    )
