"""Rules for what scipy.linalg computes and NumPy lacks, declared with mg.linalg. Floor 6.

SciPy's functions convert their operands to arrays; those here take their place on Tensors.
"""

from . import equations, functions

__all__ = ["equations", "functions"]
