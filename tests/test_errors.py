"""Every error is a help page, is caught as people catch it, and survives a process boundary."""

from __future__ import annotations

import copy
import pickle
import warnings

import numpy as np
import pytest

import micrograd_np as mg
from micrograd_np import errors
from micrograd_np.testing import check_grads

KINDS = [getattr(errors, name) for name in errors.__all__]


def test_every_error_is_public():
    own = [
        x for x in vars(errors).values() if isinstance(x, type) and x.__module__ == errors.__name__
    ]
    assert {kind for kind in own if issubclass(kind, Exception)} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_also_the_builtin_that_people_catch(kind):
    base = Warning if kind.__name__.endswith("Warning") else errors.MicrogradError
    assert issubclass(kind, base)
    if kind is not errors.MicrogradError:
        builtin = [c for c in kind.__mro__ if c.__module__ == "builtins"]
        assert builtin[0] is not Exception, f"{kind.__name__} is caught as nothing in particular"


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_docstring_of_an_error_is_its_help_page(kind):
    lines = (kind.__doc__ or "").strip().splitlines()
    assert lines[0].endswith(".")
    assert len(lines) > 2  # what happened, an example, the cure


def test_a_module_of_the_users_with_numpy_in_its_name_is_theirs(tmp_path, monkeypatch):
    (tmp_path / "numpy_net.py").write_text(
        "import numpy as np\n\ndef f(x):\n    return np.mean([x, x])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import numpy_net

    with pytest.raises(errors.DetachError, match=r"\(numpy_net\.py:4\)"):
        mg.grad(numpy_net.f)(1.0)


def raised(f):
    with pytest.raises(errors.MicrogradError) as caught:
        f()
    return caught.value


@pytest.mark.parametrize(
    "f",
    [
        lambda: mg.Tensor([1, 2], requires_grad=True),
        lambda: mg.Tensor(np.ones(3)) + mg.Tensor(np.ones(2)),
        lambda: mg.sigmoid,
        lambda: check_grads(np.abs, 1.0, vjp=lambda g, x: 2 * g * x),
    ],
    ids=["plain", "of a call", "of a name", "with what was found"],
)
@pytest.mark.parametrize(
    "sent", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy], ids=["pickled", "copied"]
)
def test_an_error_reaches_another_process(f, sent):
    error = raised(f)
    there = sent(error)
    assert (type(there), str(there)) == (type(error), str(error))
    assert there.__dict__ == error.__dict__


def test_warnings_are_pickled():
    warning = errors.CompileWarning("slow")
    assert str(pickle.loads(pickle.dumps(warning))) == "slow"
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.warn(warning, stacklevel=1)
    assert seen[0].category is errors.CompileWarning
