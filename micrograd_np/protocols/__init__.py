"""Protocols: how a Tensor answers where NumPy and Python ask an array. Floor 6."""
