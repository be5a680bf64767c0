"""The rules, in NumPy's own chapters. Floor 5.

Those of the operators and of all ufuncs are declared at once. The others wait, since most
programs need few of them, until a function without a rule meets a Tensor; ``rules.others`` declares
them all.
"""

from ..calls.dispatch import late
from . import (
    activations,
    arrays,
    constants,
    elementwise,
    indexing,
    parameters,
    products,
    reductions,
    shapes,
)

__all__ = [
    "activations",
    "arrays",
    "constants",
    "elementwise",
    "indexing",
    "parameters",
    "products",
    "reductions",
    "shapes",
]

late["numpy"] = f"{__name__}.others"
late["scipy.special"] = f"{__name__}.special"
