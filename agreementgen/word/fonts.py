"""Fonts that Word files name: how wide they are, where we have them, and which of them a reader may not have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from xml.etree.ElementTree import Element

from agreementgen.word.contents import main_part
from agreementgen.word.package import W, opened
from agreementgen.write.letters import names_of

# How wide plain text is in fonts that come with Word, in Calibri's widths. These are estimates, (*) from
# metric-compatible or near relatives; write/wordfit leaves room for what they miss.
_WIDTHS = {
    "calibri": 1.0, "carlito": 1.0, "cambria": 1.0, "caladea": 1.0, "times new roman": 0.98, "times": 0.98,
    "arial": 1.08, "helvetica": 1.08, "georgia": 1.08, "verdana": 1.25, "book antiqua": 1.09, "palatino linotype": 1.09,
    "century schoolbook": 1.14, "bookman old style": 1.21, "courier new": 1.49, "consolas": 1.36, "garamond": 0.94,
    "tahoma": 1.09, "trebuchet ms": 1.09, "segoe ui": 1.10, "century gothic": 1.18, "aptos": 1.08, "candara": 1.02,
    "constantia": 1.05, "corbel": 1.01, "franklin gothic book": 1.03, "gill sans mt": 1.0, "lucida sans unicode": 1.2,
    "century": 1.14, "perpetua": 0.9, "rockwell": 1.1, "sylfaen": 1.02, "arial narrow": 0.89, "calibri light": 1.0,
    "dejavu sans": 1.25, "dejavu serif": 1.26, "liberation sans": 1.08, "liberation serif": 0.98,
}  # fmt: skip
# One that nobody knows is taken to be wide: a page that ends early is better than one that runs over.
_UNKNOWN_FONT = 1.15


def width_of(family: str) -> float:
    """Return how wide text in a font is, in the widths of Calibri."""
    return _WIDTHS.get(family.casefold(), _UNKNOWN_FONT) if family else 1.0


def faces_of(family: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes] | None:
    """Return the regular and bold face of a font among font files (by name); None where one of them is missing."""
    ours = {"calibri": "carlito", "cambria": "caladea"}
    wanted = ours.get(family.casefold(), family.casefold())
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.lower().endswith((".ttf", ".otf")):
            there, style = names_of(data)
            if there.casefold() == wanted:
                found.setdefault(style.casefold(), data)
    return (found["regular"], found["bold"]) if {"regular", "bold"} <= set(found) else None


def families(data: bytes) -> frozenset[str]:
    """Return the fonts that the styles and the theme of a Word file name; raise Refused where it cannot be opened."""
    package = opened(data)
    targets = {r.kind.rsplit("/", 1)[-1]: r.target for r in package.relations(main_part(package)) if not r.external}
    found: set[str] = set()
    if targets.get("styles") in package.parts:
        fonts = package.tree(targets["styles"]).iter(f"{W}rFonts")
        found |= {node.get(f"{W}{key}", "") for node in fonts for key in ("ascii", "hAnsi")}
    if targets.get("theme") in package.parts:
        found |= set(_themed(package.tree(targets["theme"])))
    return frozenset(family for family in found if family)


def _themed(theme: Element) -> Iterator[str]:
    for kind in ("majorFont", "minorFont"):
        for node in theme.iter():
            if node.tag.rsplit("}", 1)[-1] == kind:
                latin = next((child for child in node if child.tag.rsplit("}", 1)[-1] == "latin"), None)
                yield latin.get("typeface", "") if latin is not None else ""


def strangers(found: frozenset[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the fonts that neither come with Word, nor lie among `files`, nor are on this computer."""
    there = {names_of(data)[0].casefold() for name, data in files.items() if name.lower().endswith((".ttf", ".otf"))}
    left = [family for family in sorted(found) if family.casefold() not in there | set(_WIDTHS)]
    return tuple(family for family in left if family.casefold() not in _installed())


@cache
def _installed() -> frozenset[str]:
    """Return the fonts of this computer, where its list of fonts can be asked for."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    try:
        done = subprocess.run([program, ":", "family"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip().casefold() for line in lines for name in line.split(","))
