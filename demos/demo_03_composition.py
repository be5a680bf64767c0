"""
A network is a composition
==========================

``phi_3(phi_2(phi_1(x)))``: a network is functions put into functions, and its derivative is the
product of theirs. Each function here is a named scope: the picture of the graph draws it as a box.
"""

import numpy as np
from _common import save

import micrograd_np as mg


@mg.named("φ₁: affine")
def phi_1(x):
    return -2.5 * x + 1.0


@mg.named("φ₂: sigmoid")
def phi_2(z):
    return 1 / (1 + np.exp(-z))


@mg.named("φ₃: square")
def phi_3(h):
    return h**2


def main():
    x = mg.Tensor(0.5, requires_grad=True, name="x")
    z = phi_1(x)
    h = phi_2(z)
    s = phi_3(h)
    product = 1.0
    steps = (phi_1, x, z), (phi_2, z, h), (phi_3, h, s)
    for depth, (phi, before, after) in enumerate(steps, start=1):
        local = mg.grad(phi)(before.item())
        product *= local
        for value in (x, z, h, s):
            value.zero_grad()
        after.backward()
        print(f"{depth} deep: value {after.item():8.5f}   derivative {x.grad:8.5f}"
              f"   = the one before × {local:.5f}")  # fmt: skip
        save(mg.draw(after, names={"x": x, "z": z, "h": h, "s": s}), f"composition_{depth}")
    return {"derivative": float(x.grad), "product": float(product)}


if __name__ == "__main__":
    main()
