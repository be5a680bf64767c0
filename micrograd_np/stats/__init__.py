"""The densities of scipy.stats on Tensors and arrays alike, with all their derivatives. Floor 9.

SciPy's own convert their arguments to arrays, which would cut the graph, and so refuse a Tensor.
"""

from ..errors import MissingExtraError as _MissingExtraError
from ..errors import unknown_name as _unknown_name

try:
    import scipy.special as _  # noqa: F401  (everything below is written in it)
except ImportError as error:
    raise _MissingExtraError('mg.stats needs SciPy: pip install "micrograd_np[demos]".') from error

from .continuous import beta as beta
from .continuous import cauchy as cauchy
from .continuous import chi2 as chi2
from .continuous import expon as expon
from .continuous import gamma as gamma
from .continuous import halfnorm as halfnorm
from .continuous import invgamma as invgamma
from .continuous import laplace as laplace
from .continuous import logistic as logistic
from .continuous import lognorm as lognorm
from .continuous import norm as norm
from .continuous import t as t
from .continuous import uniform as uniform
from .discrete import bernoulli as bernoulli
from .discrete import binom as binom
from .discrete import geom as geom
from .discrete import nbinom as nbinom
from .discrete import poisson as poisson
from .multivariate import dirichlet as dirichlet
from .multivariate import multivariate_normal as multivariate_normal

__all__ = [
    "norm", "t", "cauchy", "laplace", "logistic",
    "gamma", "chi2", "expon", "invgamma", "halfnorm", "lognorm", "beta", "uniform",
    "bernoulli", "binom", "geom", "nbinom", "poisson",
    "multivariate_normal", "dirichlet",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Suggest the name that may be meant, or how to do without."""
    error = _unknown_name("mg.stats", name, __all__)
    if not name.startswith("_") and "Did you mean" not in str(error):
        error.add_note("Write its density in NumPy and scipy.special; scipy.stats takes arrays.")
    raise error
