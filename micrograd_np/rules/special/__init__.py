"""Rules for scipy.special, declared when the first of its functions meets a Tensor. Floor 6.

SciPy itself stays optional: nothing here is imported before the user's own program imports it.
"""

from . import bessel, elementary, gamma, integrals, polynomials

__all__ = ["bessel", "elementary", "gamma", "integrals", "polynomials"]
