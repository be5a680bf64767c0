"""Calls of mg.linalg, for the laws of all rules; test_scipy_linalg.py holds every option."""

from __future__ import annotations

import numpy as np
from draws import call, normal
from samples_linalg import definite, regular

import micrograd_np as mg

L = mg.linalg

MATRICES = {
    L.solve_triangular: [
        call(regular(3, 3) + 2 * np.eye(3), normal(3)),
        call(regular(2, 2) + 2 * np.eye(2), normal(2, 2), lower=True),
    ],
    L.solve_banded: [
        call((1, 1), normal(3, 4) + 5 * np.eye(3)[:, 1:2], normal(4)),
        call((2, 0), normal(3, 3) + 5 * np.eye(3)[:, :1], normal(3, 2)),
        call((0, 0), normal(1, 2), normal(2)),
    ],
    L.solve_sylvester: [call(definite(2, 2), definite(3, 3), normal(2, 3))],
    L.expm: [call(normal(2, 2)), call(normal(2, 1, 1))],
    L.logm: [call(definite(2, 2))],
    L.sqrtm: [call(definite(2, 2)), call(definite(2, 2, 2))],
}
