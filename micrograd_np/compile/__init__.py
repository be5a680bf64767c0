"""The compiler: from a function to a program, and from that to code that runs. Floor 9."""

from .jitted import jit
from .scan import scan

__all__ = ["jit", "scan"]
