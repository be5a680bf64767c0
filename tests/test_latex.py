"""LaTeX and text: a reader to whom every vector is a column finds the numbers of the gradient."""

import re
from functools import reduce

import numpy as np
import pytest
from draws import examples
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg

TOKEN = re.compile(
    r"\\left|\\right|\\mathrm\{axis\\ (?P<axis>\d)\}|\\mathrm\{None\}|\\mathbf\{1\}"
    r"|\\[A-Za-z]+|\\,|\d+(?:\.\d+)?|[A-Za-z](?:_\{\d+\})?|\S"
)
FUNCTIONS = {r"\tanh": np.tanh, r"\sin": np.sin, r"\cos": np.cos}


def column(x):
    """An array as mathematics has it: a vector is a column."""
    return np.reshape(x, (-1, 1)) if np.ndim(x) < 2 else np.asarray(x)


def product(x, y):
    """A matrix product, in which only numbers need not fit."""
    return x * y if 1 in (x.size, y.size) else x @ y


class Ones:
    """A column of ones, as long as its neighbour has it, or the row."""

    size, turned = 2, False

    @property
    def T(self):
        row = Ones()
        row.turned = not self.turned
        return row


def multiplied(factors):
    """A product of matrices; ones add up the rows before them, or the columns behind them."""
    numbers = [x for x in factors if x.size == 1]
    rest = [x for x in factors if x.size > 1]
    for i, x in enumerate(rest):
        if isinstance(x, Ones):
            j = i + 1 if x.turned else i - 1
            if 0 <= j < len(rest):
                rest[j] = np.sum(rest[j], axis=0 if x.turned else 1, keepdims=True)
    return reduce(product, numbers + [x for x in rest if not isinstance(x, Ones)], np.ones((1, 1)))


class Reader:
    """Reads LaTeX strictly: matrices must fit; only axes of length 1 are stretched."""

    def __init__(self, text, names):
        self.tokens = [m[0] for m in TOKEN.finditer(text)]
        self.names = names

    def next(self):
        return self.tokens[0] if self.tokens else ""

    def take(self, *wanted):
        token = self.tokens.pop(0)
        assert not wanted or token in wanted, (token, wanted, self.tokens)
        return token

    def braces(self):
        self.take("{")
        found = self.sum()
        self.take("}")
        return found

    def sum(self):
        minus = self.next() == "-" and self.take()
        total = -self.term() if minus else self.term()
        while self.next() in ("+", "-"):
            total = total + self.term() if self.take() == "+" else total - self.term()
        return total

    def term(self):
        """A product of entries, of products of matrices."""
        found = self.matrices()
        while self.next() == r"\odot":
            self.take()
            found = found * self.matrices()
        return found

    def matrices(self):
        found = [self.power()]
        while self.next() not in ("", "+", "-", r"\odot", r"\right", "}"):
            if self.next() == r"\,":
                self.take()
            found.append(self.total() if self.next() == r"\sum" else self.power())
        return found[0] if len(found) == 1 else multiplied(found)

    def total(self):
        """A sum over an axis, of all that comes up to the next plus; it is a column."""
        self.take(r"\sum")
        axis = None
        if self.next() == "_":
            self.take(), self.take("{")
            axis = int(TOKEN.fullmatch(self.take())["axis"])
            self.take("}")
        return column(np.sum(self.term(), axis=axis))

    def power(self):
        found = self.total() if self.next() == r"\sum" else self.atom()
        if self.next() == "^":
            self.take(), self.take("{")
            if self.next() == r"\top":
                self.take()
                found = found.T
            else:
                return found ** float("".join(iter(self.take, "}")))
            self.take("}")
        assert self.next() != "^", "two powers in a row"
        return found

    def atom(self):
        token = self.take()
        if token == r"\left":
            self.take("(")
            found = self.sum()
            self.take(r"\right"), self.take(")")
            return found
        if token in FUNCTIONS:
            return FUNCTIONS[token](self.atom())
        if token == r"\frac":
            return self.braces() / self.braces()
        if token == r"\mathbf{1}":
            return Ones()
        if token[0].isdigit():
            return np.full((1, 1), float(token))
        return self.names[token]


def read(text, names):
    reader = Reader(text, names)
    found = reader.sum()
    assert not reader.tokens
    return found


SIZES = (2, 3, 4)
SHAPES = [*[(n,) for n in SIZES], *[(m, n) for m in SIZES for n in SIZES]]
LETTERS = dict(zip("abcdhkpqrstu", SHAPES, strict=True))
rng = np.random.default_rng(0)
VALUES = {name: rng.normal(size=shape) for name, shape in LETTERS.items()}


def entrywise(x, y):
    """What sums and products of entries there are of two arrays, as NumPy broadcasts them."""
    try:
        np.broadcast_shapes(x.shape, y.shape)
    except ValueError:
        return []
    return [
        lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - 2 * y, lambda x, y: x / (y**2 + 1),
    ]  # fmt: skip


def steps(x, y):
    """The steps that two arrays allow."""
    if x.ndim and y.ndim and x.shape[-1] == y.shape[0]:
        yield lambda x, y: x @ y
    if x.ndim == y.ndim == 1:
        yield np.outer
        yield lambda x, y: x[:, None] * y
    if x.ndim == 1 and y.ndim == 2 and len(x) == len(y):
        yield lambda x, y: x[:, None] * y
        yield lambda x, y: x[:, None] + y
    if x.ndim == 2:
        yield from (
            lambda x, _: x.T,
            lambda x, _: np.sum(x, axis=0),
            lambda x, _: np.sum(x, axis=1),
            lambda x, _: x - np.sum(x, axis=1, keepdims=True),
            lambda x, _: x * np.sum(x, axis=0, keepdims=True),
        )
    yield from (lambda x, _: np.tanh(x), lambda x, _: x**2, lambda x, _: 3.0 * x)
    yield from entrywise(x, y)


@st.composite
def programs(draw):
    """A program of products of matrices: which letters it reads, and what it computes."""
    letters = draw(st.lists(st.sampled_from("abcdhkpqrstu"), min_size=2, max_size=4, unique=True))
    values, done = [VALUES[c] for c in letters], []
    for _ in range(draw(st.integers(1, 6))):
        i = draw(st.integers(0, len(values) - 1))
        pairs = [(j, f) for j, y in enumerate(values) for f in steps(values[i], y)]
        matrix = [p for p in pairs if np.ndim(p[1](values[i], values[p[0]])) < 3]
        j, f = draw(st.sampled_from(matrix))
        done.append((f, i, j))
        values.append(f(values[i], values[j]))
    return letters, done


def computed(program, values):
    """What a program computes: all that nothing read, added up if they are several."""
    _, done = program
    values = [*values]
    for f, i, j in done:
        values.append(f(values[i], values[j]))
    return values[-1]


def lines(latex):
    """The lines of an aligned block, as pairs of sides."""
    body = latex.removeprefix("\\begin{aligned}\n").removesuffix("\n\\end{aligned}")
    return [line.removesuffix(r" \\").split(" &= ") for line in body.splitlines()]


def check(f, letters, values):
    """Check that each line, read strictly, is what NumPy computes and what autograd derives."""
    out, pull = mg.vjp(f, *values)
    g = rng.normal(size=np.shape(out)) if np.size(out) > 1 else np.ones(np.shape(out))
    arguments = ", ".join(letters)
    named = eval(f"lambda {arguments}: f({arguments})", {"f": f})
    explanation = mg.explain(named, *values)
    names = dict(zip(letters, map(column, values), strict=True))
    names[explanation.cotangent] = column(g)
    expected = {"L": out} | {
        rf"\frac{{\partial L}}{{\partial {c}}}": q for c, q in zip(letters, pull(g), strict=True)
    }
    for left, right in lines(explanation.latex):
        try:
            found = read(right, names)
        except ValueError as error:
            raise AssertionError(f"{error}: {right}\n{explanation.latex}") from None
        if left not in expected:
            names[left] = found
            continue
        like = column(expected[left])
        found = np.ones(like.shape) if isinstance(found, Ones) else found
        assert found.shape == like.shape or 1 in found.shape, explanation.latex
        found = np.broadcast_to(found, like.shape)
        np.testing.assert_allclose(found, like, rtol=1e-7, atol=1e-9, err_msg=explanation.latex)


@examples(300)
@given(programs())
def test_products_of_matrices_fit_where_vectors_are_columns(program):
    letters = program[0]
    check(lambda *xs: computed(program, xs), letters, [VALUES[c] for c in letters])


def huber(r, delta):
    return np.sum(np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2)))


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (huber, (VALUES["a"], 1.0)),
        (lambda x: np.sum(np.where((x >= 0) & (x != 1), x, 1e-5 * x)), (VALUES["b"],)),
        (
            lambda A, x: x @ np.linalg.solve(A, x) + np.linalg.slogdet(A)[1],
            (VALUES["q"], VALUES["b"]),
        ),
        (lambda A: np.median(A, axis=0) @ np.max(A, axis=0), (VALUES["k"],)),
        (lambda A, x: np.einsum("ij,j->i", A, x), (VALUES["h"], VALUES["b"])),
        (lambda x: np.linalg.norm(x, 3) + np.sqrt(x[0] ** 2 + x[1]), (np.array([1.0, 2.0]),)),
    ],
)
def test_matplotlib_sets_what_is_printed(f, args):
    parser = pytest.importorskip("matplotlib.mathtext").MathTextParser("path")
    for left, right in lines(mg.explain(f, *args).latex):
        parser.parse(f"${left} = {right}$")
