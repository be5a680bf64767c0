"""What becomes a Tensor's data, and the conversions that would lose a gradient. Floor 6."""

from __future__ import annotations

import opcode
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ArgumentError, DetachError, DtypeError, ShapeError, TracingError, inside, where
from ..modes import running, tracing

if TYPE_CHECKING:
    from ..calls.handle import Handle


CURES = {
    "U": "Convert them first, with np.array(..., dtype=float).",
    "O": "If they are numbers, convert them with .astype(float); to join Tensors: np.stack([...]).",
    "": "Parameters are arrays, or a dict, list, tuple or dataclass of arrays.",
    "M": "Dates cannot be differentiated: subtract a date, and divide by np.timedelta64(1, 'D').",
    "m": "Durations cannot be differentiated: divide them by np.timedelta64(1, 'D').",
}  # by the kind of dtype; without one, of a single object


def as_data(value: Any, dtype: Any = None) -> Any:
    """Return a private copy of array-like numbers; a NumPy scalar if there are no axes."""
    check_unmasked(value)
    try:
        data = np.array(value, dtype)
    except ValueError as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                f"rows have different lengths{_lengths(value)}{where()}. "
                "A Tensor is rectangular: pad the rows, or make one Tensor each."
            ) from None
        raise
    if data.dtype.kind not in "biufc":
        kind = "" if data.dtype.kind == "O" and not data.ndim else data.dtype.kind
        raise DtypeError(
            f"cannot make a Tensor of {_kind(value, data)}: numbers only{where()}. "
            f"{CURES.get(kind, CURES['U'])}"
        )
    if not data.dtype.isnative:
        data = data.astype(data.dtype.newbyteorder("="))
    return data if data.ndim else data[()]


def check_unmasked(x: Any) -> None:
    """Refuse a masked array: as plain numbers its masked entries would count."""
    if type(x) is not np.ndarray and isinstance(x, np.ma.MaskedArray):
        raise DtypeError(
            f"a masked array of shape {x.shape} has entries that do not count, a Tensor has "
            f"not{where()}. Pass x.filled(0), and where they must not count np.sum(x, where=~mask) "
            "or np.where(mask, 0, x)."
        )


def _lengths(rows: Any) -> str:
    lengths = sorted({len(row) for row in rows if hasattr(row, "__len__")})
    return f" ({' and '.join(map(str, lengths[:3]))})" if len(lengths) > 1 else ""


def _kind(value: Any, data: Any) -> str:
    if data.dtype.kind != "O":
        return f"dtype {data.dtype}" if data.dtype.kind in "mM" else type(data.flat[0]).__name__
    first = data.flat[0] if data.size else value
    return f"Python objects ({type(first).__name__})"


def check_differentiable(data: Any) -> None:
    """Refuse a gradient for numbers that have none."""
    if data.dtype.kind not in "fc":
        meant = np.asarray(data, float).tolist() if data.size < 5 else "data, dtype=float"
        raise DtypeError(
            f"integer and bool Tensors have no gradient (got {data.dtype}){where()}. "
            f"Use floats: Tensor({meant}, requires_grad=True)."
        )


def check_flag(requires_grad: Any) -> None:
    """Refuse what is no truth value: a name that stands in its place, for one."""
    if not isinstance(requires_grad, bool | np.bool_):
        name = repr(requires_grad) if isinstance(requires_grad, str) else "'w'"
        raise ArgumentError(
            f"Tensor: requires_grad is True or False, got {requires_grad!r}{where()}. "
            f"A name is given by name={name}, a dtype by dtype=."
        )


CONVERTS = "converting to an ndarray (np.array, np.float32(t), a.dot(t), rng.normal(t))"
RECORDS = (
    "Use mg.array, mg.asarray, mg.full or mg.r_ in place of NumPy's, or a function that records "
    "(np.stack, a @ t, t.astype, t + rng.normal(size=t.shape)), or t.detach() if cutting is meant."
)
FLOATS = "float() (or a function of math)"
FUNCTIONS = "Use NumPy's function, which records (np.sin for math.sin), or t.item()."
STORED = "storing it in an ndarray, buffer[i] = t,"
BUFFER = (
    "Let the buffer be a Tensor, mg.Tensor(np.zeros(...)) or np.zeros_like(t, shape=...), or "
    "collect in a list and np.stack it; t.detach() if cutting is meant."
)
LISTED = "NumPy does not look into lists. Join it first: {}(mg.array([...])), or with np.stack."
UNASKED = {
    "select": "Write np.where(condition, choice, default).",
    "polyint": "Add the constants of integration to what it gives.",
    "vectorize": "Write the function for whole arrays, with np.where to choose, or call it for "
    "each entry: mg.array([f(x) for x in t]).",
}  # by the function of NumPy that asks for rules, but not because of this argument
PACKAGES = {
    "linalg": "",
    "fft": "",
    "testing": "Compare t.detach().",
    "polynomial": "np.polyval records, whose coefficients begin with the highest power.",
}  # of NumPy's, which belong to the name of a function; and what to write instead of theirs
OWN = "or give it a derivative with mg.custom_vjp."
ASKERS = {
    "scipy.sparse": "Make the sparse matrix dense, s.toarray() @ t, or give its product a "
    "derivative with mg.custom_vjp.",
    "scipy.special": "Written in Python, it takes arrays only: mg.special has its own of "
    f"logsumexp, softmax, polygamma and others; {OWN}",
    "scipy.stats": "mg.stats has its own of norm, t, gamma, beta, poisson, multivariate_normal and "
    f"others, called in the same way. Write what it lacks in NumPy and scipy.special, {OWN}",
    "scipy.linalg": "np.linalg has solve, inv, cholesky, eigh, svd and their kin, mg.linalg "
    "triangular systems and functions of matrices; " + OWN,
    "scipy.fft": "np.fft has the same functions.",
    "scipy.signal": "np.convolve does it in one dimension, mg.nn.conv2d on images, np.fft in any; "
    + OWN,
    "scipy.integrate": "np.trapezoid records; write the steps of an equation in NumPy, in a loop "
    "or with mg.scan; " + OWN,
    "scipy.interpolate": f"np.interp records; {OWN}",
    "scipy.optimize": "It takes functions of arrays, f and jac=mg.grad(f), and its result has no "
    "gradient but what you give it with mg.custom_vjp.",
    "scipy": "Written in Python, it takes arrays only. Write it in NumPy, where np.linalg has "
    f"solve, cholesky and their kin; {OWN}",
    "pandas": "Compute with the numbers of a column, s.to_numpy(); put t.detach() into a table.",
    "torch": "Hand over t.detach(); torch would keep a graph of its own.",
    "jax": "Hand over t.detach(); JAX would keep a graph of its own.",
    "matplotlib": "Plot t.detach().",
    "sklearn": "Hand over t.detach(); scikit-learn keeps no graph.",
    "numpy.ma": "A masked array has entries that do not count, a Tensor has not: write a.filled(0) "
    "for it, and np.where(a.mask, 0, ...) or np.sum(..., where=~a.mask) around what it is in.",
}  # by the library whose code converts the Tensor
LINALG = frozenset(
    {"solve_triangular", "solve_banded", "cho_factor", "cho_solve", "solve_sylvester",
     "solve_continuous_lyapunov", "solve_lyapunov", "solve_discrete_lyapunov", "expm", "logm",
     "sqrtm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm", "polar", "block_diag", "toeplitz",
     "hankel", "circulant", "khatri_rao"}
)  # fmt: skip  # of scipy.linalg, what mg.linalg has; importing it would import SciPy


def module_of(frame: Any) -> str:
    """Return the name of the module whose code a frame runs."""
    return str(frame.f_globals.get("__name__", ""))


def asked_by(frame: Any, t: Any) -> tuple[str, str]:
    """Return what converts a Tensor to an array in this frame, and what to write instead."""
    name, owner, inner = "", None, frame
    while module_of(frame).startswith("numpy.") and not module_of(frame).startswith("numpy.ma."):
        name, owner, inner, frame = (
            frame.f_code.co_name,
            frame.f_locals.get("self"),
            frame,
            frame.f_back,
        )
    if name.startswith("__"):
        name, inner = type(owner).__name__, frame  # np.vectorize
    if (found := in_library(frame, "its operand to an ndarray")) is not None:
        return found
    if not name:
        return (STORED, BUFFER) if stores(frame) else (CONVERTS, RECORDS)
    listed = inner is not frame and any(x is not t and holds(x, t) for x in inner.f_locals.values())
    module = module_of(inner) if owner is None else type(owner).__module__
    package = (*module.split("."), "")[1]
    said = f"np.{package}.{name}" if package in PACKAGES else f"np.{name}"
    cure = LISTED.format(said) if listed else PACKAGES.get(package) or RECORDS
    return f"{said} converts this argument to an ndarray, which", UNASKED.get(name, cure)


def asked_as_number(frame: Any) -> tuple[str, str]:
    """Return what converts a Tensor to a plain number in this frame, and what to write instead."""
    if stores(frame):
        return STORED, BUFFER
    return in_library(frame, "a result to a plain number") or (FLOATS, FUNCTIONS)


def in_library(frame: Any, what: str) -> tuple[str, str] | None:
    """Return the same of a library's code, and what it converts; None of anybody else's."""
    caller, function = library_call(plotting(frame))
    for library, cure in ASKERS.items():
        if f"{caller}.".startswith(f"{library}."):
            said = f"{function} of {library}" if function else library
            if library == "scipy.linalg" and function in LINALG:
                cure = f"Write mg.linalg.{function}, which takes the same arguments."
            return f"{said} converts {what}, which", cure
    return None


def plotting(frame: Any) -> Any:
    """Return matplotlib's frame where it has numpy.ma convert what it plots, else this one."""
    outer = frame
    while module_of(outer).startswith("numpy.ma."):
        outer = outer.f_back
    return outer if module_of(outer).startswith("matplotlib.") else frame


def stores(frame: Any) -> bool:
    """Tell whether a frame is at ``x[i] = ...``."""
    code = frame.f_code.co_code[frame.f_lasti]
    return opcode.opname[code] in ("STORE_SUBSCR", "STORE_SLICE")


def library_call(frame: Any) -> tuple[str, str]:
    """Return the module and the name of the function that the user called, if of a library.

    SciPy calls its functions through wrappers, and these through code that all of it shares.
    """
    module, name = module_of(frame), ""
    while module_of(frame).startswith("scipy."):
        code = frame.f_code.co_name
        if code == "__init__":
            code = type(frame.f_locals["self"]).__name__
        if not module_of(frame).startswith("scipy._"):
            module = module_of(frame)
            name = name if code.startswith(("_", "<")) or code == "wrapper" else code
        elif code == "wrapper" and callable(wrapped := frame.f_locals.get("f")):  # before its call
            module, name = wrapped.__module__, wrapped.__name__.lstrip("_")
        frame = frame.f_back
    return module, name


def holds(x: Any, t: Any) -> bool:
    """Tell whether x is t, or a list in which t stands, however deep."""
    return x is t or (type(x) in (list, tuple) and any(holds(entry, t) for entry in x))


def check_detached(t: Handle, what: str, cure: str) -> None:
    """Refuse a conversion that would silently cut the graph; integers have no gradient to lose."""
    if t._node is not None:
        check_untraced(t, what)
        if t._value.dtype.kind not in "fc":
            return
        name = f" {t._name!r}" if t._name else ""
        raise DetachError(
            f"{what} would cut the graph: the Tensor{name} of shape {np.shape(t._value)} requires "
            f"a gradient{where()}. {cure}"
        )


def note_exit(t: Handle, what: str) -> None:
    """Remember, while a transform runs, that a value left the graph: its result may lack it."""
    check_untraced(t, what)
    noted = running.get()
    if noted is not None and t._node is not None:
        noted.append(what + where())


CURE = (
    "Only shapes and dtypes are known then. Choose entries with np.where, repeat steps with "
    "mg.scan, and pass a plain number that decides in static_argnames."
)


OUTSIDE = (
    "Only shapes and dtypes are known then. Call it outside, and pass its result as an argument; "
    "what it decides by, a plain number, in static_argnames."
)
INSTEAD = {
    "np.polymul": "Write np.convolve(p, q): the product with all its leading zeros.",
    "np.piecewise": "Write np.where(condition, one, other), of functions that take all entries.",
    "np.extract": "Write np.where(condition, x, 0).",
}  # by the function that looks at values, what does not
INDEX = (
    "Only shapes and dtypes are known then. Write mg.asarray(a)[i] to index an array by it, "
    "np.where(mask, a, 0) for a mask; a number of steps or an axis belongs in static_argnames."
)
STATICALLY = (
    "Only shapes and dtypes are known then. Name the argument that it comes from in "
    "static_argnames, or take it from the shape of an array."
)
PRINT = "Print what the compiled function returns; plain f'{x}' shows shape and dtype."


def is_traced(t: Handle) -> bool:
    """Tell whether a value is one that a compiled function computes, while it is traced."""
    trace = tracing()
    return t._node is not None and trace is not None and not trace.decides


def check_untraced(t: Handle, what: str, cure: str = CURE) -> None:
    """Refuse to give the value of what a compiled function computes, while it is traced.

    The function of NumPy that asks for it is named in place of what it does with it.
    """
    if is_traced(t):
        function = inside()
        if function == "getitem":
            what, cure = "x[i:j]", STATICALLY
        elif function:
            what, cure = function, cure if cure is STATICALLY else INSTEAD.get(function, OUTSIDE)
        raise untold(t, what, cure)


def untold(t: Handle, what: str, cure: str) -> TracingError:
    """Return the error for a value that is asked for while a function is traced."""
    name = f" {t._name!r}" if t._name else ""
    return TracingError(
        f"{what} needs the value of the Tensor{name} of shape {np.shape(t._value)}{where()}, "
        f"which a function has not while it is compiled. {cure}"
    )


def traced_text(t: Handle) -> str:
    """Return "Traced<float64[2, 3], 'x'>", what is known while a function is compiled."""
    name = f", {t._name!r}" if t._name else ""
    return f"Traced<{t._value.dtype}{list(np.shape(t._value))}{name}>"
