"""Benchmarks: what micrograd_np costs beside NumPy by hand and beside its peers.

Run `python -m benchmarks --help`. Every number is a ratio within one run: see `measure.py`.
"""
