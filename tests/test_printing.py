"""Printing: however a person reads the text of an expression, it means that expression."""

from __future__ import annotations

import operator
import re
import sys
from functools import reduce

import numpy as np
import pytest
from draws import examples
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.graph import order_of
from micrograd_np.views.cards import Board
from micrograd_np.views.expressions import Expression, call, name, num, simplified
from micrograd_np.views.printing import plain

VALUES = {
    "A": np.array([[1.0, 2.0], [-0.5, 3.0]]),
    "B": np.array([[0.3, -1.0], [2.0, 0.7]]),
    "c": np.array([[1.5, 0.4], [0.6, -2.0]]),
}
FUNCTIONS = {"√": np.sqrt, "sin": np.sin, "cos": np.cos}
DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹−", "0123456789-")
TOKEN = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[^\s\w]|ᵀ")

# How closely signs bind, to a reader of Python and to one of mathematics
PYTHON = {">": 0, "+": 1, "−": 1, "·": 2, "/": 2, "@": 2, "": 2}
MATHEMATICS = {">": 0, "+": 1, "−": 1, "·": 2, "/": 2, "@": 3, "": 4}


def product(x, y):
    """Return x @ y, where a number stands for itself times the identity."""
    return x @ y if np.ndim(x) and np.ndim(y) else x * y


SIGNS = {
    ">": operator.gt, "+": operator.add, "−": operator.sub, "·": operator.mul, "": operator.mul,
    "/": operator.truediv, "@": product, "^": operator.pow,
}  # fmt: skip
OPERATIONS = SIGNS | {"-": operator.sub, "neg": operator.neg, "transpose": np.transpose}


class Reader:
    """Reads a text as a formula, from left to right, with signs that bind as it believes."""

    def __init__(self, text, binds, values=VALUES):
        self.tokens, self.binds, self.values = TOKEN.findall(text), binds, values

    def next(self):
        return self.tokens[0] if self.tokens else ""

    def take(self):
        return self.tokens.pop(0)

    def sum(self, least=0):
        """Return the value of what comes, up to a sign that binds less than ``least``."""
        if self.next() == "−":
            self.take()
            x = -self.sum(2)
        else:
            x = self.power()
        while self.next() not in ("", ")", "|", ","):
            sign = self.next() if self.next() in self.binds else ""
            if self.binds[sign] < least:
                break
            if sign:
                self.take()
            x = SIGNS[sign](x, self.sum(self.binds[sign] + 1))
        return x

    def power(self):
        if self.next() == "√" and self.tokens[1] != "(":
            self.take()
            return np.sqrt(self.power())  # what is raised stands under the root
        x = self.atom()
        while self.next() and self.next()[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ^":
            sign = self.take()
            if sign == "^":
                x = x ** self.atom()
            else:
                x = np.transpose(x) if sign == "ᵀ" else x ** int(sign.translate(DIGITS))
        return x

    def atom(self):
        token = self.take()
        if token in FUNCTIONS:
            self.take()
            return FUNCTIONS[token](self.closed(")"))
        if token in "(|":
            inner = self.closed(")" if token == "(" else "|")
            return inner if token == "(" else np.abs(inner)
        return np.float64(token) if token[0].isdigit() else self.values[token]

    def closed(self, bracket):
        x = self.sum()
        assert self.take() == bracket
        return x


def read(text, binds, values=VALUES):
    reader = Reader(text, binds, values)
    x = reader.sum()
    assert not reader.tokens
    return x


def evaluated(e, values=VALUES):
    """Return what an expression means."""
    if e.op in ("name", "number"):
        return values[e.args[0]] if e.op == "name" else np.float64(e.args[0])
    args = [evaluated(x, values) for x in e.args if isinstance(x, Expression)]
    if e.op == "call":
        return {"sin": np.sin, "sqrt": np.sqrt, "absolute": np.abs}[e.args[0]](*args)
    return OPERATIONS[e.op](*args)


def nested(xs, ys):
    """Return all operations on an expression of the first and one of the second."""
    for x in xs:
        yield from (Expression("neg", x), Expression("transpose", x), Expression("^", x, num(2)))
        yield from (call("sin", x), call("sqrt", x), call("absolute", x))
        yield from (Expression(sign, x, y) for y in ys for sign in "+-·/@")


SMALL = [*map(name, VALUES), num(2), num(-3)]
LARGER = [*SMALL[::3], *nested(SMALL[::3], SMALL[1:2])]
ALL = [*nested(LARGER, LARGER)]


def deeper(inner):
    """Return a strategy of expressions made of others."""
    return st.tuples(inner, inner).flatmap(lambda xy: st.sampled_from([*nested(xy[:1], xy[1:])]))


LARGEST = st.recursive(st.sampled_from(SMALL), deeper, max_leaves=7)


def check(e, binds):
    """Check that a reader takes the text of an expression for what it means."""
    meant = evaluated(e)
    for text in (plain(e), plain(e, loose=True)):
        seen = read(text, binds)
        np.testing.assert_allclose(seen, meant, rtol=1e-9, atol=1e-9, err_msg=text)


@pytest.mark.parametrize("binds", [PYTHON, MATHEMATICS], ids=["Python", "mathematics"])
@np.errstate(all="ignore")
def test_every_reader_of_a_formula_reads_what_it_means(binds):
    for e in ALL:
        check(e, binds)
        check(simplified(e), binds)


@examples(200)
@given(LARGEST, st.sampled_from([PYTHON, MATHEMATICS]))
@np.errstate(all="ignore")
def test_every_reader_of_a_long_formula_reads_what_it_means(e, binds):
    check(e, binds)


STEPS = [
    lambda z, B: z @ B, lambda z, B: B @ z, lambda z, B: z * B, lambda z, B: z / B,
    lambda z, B: z - B, lambda z, B: z / 3.0, lambda z, B: 2.0 * z, lambda z, B: -z,
    lambda z, B: z**2, lambda z, B: np.sin(z),
]  # fmt: skip


@pytest.mark.parametrize("binds", [PYTHON, MATHEMATICS])
@examples(100)
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=4))
def test_labels_of_products_of_matrices_read_as_the_gradient(binds, steps):
    A, B = mg.Tensor(VALUES["A"], requires_grad=True), VALUES["B"]
    out = np.mean(reduce(lambda z, step: step(z, B), steps, A) ** 2)
    out.backward()
    board = Board(out, "named", {}, sys._getframe())
    e = board.local.symbols(out._node).get(order_of(A._node))
    if e is not None:
        values = {"A": A.to_numpy(), "B": B, "out": out.item()}
        text = plain(e)
        np.testing.assert_allclose(
            read(text, binds, values), A.grad, rtol=1e-9, atol=1e-9, err_msg=text
        )


@pytest.mark.parametrize(
    ("x", "y", "label"),
    [
        (np.ones(2), np.ones((2, 3)), "outer(x, 2(x@y)/3)"),
        (np.ones((3, 2)), np.ones(2), "xᵀ@(2(x@y)/3)"),
        (np.ones((4, 3, 2)), np.ones((2, 3)), None),  # a sum over the first axis is no label
    ],
)
def test_products_of_arrays_of_other_dimensions_are_no_matrix_products(x, y, label):
    y = mg.Tensor(y, requires_grad=True)
    out = np.mean((x @ y) ** 2)
    board = Board(out, "named", {}, sys._getframe())
    e = board.local.symbols(out._node)[order_of(y._node)]
    assert (None if e is None else plain(e)) == label
