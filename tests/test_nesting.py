"""Transforms within transforms: any composition has the slope that its values show."""

import numpy as np
import pytest
from draws import examples
from hypothesis import assume, given
from hypothesis import strategies as st

import micrograd_np as mg

AT, ALONG, WEIGHTS = (
    np.array([0.4, -0.3, 0.6]),
    np.array([0.5, 0.2, -0.6]),
    np.array([0.3, -0.7, 0.5]),
)
ROWS = np.linspace(-0.5, 0.5, 6).reshape(2, 3)


@mg.custom_vjp
def softplus(x):
    return np.log1p(np.exp(x))


softplus.defvjp(lambda g, x: g * mg.nn.sigmoid(x))


@mg.custom_vjp
def halves(p):
    return {"sine": np.sin(p["v"]), "rest": (p["v"] * p["u"], np.sum(p["u"]))}


halves.defvjp(
    lambda g, p: {
        "v": g["sine"] * np.cos(p["v"]) + g["rest"][0] * p["u"],
        "u": g["rest"][0] * p["v"] + g["rest"][1],
    }
)


def of_halves(v):
    out = halves({"v": v, "u": 0.5 * v})
    return out["sine"] * out["rest"][1] - 0.3 * out["rest"][0]


VECTORS = {  # functions from vectors to vectors
    "sin": lambda v: 0.8 * np.sin(v),
    "square": lambda v: v * v,
    "softplus of one's own": softplus,
    "trees of one's own": of_halves,
    "cumsum": lambda v: np.cumsum(v) * v,
    "where": lambda v: np.where(v > -5, 0.7 * v, 1.0),
    "a sum": lambda v: v[::-1] * np.sum(v) * 0.3,
    "softmax": mg.nn.softmax,
    "in place": lambda v: changed(v * 1),
}


def changed(v):
    v[1:] *= v[0]
    return v


def weighted(f):
    return lambda u: np.sum(f(u) * WEIGHTS)


WITHIN = {  # what a transform inside makes of such a function: another one
    "checkpoint": mg.checkpoint,
    "checkpoint of two": lambda f: lambda v: sum(mg.checkpoint(lambda u: (f(u), u * u))(v)),
    "jit": mg.jit,
    "grad": lambda f: mg.grad(weighted(f)),
    "jit(grad)": lambda f: mg.jit(mg.grad(lambda u: np.sum(f(u) ** 2))),
    "value_and_grad": lambda f: lambda v: mg.value_and_grad(weighted(f))(v)[0] * v,
    "jvp": lambda f: lambda v: mg.jvp(f, (v,), (WEIGHTS * v,))[1],
    "vjp": lambda f: lambda v: mg.vjp(f, v)[1](WEIGHTS * v)[0],
    "hvp": lambda f: lambda v: mg.hvp(weighted(f), v, WEIGHTS),
    "jacobian": lambda f: lambda v: mg.jacobian(f)(v) @ WEIGHTS,
    "jacobian, forward": lambda f: lambda v: mg.jacobian(f, mode="forward")(v).T @ WEIGHTS,
    "scan": lambda f: lambda v: mg.scan(lambda c, x: (0.5 * f(c) + x, None), v, ROWS)[0],
    # closing over what is differentiated outside
    "grad, closed": lambda f: lambda v: mg.grad(lambda u: np.sum(f(u * v) * v))(np.sin(v)),
    "jvp, closed": lambda f: lambda v: mg.jvp(lambda u: f(u) * v, (v * v,), (v,))[1],
    "vjp, closed": lambda f: lambda v: mg.vjp(lambda u: f(u * v), WEIGHTS)[1](v)[0],
    "hvp, closed": lambda f: lambda v: mg.hvp(lambda u: np.sum(f(u) * v), WEIGHTS, v),
    "checkpoint, closed": lambda f: lambda v: mg.checkpoint(lambda u: f(u) * v)(v * v),
    "jacobian, closed": lambda f: lambda v: mg.jacobian(lambda u: f(u + v))(WEIGHTS) @ v,
    "scan, closed": lambda f: (
        lambda v: mg.scan(lambda c, x: (0.3 * f(c) * v + x, None), WEIGHTS, ROWS)[0]
    ),
    "rows of a scan": lambda f: lambda v: mg.scan(lambda c, x: (0.5 * c + x, f(c)), v, ROWS)[1][1],
}


@st.composite
def nested(draw, depth=3):
    """Draw a function from vectors to vectors, and what it is made of."""
    kinds = ["alone", "within", "within", "after", "times"] if depth else ["alone"]
    kind = draw(st.sampled_from(kinds))
    if kind == "alone":
        name = draw(st.sampled_from(sorted(VECTORS)))
        return VECTORS[name], name
    f, name = draw(nested(depth - 1))
    if kind == "within":
        transform = draw(st.sampled_from(sorted(WITHIN)))
        return WITHIN[transform](f), f"{transform} of ({name})"
    g, other = draw(nested(depth - 1))
    if kind == "after":
        return (lambda v: f(g(v))), f"({name}) after ({other})"
    return (lambda v: f(v) * g(v)), f"({name}) times ({other})"


def left_by_backward(loss):
    t = mg.Tensor(AT, requires_grad=True)
    out = loss(t)
    if not (isinstance(out, mg.Tensor) and out.requires_grad):
        return 0.0  # it does not depend on t
    out.backward()
    return 0.0 if t.grad is None else t.grad @ ALONG


AROUND = {
    "grad": lambda loss: mg.grad(loss)(AT) @ ALONG,
    "jit(grad)": lambda loss: mg.jit(mg.grad(loss))(AT) @ ALONG,
    "grad(checkpoint)": lambda loss: mg.grad(mg.checkpoint(loss))(AT) @ ALONG,
    "jvp": lambda loss: mg.jvp(loss, (AT,), (ALONG,))[1],
    "jit(jvp)": lambda loss: mg.jit(lambda v: mg.jvp(loss, (v,), (ALONG,))[1])(AT),
    "backward": left_by_backward,
    "backward of a compiled loss": lambda loss: left_by_backward(mg.jit(loss)),
}


@examples(30)
@given(nested())
def test_transforms_nest(drawn):
    f, name = drawn
    loss = weighted(f)

    def along(t):
        return float(loss(AT + t * ALONG))

    one, two = [(along(h) - along(-h)) / (2 * h) for h in (1e-3, 2e-3)]
    slope = (4 * one - two) / 3
    assume(np.isfinite(slope) and abs(slope) < 1e4)
    for around, transform in AROUND.items():
        found = transform(loss)
        assert found == pytest.approx(slope, rel=1e-5, abs=1e-6), f"{around} of ({name})"
