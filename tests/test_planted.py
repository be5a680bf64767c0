"""Every class of mistakes is found, by its law, wherever the derivative came from."""

from __future__ import annotations

import numpy as np
import pytest
from planted import EVERY, RIGHT, X

import micrograd_np as mg
from micrograd_np.errors import GradientError
from micrograd_np.testing import check_grads
from micrograd_np.testing.precision import EXTENDED


def custom(f, *vjps):
    """A function with these derivatives, right or wrong."""
    function = mg.custom_vjp(f)
    function.defvjp(*vjps)
    return function


def declared(planted):
    """The function with its wrong derivative declared by ``custom_vjp``."""
    if len(planted.args) == 1:
        f = lambda x: planted.f(np, x)
        return custom(f, lambda g, x: planted.vjp(np, g, x)[0])
    return custom(
        lambda x, y: planted.f(np, x, y),
        lambda g, x, y: planted.vjp(np, g, x, y)[0],
        lambda g, x, y: planted.vjp(np, g, x, y)[1],
    )


def by_hand(planted):
    """The function as it is, and the wrong derivative by itself."""
    return lambda *xs: planted.f(np, *xs), lambda g, *xs: planted.vjp(np, g, *xs)


def broken_law(f, args, **options):
    """The law that the check finds broken; "" if none."""
    try:
        check_grads(f, args, **options)
    except GradientError as error:
        return error.law
    return ""


@pytest.mark.parametrize("name", EVERY)
def test_a_planted_mistake_is_found_by_its_law(name):
    planted = EVERY[name]
    if planted.law == "precision" and not EXTENDED:
        pytest.skip("this processor has no long double")
    assert broken_law(declared(planted), planted.args) == planted.law
    f, vjp = by_hand(planted)
    assert broken_law(f, planted.args, vjp=vjp) == planted.law


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_derivative_raises_no_alarm(name):
    planted = RIGHT[name]
    check_grads(declared(planted), planted.args)
    f, vjp = by_hand(planted)
    check_grads(f, planted.args, vjp=vjp)


# Mistakes that only some libraries can make: in place, in dtype, in what is kept


def test_a_cotangent_that_is_the_operand_itself_is_refused():
    law = broken_law(lambda x: np.sum(x * x) / 2, X, vjp=lambda g, x: x)
    assert law == "form"


def test_one_array_for_two_operands_is_refused():
    def vjp(g, x, y):
        q = g * 1
        return q, q

    assert broken_law(lambda x, y: x + y, (X, X + 1), vjp=vjp) == "form"


def test_a_read_only_cotangent_is_refused():
    law = broken_law(np.sum, X, vjp=lambda g, x: np.broadcast_to(g, x.shape))
    assert law == "form"


def test_a_derivative_that_changes_its_cotangent_is_refused():
    def vjp(g, x):
        g *= np.cos(x)
        return g.copy()

    assert broken_law(np.sin, X, vjp=vjp) == "unmutated"


def test_a_derivative_that_changes_its_operand_is_refused():
    def spoil(g, x):
        q = g * np.cos(x)
        x *= 2
        return q

    assert broken_law(np.sin, X, vjp=spoil) in ("unmutated", "repeatable")
    assert broken_law(custom(lambda x: np.sin(x), spoil), X) in ("unmutated", "repeatable", "form")
    np.testing.assert_array_equal(X, [0.3, -1.2, 2.0])


def test_double_precision_for_a_float32_operand_is_refused():
    two = np.float64(2)
    assert broken_law(lambda x: 2 * x, X, vjp=lambda g, x: g * two) == "form"
    check_grads(custom(lambda x: 2 * x, lambda g: g * two), X)  # the library casts it back


def test_a_mistake_in_float32_alone_is_found():
    def vjp(g, x):
        return g * np.cos(x) * (1 if x.dtype == np.float64 else x.dtype.type(1.1))

    assert broken_law(np.sin, X, vjp=vjp) == "precision"


def test_a_value_kept_from_the_first_call_is_found():
    kept = []

    def vjp(g, x):
        kept.append(np.exp(x))
        return g * kept[0]

    assert broken_law(np.exp, X, vjp=vjp, twins=False) in ("kinks", "precision")


def test_the_wrong_number_of_cotangents_is_counted():
    with pytest.raises(GradientError, match="1 cotangents for 2 operands \\(x, y\\)"):
        check_grads(lambda x, y: x * y, (X, X + 1), vjp=lambda g, x, y: (g * y,))


def test_a_repeated_index_that_is_written_once_is_found():
    index = np.array([0, 0, 2])

    def vjp(g, x):
        q = np.zeros_like(x)
        q[index] = g
        return q

    assert broken_law(lambda x: x[index], X, vjp=vjp) == "reverse value"


def test_a_noisy_derivative_is_refused():
    noise = np.random.default_rng(0)
    law = broken_law(np.sin, X, vjp=lambda g, x: g * np.cos(x) * (1 + 1e-14 * noise.normal()))
    assert law == "repeatable"


SECOND = {
    "a constant in the derivative": lambda g, x: 3 * g * mg.stop_gradient(x) * x,
    "numbers in place of Tensors": lambda g, x: 3 * g * np.asarray(mg.stop_gradient(x)) ** 2,
    "a branch on values": lambda g, x: 3 * g * np.where(x > 0, mg.stop_gradient(x) ** 2, x**2),
}


@pytest.mark.parametrize("name", SECOND)
def test_a_wrong_second_derivative_is_found(name):
    with pytest.raises(GradientError, match=r"the vjp of <lambda>|symmetry"):
        check_grads(custom(lambda x: x**3, SECOND[name]), X)
    check_grads(custom(lambda x: x**3, SECOND[name]), X, order=1)


def test_a_second_derivative_that_is_wrong_at_a_point_is_found():
    pinned = custom(lambda x: x**2, lambda g, x: g * np.where(x == 0, 0, 2 * x))
    with pytest.raises(
        GradientError, match="the vjp of <lambda> breaks the law 'kinks': where the"
    ):
        check_grads(pinned, X)
    check_grads(pinned, X, order=1)


def test_a_mistake_for_single_numbers_is_found():
    f = custom(lambda x: np.sum(x) * 2, lambda g, x: g * 2 * np.ones(len(x), x.dtype))
    with pytest.raises(GradientError, match="where operands are single numbers"):
        check_grads(f, X)


def test_a_kink_elsewhere_is_looked_at_on_request():
    def relu6(g, x):
        return g * np.where((x > 0) & (x < 6), 1, 0) + 9 * (x == 6)

    f = custom(lambda x: np.clip(x, 0, 6), relu6)
    check_grads(f, X)
    with pytest.raises(GradientError, match="where the first entry of x is 6"):
        check_grads(f, X, kinks=(0.0, 6.0))


def test_the_limit_at_infinity_is_looked_at_on_request():
    silu = custom(
        lambda x: mg.nn.sigmoid(x) * np.where(np.isneginf(x), 0, x),
        lambda g, x: g * (mg.nn.sigmoid(x) + x * mg.nn.sigmoid(x) * mg.nn.sigmoid(-x)),
    )
    check_grads(silu, X)
    with pytest.raises(GradientError, match="is nan, expected its limit"):
        check_grads(silu, X, extremes=(-np.inf,))


def test_other_points_are_left_out_on_request():
    for name in ("nan at 0", "overflow at -1000", "tanh: 1 - out ** 2"):
        planted = EVERY[name]
        check_grads(declared(planted), planted.args, kinks=(), extremes=(), digits=False)


def test_the_error_carries_what_it_found():
    with pytest.raises(GradientError) as caught:
        check_grads(np.abs, X, vjp=lambda g, x: g * x / np.abs(x))
    error = caught.value
    assert (error.law, error.point) == ("kinks", "where the first entry of x is 0")
    assert np.isnan(error.actual)
    low, high = error.expected
    assert low == -high != 0


COMPOSED = {
    "a median of ties": lambda x: np.sort(x)[1:3] * 0.5,
    "the square of an absolute value": lambda x: np.abs(x) ** 2,
    "a softmax without care": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "a normalisation": lambda x: (x - np.mean(x)) / np.sqrt(np.var(x) + 1e-5),
    "Huber's loss": lambda x: np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5),
    "terms that cancel far out": lambda x: x * np.tanh(x) - x,
    "a loop": lambda x: sum([np.sin(k * x) for k in range(4)]),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions_raise_no_alarm(name):
    check_grads(COMPOSED[name], np.array([0.3, -1.2, 2.0, 0.7]))


def test_functions_that_refuse_the_extra_points_pass():
    def picky(x):
        assert np.all(np.asarray(mg.stop_gradient(x)) > 0)
        assert np.shape(x) == (3,)
        return np.log(x)

    check_grads(picky, np.array([0.3, 1.2, 2.0]))
