"""Run the whole lab: `python -m demos`. It prints the figures and the folder of the pictures."""

import argparse
import os
import shutil
import sys
import time
from importlib import import_module
from pathlib import Path

from micrograd_np.errors import MissingExtraError

HERE = Path(__file__).parent
DEMOS = sorted(path.stem for path in HERE.glob("demo_*.py"))
DOCS_PICTURES = (
    "network", "neuron", "lab_neurons", "lab_bump", "lab_network", "lab_fit", "lab_classifier",
    "formulas", "network_ops", "network_backward", "pictures_mlp", "pictures_rnn",
    "pictures_attention", "pictures_function",
)  # fmt: skip


def arguments():
    parser = argparse.ArgumentParser(prog="python -m demos", description="Run the whole lab.")
    parser.add_argument("--out", default="lab_output", help="folder for the pictures")
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="only demos with it in their name"
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--short", action="store_true", help="train for seconds")
    length.add_argument("--full", action="store_true", help="10,000 epochs for the classifier")
    parser.add_argument(
        "--docs", action="store_true", help="also write the pictures in docs/_static"
    )
    return parser.parse_args()


def run(name):
    """Run one demo; return its title and the figures it found."""
    demo = import_module(name)
    title = demo.__doc__.strip().splitlines()[0]
    print(f"\n{title}\n{'-' * len(title)}", flush=True)
    figures = demo.main()
    sys.modules["_common"].plt.close("all")
    return figures


def summary(found):
    """Print the figures of the lab beside those that are expected of it."""
    rows = [
        ("fit of the bell, mean squared error", "demo_06_fit_gaussian", "after", ".2e", "4.9e-04"),
        ("untrained accuracy", "demo_08_classify", "untrained", ".2f", "0.45"),
        ("trained accuracy", "demo_08_classify", "trained", ".2f", "0.95"),
    ]
    if any(row[1] in found for row in rows):
        print("\nFigures\n-------")
    for title, demo, name, form, expected in rows:
        if demo in found:
            print(f"{title:36} {found[demo][name]:{form}}   (expected {expected})")


def main():
    wish = arguments()
    os.environ["MICROGRAD_DEMO_OUT"] = wish.out
    if wish.short or wish.full:
        os.environ["MICROGRAD_DEMO_STEPS"] = "short" if wish.short else "full"
    sys.path.insert(0, str(HERE))  # the demos are scripts: they import as if run alone
    start = time.perf_counter()
    chosen = [d for d in DEMOS if not wish.only or any(word in d for word in wish.only)]
    found = {name: run(name) for name in chosen}
    summary(found)
    out = Path(wish.out).resolve()
    if wish.docs:
        for name in DOCS_PICTURES:
            shutil.copy(out / f"{name}.svg", HERE.parent / "docs" / "_static")
    pictures = {path.stem for path in out.glob("*.svg")}
    print(f"\npictures: {len(pictures)}, in {out} ({time.perf_counter() - start:.0f} s)")
    undrawn = sys.modules["_common"].UNDRAWN
    if undrawn:
        print(f"not drawn: {', '.join(undrawn)}. {next(iter(undrawn.values()))}")


if __name__ == "__main__":
    try:
        main()
    except MissingExtraError as error:
        sys.exit(str(error))
