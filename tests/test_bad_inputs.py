"""Misuse: what a user gets who makes one of 72 common mistakes. The numbers are those of the list.

An error is an error of ours and the built-in one that people catch; it names shapes and dtypes, the
user's own line, and the cure. What is accepted has the right value and gradient: never a silent
zero, never a lost gradient, never a sum that nobody asked for.
"""

from __future__ import annotations

import copy
import datetime
import math
import pickle
import re
import sys
import traceback
import warnings
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np.errors import (
    ArgumentError,
    DetachError,
    DtypeError,
    GraphError,
    InPlaceError,
    MicrogradError,
    NoRuleError,
    NoSuchNameError,
    OutOfRangeError,
    ShapeError,
    TooLargeError,
)


@contextmanager
def refuses(ours, builtin, *parts):
    """Expect an error of both types whose text, notes included, has the parts and our line."""
    with pytest.raises(ours) as caught:
        yield
    error = caught.value
    assert isinstance(error, MicrogradError)
    assert isinstance(error, builtin)
    text = check_text(error, parts)
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == __file__]
    assert f"({Path(__file__).name}:{lines[-1]})" in text, text


def check_text(error, parts):
    text = "\n".join([str(error), *getattr(error, "__notes__", [])])
    for part in parts:
        assert re.search(part, text), f"{part!r} is not in: {text}"
    return text


def leaf(values=(1.0, 2.0), name=None):
    return mg.Tensor(values, requires_grad=True, name=name)


def matrix(name=None):
    return leaf(np.arange(6.0).reshape(2, 3), name)


# Calling backward and grad


def test_1_backward_of_many_entries_needs_a_gradient():
    y = matrix() * 2
    with refuses(
        GraphError, RuntimeError, r"shape \(2, 3\)", "made by multiply", "np.sum", "gradient="
    ):
        y.backward()


def test_2_backward_of_a_constant_names_the_reasons():
    y = np.sum(mg.Tensor([1.0, 2.0]) * 2)
    with refuses(GraphError, RuntimeError, "only from constants", "requires_grad=True"):
        y.backward()


def test_2_the_gradient_of_a_constant_function_is_zero():
    np.testing.assert_array_equal(mg.grad(lambda x: 3.0)(np.ones(2)), [0, 0])


def line(back=1):
    """The place so many lines before the caller's, as messages name it."""
    frame = sys._getframe(1)
    return rf"\({Path(__file__).name}:{frame.f_lineno - back}\)"


def test_3_backward_of_a_detached_result_names_the_line_of_detach():
    y = np.sum(leaf().detach() * 2)
    cut = rf"cut by detach\(\) {line()}"
    with refuses(GraphError, RuntimeError, cut, "requires_grad=True"):
        y.backward()


def test_3_a_comment_cuts_no_graph():
    y = np.sum(mg.Tensor([1.0]))  # no .detach() here
    with pytest.raises(GraphError) as caught:
        y.backward()
    assert "cut by" not in str(caught.value)


def test_3_only_the_last_two_suspects_are_named():
    a, b, c = leaf().detach(), mg.stop_gradient(leaf()), leaf().data
    y = np.sum(mg.Tensor(c) + a + b)
    with refuses(GraphError, RuntimeError, r"cut by stop_gradient \(.*\) or data \(.*\)\. "):
        y.backward()


def test_4_backward_twice_adds_up():
    x = leaf()
    y = np.sum(x * x)
    y.backward()
    y.backward()
    np.testing.assert_array_equal(x.grad, [4, 8])


def test_5_gradients_add_up_until_they_are_zeroed():
    x = leaf()
    for _ in range(3):
        np.sum(2 * x).backward()
    np.testing.assert_array_equal(x.grad, [6, 6])
    x.zero_grad()
    np.sum(2 * x).backward()
    np.testing.assert_array_equal(x.grad, [2, 2])


@pytest.mark.parametrize("seed", [np.ones(3), np.ones((1, 2)), 1.0])
def test_6_a_seed_has_the_shape_of_its_tensor(seed):
    y = leaf() * 2
    with refuses(ShapeError, ValueError, re.escape(str(np.shape(seed))), r"\(2,\)"):
        y.backward(seed)


def test_7_a_complex_seed_for_a_real_tensor_is_refused():
    y = leaf() * 2
    with refuses(DtypeError, TypeError, "complex128", "float64", r"np\.real\(gradient\)"):
        y.backward(np.ones(2) * 1j)


def test_7_a_seed_of_text_is_refused():
    y = leaf() * 2
    with refuses(DtypeError, TypeError, "gradient is <U1"):
        y.backward(["a", "b"])


def test_8_gradients_by_a_tensor_that_is_not_in_the_graph_are_refused():
    x, z = leaf(name="x"), leaf(name="z")
    y = np.sum(x * x)
    known = "its variables are 'x'"
    with refuses(GraphError, RuntimeError, "'z' is not in the graph", known, "allow_unused=True"):
        mg.gradients(y, z)


def test_8_variables_without_a_name_are_known_by_the_callers():
    weight, z = leaf(), leaf()
    y = np.sum(weight * weight)
    with refuses(GraphError, RuntimeError, "its variables are 'weight'"):
        mg.gradients(y, z)


def test_8_unused_inputs_may_get_zeros():
    x, z = leaf(), leaf()
    np.testing.assert_array_equal(mg.gradients(np.sum(x * x), z, allow_unused=True), [0, 0])
    g = mg.grad(lambda x, z: np.sum(x * x), argnums=1)(np.ones(2), np.ones(3))
    np.testing.assert_array_equal(g, [0, 0, 0])


def test_9_intermediate_tensors_have_a_gradient():
    x = leaf()
    z = x * 3
    np.sum(z * z).backward()
    np.testing.assert_array_equal(z.grad, [6, 12])


def test_10_an_argnum_out_of_range_counts_the_arguments():
    f = mg.grad(lambda x: x * x, argnums=3)
    with refuses(ArgumentError, TypeError, "argnums=3", "1 positional argument"):
        f(1.0)


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda x: (x, x), "a tuple of 2"),
        (lambda x: [x, x, x], "a list of 3"),
        (lambda x: {"a": x}, "a dict"),
        (lambda x: x * np.ones(2), r"a Tensor of shape \(2,\)"),
    ],
)
def test_11_grad_of_several_results_says_what_came_back(f, said):
    g = mg.grad(f)
    with refuses(ArgumentError, TypeError, f"it returned {said}", "has_aux=True", "vjp"):
        g(1.0)


@pytest.mark.parametrize("transform", [mg.grad, mg.value_and_grad, mg.jacobian, mg.hessian])
def test_12_a_missing_return_is_named(transform):
    f = transform(lambda x: None)
    with refuses(ArgumentError, TypeError, "returned None: is a return statement missing"):
        f(1.0)


def test_12_a_missing_return_is_named_by_vjp_and_jvp():
    with refuses(ArgumentError, TypeError, "returned None"):
        mg.vjp(lambda x: None, 1.0)
    with refuses(ArgumentError, TypeError, "returned None"):
        mg.jvp(lambda x: None, (1.0,), (1.0,))


@pytest.mark.parametrize(
    ("f", "exit_"),
    [
        (lambda x: np.sum(x.data), r"\.data"),
        (lambda x: x[0].item() ** 2, r"\.item\(\)"),
        (lambda x: sum(x.tolist()), r"\.tolist\(\)"),
        (lambda x: x.to_numpy().sum(), r"\.to_numpy\(\)"),
    ],
)
def test_13_a_plain_result_names_where_the_graph_was_left(f, exit_):
    g = mg.grad(f)
    with refuses(ArgumentError, TypeError, "plain float", exit_ + r" \(test_bad_inputs.py:\d+\)"):
        g(np.ones(2))


def test_14_arguments_may_be_chosen_by_name():
    f = lambda x, w: x * w
    assert mg.grad(f, argnums="w")(3.0, w=2.0) == 3
    assert mg.grad(lambda w: w * w)(w=2.0) == 4
    g = mg.grad(f, argnums="v")
    with refuses(ArgumentError, TypeError, "argnums='v'", "parameters are x, w"):
        g(1.0, 2.0)


def test_15_a_list_is_a_tree_of_parameters():
    assert mg.grad(lambda xs: xs[0] * xs[1])([2.0, 3.0]) == [3.0, 2.0]
    g = mg.grad(np.sum)
    with refuses(DetachError, TypeError, r"np\.stack"):
        g([1.0, 2.0])


@pytest.mark.parametrize("values", [3, [1, 1], True, np.int8(1)])
def test_16_integers_have_no_gradient(values):
    with refuses(
        DtypeError, TypeError, "integer and bool", str(np.array(values).dtype), "Use floats"
    ):
        mg.Tensor(values, requires_grad=True)
    with refuses(DtypeError, TypeError, "integer and bool"):
        mg.grad(np.sum)(np.asarray(values))


def test_16_the_message_for_many_integers_is_short():
    with pytest.raises(DtypeError) as caught:
        mg.Tensor(np.arange(100_000), requires_grad=True)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("value", "said"),
    [("abc", "str_"), (["a"], "str_"), (None, "NoneType"), ({}, "dict"), (b"", "bytes")],
)
def test_17_only_numbers_make_a_tensor(value, said):
    with refuses(DtypeError, TypeError, said, "numbers only"):
        mg.Tensor(value)


def test_18_a_complex_result_names_what_to_take_of_it():
    g = mg.grad(lambda z: z * z)
    with refuses(ArgumentError, TypeError, "complex128", r"np\.real"):
        g(1 + 2j)
    y = leaf(1 + 2j) * 2
    with refuses(GraphError, RuntimeError, "complex128", r"np\.real"):
        y.backward()


# Shapes and broadcasting


def test_19_shapes_that_do_not_broadcast_are_named():
    x, a = leaf([1.0, 2.0, 3.0], name="x"), np.ones(2)
    parts = r"\(3,\) and \(2,\) do not broadcast", "axis -1: 3 against 2", "'x'", r"array \(2,\)"
    with refuses(ShapeError, ValueError, "add", *parts):
        x + a
    with refuses(ShapeError, ValueError, "multiply", *parts):
        np.multiply(x, a)
    with refuses(ShapeError, ValueError, "subtract", r"\(2,\) and \(3,\)"):
        a - x


@pytest.mark.parametrize(
    ("a", "b", "cure"),
    [
        ((2, 3), (2, 3), r"x @ y\.T"),
        ((2, 3), (2,), r"x\.T @ y"),
        ((2, 3), (4, 2), "y @ x"),
        ((4, 2, 3), (4, 2, 3), r"x @ y\.mT"),
        ((2, 3), (4, 5), "Transpose or reshape"),
    ],
)
def test_20_a_matrix_product_that_does_not_fit_suggests_one_that_does(a, b, cure):
    x, y = leaf(np.ones(a), name="x"), leaf(np.ones(b))
    sizes = f"inner sizes {a[-1]} and {b[-2:][0]} differ"
    parts = "matmul", re.escape(f"{a} @ {b}"), sizes, "'x'", cure
    with refuses(ShapeError, ValueError, *parts):
        x @ y
    with refuses(ShapeError, ValueError, *parts):
        x @ np.ones(b)


def test_20_stacks_of_matrices_that_do_not_broadcast_are_named():
    x, y = leaf(np.ones((4, 2, 3))), leaf(np.ones((5, 3, 2)))
    with refuses(ShapeError, ValueError, r"leading axes \(4,\) and \(5,\) do not broadcast"):
        x @ y


def test_21_a_number_in_a_matrix_product_is_pointed_to_times():
    x = matrix("x")
    with refuses(ShapeError, ValueError, r"'x' \(2, 3\)", "3.0", r"write \*"):
        x @ 3.0
    with refuses(ShapeError, ValueError, r"write \*"):
        np.matmul(leaf(2.0), x)


@pytest.mark.parametrize("loss", [mg.nn.mse, mg.nn.bce_with_logits])
def test_22_losses_refuse_shapes_that_would_broadcast(loss):
    with refuses(ShapeError, ValueError, r"prediction \(3, 1\) and target \(3,\)", r"\(3, 3\)"):
        loss(leaf(np.ones((3, 1))), np.ones(3))


def test_23_a_reshape_that_does_not_fit_counts_the_elements():
    x = matrix("x")
    with refuses(ShapeError, ValueError, r"\(2, 3\) has 6 elements", r"\(4, ?2\)", "'x'"):
        x.reshape(4, 2)
    with refuses(ShapeError, ValueError, r"\(2, 3\) does not broadcast to \(4, ?2\)"):
        np.broadcast_to(x, (4, 2))


@pytest.mark.parametrize("f", [np.sum, np.mean, np.max, np.var, np.cumsum, np.prod, np.std])
def test_24_an_axis_out_of_range_is_found_in_the_forward_call(f):
    x = matrix("x")
    with pytest.raises(np.exceptions.AxisError) as caught:
        f(x, axis=5)
    parts = "axis 5 is out of bounds", r"'x' \(2, 3\)", r"test_bad_inputs.py:\d+"
    check_text(caught.value, parts)


@pytest.mark.parametrize("index", [7, -3, (0, 3), [0, 7]])
def test_25_an_index_out_of_bounds_is_an_index_error(index):
    x = matrix("x")
    with refuses(OutOfRangeError, IndexError, "out of bounds", "with size [23]", "'x'"):
        x[index]
    with refuses(OutOfRangeError, IndexError, "out of bounds"), mg.no_grad():
        x[index] = 0.0


@pytest.mark.parametrize("label", [5, -1, 2])
def test_26_27_a_label_that_names_no_class_is_refused(label):
    logits = leaf(np.zeros((2, 2)))
    with refuses(OutOfRangeError, IndexError, f"label {label} at position 1", "2 classes"):
        mg.nn.softmax_cross_entropy(logits, np.array([0, label]))


def test_28_float_labels_are_refused():
    logits = leaf(np.zeros((1, 2)))
    with refuses(DtypeError, TypeError, "must be integers", "float64", r"\(1, 2\)"):
        mg.nn.softmax_cross_entropy(logits, np.array([1.0]))


def test_29_one_hot_labels_are_told_from_classes_by_their_shape():
    x, z = leaf([[0.0, 1.0]]), leaf([[0.0, 1.0]])
    mg.nn.softmax_cross_entropy(x, np.array([[0, 1]])).backward()
    mg.nn.softmax_cross_entropy(z, np.array([1])).backward()
    np.testing.assert_allclose(x.grad, z.grad)
    with refuses(ShapeError, ValueError, r"labels \(1, 3\) for logits \(1, 2\)"):
        mg.nn.softmax_cross_entropy(x, np.array([[0, 1, 0]]))
    with refuses(OutOfRangeError, ValueError, r"lie in \[0, 1\]", "found 2"):
        mg.nn.softmax_cross_entropy(leaf(np.zeros(3)), np.array([0, 1, 2]))


def test_29_soft_targets_have_a_gradient_too():
    x, target = leaf([[0.0, 1.0]]), leaf([[0.25, 0.75]])
    mg.nn.softmax_cross_entropy(x, target).backward()
    h = np.exp(x.data) / np.sum(np.exp(x.data))
    np.testing.assert_allclose(x.grad, h - target.data)
    np.testing.assert_allclose(target.grad, -np.log(h))


def test_29_soft_targets_of_whole_logits_are_not_rounded():
    loss = mg.nn.softmax_cross_entropy(np.array([[0, 0]]), np.array([[0.5, 0.5]]))
    np.testing.assert_allclose(loss, np.log(2))


def test_29_logits_without_classes_are_refused():
    with refuses(ShapeError, ValueError, "no axis of classes"):
        mg.nn.softmax_cross_entropy(leaf(1.0), 0)


@pytest.mark.parametrize("wrong", [2.0, -0.5, np.nan])
def test_30_targets_outside_0_and_1_are_refused(wrong):
    with refuses(OutOfRangeError, ValueError, r"\[0, 1\]", f"found {wrong} at position 1"):
        mg.nn.bce_with_logits(leaf(), np.array([0.5, wrong]))


def test_31_empty_inputs_behave_as_numpys():
    x = leaf(np.zeros((0,)))
    with pytest.warns(RuntimeWarning, match="Mean of empty slice") as warned:
        y = np.mean(x)
    assert len(warned) == 1
    assert np.isnan(y.item())
    y.backward()
    assert x.grad.shape == (0,)
    x.zero_grad()
    with pytest.raises(ValueError, match="zero-size array") as caught:
        np.max(x)
    check_text(caught.value, [r"in max of Tensor \(0,\)"])
    np.sum(x).backward()
    assert x.grad.shape == (0,)


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("ij,jk->iz", "output letter 'z' is in no operand"),
        ("ij,kj->ik", "letter 'j' stands for 3 and 2 entries"),
        ("ijk,jk->i", r"'ijk' has 3 letters, operand 0 has shape \(2, 3\)"),
        ("ij->i", "1 terms for 2 operands"),
    ],
)
def test_32_a_wrong_letter_of_einsum_is_named_as_it_was_written(letters, said):
    x, y = matrix(), leaf(np.ones((3, 2)))
    with refuses(ShapeError, ValueError, f"einsum '{letters}'", said):
        np.einsum(letters, x, y)


def test_33_rows_of_different_lengths_are_counted():
    with refuses(ShapeError, ValueError, r"different lengths \(1 and 2\)", "pad"):
        mg.Tensor([[1.0], [1.0, 2.0]])


# NumPy mixed with tensors


def test_34_asarray_does_not_cut_the_graph():
    x = leaf(name="x")
    with refuses(DetachError, TypeError, "cut the graph", "'x'", r"\(2,\)", r"t\.detach\(\)"):
        np.asarray(x)
    np.testing.assert_array_equal(np.asarray(x.detach()), [1, 2])


def test_35_np_array_of_tensors_points_to_stack():
    with refuses(DetachError, TypeError, r"np\.stack"):
        np.array([leaf(1.0), leaf(2.0)])
    x = leaf(2.0)
    np.sum(np.stack([x, x])).backward()
    assert x.grad == 2


def test_36_storing_a_tensor_in_an_array_is_refused():
    b, x = np.zeros(2), leaf(1.0)
    with pytest.raises(ValueError, match="setting an array element") as caught:
        b[0] = x  # NumPy words it so for whatever can be indexed, and names ours as the cause
    assert isinstance(caught.value.__cause__, DetachError)
    with refuses(DetachError, TypeError, "cut the graph"):
        b[:] = leaf()
    np.testing.assert_array_equal(b, [0, 0])


@pytest.mark.parametrize("operator", ["__iadd__", "__isub__", "__imul__", "__itruediv__"])
def test_37_a_tensor_is_not_written_into_an_array(operator):
    b, x = np.ones(2), leaf()
    with refuses(InPlaceError, RuntimeError, r"Tensor \(2,\)", r"array \(2,\)", r"b = b \+ t"):
        getattr(b, operator)(x)
    np.testing.assert_array_equal(b, [1, 1])


def test_38_an_array_as_out_is_refused():
    b, x = np.ones(2), leaf()
    with refuses(InPlaceError, RuntimeError, "leave out= away"):
        np.multiply(x, 2, out=b)
    with refuses(InPlaceError, RuntimeError, "leave out= away"):
        np.sum(x, out=np.zeros(()))
    with refuses(InPlaceError, RuntimeError, "let b be a Tensor .*np.zeros_like"):
        np.add.at(b, [0, 0], x)
    np.testing.assert_array_equal(b, [1, 1])


def test_39_a_function_without_a_rule_is_refused_in_the_forward_call():
    x = leaf()
    with refuses(NoRuleError, TypeError, "busday_count has no derivative rule", "about dates"):
        np.busday_count(x, x)
    ufunc = np.frompyfunc(abs, 1, 1)
    with refuses(NoRuleError, TypeError, "no derivative rule", "custom_vjp"):
        ufunc(x)


def test_40_a_scipy_function_without_a_rule_is_refused():
    special = pytest.importorskip("scipy.special")
    x = leaf()
    np.sum(special.expit(x)).backward()
    h = special.expit(x.data)
    np.testing.assert_allclose(x.grad, h * (1 - h))
    with refuses(NoRuleError, TypeError, "zetac has no derivative rule", "custom_vjp"):
        special.zetac(x)
    with refuses(NoRuleError, TypeError, "kv: its derivative in argument 1 has no formula"):
        special.kv(x, 1.0)


@pytest.mark.parametrize("f", [math.sin, math.exp, math.floor, math.fsum, float, complex])
def test_41_functions_of_math_are_pointed_to_numpys(f):
    x = leaf([1.0]) if f is math.fsum else leaf(1.0)
    with refuses(DetachError, TypeError, "cut the graph", r"t\.item\(\)"):
        f(x)


@pytest.mark.parametrize("f", [int, range, [1, 2].__getitem__])
def test_42_a_float_tensor_is_no_index(f):
    x = leaf(1.0)
    with refuses(DetachError, TypeError, "cut the graph"):
        f(x)


def test_42_integer_tensors_are_indices():
    assert [5, 6][mg.Tensor(1)] == 6
    assert list(range(mg.Tensor(2))) == [0, 1]
    with pytest.raises(TypeError, match="cannot be interpreted as an integer"):
        [5, 6][mg.Tensor(1.0)]


def test_43_the_truth_of_many_entries_is_ambiguous():
    x = leaf()
    with pytest.raises(ValueError, match=r"shape \(2,\) is ambiguous \(test_bad.*np\.where"):
        bool(x > 1)


def test_44_tensors_hash_by_identity():
    x, z = leaf(), leaf()
    assert {x: "x", z: "z"}[z] == "z"
    assert x in [x, z]
    with pytest.raises(ValueError, match="any\\(t is u for u in list\\)"):
        [x].index(z)


def test_45_tensors_of_other_libraries_are_refused():
    torch = pytest.importorskip("torch")
    x, a = leaf(), torch.ones(2)
    for f in (lambda: x * a, lambda: a * x, lambda: x @ a, lambda: a + x, lambda: np.add(x, a)):
        with refuses(DtypeError, TypeError, "a torch Tensor and a micrograd_np Tensor", "asarray"):
            f()


def test_45_arrays_of_jax_are_refused():
    jnp = pytest.importorskip("jax.numpy")
    x, a = leaf(), jnp.ones(2)
    for f in (lambda: x * a, lambda: a * x, lambda: x @ a, lambda: a + x):
        with refuses(DtypeError, TypeError, "jaxlib ArrayImpl and a micrograd_np Tensor"):
            f()


def test_45_a_tensor_handed_to_another_library_is_refused():
    torch, x = pytest.importorskip("torch"), leaf()
    for f in (torch.as_tensor, torch.sin, pytest.importorskip("jax.numpy").sin):
        with pytest.raises(TypeError, match="Tensor"):
            f(x)


SPARSE = {
    "s @ x": lambda s, x: s @ x,
    "x @ s": lambda s, x: x @ s,
    "s * x": lambda s, x: s * x,
    "x * s": lambda s, x: x * s,
    "s + x": lambda s, x: s + x,
    "x - s": lambda s, x: x - s,
    "s.dot(x)": lambda s, x: s.dot(x),
    "np.dot(x, s)": np.dot,
}


@pytest.mark.parametrize("kind", ["csr_matrix", "csr_array", "coo_array"])
@pytest.mark.parametrize("f", SPARSE.values(), ids=SPARSE)
def test_46_sparse_matrices_are_refused(f, kind):
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match=r"Tensor") as caught:
        f(getattr(sparse, kind)(np.eye(2)), leaf())
    if isinstance(caught.value, DetachError):
        check_text(caught.value, ["scipy.sparse converts", r"s\.toarray\(\) @ t"])


def test_47_object_arrays_of_tensors_are_refused():
    x = leaf(2.0)
    for make in (lambda: np.array([1, x]), lambda: np.array([1, x], dtype=object)):
        with refuses(DetachError, TypeError, "cut the graph"):
            make()
    with refuses(DtypeError, TypeError, r"Python objects \(float\)", r"astype\(float\)"):
        mg.Tensor(np.array([1.0], dtype=object))


# In-place changes


def test_48_a_leaf_does_not_change_while_operations_are_recorded():
    x = leaf(name="x")
    for f in (lambda: x.__iadd__(1), lambda: x.__setitem__(0, 1), lambda: np.add(x, 1, out=x)):
        with refuses(
            InPlaceError, RuntimeError, "leaf 'x'", "mg.no_grad",
            "differentiate through the update, write w = w - step",
        ):  # fmt: skip
            f()
    np.testing.assert_array_equal(x.data, [1, 2])


def test_49_a_saved_value_changed_before_backward_changes_no_gradient():
    x = leaf()
    e = np.exp(x)
    y = np.sum(e * e)
    e += 1
    y.backward()
    np.testing.assert_allclose(x.grad, 2 * np.exp(2 * x.data))


def test_50_an_array_changed_after_use_changes_no_gradient():
    a, c = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    x = leaf(a)
    y = np.sum(x * x + c * x)
    a[:] = c[:] = 9
    y.backward()
    np.testing.assert_array_equal(x.grad, [5, 8])


def test_51_data_is_read_only():
    x = leaf()
    with pytest.raises(ValueError, match="read-only"):
        x.data[...] = 3
    with refuses(InPlaceError, RuntimeError, "cannot be replaced", r"mg\.no_grad"):
        x.data = np.ones(2)


def test_52_writing_to_a_result_gives_the_gradient_of_what_was_kept():
    x, v = leaf(), leaf(5.0)
    y = x * 2
    y[0] = v
    np.sum(y * y).backward()
    np.testing.assert_array_equal(y.data, [5, 4])
    np.testing.assert_array_equal(x.grad, [0, 16])
    assert v.grad == 10


def test_53_the_step_of_the_lab_works_under_no_grad_and_teaches_elsewhere():
    w = leaf()
    np.sum(w * w).backward()
    with refuses(InPlaceError, RuntimeError, "with mg.no_grad"):
        w -= 0.1 * w.grad
    with mg.no_grad():
        w -= 0.1 * w.grad
    np.testing.assert_allclose(w.data, [0.8, 1.6])
    assert w.is_leaf
    assert w.requires_grad


def test_54_integer_weights_are_pointed_to_floats():
    w = mg.Tensor([1, 1])
    with refuses(DtypeError, TypeError, "float64", "int64", "dtype=float"):
        w -= 0.1
    np.testing.assert_array_equal(w.data, [1, 1])


# NaN, inf, domain


def test_55_the_log_of_a_negative_number_is_nan_with_numpys_warning():
    x = leaf(-1.0)
    with pytest.warns(RuntimeWarning, match="invalid value encountered in log"):
        y = np.log(x)
    assert np.isnan(y.item())
    y.backward()
    assert x.grad == -1


def test_56_a_nan_is_honest_and_a_structural_zero_is_zero():
    x, z = leaf(0.0), leaf([0.0, 4.0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (np.sqrt(x) ** 2).backward()
        np.sum(np.where(z.data > 0, np.sqrt(z), 0)).backward()
    assert np.isnan(x.grad)
    np.testing.assert_array_equal(z.grad, [0, 0.25])


def test_58_a_singular_matrix_is_refused_and_named_in_a_stack():
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix") as caught:
        np.linalg.inv(leaf(np.zeros((2, 2)), "A"))
    check_text(caught.value, [r"in inv of 'A' \(2, 2\)", r"test_bad_inputs.py:\d+", "pinv"])
    stack = leaf(np.stack([np.eye(2), np.ones((2, 2)), np.zeros((2, 2))]))
    for f in (np.linalg.inv, lambda x: np.linalg.solve(x, np.ones((3, 2, 1)))):
        with pytest.raises(np.linalg.LinAlgError) as caught:
            f(stack)
        check_text(caught.value, [r"matrix \[1\] of the stack is singular, and 1 more"])


def test_58_a_matrix_that_is_not_positive_definite_is_told_so():
    with pytest.raises(np.linalg.LinAlgError) as caught:
        np.linalg.cholesky(leaf(-np.eye(2)))
    check_text(caught.value, ["in cholesky of", "positive eigenvalues", r"np\.eye"])


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0), mg.Tensor(0.0)])
@pytest.mark.parametrize("one", [1.0, [1.0]])
def test_59_division_by_zero_is_inf_with_numpys_warning(one, zero):
    x = leaf(one)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        y = x / zero
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.sum(y).backward()
    assert np.all(np.isposinf(y.data))
    assert np.all(np.isposinf(x.grad))


def test_59_a_derivative_that_divides_by_zero_is_inf():
    for f in (lambda x: 1 / x, lambda x: x**-1):
        x = leaf(0.0)
        with pytest.warns(RuntimeWarning):
            f(x).backward()
        assert np.isneginf(x.grad)


def test_60_overflow_is_inf_with_numpys_warning():
    with pytest.warns(RuntimeWarning, match="overflow encountered in exp"):
        assert np.isposinf(np.exp(leaf(1000.0)).item())
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert np.isposinf((leaf(10.0) ** 400).item())


@pytest.mark.parametrize("f", [mg.nn.sigmoid, mg.nn.softplus, mg.nn.tanh, mg.nn.softmax])
def test_60_stable_functions_do_not_warn(f):
    x = leaf([-1000.0, 0.0, 1000.0])
    np.sum(f(x)).backward()
    assert np.all(np.isfinite(x.grad))


# Graph life, threads, copies, limits


def test_61_a_deep_chain_runs_prints_copies_and_goes():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    y.backward()
    assert x.grad == 1
    assert repr(y) == "Tensor(1., requires_grad=True)"
    assert copy.deepcopy(y).item() == pickle.loads(pickle.dumps(y)).item() == 1
    del y


def test_62_63_copies_and_pickles_are_values():
    x = leaf()
    y = x * 2
    for twin in (copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert twin.is_leaf
        assert twin.requires_grad
        np.sum(twin).backward()
        np.testing.assert_array_equal(twin.data, y.data)
        np.testing.assert_array_equal(twin.grad, [1, 1])
    assert x.grad is None


def test_34_a_conversion_is_told_by_the_library_that_asked_numpy_for_it():
    plt = pytest.importorskip("matplotlib.pyplot")
    with refuses(DetachError, TypeError, r"matplotlib converts .* Plot t.detach\(\)"):
        plt.bar([1, 2], leaf())
    with refuses(DetachError, TypeError, r"matplotlib converts .* Plot t.detach\(\)"):
        plt.scatter([1, 2], leaf())  # which has numpy.ma convert it
    with refuses(DetachError, TypeError, r"numpy.ma converts .*a\.filled\(0\)"):
        leaf() * np.ma.array([1.0, 2.0], mask=[False, True])
    linalg = pytest.importorskip("scipy.linalg")
    with refuses(DetachError, TypeError, r"solve of scipy.linalg converts .*np\.linalg has solve"):
        linalg.solve(np.eye(2), leaf())
    with refuses(DetachError, TypeError, r"Write mg\.linalg\.solve_triangular, which takes"):
        linalg.solve_triangular(np.eye(2), leaf())
    with refuses(DetachError, TypeError, r"np.vectorize converts .*mg\.array\(\[f\(x\) for x in t"):
        np.vectorize(lambda v: v * v)(leaf())
    with refuses(DetachError, TypeError, r"np\.testing\.assert_allclose .*Compare t\.detach\(\)\."):
        np.testing.assert_allclose(leaf(), [1, 2])
    with refuses(DetachError, TypeError, r"np\.polynomial\.polyval .*np\.polyval records"):
        np.polynomial.polynomial.polyval(0.5, leaf())


def test_34_a_random_number_around_a_tensor_is_told_as_a_sum():
    with refuses(DetachError, TypeError, r"t \+ rng\.normal\(size=t\.shape\)"):
        np.random.default_rng(0).normal(leaf(), 1.0)


def test_34_computing_with_a_column_of_pandas_names_what_keeps_the_gradient():
    pd = pytest.importorskip("pandas")
    with refuses(DetachError, TypeError, r"pandas converts .*s\.to_numpy\(\)"):
        leaf() * pd.Series([3.0, 4.0])


class Model:
    """Parameters in a class that is no dataclass."""


def test_34_an_object_that_is_no_tree_is_told_what_is_one():
    with refuses(
        DtypeError, TypeError, r"Python objects \(Model\)", "dict, list, tuple or dataclass"
    ):
        mg.grad(lambda m: m)(Model())


def test_64_an_error_in_a_users_derivative_is_explained_and_changes_no_grad():
    broken = mg.custom_vjp(lambda a, b: np.sum(a * b))
    broken.function.__name__ = "broken"
    broken.defvjp(lambda g, b: g * b, lambda g: 1 / 0)
    x, z = leaf(), leaf()
    x.grad = [7.0, 7.0]
    y = broken(x * 1, z) + np.sum(x)
    with pytest.raises(ZeroDivisionError) as caught:
        y.backward()
    check_text(caught.value, ["in the derivative of .* by 'b'", r"test_bad_inputs.py:\d+"])
    np.testing.assert_array_equal(x.grad, [7, 7])
    assert z.grad is None


def summed(a):
    return np.sum(a)


@pytest.mark.parametrize("wrong", [np.ones(5), np.ones((2, 2)), 1.0, None])
def test_65_a_users_derivative_of_another_shape_is_refused(wrong):
    f = mg.custom_vjp(summed)
    f.defvjp(lambda g: wrong)
    x = leaf()
    y = f(x)
    with refuses(ShapeError, ValueError, "summed", re.escape(str(np.shape(wrong))), r"\(2,\)"):
        y.backward()
    assert x.grad is None


def test_66_a_users_rule_has_a_derivative_for_each_argument_or_refuses():
    f = mg.custom_vjp(lambda a, b: np.sum(a * b))
    with refuses(ArgumentError, TypeError, "3 derivatives for the 2 arguments"):
        f.defvjp(lambda g: g, lambda g: g, lambda g: g)
    f.defvjp(lambda g, b: g * b)
    x, z = leaf(), leaf()
    with refuses(DetachError, TypeError, "no gradient passes through its argument 'b'"):
        f(x, z)
    f(x, z.detach()).backward()
    np.testing.assert_array_equal(x.grad, [1, 2])


@pytest.mark.parametrize(
    ("f", "said"),
    [
        (lambda a: None, "NoneType"),
        (lambda a: (a, "text"), "str"),
        (lambda a: mg.Tensor(a), "Tensor"),
    ],
)
def test_66_a_users_function_returns_arrays(f, said):
    f = mg.custom_vjp(f)
    with refuses(ArgumentError, TypeError, "declare its derivatives with defvjp"):
        f(leaf())
    f.defvjp(lambda g: g)
    with refuses(ArgumentError, TypeError, f"returned a {said}", "arrays or numbers"):
        f(leaf())
    with refuses(ArgumentError, TypeError, "3 is no function"):
        f.defvjp(3)


def test_66_a_users_function_may_return_a_plain_number():
    f = mg.custom_vjp(lambda a: math.sin(a))
    f.defvjp(lambda g, a: g * np.cos(a))
    x = leaf(1.0)
    f(x).backward()
    np.testing.assert_allclose(x.grad, np.cos(1.0))


def test_67_backward_of_a_result_under_no_grad_names_its_line():
    x = leaf()
    with mg.no_grad():
        y = np.sum(x * x)
    with refuses(GraphError, RuntimeError, f"cut by no_grad {line(2)}"):
        y.backward()


@pytest.mark.parametrize(
    "transform",
    [mg.grad, mg.value_and_grad, mg.vjp, mg.jacobian, mg.elementwise_grad, mg.checkpoint],
)
@pytest.mark.parametrize("slip", [3.0, np.float64(1), mg.Tensor(1.0, requires_grad=True)])
def test_68_69_a_value_in_place_of_a_function_is_told(transform, slip):
    name = transform.__name__
    right = "vjp(f, x)" if transform is mg.vjp else f"{name}(f)(x)"
    with refuses(ArgumentError, TypeError, f"{name} needs a function", re.escape(right)):
        transform(slip)


def test_70_a_broadcast_that_fills_the_memory_names_the_shapes_and_the_size():
    n = 2**24
    x, a = leaf(np.zeros((n, 1), np.float16)), np.zeros(n, np.float16)
    would = rf"shapes \({n}, 1\) and \({n},\) would make \({n}, {n}\) float16, 563 TB"
    with refuses(TooLargeError, MemoryError, "add", would, "reshape one of them"):
        x + a


def test_70_other_results_that_fill_the_memory_are_named():
    x = leaf(np.zeros(2**24, np.float16))
    with refuses(TooLargeError, MemoryError, r"broadcast_to|outer|multiply", "PB|TB|memory"):
        np.outer(x, x)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.array("2020", "datetime64[Y]"), r"datetime64\[Y\]"),
        (np.array([2], "timedelta64[D]"), r"timedelta64\[D\]"),
        (np.zeros(2, [("a", float)]), "void"),
        ([datetime.date(2020, 1, 1)], "date"),
    ],
)
def test_71_other_dtypes_are_refused(value, said):
    with refuses(DtypeError, TypeError, said):
        mg.Tensor(value)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f8", ">f4"])
def test_71_every_float_has_a_gradient_of_its_own_dtype(dtype):
    x = leaf(np.array([1.0, 2.0], dtype))
    np.sum(x * x).backward()
    assert x.grad.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(x.grad, [2, 4])


def test_72_a_misspelt_argument_suggests_the_right_one():
    with refuses(ArgumentError, TypeError, "'require_grad'", "Did you mean 'requires_grad'"):
        mg.Tensor([1.0], require_grad=True)
    with refuses(ArgumentError, TypeError, "grad has no argument 'argnum'", "mean 'argnums'"):
        mg.grad(np.sum, argnum=1)
    with refuses(ArgumentError, TypeError, "jacobian has no argument 'modes'", "mean 'mode'"):
        mg.jacobian(np.sum, modes="forward")
    with refuses(ArgumentError, TypeError, "sum has no argument 'axes'", "mean 'axis'"):
        leaf().sum(axes=0)


def test_72_an_argument_that_resembles_none_lists_all():
    with refuses(ArgumentError, TypeError, "It takes data, requires_grad, name, dtype"):
        mg.Tensor([1.0], zzz=1)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        mg.grad()


def test_72_a_misspelt_name_of_the_library_suggests_the_right_one():
    with pytest.raises(NoSuchNameError, match=r"no attribute 'tensor'\. Did you mean mg\.Tensor\?"):
        mg.tensor([1.0])
    with pytest.raises(NoSuchNameError, match=r"Did you mean mg\.no_grad\?"):
        mg.nograd()
    with pytest.raises(NoSuchNameError, match=r"Did you mean mg\.nn\.sigmoid\?"):
        mg.nn.sigmod(1.0)
    with pytest.raises(AttributeError, match=r"no attribute 'zzz'\.$"):
        mg.zzz()


@pytest.mark.parametrize(("theirs", "ours"), mg.errors.ELSEWHERE.items())
def test_72_a_name_of_another_library_suggests_ours(theirs, ours):
    with pytest.raises(NoSuchNameError, match=rf"Did you mean mg\.{ours}\?"):
        getattr(mg, theirs)
    attrgetter(ours)(mg)


def test_72_numpys_functions_are_called_by_numpys_name():
    for name in ("exp", "sum", "linspace"):
        with pytest.raises(NoSuchNameError, match=rf"Write np\.{name}: NumPy's functions work"):
            getattr(mg, name)


@pytest.mark.parametrize("write", [
    "buffer[0] = t[0]", "buffer[1:] = t", "buffer[[0, 2]] = t", "buffer[0] += t[1]",
])  # fmt: skip
def test_a_tensor_stored_in_an_ndarray_names_the_buffer(write):
    with pytest.raises((DetachError, ValueError)) as caught:
        exec(write, {"buffer": np.zeros(3), "t": leaf()})
    told = str(caught.value.__cause__ or caught.value)  # NumPy words what a single entry raises
    assert "buffer[i] = t" in told
    assert "mg.Tensor(np.zeros(...))" in told


@pytest.mark.parametrize("transform", [mg.grad, mg.hessian, lambda f: mg.jit(mg.grad(f))])
@pytest.mark.parametrize("f", [lambda x: np.sum(x > 1), np.argmax, lambda x: x[0] > x[1]])
def test_the_gradient_of_a_count_or_a_comparison_is_no_silent_zero(f, transform):
    with refuses(ArgumentError, TypeError, "must return a float", "int64|bool", r"sigmoid\(x\)"):
        transform(f)(np.array([1.0, 2.0]))
    zero = mg.grad(lambda x: np.sum(f(x).astype(float) * 1.0))(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(zero, [0, 0])
