"""Random functions as notebooks have them: named lines of vectors and matrices, then a loss."""

import linecache
from itertools import count

import numpy as np
from hypothesis import note
from hypothesis import strategies as st

SHAPES = {"x": (3,), "u": (4,), "A": (3, 4), "B": (4, 3), "s": ()}
OF_ONE = ("{} / 2", "0.5 * {}", "{}**2", "np.tanh({})", "-{}", "np.mean({})", "np.sum({}, axis=0)",
          "np.sum({}, axis=-1)", "{}.T", "{}[::-1]", "3 * {} - 1", "np.exp(-{}**2)")  # fmt: skip
OF_TWO = ("{} @ {}", "{} @ {}", "{} + {}", "{} - {}", "{} * {}", "{} * {} / 3", "np.outer({}, {})",
          "{}[:, None] * {}", "np.maximum({}, {})")  # fmt: skip
ENDS = ("np.sum({})", "np.sum({}**2) / 2", "np.mean({})", "0.1 * np.sum({})")
number = count()


def arguments(seed):
    """The arguments of every such function."""
    random = np.random.default_rng(seed)
    return {name: random.normal(size=shape)[()] for name, shape in SHAPES.items()}


@st.composite
def notebooks(draw):
    """Functions of x, u, A, B and s; an operation that does not fit its operands is left out."""
    known, lines = arguments(0), []
    for i in range(draw(st.integers(2, 7))):
        form = draw(st.sampled_from(OF_ONE + OF_TWO))
        operands = [draw(st.sampled_from(sorted(known))) for _ in range(form.count("{}"))]
        text = form.format(*operands)
        try:
            known[f"v{i}"] = eval(text, {"np": np}, known)
        except (ValueError, IndexError, TypeError):
            continue
        lines.append(f"v{i} = {text}")
    last = [name for name in known if name not in SHAPES][-2:] or ["A"]
    lines.append("return " + " + ".join(draw(st.sampled_from(ENDS)).format(v) for v in last))
    return written(f"def loss({', '.join(SHAPES)}):\n    " + "\n    ".join(lines) + "\n")


def written(text):
    """The function of this text, which its traceback and mg.explain can read."""
    note(text)
    path = f"<notebook {next(number)}>"
    linecache.cache[path] = len(text), None, text.splitlines(keepends=True), path
    namespace = {"np": np}
    exec(compile(text, path, "exec"), namespace)
    return namespace["loss"]
