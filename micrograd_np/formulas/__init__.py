"""A graph and its derivatives as formulas: NumPy source that runs, LaTeX, text. Floor 9."""

from .explain import explain as explain

__all__ = ["explain"]
