"""micrograd_np: a NumPy array that remembers how it was computed.

Compute with plain NumPy on Tensors; ``backward``, ``grad`` and their kin give the derivatives.
"""

from typing import TYPE_CHECKING

from . import errors as errors
from . import tree as tree
from .errors import MicrogradError as MicrogradError
from .modes import named as named
from .modes import no_grad as no_grad
from .tensor import Tensor as Tensor

if TYPE_CHECKING:
    from . import linalg as linalg
    from . import nn as nn
    from . import special as special
    from . import stats as stats
    from . import testing as testing
    from .checkpointing import checkpoint as checkpoint
    from .compile import jit as jit
    from .compile import scan as scan
    from .creation import arange as arange
    from .creation import array as array
    from .creation import asarray as asarray
    from .creation import asarray_chkfinite as asarray_chkfinite
    from .creation import c_ as c_
    from .creation import full as full
    from .creation import kaiser as kaiser
    from .creation import r_ as r_
    from .custom import custom_vjp as custom_vjp
    from .custom import stop_gradient as stop_gradient
    from .debugging import debug as debug
    from .formulas import explain as explain
    from .jacobians import hessian as hessian
    from .jacobians import jacobian as jacobian
    from .memory import tune_malloc as tune_malloc
    from .transforms import elementwise_grad as elementwise_grad
    from .transforms import grad as grad
    from .transforms import gradients as gradients
    from .transforms import hvp as hvp
    from .transforms import jvp as jvp
    from .transforms import value_and_grad as value_and_grad
    from .transforms import vjp as vjp
    from .views import draw as draw
    from .views import graph as graph
    from .views import step as step

__version__ = "0.1.0"

__all__ = [
    "Tensor", "array", "asarray", "full", "arange", "r_", "c_", "kaiser", "asarray_chkfinite",
    "grad", "value_and_grad", "vjp", "jvp", "jacobian", "hessian", "hvp", "elementwise_grad",
    "gradients", "stop_gradient", "checkpoint", "custom_vjp", "no_grad", "named", "debug", "jit",
    "scan", "draw", "step", "graph", "explain", "tune_malloc", "nn",
    "testing", "tree", "errors", "MicrogradError",
]  # fmt: skip

# Modules of these names were imported: mg.graph is a function, and mg.tensor tells that Tensor
# is meant
del globals()["graph"], globals()["tensor"]

LATE = {  # what a program may do without: imported when it is first asked for
    "transforms": ["grad", "value_and_grad", "vjp", "jvp", "hvp", "elementwise_grad", "gradients"],
    "jacobians": ["jacobian", "hessian"],
    "checkpointing": ["checkpoint"],
    "custom": ["stop_gradient", "custom_vjp"],
    "creation": ["array", "asarray", "full", "arange", "r_", "c_", "kaiser", "asarray_chkfinite"],
    "compile": ["jit", "scan"],
    "views": ["draw", "step", "graph"],
    "formulas": ["explain"],
    "debugging": ["debug"],
    "memory": ["tune_malloc"],
    "linalg": ["linalg"],
    "nn": ["nn"],
    "special": ["special"],
    "stats": ["stats"],
    "testing": ["testing"],
}
HOME = {name: module for module, names in LATE.items() for name in names}


def __getattr__(name: str) -> object:
    """Import what is asked for the first time, and keep it."""
    if name not in HOME:
        raise errors.unknown_name("mg", name, __all__)
    from importlib import import_module

    module = import_module(f".{HOME[name]}", __name__)
    found = module if name == HOME[name] else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List what is imported late, too."""
    return sorted({*globals(), *HOME})
