"""Themes: the colours of roles and text, in light and dark. Floor 8."""

from __future__ import annotations

from typing import NamedTuple


class Theme(NamedTuple):
    """Colours: (fill, border) for each role, and those of text, lines and boxes."""

    roles: dict[str, tuple[str, str]]
    swept: tuple[str, str]  # of a variable's gradient, in a picture of the backward pass
    value: str
    gradient: str
    text: str
    muted: str
    line: str
    page: str
    box: tuple[str, str]
    strange: str


THEMES = {
    "light": Theme(
        {
            "input": ("#e3f1fb", "#0072b2"),
            "parameter": ("#fdf0cf", "#b07c00"),
            "target": ("#e6f4ee", "#00795a"),
            "op": ("#ffffff", "#57606a"),
            "loss": ("#f6e3ef", "#a2457c"),
        },
        swept=("#fdece1", "#a8470b"),
        value="#0550ae",
        gradient="#a8470b",
        text="#1f2328",
        muted="#636c76",
        line="#8c959f",
        page="#ffffff",
        box=("#f6f8fa", "#d0d7de"),
        strange="#cf222e",
    ),
    "dark": Theme(
        {
            "input": ("#0c2d48", "#56b4e9"),
            "parameter": ("#3a2d05", "#e69f00"),
            "target": ("#08291f", "#2fb98f"),
            "op": ("#161b22", "#8b949e"),
            "loss": ("#3a1a2e", "#cc79a7"),
        },
        swept=("#351c0c", "#ffa657"),
        value="#79c0ff",
        gradient="#ffa657",
        text="#e6edf3",
        muted="#9198a1",
        line="#6e7681",
        page="#0d1117",
        box=("#12171e", "#30363d"),
        strange="#ff7b72",
    ),
}
