"""Functions of scipy.linalg that NumPy lacks, for Tensors and arrays alike. Floor 8.

SciPy's own convert their operands to arrays, which would cut the graph, and so refuse a Tensor.
Each has the arguments of SciPy's; those that are about its memory (``overwrite_b``) or its checks
(``check_finite``) do nothing. Matrices may stand in stacks, whose leading axes broadcast.
"""

from ..errors import MissingExtraError as _MissingExtraError
from ..errors import unknown_name as _unknown_name

try:
    import scipy.linalg as _  # noqa: F401  (it computes what is below)
except ImportError as error:
    raise _MissingExtraError('mg.linalg needs SciPy: pip install "micrograd_np[demos]".') from error

from .equations import cho_factor as cho_factor
from .equations import cho_solve as cho_solve
from .equations import solve_banded as solve_banded
from .equations import solve_continuous_lyapunov as solve_continuous_lyapunov
from .equations import solve_discrete_lyapunov as solve_discrete_lyapunov
from .equations import solve_lyapunov as solve_lyapunov
from .equations import solve_sylvester as solve_sylvester
from .equations import solve_triangular as solve_triangular
from .functions import coshm as coshm
from .functions import cosm as cosm
from .functions import expm as expm
from .functions import logm as logm
from .functions import polar as polar
from .functions import sinhm as sinhm
from .functions import sinm as sinm
from .functions import sqrtm as sqrtm
from .functions import tanhm as tanhm
from .functions import tanm as tanm
from .patterns import block_diag as block_diag
from .patterns import circulant as circulant
from .patterns import hankel as hankel
from .patterns import khatri_rao as khatri_rao
from .patterns import toeplitz as toeplitz

__all__ = [
    "solve_triangular", "solve_banded", "cho_factor", "cho_solve",
    "solve_sylvester", "solve_lyapunov", "solve_continuous_lyapunov", "solve_discrete_lyapunov",
    "expm", "logm", "sqrtm", "cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm", "polar",
    "block_diag", "toeplitz", "hankel", "circulant", "khatri_rao",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Suggest the name that may be meant, or how to do without."""
    import numpy as np

    error = _unknown_name("mg.linalg", name, __all__)
    if hasattr(np.linalg, name) and not name.startswith("_"):
        error.add_note(f"np.linalg.{name} takes Tensors as it is.")
    raise error
