"""The checkers: silent where all is right, loud and clear where it is not."""

import re
import subprocess
import sys

import numpy as np
import pytest
from draws import examples
from hypothesis import given
from hypothesis import strategies as st

import micrograd_np as mg
from micrograd_np.errors import ArgumentError, GradientError
from micrograd_np.testing import check_gradient, check_grads, strategies
from micrograd_np.testing.diagnosis import diagnosis
from micrograd_np.testing.laws import LAWS
from micrograd_np.testing.numeric import slope
from micrograd_np.testing.slips import Slips


def custom(f, *vjps):
    """A function with these derivatives, right or wrong."""
    function = mg.custom_vjp(f)
    function.defvjp(*vjps)
    return function


# check_grads


@given(strategies.programs(), strategies.shapes(max_dims=2), st.data())
def test_random_programs_pass(program, shape, data):
    x, y = (data.draw(strategies.arrays(shape, strategies.numbers(-1, 1, [0.0]))) for _ in "xy")
    try:
        check_grads(program, (x, y, 0.7), kinks=(), extremes=(), twins=False)
    except GradientError as error:
        if "do not converge" not in str(error):  # np.where at its kink: no derivative to compare
            raise


@examples(5)
@given(strategies.programs(), strategies.shapes(max_dims=2), st.data())
def test_random_programs_pass_where_mistakes_hide(program, shape, data):
    x, y = (data.draw(strategies.arrays(shape, strategies.numbers(-1, 1, [0.0]))) for _ in "xy")
    try:
        check_grads(program, (x, y, 0.7), order=1)
    except GradientError as error:
        if "do not converge" not in str(error):
            raise


def test_where_all_terms_cancel_rounding_is_no_mistake_and_a_small_slope_is_one():
    x = np.array([0.109375, 0.109375])
    check_grads(lambda x: np.mean(x - np.mean(x)), (x,), extremes=())
    small = custom(lambda x: 1e-20 * (x - 0.5), lambda g, x: 2e-20 * g)
    with pytest.raises(GradientError, match="reverse value"):
        check_grads(small, (0.5,), extremes=())


@given(strategies.operands(values=strategies.numbers(0.25, 2)))
def test_broadcasting_passes(xy):
    check_grads(lambda x, y: np.sqrt(x) * y / (x + y), xy, extremes=())


@given(st.data(), strategies.shapes(min_side=0))
def test_indices_choose_entries(data, shape):
    index, x = data.draw(strategies.indices(shape)), np.zeros(shape)
    counts = np.zeros(shape)
    np.add.at(counts, index, 1.0)
    np.testing.assert_array_equal(mg.grad(lambda x: np.sum(x[index]))(x), counts)


def test_trees_constants_and_several_outputs_pass():
    def f(p, n, flag):
        assert flag is True
        return {"a": p["w"] * n, "b": [np.sum(p["b"]), n]}

    check_grads(f, ({"w": np.array([1.0, 2.0]), "b": np.ones((2, 2))}, 3, True))


def test_large_operands_are_checked_in_random_directions():
    x = np.linspace(-1, 1, 500)
    check_grads(np.sin, x, order=1)
    with pytest.raises(GradientError, match="times a random direction"):
        check_grads(custom(lambda x: np.sin(x), lambda g, x: 1.001 * g * np.cos(x)), x, order=1)


def test_complex_functions_pass():
    z = np.array([1 + 2j, -0.5j])
    check_grads(np.exp, z)
    check_grads(lambda z: np.real(z * np.conj(z)), z)


CUBE = np.array([0.5, -1.5, 2.0])
WRONG = {
    "by a thousandth": (lambda g, x: 3.003 * g * x * x, "reverse value"),
    "in one entry": (lambda g, x: 3 * g * x * np.where(x > 1, x + 1e-4, x), "reverse value"),
    "in sign": (lambda g, x: -3 * g * x * x, "reverse value"),
    "not linear in g": (lambda g, x: 3 * g * np.abs(g) * x * x, "linearity"),
    "in higher order": (lambda g, x: 3 * g * mg.stop_gradient(x) * x, "the vjp of"),
}


@pytest.mark.parametrize(("vjp", "law"), WRONG.values(), ids=WRONG)
def test_a_wrong_derivative_is_refused_by_its_law(vjp, law):
    cube = custom(lambda x: x**3, vjp)
    with pytest.raises(GradientError, match=law):
        check_grads(cube, CUBE)


def test_a_derivative_may_call_lapack_where_the_function_does_not():
    def fixed_point(w, b):
        z = np.zeros_like(b)
        for _ in range(100):
            z = np.tanh(w @ z + b)
        return z

    def pulled(g, out, w):
        d = 1 - out**2
        return np.linalg.solve((np.eye(len(w)) - d[:, np.newaxis] * w).T, g) * d

    f = custom(
        fixed_point,
        lambda g, out, w, b: np.outer(pulled(g, out, w), out),
        lambda g, out, w, b: pulled(g, out, w),
    )
    at = np.array([[0.2, -0.3], [0.1, 0.25]]), np.array([0.5, -0.75])
    check_grads(f, at, extremes=())  # where the iteration does not converge


def test_the_message_tells_how_to_leave_out_other_shapes():
    f = custom(lambda x: x + 0, lambda g, x: np.eye(3) @ g)
    with pytest.raises(GradientError, match="Pass twins=False if f is meant for one shape"):
        check_grads(f, CUBE)
    check_grads(f, CUBE, twins=False)


def test_the_message_names_argument_entry_and_both_values():
    f = custom(lambda a, b: a * b, lambda g, b: g * b, lambda g, a: np.where(a > 2, g, g * a))
    with pytest.raises(GradientError, match=r"respect to b is 1\.0, expected (3\.0|2\.9999)"):
        check_grads(f, (3.0, 4.0))
    with pytest.raises(GradientError, match=r"with respect to b\[1\].*\(1 of 2 entries differ\)"):
        check_grads(f, (np.array([1.0, 3.0]), np.array([1.0, 2.0])))


MISTAKEN = {
    "Its sign is wrong": lambda g, x: -2 * g * x,
    "2 times the gradient: a factor 2 is too much": lambda g, x: 4 * g * x,
    "3 times too small, the length of axis 0 of x": lambda g, x: 2 * g * x / 3,
    "The factor x is missing": lambda g, x: 2 * g * np.ones(3),
    "in reverse order along axis 0": lambda g, x: 2 * (g * x)[::-1],
}


@pytest.mark.parametrize("hint", MISTAKEN)
def test_check_grads_says_what_may_be_forgotten(hint):
    with pytest.raises(GradientError, match=hint):
        check_grads(lambda x: x**2, CUBE, vjp=MISTAKEN[hint])


def test_a_gradient_that_changes_from_run_to_run_is_refused():
    noise = np.random.default_rng(0)
    f = custom(lambda x: 2 * x, lambda g, x: 2 * g + 1e-14 * noise.normal(size=x.shape))
    with pytest.raises(GradientError, match="repeatable"):
        check_grads(f, CUBE)


def test_a_derivative_that_changes_its_operand_is_refused():
    data = np.array([1.0, 2.0])

    def spoil(g, x):
        data[0] += 1
        return g

    with pytest.raises(GradientError, match="unmutated"):
        check_grads(custom(lambda x: x * 1, spoil), data)


def test_a_vjp_that_cannot_be_differentiated_by_its_cotangent_is_refused():
    scaled = custom(lambda g: g * 1.0, lambda g: g * 1.001)  # right in value, wrong in its slope
    doubled = custom(lambda x: x * 2.0, lambda g: 2.0 * scaled(g))
    check_grads(doubled, 1.0, order=1, modes=("reverse",))
    with pytest.raises(GradientError, match="transposition"):
        check_grads(doubled, 1.0, modes=("reverse",))


def test_a_kink_is_reported_as_such():
    with pytest.raises(GradientError, match="do not converge"):
        check_grads(lambda x: np.floor(x) + x, np.array([1.0]), order=1)


def test_one_mode_alone_can_be_checked():
    wrong = custom(lambda x: np.sin(x), lambda g, x: g * 1.5 * np.cos(x))
    for mode in ("reverse", "forward"):
        check_grads(np.sin, 1.0, modes=(mode,))
        with pytest.raises(GradientError, match=f"{mode} value"):
            check_grads(wrong, 1.0, modes=(mode,))


def test_every_law_has_a_name_of_its_own():
    assert len({law.name for law in LAWS}) == len(LAWS)


def test_misuse_is_refused():
    with pytest.raises(ArgumentError, match="needs a function"):
        check_grads(np.float64(1.0), 1.0)
    with pytest.raises(ArgumentError, match="'backward'"):
        check_grads(np.sin, 1.0, modes=("backward",))
    with pytest.raises(ArgumentError, match="holds floats"):
        check_grads(np.sin, 1)


@pytest.mark.parametrize("f", [np.sin, np.exp, np.sqrt, np.log, np.tanh], ids=lambda f: f.__name__)
@given(x=strategies.numbers(0.02, 30))
def test_differences_have_ten_digits(f, x):
    value, error = slope(lambda h: f(np.longdouble(x + h)).astype(float), 0.02)
    exact = float(mg.grad(f)(x))
    assert abs(value - exact) <= 1e-9 * abs(exact) + 1e-12 + 4 * error
    assert error <= 1e-6 * abs(exact) + 1e-9


@pytest.mark.parametrize("gap", [0.02, 0.01, 0.005, 0.002, 0.001])
def test_steps_over_a_jump_do_not_agree_by_chance(gap):
    def jumps(h):
        return np.where(h == gap, 0.5, h > gap) + np.where(2 * h == gap, 0.5, 2 * h > gap)

    value, error = slope(jumps, 0.02)
    assert value == 0
    assert error < 1e-9
    check_grads(np.min, np.array([1.0, 1.0 + gap, 4.0]), extremes=())


# check_gradient


def loss(w, b, X, y):
    return np.mean((X @ w + b - y) ** 2)


def dw(w, b, X, y):
    return 2 * X.T @ (X @ w + b - y) / len(y)


def db(w, b, X, y):
    return 2 * np.mean(X @ w + b - y)


rng = np.random.default_rng(3)
POINT = rng.normal(size=3), 0.3, rng.normal(size=(5, 3)), rng.normal(size=5)


def test_right_formulas_pass_in_silence():
    assert check_gradient(loss, {"w": dw, "b": db}, *POINT) is None
    assert check_gradient(loss, {"w": dw(*POINT), 1: db(*POINT)}, *POINT) is None
    assert check_gradient(loss, {"dL/dw": dw}, *POINT, argnums="w") is None


HINTS = {
    "Its sign is wrong": lambda *p: -dw(*p),
    "2 times the gradient: a factor 2 is too much": lambda *p: 2 * dw(*p),
    "0.5 times the gradient: a factor 2 is missing": lambda *p: dw(*p) / 2,
    "shifted by one along axis 0": lambda *p: np.roll(dw(*p), 1),
    "in reverse order along axis 0": lambda *p: dw(*p)[::-1],
    r"combines shapes \(5, 1\) and \(5,\), which broadcast to \(5, 5\)": lambda w, b, X, y: (
        2 * np.sum(X.T @ (X @ w[:, None] + b - y), axis=1) / 5
    ),
    "gives None: is a return statement missing": lambda *p: None,
    r"explain\(loss, \.\.\.\)\) derives the right one": lambda *p: np.cos(dw(*p)),
    "5 times too large, the length of axis 0 of X": lambda *p: 5 * dw(*p),
    "5 times too small": lambda *p: dw(*p) / 5,
    "not summed over axis 0, of length 5": lambda w, b, X, y: 2 * X * (X @ w + b - y)[:, None] / 5,
    "not averaged over axis 0, of length 5": lambda w, b, X, y: 2 * X * (X @ w + b - y)[:, None],
    "summed over axis 0, which belongs": lambda *p: np.sum(dw(*p)),
    "reshape it to": lambda *p: dw(*p)[:, None],
    "The factor w is too much": lambda w, *p: w * dw(w, *p),
    "It is the derivative with respect to b": lambda *p: np.asarray(db(*p)),
}


@pytest.mark.parametrize("hint", HINTS)
def test_a_wrong_formula_is_explained(hint):
    with pytest.raises(GradientError, match=hint):
        check_gradient(loss, {"b": db, "w": HINTS[hint]}, *POINT)


def hidden(w, v, b, x, y):
    h = np.tanh(x @ w + b)
    return np.sum((h @ v - y) ** 2) + 0.1 * np.sum(w**2)


def slip(local=lambda h: 1 - h**2, decay=0.2, v_used=None):
    """The gradient of hidden by w, with what may be wrong in it."""

    def formula(w, v, b, x, y):
        h = np.tanh(x @ w + b)
        r = 2 * (h @ v - y)
        back = v if v_used is None else v_used(v, h, r)
        return x.T @ (r[:, None] * back * local(h)) + decay * w

    return formula


SLIPS = {
    r"The derivative of tanh\(x@w\+b\) is missing": slip(np.ones_like),
    r"tanh\(x@w\+b\) is taken to be 1 - out": slip(lambda h: 1 - h),
    r"tanh\(x@w\+b\) is taken to be out \* \(1 - out\)": slip(lambda h: h * (1 - h)),
    r"tanh\(x@w\+b\) is taken to be the function itself": slip(lambda h: h),
    r"tanh\(x@w\+b\) is there twice": slip(lambda h: (1 - h**2) ** 2),
    r"tanh\(x@w\+b\) is taken at its result, not at x@w\+b": slip(lambda h: 1 - np.tanh(h) ** 2),
    r"tanh\(x@w\+b\) has x@w\+b where its result belongs": slip(lambda h: 1 - np.arctanh(h) ** 2),
    r"What comes through sum\(.*w.*\) is missing": slip(decay=0),
    r"What comes through sum\(.*w.*\) has the wrong sign": slip(decay=-0.2),
    r"What comes through sum\(.*w.*\) lacks a factor 2": slip(decay=0.1),
    "The factor v is taken to be b": slip(v_used=lambda v, h, r: HIDDEN[2]),
    "The factor v is missing": slip(v_used=lambda v, h, r: np.ones_like(v)),
    "Was v updated, by 0.1 times its gradient": slip(v_used=lambda v, h, r: v - 0.1 * h.T @ r),
}
HIDDEN = [rng.normal(size=shape) for shape in ((2, 3), (3,), (3,), (4, 2), (4,))]


def test_the_formula_that_slips_are_made_in_is_right():
    check_gradient(hidden, {"w": slip()}, *HIDDEN)


@pytest.mark.parametrize("hint", SLIPS)
def test_a_slip_in_the_chain_rule_is_named(hint):
    with pytest.raises(GradientError, match=hint):
        check_gradient(hidden, {"w": SLIPS[hint]}, *HIDDEN)
    with pytest.raises(GradientError, match=hint):
        check_gradient(hidden, {0: SLIPS[hint](*HIDDEN)}, *HIDDEN)


def product(x, y):
    return np.sum(x * np.sin(x * y))


def normalised(X, T):
    return np.sum(((X - np.mean(X, axis=0)) / np.std(X, axis=0) - T) ** 2)


def with_constant_statistics(X, T):
    s = np.std(X, axis=0)
    return 2 * ((X - np.mean(X, axis=0)) / s - T) / s


SQUARE = rng.normal(size=(3, 3))
USES = {
    "x in x·y is missing": (product, lambda x, y: np.sin(x * y), POINT[0], SQUARE[0]),
    r"x in x·sin\(x·y\) is missing": (
        product, lambda x, y: x * y * np.cos(x * y), POINT[0], SQUARE[0],
    ),
    r"x in x·y has the wrong sign": (
        product, lambda x, y: np.sin(x * y) - x * y * np.cos(x * y), POINT[0], SQUARE[0],
    ),
    r"Only what comes through X in X−mean\(X, axis=0\) is there": (
        normalised, with_constant_statistics, POINT[2], POINT[2] ** 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("hint", USES)
def test_of_several_uses_of_a_value_the_forgotten_one_is_named(hint):
    f, formula, *at = USES[hint]
    with pytest.raises(GradientError, match=hint):
        check_gradient(f, {0: formula}, *at)


def test_data_is_not_said_to_be_updated():
    def ridge(w, X, y, decay):
        return np.sum((X @ w - y) ** 2) + decay * np.sum(w**2)

    def averaged(w, X, y, decay):  # the gradient by X, put in its place, is a multiple of w too
        return 2 * X.T @ (X @ w - y) + 2 * decay * w / len(y)

    w, _, X, y = POINT
    with pytest.raises(GradientError, match=r"explain\(ridge"):
        check_gradient(ridge, {"w": averaged}, w, X, y, 0.3)


def test_a_slip_in_a_sigmoid_written_out_is_named():
    def by_hand(w, b, x):
        h = 1 / (1 + np.exp(-(w * x + b)))
        return np.sum((h - 0.5) ** 2)

    def formula(local):
        def dL_db(w, b, x):
            h = 1 / (1 + np.exp(-(w * x + b)))
            return np.sum(2 * (h - 0.5) * local(h))

        return {"b": dL_db}

    at = 0.7, -0.2, np.array([0.5, 1.0, -2.0])
    check_gradient(by_hand, formula(lambda h: h * (1 - h)), *at)
    with pytest.raises(GradientError, match=r"derivative of sigmoid\(w·x\+b\) is missing"):
        check_gradient(by_hand, formula(np.ones_like), *at)
    with pytest.raises(GradientError, match=r"sigmoid\(.*\) is taken to be 1 - out \*\* 2"):
        check_gradient(by_hand, formula(lambda h: 1 - h**2), *at)
    with pytest.raises(GradientError, match=r"sigmoid\(w·x\+b\) is taken at its result, not at w"):
        check_gradient(by_hand, formula(lambda h: sigmoid(h) * (1 - sigmoid(h))), *at)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


MASKED = {
    r"The derivative of maximum\(X@w\+b, 0\) is missing": lambda z: 1,
    r"The derivative of maximum\(X@w\+b, 0\) is taken to be the function itself": (
        lambda z: np.maximum(z, 0)
    ),
}


@pytest.mark.parametrize("hint", MASKED)
def test_a_mask_that_was_forgotten_is_named(hint):
    def f(w, b, X, y):
        return np.sum((np.maximum(X @ w + b, 0) - y) ** 2)

    def formula(mask):
        def df_dw(w, b, X, y):
            z = X @ w + b
            return 2 * X.T @ ((np.maximum(z, 0) - y) * mask(z))

        return {"w": df_dw}

    check_gradient(f, formula(lambda z: z > 0), *POINT)
    with pytest.raises(GradientError, match=hint):
        check_gradient(f, formula(MASKED[hint]), *POINT)


def test_a_loss_that_combines_a_column_with_a_row_is_named():
    w, *rest = POINT
    with pytest.raises(GradientError, match=r"The loss combines shapes \(5, 1\) and \(5,\)"):
        check_gradient(loss, {"w": dw}, w[:, None], *rest)


def test_a_formula_may_not_change_its_arguments():
    def in_place(w, b, X, y):
        y -= X @ w + b
        return -2 * X.T @ y / len(y)

    before = POINT[3].copy()
    with pytest.raises(GradientError, match="formula for w changes its argument y in place"):
        check_gradient(loss, {"w": in_place, "b": db}, *POINT)
    np.testing.assert_array_equal(POINT[3], before)


def test_an_error_inside_a_formula_names_it():
    with pytest.raises(ValueError, match="matmul") as caught:
        check_gradient(loss, {"w": lambda w, b, X, y: X @ (X @ w + b - y)}, *POINT)
    assert caught.value.__notes__ == ["in the formula for w"]


@pytest.mark.parametrize("value", ["z", "X@w+2b+0.1w+0.2"])
def test_a_value_in_place_of_its_function_is_named(value):
    def named(v, w, b, X):
        z = X @ w + 2 * b + 0.1 * w + 0.2
        return np.sum(np.tanh(z) @ v) ** 2

    def unnamed(v, w, b, X):
        return np.sum(np.tanh(X @ w + 2 * b + 0.1 * w + 0.2) @ v) ** 2

    def formula(v, w, b, X):
        z = X @ w + 2 * b + 0.1 * w + 0.2
        return 2 * np.sum(np.tanh(z) @ v) * np.sum(z, axis=0)

    f = {"z": named, "X@w+2b+0.1w+0.2": unnamed}[value]
    with pytest.raises(GradientError, match=r"factor .* is taken to be " + re.escape(value)):
        check_gradient(f, {"v": formula}, SQUARE[0], SQUARE, 0.5, SQUARE[::-1])


ELSEWHERE = {
    "for 0 in place of b": lambda w, b, X, y: dw(w, 0, X, y),
    "for -b in place of b": lambda w, b, X, y: dw(w, -b, X, y),
    "for 0 in place of y": lambda w, b, X, y: dw(w, b, X, 0 * y),
    "for 0 in place of w": lambda w, b, X, y: dw(0 * w, b, X, y),
}


@pytest.mark.parametrize("hint", ELSEWHERE)
def test_an_argument_left_out_or_of_another_sign_is_named(hint):
    with pytest.raises(GradientError, match=f"It is the gradient {hint}"):
        check_gradient(loss, {"w": ELSEWHERE[hint]}, *POINT)


def test_all_arguments_whose_sign_may_be_wrong_are_named():
    with pytest.raises(GradientError, match="for -X in place of X or -y in place of y"):
        check_gradient(
            lambda w, X, y: np.sum((X @ w - y) ** 2),
            {"w": lambda w, X, y: 2 * X.T @ (X @ w + y)},
            POINT[0], *POINT[2:],
        )  # fmt: skip


def test_the_gradient_of_a_value_on_the_way_is_named():
    def f(W, b, X, Y):
        return np.sum((np.tanh(X @ W + b) - Y) ** 2)

    def on_the_way(W, b, X, Y):
        h = np.tanh(X @ W + b)
        return 2 * (h - Y) * (1 - h**2)

    at = SQUARE, SQUARE[0], POINT[2], POINT[2] ** 2
    check_gradient(f, {"b": lambda *p: np.sum(on_the_way(*p), axis=0)}, *at)
    with pytest.raises(GradientError, match=r"respect to X@W, summed over axis 1: is it another"):
        check_gradient(f, {"W": lambda *p: np.sum(on_the_way(*p), axis=1)}, *at)
    with pytest.raises(GradientError, match=r"with respect to X@W: go on from there"):
        check_gradient(f, {"W": on_the_way}, *at)
    with pytest.raises(GradientError, match=r"respect to X@W\+b, summed over axis 1"):
        check_gradient(f, {"b": lambda *p: np.sum(on_the_way(*p), axis=1)}, *at)


def test_a_missing_factor_is_named():
    with pytest.raises(GradientError, match="The factor x is missing"):
        check_gradient(
            lambda w, x: np.sum(np.sin(w * x)), {"w": lambda w, x: np.cos(w * x)},
            np.array([1.0, 2.0]), np.array([3.0, 0.5]),
        )  # fmt: skip


@given(strategies.arrays(), strategies.arrays(), strategies.arrays(), st.booleans())
def test_a_diagnosis_is_a_sentence_for_arrays_of_any_shape(claim, right, x, alike):
    claim = np.resize(claim, right.shape) if alike else claim
    found = diagnosis(claim, right, {"x": x}, {"b": x}, "w")
    assert found == "" or found.endswith((".", "?"))


@given(strategies.programs(), strategies.shapes(max_dims=2), st.data())
def test_slips_are_made_in_any_program_and_none_gives_chance_numbers(program, shape, data):
    x, y = (data.draw(strategies.arrays(shape, strategies.numbers(-1, 1, [0.0]))) for _ in "xy")
    slips = Slips(lambda x, y: np.sum(program(x, y, 0.7)) + np.sum(y), (x, y), ["x", "y"])
    right = mg.grad(lambda x: np.sum(program(x, y, 0.7)))(x)
    np.testing.assert_allclose(slips.right.get("x", 0 * x), right, rtol=1e-12, atol=1e-12)
    found = slips.found(np.cos(3 * x + 1), "x")
    assert found == ("" if "x" in slips.right else "The loss does not depend on x.")


def test_a_transposed_formula_is_named():
    with pytest.raises(GradientError, match="transpose"):
        check_gradient(
            lambda W, x: np.sum((W @ x) ** 2), {"W": lambda W, x: 2 * np.outer(x, W @ x)},
            np.ones((2, 3)), np.array([1.0, 2.0, 3.0]),
        )  # fmt: skip


def test_the_first_wrong_entry_is_named_with_both_values():
    def planted(*p):
        right = dw(*p)
        right[1] = 7.0
        return right

    right = dw(*POINT)[1]
    with pytest.raises(GradientError) as caught:
        check_gradient(loss, {"b": db, "w": planted}, *POINT)
    message = str(caught.value)
    assert "the formula for w is wrong: at entry [1] it gives 7.0" in message
    assert f"but dloss/dw[1] is {right}" in message
    assert "1 of 3 entries" in message


def test_trees_of_parameters_have_trees_of_formulas():
    def tree_loss(p, x):
        return np.sum((p["w"] * x + p["b"]) ** 2)

    def dp(p, x):
        r = 2 * (p["w"] * x + p["b"])
        return {"w": r * x, "b": np.sum(r)}

    p, x = {"w": np.array([1.0, 2.0]), "b": 0.5}, np.array([3.0, -1.0])
    check_gradient(tree_loss, {"p": dp}, p, x)
    with pytest.raises(GradientError, match=r"p\['b'\]"):
        check_gradient(tree_loss, {"p": lambda p, x: {**dp(p, x), "b": 0.0}}, p, x)
    with pytest.raises(GradientError, match="the gradient has"):
        check_gradient(tree_loss, {"p": lambda p, x: {"w": dp(p, x)["w"]}}, p, x)


def test_swapped_leaves_of_a_tree_are_told():
    def tree_loss(p, b):
        return np.sum((p["w"] * p["v"] + b) ** 2)

    def dp(p, b):
        r = 2 * (p["w"] * p["v"] + b)
        return {"w": r * p["w"], "v": r * p["v"]}

    p = {"w": np.array([1.0, 2.0]), "v": np.array([0.5, 3.0])}
    with pytest.raises(GradientError, match=r"are p\['w'\] and p\['v'\] swapped"):
        check_gradient(tree_loss, {"p": dp, "b": 0.0}, p, 0.3)
    with pytest.raises(GradientError, match=r"the formula for b is wrong: it gives 0\.0"):
        check_gradient(tree_loss, {"b": 0.0, "p": dp}, p, 0.3)


@pytest.mark.parametrize("given", [{0: 0.0}, {"dL/dw": 0.0}, {"w": 0.0}], ids=str)
def test_a_parameter_goes_by_the_name_that_the_loss_gives_it(given):
    with pytest.raises(
        GradientError, match=r"formula for w is wrong: it gives 0\.0, but d.*/dw is"
    ):
        check_gradient(lambda w: w**2, given, 3.0, argnums="w")


def test_a_gradient_that_is_not_finite_is_not_compared():
    with pytest.raises(GradientError, match="itself is inf"), np.errstate(divide="ignore"):
        check_gradient(lambda x: np.sum(np.sqrt(x)), {"x": np.ones(2)}, np.array([1.0, 0.0]))


def test_a_nan_in_a_formula_is_wrong():
    with pytest.raises(GradientError, match="it gives nan"):
        check_gradient(lambda x: x * x, {"x": np.nan}, 1.0)


def test_an_infinite_formula_is_wrong_without_a_warning():
    with pytest.raises(GradientError, match="it gives inf"):
        check_gradient(lambda x: np.sum(x * x), {"x": np.array([np.inf, -np.inf])}, np.ones(2))


def test_single_precision_is_compared_in_single_precision():
    x = np.array([0.1, 0.2], np.float32)
    check_gradient(lambda x: np.sum(x**3), {"x": lambda x: 3 * x * x}, x)


@given(st.integers(0, 10**6))
def test_in_single_precision_a_right_formula_may_lose_what_cancels(seed):
    draw = np.random.default_rng(seed)
    w, v, b, x, y = (draw.normal(size=np.shape(x)).astype(np.float32) for x in HIDDEN)
    check_gradient(hidden, {"w": slip()}, w, v, b, x, y)
    with pytest.raises(GradientError):
        check_gradient(hidden, {"w": slip(decay=0.201)}, w, v, b, x, y)


def test_a_right_formula_passes_where_the_gradient_is_rounding_alone():
    draw = np.random.default_rng(0)
    X = 1e3 * draw.normal(size=(500, 3))
    y = X @ np.array([1.0, 2.0, 3.0]) + 1e4 * draw.normal(size=500)
    w = np.linalg.lstsq(X, y)[0]
    normal = {"w": lambda w, X, y: 2 * (X.T @ X @ w - X.T @ y)}
    check_gradient(lambda w, X, y: np.sum((X @ w - y) ** 2), normal, w, X, y)


KINKS = {
    "relu": (lambda w: np.sum(np.maximum(w, 0)), lambda w: w > 0.0),
    "relu, from the right": (lambda w: np.sum(mg.nn.relu(w)), lambda w: w >= 0),
    "abs": (lambda w: np.sum(np.abs(w)), lambda w: np.where(w >= 0, 1.0, -1.0)),
    "max": (lambda w: np.max(w), lambda w: np.eye(3)[np.argmax(w)]),
}


@pytest.mark.parametrize(("f", "formula"), KINKS.values(), ids=KINKS)
def test_a_formula_that_is_right_but_for_a_kink_is_told(f, formula):
    for at in (np.array([1.0, -1.0, 2.0]), np.array([3.0, -1.0, 2.0])):
        check_gradient(f, {"w": formula}, at)
    with pytest.raises(GradientError, match=r"right close by, but not here.*a kink here"):
        check_gradient(f, {"w": formula}, np.zeros(3))


def test_a_formula_that_divides_by_0_is_told():
    def cubed(w):
        return np.sum(np.abs(w) ** 3)

    formula = {"w": lambda w: 3 * np.abs(w) ** 3 / w}
    says = pytest.raises(GradientError, match=r"it gives nan.*Does it divide by 0 here")
    with says, np.errstate(invalid="ignore"):
        check_gradient(cubed, formula, np.array([0.0, 1.0]))


NO_ARRAYS = {
    r"gives a tuple of 2, not one gradient\. If these are several, write dict\(zip": (
        lambda *p: (dw(*p), db(*p))
    ),
    "gives a str, not an array of numbers": lambda *p: "2 * x",
    "gives a dict, not an array": lambda *p: {"w": dw(*p)},
    "gives a list, not an array": lambda *p: [dw(*p), "b"],
}


@pytest.mark.parametrize("said", NO_ARRAYS)
def test_what_is_no_gradient_is_named(said):
    with pytest.raises(GradientError, match=said):
        check_gradient(loss, {"w": NO_ARRAYS[said]}, *POINT)


def test_misuse_of_check_gradient_is_refused():
    with pytest.raises(ArgumentError, match="formulas is a dict"):
        check_gradient(loss, dw, *POINT)
    with pytest.raises(ArgumentError, match="no such argument"):
        check_gradient(loss, {"v": dw}, *POINT)
    with pytest.raises(ArgumentError, match="2 formulas for 1 argnums"):
        check_gradient(loss, {"w": dw, "b": db}, *POINT, argnums="w")


# Imports


def test_hypothesis_is_imported_only_for_strategies():
    code = (
        "import sys, micrograd_np as mg; assert 'micrograd_np.testing' not in sys.modules;"
        "mg.testing.check_grads; assert 'hypothesis' not in sys.modules;"
        "mg.testing.strategies; assert 'hypothesis' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_names_of_testing_are_attribute_errors():
    with pytest.raises(AttributeError, match="no attribute 'check'"):
        mg.testing.check


def test_no_formula_is_nothing_checked():
    with pytest.raises(ArgumentError, match=r"no formula to check \(test_testing"):
        check_gradient(np.sum, {}, np.ones(2))


def test_a_function_that_changes_its_argument_is_checked_at_one_point():
    def f(w):
        w *= 2
        return np.sum(w**3)

    w = np.array([1.0, -2.0])
    mg.testing.check_grads(f, w)
    np.testing.assert_array_equal(w, [1.0, -2.0])
