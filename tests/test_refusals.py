"""What NumPy refuses, a Tensor refuses: with NumPy's own type of error, and the user's own line."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path

import numpy as np
import pytest
from samples import SAMPLES, ids, name_of, varied
from samples_moves import MAKING

import micrograd_np as mg
from micrograd_np.errors import MicrogradError, NoRuleError
from micrograd_np.rule import constants

BAD = {
    "axis": [7, -9, (0, 0), (0, 9), 1.5, "x"], "axes": [(0, 9), (0, 0), 7],
    "shape": [(7, 77), (-1, -1), "x"], "shift": ["x"], "source": [9], "destination": [9],
    "axis1": [9], "axis2": [9], "repeats": [-1, [1, 2, 3, 4, 5, 6, 7]], "indices": [99],
    "reps": ["x"], "offset": ["x"], "ddof": ["x"], "initial": ["x"], "where": ["x"],
    "k": ["x"], "n": [-1, "x"], "M": ["x"], "N": ["x"], "deg": ["x"], "ord": ["x"], "q": ["x"],
    "mode": ["x"], "pad_width": ["x", -1], "indices_or_sections": ["x", 0], "axisa": [9],
}  # fmt: skip


def parameters(function):
    """The names of a function's parameters, in order; of a ufunc none."""
    if isinstance(function, np.ufunc):
        return []
    return list(inspect.signature(function).parameters)


def spoiled(function, sample):
    """Every call of the sample with one argument that NumPy may refuse."""
    names = parameters(function)
    for name in (name for name in BAD if name in names):
        for bad in BAD[name]:
            args, kwargs = list(sample.args), dict(sample.kwargs)
            if names.index(name) < len(args):
                args[names.index(name)] = bad
            else:
                kwargs[name] = bad
            yield args, kwargs


def refusal(function, args, kwargs):
    """The error of a call, None if it is accepted."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            function(*args, **kwargs)
        except Exception as error:
            return error
    return None


def recorded(tree):
    """The arguments with variables in place of floats."""
    leaves, rebuild = mg.tree.flatten(tree)
    return rebuild([mg.Tensor(x, requires_grad=True) if varied(x) else x for x in leaves])


CALLED = [f for f in SAMPLES if parameters(f) and f not in MAKING]  # those need like=
PUBLIC = [f for f in CALLED if not (f.__module__ or "").startswith("samples")]
CALLS = [(f, s) for f in PUBLIC for s in SAMPLES[f][:3]]


@pytest.mark.parametrize(("function", "sample"), CALLS, ids=ids(CALLS))
def test_what_numpy_refuses_is_refused_alike_with_our_line(function, sample):
    for args, kwargs in spoiled(function, sample):
        numpys = refusal(function, args, kwargs)
        ours = refusal(function, recorded(args), kwargs)
        said = f"{name_of(function)}(*{args}, **{kwargs}): NumPy {numpys!r}, ours {ours!r}"
        if numpys is None:  # what it only happens to accept, an axis of 1.5, may be refused
            assert ours is None or isinstance(ours, (MicrogradError, TypeError, ValueError)), said
        elif not isinstance(numpys, AttributeError):  # it trips over a number for an array
            assert isinstance(ours, (type(numpys), NoRuleError)), said
            text = "\n".join([str(ours), *getattr(ours, "__notes__", [])])
            assert f"({Path(__file__).name}:" in text, said


@pytest.mark.parametrize("function", sorted(constants, key=name_of), ids=name_of)
def test_a_piecewise_constant_function_refuses_with_our_line(function):
    if "axis" in parameters(function):
        numpys = refusal(function, [np.ones((2, 3))], {"axis": 7})
        ours = refusal(function, [mg.Tensor(np.ones((2, 3)), requires_grad=True)], {"axis": 7})
        assert type(ours) is type(numpys)
        if isinstance(numpys, np.exceptions.AxisError):
            assert f"({Path(__file__).name}:" in ours.__notes__[0]


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("axis", [2, -3, 7])
def test_our_own_functions_refuse_an_axis_out_of_range(name, axis):
    for x in (np.ones((2, 3)), mg.Tensor(np.ones((2, 3)), requires_grad=True)):
        with pytest.raises(np.exceptions.AxisError, match=f"axis {axis} is out of bounds"):
            getattr(mg.nn, name)(x, axis=axis)


def test_a_number_has_no_axis_of_classes():
    with pytest.raises(np.exceptions.AxisError):
        mg.nn.log_softmax(mg.Tensor(1.0, requires_grad=True))
