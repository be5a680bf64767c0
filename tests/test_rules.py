"""The laws of every rule, over all its samples; nothing here names a function but for a reason."""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from samples import (
    CALLS,
    COMPLEX,
    COMPLEX_CALLS,
    SAMPLES,
    SPECIAL,
    SPECIAL_CALLS,
    computed,
    every,
    ids,
    name_of,
    recording,
)
from samples_linalg import LINALG

import micrograd_np as mg
from micrograd_np.calls.dispatch import calls
from micrograd_np.calls.signatures import HARMLESS
from micrograd_np.rule import Elementwise, composites, constants, rules, unknown
from micrograd_np.rules import bell, images, indexing
from micrograd_np.testing import check_grads
from micrograd_np.testing.case import Case
from micrograd_np.testing.laws import reverse_value
from micrograd_np.testing.probes import EXTREMES

RULES = Path(mg.__file__).parent / "rules"
AND_SCIPYS = CALLS + SPECIAL_CALLS


def applied(function, sample):
    """The call as a function of its positional arguments, with a name for messages."""

    def f(*args):
        return computed(function, args, sample.kwargs)

    f.__name__ = name_of(function)
    return f


def is_float(x):
    return isinstance(x, float | np.floating | np.ndarray) and np.asarray(x).dtype.kind == "f"


def changed(sample, change):
    """The arguments with every floating array changed by a function."""
    leaves, rebuild = mg.tree.flatten(sample.args)
    return rebuild([change(x) if is_float(x) else x for x in leaves])


def outcome(f, args):
    """The value and the gradients of f at a point, with the same cotangent for equal shapes."""
    case = Case(f, args, None)
    return list(case.vjp[0]), case.pulled


# What is sampled


def test_every_rule_is_recorded_by_a_sample():
    missing = [name_of(f) for f, found in recording().items() if not found]
    assert not missing, f"no samples in tests/samples.py for {', '.join(missing)}"


def test_every_composite_has_samples():
    missing = [name_of(f) for f in composites if not (SAMPLES.get(f) or COMPLEX.get(f))]
    assert not missing, f"no samples in tests/samples.py for {', '.join(missing)}"


def test_no_function_is_declared_twice():
    kinds = [set(rules), set(composites), set(constants)]
    assert sum(map(len, kinds)) == len(set.union(*kinds))


# Derivatives are right, in both modes, to second order


@every(AND_SCIPYS)
def test_derivatives_obey_every_law(function, sample):
    check_grads(applied(function, sample), sample.args, kinks=(), extremes=(), twins=False)


@pytest.mark.parametrize(("function", "sample"), COMPLEX_CALLS, ids=ids(COMPLEX_CALLS))
def test_derivatives_of_complex_numbers_obey_every_law(function, sample):
    check_grads(applied(function, sample), sample.args, kinks=(), extremes=(), twins=False)


# Where mistakes hide: at kinks and ties, at extremes and infinities, without entries, in digits

# The special points of matrices are not those of their entries: test_linalg.py has them
ENTRIES = [(f, s) for f, s in CALLS if f not in LINALG or f in (np.linalg.norm, np.linalg.cross)]
FIRST = [(f, s) for f, s in ENTRIES if s is SAMPLES[f][0]]
OTHERS = [(f, s) for f, s in ENTRIES if s is not SAMPLES[f][0]]
LOST_RANK = {"kinks": (), "extremes": ()}  # where there is no derivative
TWO_INFINITIES = {"extremes": EXTREMES}  # inf * 0, inf / inf in the operands themselves
FAR_OUT = {
    np.power: TWO_INFINITIES, np.float_power: TWO_INFINITIES, np.arctan2: TWO_INFINITIES,
    np.emath.power: TWO_INFINITIES, np.emath.arctanh: TWO_INFINITIES,
    np.gradient: TWO_INFINITIES, np.linalg.norm: TWO_INFINITIES,
    np.histogram: {"kinks": (), "twins": False},  # the edges around equal numbers
    np.histogram_bin_edges: {"kinks": (), "twins": False},
    np.linalg.qr: LOST_RANK, np.linalg.eigvals: LOST_RANK,
    np.pad: {"twins": False},  # its widths are made for so many axes
    np.remainder: {"extremes": ()}, np.fmod: {"extremes": ()},  # steps skip many periods
    indexing.scatter: {"twins": False},  # its shape is a parameter
    images.entries_under: {"twins": False},  # a window larger than the images is refused before
    bell.exp_of_square: TWO_INFINITIES,
    np.divmod: {"extremes": ()}, np.roots: TWO_INFINITIES,
    np.interp: {"extremes": ()},  # its knots must be in order
}  # fmt: skip

# Of k equal entries each has 1/k of a median's gradient, though none moves it alone; and where
# entries are equal, or leading ones 0, other results have another shape, or bins no range
ALL_APART = (
    np.median, np.nanmedian, np.quantile, np.percentile, np.nanquantile, np.nanpercentile,
    np.unique, np.unique_all, np.unique_counts, np.unique_inverse, np.unique_values, np.union1d,
    np.setdiff1d, np.setxor1d, np.intersect1d, np.histogram2d, np.histogramdd, np.polymul,
    np.polyfit,
)  # fmt: skip
FAR_OUT |= {function: {"kinks": (), "extremes": ()} for function in ALL_APART}


MATRICES = {"numpy.linalg", *(f"micrograd_np.rules.{name}" for name in (
    "linalg", "decompositions", "determinants", "norms", "matrices"
))}  # fmt: skip


def look_where_mistakes_hide(function, sample):
    # LAPACK may look for singular values of a matrix with an infinity for ever
    infinities = () if function.__module__ in MATRICES else (np.inf, -np.inf)
    options = {"extremes": (*EXTREMES, *infinities), **FAR_OUT.get(function, {})}
    check_grads(applied(function, sample), sample.args, digits=True, **options)


@pytest.mark.parametrize(("function", "sample"), FIRST, ids=ids(FIRST))
def test_derivatives_are_right_where_mistakes_hide(function, sample):
    look_where_mistakes_hide(function, sample)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "sample"), OTHERS + COMPLEX_CALLS, ids=ids(OTHERS + COMPLEX_CALLS)
)
def test_derivatives_are_right_where_mistakes_hide_in_every_sample(function, sample):
    look_where_mistakes_hide(function, sample)


# Precision, and the layout of memory


@every(AND_SCIPYS)
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_low_precision_stays_and_agrees_with_high(function, sample, dtype):
    f = applied(function, sample)
    rounded = changed(sample, lambda x: np.asarray(x, dtype).astype(float)[()])
    low = changed(sample, lambda x: np.asarray(x, dtype)[()])
    if refused(f, low):
        return
    outs, grads = outcome(f, low)
    _, double_grads = outcome(f, rounded)
    assert {np.asarray(x).dtype for x in grads} <= {np.dtype(dtype)}
    assert [np.asarray(x).dtype for x in outs] == types_of(function, f, low, dtype)
    if dtype is np.float32:
        for a, b in zip(grads, double_grads, strict=True):
            scale = np.max(np.abs(b), initial=0)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5 * scale + 1e-6)


def refused(f, args):
    """Whether NumPy refuses these dtypes, as np.linalg does; then Tensors refuse them too."""
    try:
        f(*args)
    except TypeError:
        leaves, rebuild = mg.tree.flatten(args)
        tensors = [mg.Tensor(x, requires_grad=True) if is_float(x) else x for x in leaves]
        with pytest.raises(TypeError):
            f(*rebuild(tensors))
        return True
    return False


def types_of(function, f, args, dtype):
    """The dtypes of results: NumPy's and SciPy's; of a function of our own its operands'."""
    outs = [x for x in mg.tree.flatten(f(*args))[0] if np.asarray(x).dtype.kind in "fc"]
    module = getattr(function, "__module__", None) or "numpy"
    numpys = module.startswith("numpy") or function in SPECIAL
    return [np.asarray(x).dtype if numpys else np.dtype(dtype) for x in outs]


@every(CALLS)
def test_long_double_stays_and_agrees_with_double(function, sample):
    f = applied(function, sample)
    long = changed(sample, lambda x: np.asarray(x, np.longdouble)[()])
    if refused(f, long):
        return
    outs, grads = outcome(f, long)
    _, double_grads = outcome(f, changed(sample, lambda x: np.asarray(x, float)[()]))
    assert {np.asarray(x).dtype for x in grads} <= {np.dtype(np.longdouble)}
    assert [np.asarray(x).dtype for x in outs] == types_of(function, f, long, np.longdouble)
    for a, b in zip(grads, double_grads, strict=True):
        scale = float(np.max(np.abs(b), initial=0))
        np.testing.assert_allclose(np.asarray(a, float), b, rtol=1e-12, atol=1e-13 * scale + 1e-15)


LAYOUTS = {
    "every other entry": lambda x: np.repeat(np.asarray(x), 2, -1)[..., ::2],
    "negative strides": lambda x: np.flip(np.ascontiguousarray(np.flip(x))),
    "column order": lambda x: np.asfortranarray(x),
    "read-only": lambda x: frozen(np.array(x)),
}


def frozen(x):
    x.flags.writeable = False
    return x


@every(CALLS)
def test_layout_of_memory_does_not_matter(function, sample):
    f = applied(function, sample)
    expected_outs, expected_grads = outcome(f, sample.args)
    for layout, laid in LAYOUTS.items():
        strided = changed(sample, lambda x, laid=laid: laid(x) if np.ndim(x) else x)
        outs, grads = outcome(f, strided)
        for a, b in zip((*outs, *grads), (*expected_outs, *expected_grads), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14, err_msg=layout)


# Tensors in place of arrays: as a variable, as a constant, under no_grad


@pytest.mark.parametrize(
    ("function", "sample"), CALLS + COMPLEX_CALLS, ids=ids(CALLS + COMPLEX_CALLS)
)
def test_backward_gives_what_vjp_gives(function, sample):
    f = applied(function, sample)
    case = Case(f, sample.args, None)
    tensors = [mg.Tensor(x, requires_grad=True) for x in case.xs]
    outs = back(case.run(*tensors), case.gs)
    for t, q in zip(tensors, case.pulled, strict=True):
        grad = np.zeros(t.shape, t.dtype) if t.grad is None else t.grad
        if outs == 1:
            assert np.array_equal(grad, np.asarray(q), equal_nan=True)
        np.testing.assert_allclose(grad, q, rtol=1e-12, atol=1e-14)
        assert grad.dtype == t.dtype


def back(outs, gs):
    """Call backward of every result that depends on anything, and return how many there are."""
    for out, g in zip(outs, gs, strict=True):
        if isinstance(out, mg.Tensor) and out.requires_grad:
            out.backward(g)
    return len(outs)


@every(CALLS)
def test_each_operand_alone_gets_the_same_gradient(function, sample):
    case = Case(applied(function, sample), sample.args, None)
    for k, x in enumerate(case.xs):
        alone = mg.Tensor(x, requires_grad=True)
        try:
            outs = case.run(*[*case.xs[:k], alone, *case.xs[k + 1 :]])
        except (mg.errors.DetachError, mg.errors.InPlaceError):
            continue  # NumPy does not look there for Tensors, and so the graph would be cut
        back(outs, case.gs)
        grad = np.zeros(alone.shape) if alone.grad is None else alone.grad
        np.testing.assert_allclose(grad, case.pulled[k], rtol=1e-13, atol=1e-15)


@every(CALLS)
def test_constants_and_no_grad_record_nothing(function, sample):
    case = Case(applied(function, sample), sample.args, None)
    constants = case.run(*map(mg.Tensor, case.xs))
    with mg.no_grad():
        unrecorded = case.run(*[mg.Tensor(x, requires_grad=True) for x in case.xs])
    for out, again, value in zip(constants, unrecorded, case.vjp[0], strict=True):
        assert isinstance(out, mg.Tensor)
        assert not out.requires_grad
        assert not again.requires_grad
        np.testing.assert_allclose(again.data, value, rtol=1e-13, atol=1e-15)


# A checker that lets mistakes pass proves nothing: each derivative, spoiled by 0.1 %, is noticed

DERIVATIVES = [
    (f, i)
    for f, rule in rules.items()
    for i, d in enumerate(rule.derivatives)
    if d is not None and d is not unknown
]


def spoil(monkeypatch, function, i):
    """Let derivative i of a rule be 0.1 % too large."""
    rule = rules[function]
    right = rule.derivatives[i]
    wrong = lambda *args, **kwargs: 1.001 * right(*args, **kwargs)
    spoiled = (*rule.derivatives[:i], wrong, *rule.derivatives[i + 1 :])
    monkeypatch.setattr(rule, "derivatives", spoiled)
    monkeypatch.setattr(rule, "plans", {})
    for cached in [f for f in calls if f is function]:
        monkeypatch.delitem(calls, cached)


def noticed(case):
    """Whether the gradient of a case is found to be wrong."""
    try:
        reverse_value(case)
    except (mg.errors.GradientError, mg.errors.NoDerivativeError):
        return True
    return False


@pytest.mark.parametrize(
    ("function", "i"), DERIVATIVES, ids=[f"{name_of(f)}-{i}" for f, i in DERIVATIVES]
)
def test_a_derivative_wrong_by_a_thousandth_is_noticed(function, i, monkeypatch):
    recording()
    spoil(monkeypatch, function, i)
    cases = [Case(applied(f, sample), sample.args, None) for f, sample in recording()[function]]
    looks = cases, map(Case.derived, cases)  # some derivatives are 0, and only the next one is not
    assert any(noticed(case) for look in looks for case in look)
    monkeypatch.undo()
    for cached in [f for f in calls if f is function]:
        del calls[cached]


# Declarations are true to NumPy


def parameters(function):
    """The names and defaults of a function's parameters; of a ufunc none."""
    if isinstance(function, np.ufunc):
        return {}
    return {p.name: p.default for p in inspect.signature(function).parameters.values()}


@pytest.mark.parametrize("function", composites, ids=name_of)
def test_composites_take_what_the_function_takes(function):
    """In the same order, so that positions mean what they mean to NumPy."""
    body, numpys = composites[function].body, parameters(function)
    passes_on = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(body).parameters.values())
    if passes_on or not numpys or not function.__module__.startswith("numpy"):
        return
    ours = list(parameters(body))
    left_out = {"out", "like", "subok", "device", "ndmax", "args", "operands",
                "start_or_stop"}  # fmt: skip
    assert set(numpys) - set(ours) <= left_out, name_of(function)
    common = [name for name in numpys if name in ours]
    assert [name for name in ours if name in numpys] == common


@pytest.mark.parametrize("function", rules, ids=name_of)
def test_derivatives_read_only_what_there_is(function):
    rule = rules[function]
    known = {
        "out",
        "i",
        "xs",
        "spec",
        "asked",
        *rule.operand_names[: max(len(rule.derivatives), 1)],
    }
    if rule.arguments is not None:
        known |= set(parameters(rule.arguments))
    assert rule.accepted <= known | set(parameters(function))


@pytest.mark.parametrize("function", rules, ids=name_of)
def test_defaults_of_derivatives_are_those_of_the_function(function):
    defaults = parameters(function)
    for derivative in filter(None, rules[function].derivatives):
        for name, default in parameters(derivative).items():
            numpys = defaults.get(name, inspect.Parameter.empty)
            if default is not inspect.Parameter.empty and numpys is not inspect.Parameter.empty:
                novalue = type(numpys).__name__ == "_NoValueType"
                assert novalue or numpys == default or {numpys, default} <= {0, None}


@pytest.mark.parametrize(
    ("function", "sample"),
    [(f, samples[0]) for f, samples in SAMPLES.items()],
    ids=[name_of(f) for f in SAMPLES],
)
def test_an_unknown_keyword_is_refused_not_ignored(function, sample):
    case = Case(applied(function, sample), sample.args, None)
    leaves = list(case.leaves)
    for place, x in zip(case.places, case.xs, strict=True):
        leaves[place] = mg.Tensor(x, requires_grad=True)
    args = case.rebuild(leaves)
    for keyword in unsupported(function):
        numpys = ValueError if function is np.pad else TypeError
        with pytest.raises((mg.MicrogradError, TypeError, numpys)):
            function(*args, **{**sample.kwargs, keyword: 1})


def unsupported(function):
    """Keywords that the function has and its derivative does not read, and one it lacks."""
    rule = rules.get(function)
    accepted = set() if rule is None else rule.accepted
    operands = list(parameters(function))[: len(rule.derivatives) if rule else 0]
    named = set(parameters(function)) - accepted - HARMLESS - {"out", *operands}
    if rule is None or (rule and rule.arguments is not None):
        named = set()
    return [*sorted(named), "no_such_keyword"]


# Rules are plain NumPy, for every kind of array: nothing in place, nothing from nothing

CREATORS = {"zeros", "ones", "empty", "full", "array", "asarray", "arange", "eye", "identity",
            "fromiter", "ascontiguousarray"}  # fmt: skip
ALLOWED = {
    (
        "images.py",
        "spread_back",
        "images[at] += parts[:, i, j]",
    ): "adds into its own array",
    ("images.py", "columns", "found[:, i, j] = x[at]"): "fills its own array",
    ("images.py", "put_under", "images[at] += part"): "adds into its own array",
    ("indexing.py", "last_writes", None): "finds out which entries are still there",
    ("indexing.py", "scatter", "full[index] = g"): "adds into an array it has just made",
    ("indexing.py", "scatter", "np.add.at(full, index, g)"): "adds into an array it has just made",
    ("indexing.py", "updated", "np.array(x)"): "the copy that is written to",
    ("indexing.py", "updated", "copy[index] = value"): "writes to its own copy",
    ("indexing.py", "lambda", "np.asarray(value)"): "a number that is written",
    ("arrays.py", "array_of", "np.asarray(x)"): "lists and numbers among arrays",
    ("arrays.py", "fixed", "np.asarray(tree)"): "refuses what has no values in a trace",
    ("arrays.py", "fixed_array", "np.asarray(fixed(x))"): "an index or a mask",
    ("arrays.py", "fixed_mask", None): "a mask",
    ("arrays.py", "moved", "np.arange(x.size)"): "numbers of the entries",
    ("building.py", "diagonal", "np.arange(len(v))"): "indices of the diagonal",
    ("choosing.py", "by_pieces", "np.asarray(conditions, bool)"): "masks",
    ("padding.py", "padded", None): "an array on which NumPy checks the arguments",
    ("padding.py", "mirrored", "np.arange(-before, n + after)"): "indices along an axis",
    ("polynomials.py", "differentiated", "np.arange(n, 0, -1)"): "exponents",
    ("polynomials.py", "integrated", "np.arange(len(p), 0, -1)"): "exponents",
    ("ranges.py", "fractions", "np.arange(num)"): "numbers of the steps",
    ("sets.py", "unique", "np.arange(rows.size)"): "numbers of the entries",
    ("sorting.py", "statistic", "np.ones(1, x.dtype)"): "of which dtype NumPy's result is",
    ("splitting.py", "parts", "np.asarray(sections)"): "indices along an axis",
    ("writing.py", "copied", None): "writes the numbers of entries into a new array",
    ("writing.py", "put", None): "writes the numbers of entries into a new array",
    ("writing.py", "lambda", None): "writes the numbers of entries into a new array",
    ("indexing.py", "is_basic", "np.asarray(parts[0])"): "an index is not differentiated",
    ("indexing.py", "taken", "np.asarray(indices)"): "an index is not differentiated",
    ("indexing.py", "taken_along", "np.asarray(unwrap(indices))"): "an index",
    ("indexing.py", "diagonal_of", None): "indices of the diagonal",
    ("products.py", "spelled_out", None): "a list of strings",
    ("activations.py", "is_first_largest", None): "positions along an axis",
    ("readable.py", None, None): "a register of declarations",
    ("equations.py", "solve_sylvester", None): "a forward pass on arrays",
    ("equations.py", "band_rows", None): "indices of the rows of a band",
    ("equations.py", "band_transposed", None): "indices of the rows of a band",
    ("functions.py", "logm", None): "a forward pass on arrays",
    ("stacks.py", "of_each", None): "a forward pass on arrays",
    ("readable_matrices.py", "several", None): "a register of declarations",
    ("readable_matrices.py", "off_diagonal", None): "an identity, as it is to be printed",
    ("whole.py", None, None): "a register of declarations",
    ("bell.py", "normal_cdf", None): "a forward pass on arrays",
    ("bell.py", "erfc", None): "a forward pass on arrays",
    ("shapes.py", "repeated", None): "indices of the repeated entries",
    ("elementwise.py", "cast", None): "a forward pass on arrays",
    ("emath.py", "power_body", None): "an exponent that is no Tensor",
    ("fft.py", "irfft_transpose", None): "positions along an axis",
    ("determinants.py", "detours", "np.arange(n + 1)"): "numbers of the steps",
    ("incomplete.py", "points", "np.arange(-56, 57)"): "numbers of the points",
    ("matrices.py", "eye_like", None): "the identity, of the shape and dtype of what it meets",
    ("losses.py", None, None): "targets are labels, which are not differentiated",
}


def offences(path):
    """Every in-place change and creation from nothing in a file: (function, text)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for top in ast.walk(tree):
        if isinstance(top, ast.FunctionDef | ast.Lambda):
            name = getattr(top, "name", "lambda")
            for node in ast.walk(top):
                if in_place(node) or creates(node):
                    yield name, ast.unparse(node)


def in_place(node):
    if isinstance(node, ast.AugAssign):
        return not isinstance(node.target, ast.Name) or "np." in ast.unparse(node.value)
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Subscript) for t in node.targets)
    if isinstance(node, ast.Call):
        ends = ast.unparse(node.func).rsplit(".", 1)[-1]
        if ast.unparse(node.func) == "np.sort":
            return False  # the function makes a new array, the method does not
        return ends in {"at", "put", "copyto", "fill", "sort"} or any(
            k.arg == "out" for k in node.keywords
        )
    return False


def creates(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "np"
        and node.func.attr in CREATORS
    )


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.py")), ids=lambda path: path.name)
def test_rules_change_nothing_in_place_and_create_nothing_from_nothing(path):
    found = [
        (name, text)
        for name, text in offences(path)
        if not {(path.name, name, text), (path.name, name, None), (path.name, None, None)}
        & ALLOWED.keys()
    ]
    assert not found


def test_a_derivative_that_reads_what_does_not_exist_fails_when_it_is_declared():
    with pytest.raises(mg.errors.ArgumentError, match="sin reads 'nonsense'"):
        Elementwise(np.sin, [lambda g, nonsense: g * nonsense])
