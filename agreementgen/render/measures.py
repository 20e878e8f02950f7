"""The sizes from which the fit chooses, the lengths of pages, and the fonts that Word files name.

The sizes that PDF and Word file share stand in templates/layout/agreement.css and in script/make-reference, too;
whoever changes one changes all three. All lengths in points.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from agreementgen.library.files import SourceFile

PAPER_SIZES = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}
"""Width and height of the paper, upright."""


class Margins(NamedTuple):
    """The white space around the text of a page."""

    top: float
    right: float
    bottom: float
    left: float


OUR_MARGINS = Margins(36.0, 43.2, 43.2, 43.2)
# Space between the two columns of clauses, and the least above the signatures.
COLUMN_GAP, SIGNATURES_GAP = 14.0, 1.5
# Space above a schedule of the Word file that stands below another. With the gap of 3 pt that ends each table, it is
# 3 pt less than in the PDF, which decides what a page holds.
SCHEDULE_GAP = 12.0
# Space above and below the heading of one that stands below signatures or clauses, where no gap ends what is above.
SCHEDULE_BELOW_GAP, SCHEDULE_BELOW_HEADING_GAP = 12.0, 6.0
# Behind a paragraph or list of a schedule.
SCHEDULE_TEXT_GAP = 4.0
# Type sizes the fit may choose, largest first. 8.5 pt is the floor for body and table: New York's CPLR 4544
# bars consumer print under 8 pt from evidence, and courts have refused tiny print between businesses too.
TYPE_SIZES = (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)
# Above this a page gets larger type only where that costs no page.
LARGE_TYPE = 10.5
LEAST_CLAUSE_GAP = 1.5
# Between the name of a party and its line to sign on. A signature by hand needs 20 pt; a little more, because programs
# differ in where they draw the line.
LEAST_SIGNING_ROOM = 20.5
# In a block to sign in: the least height above a line, and the width of the labels beside it.
LEAST_BLOCK_ROOM, SIGNING_LABEL_WIDTH = 24.0, 34.0
# The shares of the width on which a party signs and dates; between them is a gap.
SIGNED_SHARE, DATED_SHARE = 0.74, 0.22
# Line height over type size: the least, and the most on a page with room. The sentence above the lines to sign takes a
# line, which a full page of 65 lines has if each is a fifth of a point lower.
LEADING, CLOSING_LEADING, MOST_LEADING = 1.15, 1.13, 1.3
# The least width of a label column, as a share of the text, so that pages with short labels look like the others.
_LEAST_LABEL_SHARE = 0.11


@dataclass(frozen=True)
class Sizes:
    """What the fit chooses, in points: type size of body and table, space after a clause, room to sign in.

    `widest_label` is the share of the text width (0 to 1) that the labels of key terms need; `leading` the least line
    height over type size; `spread_line` the height of a line on a page with room, 0 for the least.
    """

    body: float
    clause_gap: float = LEAST_CLAUSE_GAP
    signing_room: float = LEAST_SIGNING_ROOM
    widest_label: float = 0.0
    spread_line: float = 0.0
    leading: float = LEADING

    @property
    def label_share(self) -> float:
        """The share of the text width of a label column: its words stand on one line, up to a fifth of the width."""
        return max(_LEAST_LABEL_SHARE, min(self.widest_label, 0.2))

    @property
    def signatures_gap(self) -> float:
        """The space above the signatures, which grows with that between clauses."""
        return SIGNATURES_GAP + self.clause_gap - LEAST_CLAUSE_GAP

    @property
    def line_height(self) -> float:
        """The exact line height."""
        return self.spread_line or line_height_of(self.body, self.leading)


def line_height_of(type_size: float, leading: float = LEADING) -> float:
    """Return the exact height of a line, in whole twips (1/20 pt), as Word stores it."""
    return round(type_size * leading * 20) / 20


def text_height(paper: str, margins: Margins = OUR_MARGINS) -> float:
    """Return the height of the text area of a page."""
    return PAPER_SIZES[paper][1] - margins.top - margins.bottom


def text_width(paper: str, margins: Margins = OUR_MARGINS) -> float:
    """Return the width of the text area of a page."""
    return PAPER_SIZES[paper][0] - margins.left - margins.right


# -- fonts


@lru_cache(maxsize=64)
def font_names_of(data: bytes) -> tuple[str, str]:
    """Return the family and the style that a font file says it has ("Carlito", "Bold"); "" for what is no font."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    names = uharfbuzz.OTNameIdPredefined
    return face.get_name(names.FONT_FAMILY) or "", face.get_name(names.FONT_SUBFAMILY) or ""


# How wide plain text is in fonts that come with Word, in Calibri's widths. These are estimates, (*) from
# metric-compatible or near relatives; render/word_page leaves room for what they miss.
_WIDTH_FACTORS = {
    "calibri": 1.0, "carlito": 1.0, "cambria": 1.0, "caladea": 1.0, "times new roman": 0.98, "times": 0.98,
    "arial": 1.08, "helvetica": 1.08, "georgia": 1.08, "verdana": 1.25, "book antiqua": 1.09, "palatino linotype": 1.09,
    "century schoolbook": 1.14, "bookman old style": 1.21, "courier new": 1.49, "consolas": 1.36, "garamond": 0.94,
    "tahoma": 1.09, "trebuchet ms": 1.09, "segoe ui": 1.10, "century gothic": 1.18, "aptos": 1.08, "candara": 1.02,
    "constantia": 1.05, "corbel": 1.01, "franklin gothic book": 1.03, "gill sans mt": 1.0, "lucida sans unicode": 1.2,
    "century": 1.14, "perpetua": 0.9, "rockwell": 1.1, "sylfaen": 1.02, "arial narrow": 0.89, "calibri light": 1.0,
    "dejavu sans": 1.25, "dejavu serif": 1.26, "liberation sans": 1.08, "liberation serif": 0.98,
}  # fmt: skip
# One that nobody knows is taken to be wide: a page that ends early is better than one that runs over.
_UNKNOWN_WIDTH_FACTOR = 1.15


def width_factor_of(family: str) -> float:
    """Return how wide text in a font is, in the widths of Calibri."""
    return _WIDTH_FACTORS.get(family.casefold(), _UNKNOWN_WIDTH_FACTOR) if family else 1.0


def find_faces(family: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes] | None:
    """Return the regular and bold face of a font among font files (by name); None where one of them is missing."""
    ours = {"calibri": "carlito", "cambria": "caladea"}
    wanted = ours.get(family.casefold(), family.casefold())
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.lower().endswith((".ttf", ".otf")):
            there, style = font_names_of(data)
            if there.casefold() == wanted:
                found.setdefault(style.casefold(), data)
    return (found["regular"], found["bold"]) if {"regular", "bold"} <= set(found) else None


def unavailable_fonts(found: frozenset[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the fonts that neither come with Word, nor lie among `files`, nor are on this computer."""
    there = {
        font_names_of(data)[0].casefold() for name, data in files.items() if name.lower().endswith((".ttf", ".otf"))
    }
    left = [family for family in sorted(found) if family.casefold() not in there | set(_WIDTH_FACTORS)]
    return tuple(family for family in left if family.casefold() not in _installed_fonts())


@cache
def _installed_fonts() -> frozenset[str]:
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


# -- whose page it is

# The files of the layout whose lengths and letters are known here.
_MEASURED_FILES = ("agreement.css", "agreement.html", "fonts/Carlito-Regular.ttf", "fonts/Carlito-Bold.ttf")


def has_our_page(layout: Mapping[str, SourceFile]) -> bool:
    """Return whether no pack has taken the place of a file whose lengths are known here."""
    return not any(is_replaced(name, layout) for name in _MEASURED_FILES)


def is_replaced(name: str, layout: Mapping[str, SourceFile]) -> bool:
    """Return whether a pack has put a file of its own in the place of ours, which then has a second name."""
    ours = layout.get(f"built-in/{name}")
    return ours is not None and ours.data != layout[name].data
