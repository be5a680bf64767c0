"""Terms as NumPy source: how a formula nests. One operation is spelled by `spelling`. Floor 9."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rule import rules
from ..tracing.program import Line
from ..tracing.spelling import LOAD, call, dotted, expression, spelled
from .calls import SPECIAL, array, number
from .naming import identifier
from .terms import NAME, NUMBER, ONE, PRODUCT, SUM, Coefficient, Term, indicated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..tracing.program import Ref
    from ..tracing.spelling import Expr

ADD, SUBTRACT, MULTIPLY, DIVIDE = ast.Add(), ast.Sub(), ast.Mult(), ast.Div()


class Python:
    """Writes terms as expressions of Python; a `spelling.Naming`."""

    def __init__(self) -> None:
        self.written: dict[Term, Expr] = {}
        self.counting: dict[Term, bool] = {}
        self.helpers: dict[str, Any] = {}  # functions that are printed beside the text
        self.imports: set[str] = set()

    def text(self, t: Term) -> str:
        """Return the source of a term."""
        return ast.unparse(self.write(t))

    def write(self, t: Term, beside: Iterable[Any] = ()) -> Expr:
        """Return a term as an expression; integers bare ``beside`` what makes them floats."""
        if beside and self.counts(t):
            return self._counted(t, beside)
        found = self.written.get(t)
        if found is None:
            found = self.written[t] = self._write(t)
        return copy.copy(found)  # ast.unparse keeps what it knows of a node's place by identity

    def _write(self, t: Term) -> Expr:
        if t.op == NAME:
            return ast.Name(t.params, LOAD)
        if t.op == NUMBER:
            return number(t.params)
        if t.op == SUM:
            return self._sum(t)
        if t.op == PRODUCT:
            return self._scaled(t.params[0], zip(t.args, t.params[1], strict=True))
        special = SPECIAL.get(t.op)
        found = special(self, t) if special is not None else None
        if found is not None:
            return found
        usual = defaults(t.op)
        params = {name: x for name, x in t.params if not is_default(x, usual.get(name, False))}
        if len(t.args) == 1 and t.args[0].ndim == 1 and usual.get("axis", 0) in (None, -1):
            params.pop("axis", None)  # a vector has no other
        asks = t.op is np.ldexp or not (
            isinstance(t.op, np.ufunc) or t.op in (np.eye, np.tri, np.arange)
        )
        args = (typed(t.args[0], t.dtype, t.op), *t.args[1:]) if asks and t.args else t.args
        return expression(Line(t.op, t.op, args, params, t.shape, t.dtype), self)

    # What `spelling` asks for

    def value(self, ref: Ref) -> Expr:
        """Return no value: a term is made of terms."""
        raise TypeError("a term has no Ref")

    def constant(self, x: Any) -> Expr:
        """Return what is not a number: a term, a short array, a dtype."""
        if isinstance(x, Term):
            return self.write(x)
        if isinstance(x, np.ndarray):
            return array(x)
        if isinstance(x, np.generic):
            plain = spelled(x.item(), self)
            return plain if x.dtype.char in "dD" else call(dotted("np", x.dtype.name), [plain])
        return ast.Name(repr(x), LOAD)

    def function(self, f: Callable[..., Any], name: str) -> Expr:
        """Return the name of a function that is not NumPy's, and note that it is needed."""
        path = special_path(f)
        if path:
            self.imports.add("from scipy import special")
            return dotted(*path)
        wish = called(f, name)
        free = self.helpers.setdefault(wish, f) is f
        if not free:
            wish = identifier(name) or "function"
            self.helpers[wish] = f
        return ast.Name(wish, LOAD)

    # Sums and products

    def _sum(self, t: Term, beside: Iterable[Any] = ()) -> Expr:
        """Return a sum; minus signs join its terms."""
        made: Expr | None = None
        alike = all(map(is_truth, t.args[:2]))  # of which NumPy has no sum
        around = [] if alike else [*beside, *self.dtypes(t.args)]
        for c, x in zip(t.params, t.args, strict=True):
            if made is None:
                made = self._scaled(c, [(x, 1)], around)
            else:
                size = Coefficient(-c.num, c.den) if c.negative else c
                sign = SUBTRACT if c.negative else ADD
                made = ast.BinOp(made, sign, self._scaled(size, [(x, 1)], around))
        assert made is not None
        return made

    def _scaled(
        self, c: Coefficient, factors: Iterable[tuple[Term, Any]], beside: Iterable[Any] = ()
    ) -> Expr:
        """Return a coefficient times powers: numbers first, below the line what divides."""
        above, below = lines(factors)
        minus = c.num == -1 and above
        above = sorted(above, key=lambda pair: is_truth(pair[0])) if minus else above
        numbers = [c.num] if c.num not in (1, -1) else []
        numbers += [1.0] if below or c.den != 1 else []
        around = [*beside, *numbers, *self.dtypes(f for f, _ in above + below)]
        alone = len(above) == 1 and not below
        up = [
            self._raised(f, e, () if minus and i == 0 and is_truth(f) else around, alone)
            for i, (f, e) in enumerate(above)
        ]
        down = [self._raised(f, e, around) for f, e in below]
        if minus:
            up[0] = ast.UnaryOp(ast.USub(), up[0])
        elif c.num != 1 or not up:
            up.insert(0, number(c.num))
        if c.den != 1:
            down.insert(0, number(c.den))
        return ast.BinOp(product(up), DIVIDE, product(down)) if down else product(up)

    def _raised(self, t: Term, e: Any, beside: Iterable[Any], alone: bool = False) -> Expr:
        """Return a power."""
        x = self.write(t, beside if e == 1 or (e in SMALL and not is_truth(t)) else ())
        if alone and e == 1:
            return x
        if isinstance(x, ast.BinOp) and isinstance(x.op, ast.MatMult):
            x = ast.Name(f"({ast.unparse(x)})", LOAD)  # Python needs no brackets, a reader does
        return x if e == 1 else ast.BinOp(x, ast.Pow(), number(e))

    # Truths and integers, which NumPy makes floats beside these

    def counts(self, t: Term) -> bool:
        """Tell whether a term is made of numbers, and of truths and integers that became floats."""
        found = self.counting.get(t)
        if found is None:
            found = t.op == NUMBER or is_counted(t)
            found = found or (t.op in (SUM, PRODUCT) and all(map(self.counts, t.args)))
            self.counting[t] = found
        return found

    def dtypes(self, terms: Iterable[Term]) -> list[Any]:
        """Return the numbers among some terms, and the dtypes of all that is made of others."""
        found = [t.params if t.op == NUMBER else None if self.counts(t) else t.dtype for t in terms]
        return [x for x in found if x is not None]

    def _counted(self, t: Term, beside: Iterable[Any]) -> Expr:
        """Return a term that counts, beside these dtypes and numbers."""
        if t.op == SUM:
            return self._sum(t, beside)
        if t.op == PRODUCT:
            return self._scaled(t.params[0], zip(t.args, t.params[1], strict=True), beside)
        needless = t.op != NUMBER and np.result_type(t.args[0].dtype, *beside) == t.dtype
        return self.write(t.args[0] if needless else t)


SMALL = range(1, 4)  # powers of integers that are no larger than integers can be


def is_counted(t: Term) -> bool:
    """Tell whether a term is of truths or integers that became another dtype."""
    return t.op is np.astype and t.args[0].dtype in (np.bool_, np.int64)


def is_truth(t: Term) -> bool:
    """Tell whether a term is 1 where something is true, else 0."""
    if t.op == PRODUCT:
        return t.params[0] == ONE and all(map(is_truth, t.args))
    return indicated(t) is not None


@cache
def defaults(function: Any) -> dict[str, Any]:
    """Return what the parameters of a function are if they are not given."""
    try:
        parameters = inspect.signature(getattr(function, "body", function)).parameters
    except (TypeError, ValueError):
        return {}
    return {name: p.default for name, p in parameters.items()}


def is_default(x: Any, default: Any) -> bool:
    """Tell whether a parameter need not be written."""
    if x is False:
        return default in (False, np._NoValue)
    return type(x) is type(default) and isinstance(x, int | str | None) and bool(x == default)


COUNTED = {np.eye, np.tri, np.arange}  # their operand is a number of entries
METHODS = {np.reshape, np.astype, np.transpose, np.copy, np.real, np.imag}  # written with a point


def typed(x: Term, dtype: Any, function: Any) -> Any:
    """Return a number, in a function that asks for its dtype, as one of NumPy's."""
    if x.op != NUMBER or dtype is None or np.dtype(dtype).kind not in "fc":
        return x
    one = np.dtype(dtype).type(x.params)
    return np.asarray(one) if function in METHODS else one


def special_path(f: Any) -> tuple[str, ...]:
    """Return where in scipy.special a function is: some are private; () if it is none of them."""
    special, name = sys.modules.get("scipy.special"), getattr(f, "__name__", "")
    if special is not None:
        for path, module in ((("special",), special), (("special", "_ufuncs"), special._ufuncs)):
            if getattr(module, name, None) is f:
                return (*path, name)
    return ()


def called(f: Any, name: str) -> str:
    """Return what a function that is not NumPy's is called: a rule of ours by its own name."""
    own = rules[f].name if f in rules else name
    return own if own.isidentifier() else identifier(name) or "function"


def lines(factors: Iterable[tuple[Term, Any]]) -> tuple[Any, Any]:
    """Return the factors above the line and below it, with positive exponents."""
    opened: list[tuple[Term, Any]] = []
    for f, e in factors:
        inner = f.op == PRODUCT and e == 1 and f.params[0] == ONE
        opened += zip(f.args, f.params[1], strict=True) if inner else [(f, e)]
    opened = [(f, e) for f, e in opened if f.number != 1]
    above = [(f, e) for f, e in opened if not e < 0]
    return above, [(f, -e) for f, e in opened if e < 0]


def product(factors: list[Expr]) -> Expr:
    """Return a product of expressions."""
    made = factors[0]
    for x in factors[1:]:
        made = ast.BinOp(made, MULTIPLY, x)
    return made
