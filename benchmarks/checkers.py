"""What checkers find: the mistakes of tests/planted.py, planted in four libraries.

`python -m benchmarks.checkers` prints a table in Markdown: for each wrong derivative whether the
checker of the library raises, with its defaults in reverse mode and to second order. The right
derivatives come last: there a checker should be silent.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import micrograd_np as mg

from . import libraries

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from planted import AT_POINTS, EVERYWHERE, IN_DIGITS, IN_FORM, RIGHT, Planted

Check = Callable[[Planted], None]  # raises if it finds a mistake


def ours(planted: Planted) -> None:
    """`mg.testing.check_grads` of a `custom_vjp`."""
    count = len(planted.args)
    if count == 1:
        f = mg.custom_vjp(lambda x: planted.f(np, x))
        f.defvjp(lambda g, x: planted.vjp(np, g, x)[0])
    else:
        f = mg.custom_vjp(lambda x, y: planted.f(np, x, y))
        f.defvjp(
            lambda g, x, y: planted.vjp(np, g, x, y)[0], lambda g, x, y: planted.vjp(np, g, x, y)[1]
        )
    mg.testing.check_grads(f, planted.args)


def torchs() -> Check:
    """`torch.autograd.gradcheck` and `gradgradcheck` of a `torch.autograd.Function`."""
    torch = libraries.torch()

    def check(planted: Planted) -> None:
        class Function(torch.autograd.Function):  # type: ignore[misc,name-defined]
            @staticmethod
            def forward(ctx: Any, *xs: Any) -> Any:
                ctx.save_for_backward(*xs)
                return planted.f(torch, *xs)

            @staticmethod
            def backward(ctx: Any, *gs: Any) -> Any:
                return planted.vjp(torch, gs[0], *ctx.saved_tensors)

        xs = [torch.tensor(x.copy(), requires_grad=True) for x in planted.args]
        torch.autograd.gradcheck(Function.apply, xs)
        torch.autograd.gradgradcheck(Function.apply, xs)

    return check


def jaxs() -> Check:
    """`jax.test_util.check_grads` of a `jax.custom_vjp`."""
    jax = libraries.jax()
    from jax.test_util import check_grads

    def check(planted: Planted) -> None:
        f = jax.custom_vjp(lambda *xs: planted.f(jax.numpy, *xs))
        f.defvjp(
            lambda *xs: (planted.f(jax.numpy, *xs), xs),
            lambda xs, g: tuple(planted.vjp(jax.numpy, g, *xs)),
        )
        check_grads(f, tuple(jax.numpy.array(x) for x in planted.args), order=2, modes=["rev"])

    return check


def hips() -> Check:
    """`autograd.test_util.check_grads` of a primitive with `defvjp`."""
    import autograd.numpy as anp
    from autograd.extend import defvjp, primitive
    from autograd.test_util import check_grads

    def check(planted: Planted) -> None:
        f = primitive(lambda *xs: planted.f(np, *xs))
        count = len(planted.args)
        defvjp(
            f, *[lambda _, *xs, i=i: lambda g: planted.vjp(anp, g, *xs)[i] for i in range(count)]
        )
        check_grads(f, modes=["rev"], order=2)(*[x.copy() for x in planted.args])

    return check


def finds(check: Check, planted: Planted) -> bool:
    """Tell whether a checker raises."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            check(planted)
        except Exception:  # each library has its own
            return True
    return False


def main() -> None:
    """Print the table."""
    checkers = {
        "`mg.testing.check_grads`": ours,
        "`torch.autograd.gradcheck`": torchs(),
        "`jax.test_util.check_grads`": jaxs(),
        "HIPS `check_grads`": hips(),
    }
    wrong = EVERYWHERE | AT_POINTS | IN_DIGITS | IN_FORM
    found = dict.fromkeys(checkers, 0)
    spent = dict.fromkeys(checkers, 0.0)
    print(f"| Mistake | {' | '.join(checkers)} |\n|---|{'---|' * len(checkers)}")
    for title, planted in wrong.items():
        cells = []
        for name, check in checkers.items():
            hit = finds(check, planted)
            found[name] += hit
            cells.append("found" if hit else "–")
        print(f"| {title} | {' | '.join(cells)} |")
    print(f"| **found, of {len(wrong)}** | {' | '.join(f'**{n}**' for n in found.values())} |")
    alarms = dict.fromkeys(checkers, 0)
    for planted in RIGHT.values():
        for name, check in checkers.items():
            start = time.process_time()
            alarms[name] += finds(check, planted)
            spent[name] += time.process_time() - start
    print(f"| false alarms, of {len(RIGHT)} | {' | '.join(map(str, alarms.values()))} |")
    times = [f"{1000 * t / len(RIGHT):.0f} ms" for t in spent.values()]
    print(f"| time of one check | {' | '.join(times)} |")


if __name__ == "__main__":
    main()
