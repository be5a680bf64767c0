"""Checks of derivatives, for this library's rules and for yours. Floor 10.

`check_grads` compares the derivatives of a function with its values and with each other;
`check_gradient` compares gradients derived by hand with the library's. `strategies` draws arrays,
shapes and whole programs for Hypothesis, which is imported only there.
"""

from .formulas import check_gradient as check_gradient
from .grads import check_grads as check_grads

__all__ = ["check_grads", "check_gradient", "strategies"]


def __getattr__(name: str) -> object:
    """Import the strategies, and Hypothesis with them, when they are first asked for."""
    if name == "strategies":
        from importlib import import_module

        return import_module(".strategies", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
