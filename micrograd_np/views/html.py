"""HTML: the step-through page put together, one file that asks nothing of anybody. Floor 8."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any

from .labels import escape
from .page_data import as_json
from .theme import THEMES

SCRIPTS = ("text", "tape", "model", "picture", "places", "panel", "find", "editor", "main")
ACCENTS = {  # of cells above and below zero, of an answer that is right, of what was searched
    "light": {"above": "#0072b2", "below": "#d55e00", "right": "#1a7f37", "match": "#8250df"},
    "dark": {"above": "#56b4e9", "below": "#ff9d4d", "right": "#3fb950", "match": "#bc8cff"},
}
PLAIN = ("value", "gradient", "text", "muted", "line", "page", "strange")
ROLE = ".card.{0}>rect:first-child,.card.{0} line{{fill:var(--{0}-fill);stroke:var(--{0})}}"


def page(data: dict[str, Any], title: str, theme: str) -> str:
    """Return the page for some data; no name is in it but through JSON and ``escape``."""
    style, script = style_text(), script_text()
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src '{digest(script)}'; style-src '{digest(style)}'"
    )
    return Template(asset("page.html")).substitute(
        theme="" if theme == "auto" else f' data-theme="{theme}"',
        policy=policy,
        title=escape(f"{title}, step by step"),
        style=style,
        script=script,
        data=as_json(data),
    )


def digest(text: str) -> str:
    """Return the hash by which a policy allows one text and no other."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def script_text() -> str:
    """Return the scripts as one, without comments and blanks that only people need."""
    return dense("\n".join(asset(f"{name}.js") for name in SCRIPTS), r"[-+*/%=<>&|?:;,(){}!]")


def dense(text: str, signs: str) -> str:
    """Return a script or a style sheet without comments, indentation and blanks around signs."""
    lines = (re.sub(r"(^|\s)// .*", "", line).strip() for line in text.splitlines())
    kept = "\n".join(line for line in lines if line)
    parts = re.split(r"""("[^"\n]*"|`[^`]*`|(?<=\()/(?:[^/\\\n]|\\.)+/)""", kept)
    parts[::2] = [re.sub(rf" *({signs}) *", r"\1", part) for part in parts[::2]]
    parts[::2] = [re.sub(r"(?<=[;{,])\n", "", part) for part in parts[::2]]
    return "".join(parts)


@cache
def style_text() -> str:
    """Return the style sheet with the colours of the themes."""
    roles = "".join(ROLE.format(role) for role in THEMES["light"].roles)
    text = Template(asset("page.css")).substitute(colors=variables(), roles=roles)
    return dense(text, "[{};,>]")


def variables() -> str:
    """Return the colours of the themes, light and dark, as variables of a style sheet."""
    found: dict[str, list[str]] = {}
    for name, theme in THEMES.items():
        colors = {key: getattr(theme, key) for key in PLAIN} | ACCENTS[name]
        colors |= {"box": theme.box[0], "edge": theme.box[1]}
        for role, (fill, border) in theme.roles.items():
            colors |= {role: border, f"{role}-fill": fill}
        for key, color in colors.items():
            found.setdefault(key, []).append(color)
    return "".join(f"--{key}:light-dark({','.join(pair)});" for key, pair in found.items())


@cache
def asset(name: str) -> str:
    """Return a file of the page."""
    return (files(__package__) / "page" / name).read_text(encoding="utf-8")
