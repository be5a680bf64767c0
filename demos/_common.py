"""What the demos share: how plots look, where they go, and how long to train."""

import os
from pathlib import Path

from micrograd_np.errors import MissingExtraError

try:
    import matplotlib
    import pandas  # noqa: F401 (here to say early what is missing)
    import sklearn  # noqa: F401 (the same)
    from tqdm import tqdm
except ImportError as error:
    raise MissingExtraError(
        f'The demos need {error.name}, which is not installed: pip install "micrograd_np[demos]"'
    ) from None

matplotlib.use("Agg")  # draws to files: no screen is needed

import matplotlib.pyplot as plt

# Colours that stay apart for colour-blind readers (Okabe and Ito), and grey for what is given.
BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
GREY = "#4D4D4D"
TARGET = {"color": GREY, "linestyle": (0, (5, 2)), "label": "target"}

STYLE = {
    "figure.figsize": (7.2, 4.2),
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "font.size": 11.5,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#8c959f",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": matplotlib.cycler(color=[BLUE, ORANGE, GREEN, PURPLE]),
    "grid.color": "#e4e7eb",
    "xtick.color": GREY,
    "ytick.color": GREY,
    "lines.linewidth": 2.4,
    "legend.frameon": False,
    "svg.hashsalt": "micrograd_np",  # the same picture is the same file
}


def subplots(*shape, **options):
    """Return a figure and its axes, in the style of the lab."""
    plt.rcParams.update(STYLE)
    return plt.subplots(*shape, **options)


def steps(usual: int, short: int, full: int | None = None) -> int:
    """Return how many steps to take: MICROGRAD_DEMO_STEPS says "short", "full", or nothing."""
    wish = os.environ.get("MICROGRAD_DEMO_STEPS", "")
    return {"short": short, "full": full or usual}.get(wish, usual)


def progress(items, title):
    """Return the items, with a progress bar while they pass, if a terminal shows it."""
    return tqdm(items, desc=title, leave=False, mininterval=0.2, disable=None)


def output() -> Path:
    """Return the folder for pictures: MICROGRAD_DEMO_OUT, or lab_output here."""
    folder = Path(os.environ.get("MICROGRAD_DEMO_OUT", "lab_output"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


UNDRAWN: dict[str, str] = {}  # pictures of graphs that were not drawn: the reason


def save(picture, name: str) -> None:
    """Write a figure of matplotlib's or the picture of a graph as SVG and PNG, a page as HTML.

    Where Graphviz is missing the lab goes on, with the text of the graph's picture in a .dot file.
    """
    at = output() / name
    if isinstance(picture, plt.Figure):
        picture.savefig(at.with_suffix(".svg"), metadata={"Date": None})
        picture.savefig(at.with_suffix(".png"), dpi=160)
        return
    is_page = not hasattr(picture, "dot")
    try:
        for suffix in (".html",) if is_page else (".svg", ".png"):
            picture.save(at.with_suffix(suffix))
    except MissingExtraError as error:
        UNDRAWN[name] = str(error)
        if not is_page:
            picture.save(at.with_suffix(".dot"))
