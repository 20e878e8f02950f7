"""Fonts: how wide text is in them, where its lines break, and which of them a reader may not have.

Widths are in ems, shaped by HarfBuzz with kerning and ligatures, as in the PDF. Lines break where Unicode's rules let
common texts break; for rare signs and scripts this is a guess.

The only home of uharfbuzz, imported on first use.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from agreementgen.library.snapshot import SourceFile

StyledText = tuple[tuple[str, bool], ...]
"""Text that belongs together, in pieces: (text, bold)."""

# Where the fonts have no glyph: letters of East Asian scripts are square, others about as wide as this.
_SQUARE_FROM, _UNKNOWN_LETTER_WIDTH = 0x2E7F, 0.55
# A no-break space is no space; a line may end behind a hyphen, a dash, a slash, and around East Asian letters.
_SPACES = re.compile(r"([ \t\n]+)")
_LINE_BREAKS = re.compile(
    r"(?<=[^\W\d]-)(?=[^\W_])|(?<=\d-)(?=[^\W\d_])|(?<=\w[\u2010\u2013])(?=\w)|(?=\u2014)|(?<=\u2014)|(?<=\w/)(?=[^\W\d_])"
    r"|(?=[\u2e80-\u9fff\uac00-\ud7af])|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=\w)"
)


class FontWidths:
    """The widths of texts in the regular and bold face of a page.

    What was measured is kept: texts are tried at several sizes, and most clauses come again in the next document.
    """

    def __init__(self, regular: bytes, bold: bytes) -> None:
        self.faces = (_load_face(regular), _load_face(bold))
        self.word_width = lru_cache(maxsize=20_000)(self._measure_word)
        self.unbreakable_parts = lru_cache(maxsize=4_000)(self._split_parts)

    def covers(self, text: str) -> bool:
        """Return whether the regular face has a glyph for every character of `text`: its width is no guess then."""
        known = self.faces[False].face.unicodes
        return all(ord(char) in known for char in set(text) if not char.isspace())

    def text_width(self, text: str, bold: bool) -> float:
        """Return the width of `text` on one line."""
        space = self.word_width(" ", bold)
        return sum(
            space * len(part) if part.isspace() else self.word_width(part, bold) for part in _SPACES.split(text) if part
        )

    def count_lines(self, pieces: StyledText, width: float) -> int:
        """Return how many lines of `width` ems the words of `pieces` take: at least one."""
        lines, used, gap = 1, 0.0, 0.0
        for size, space in self.unbreakable_parts(pieces):
            if used and used + gap + size > width:
                lines, used, gap = lines + 1, 0.0, 0.0
            if size > width:
                lines += int(size / width)
                size %= width
            used, gap = used + gap + size, space
        return lines

    def _split_parts(self, pieces: StyledText) -> tuple[tuple[float, float], ...]:
        """Return the width of each part that no line breaks, and of the space behind it."""
        found: list[tuple[float, float]] = []
        size, begun = 0.0, False
        for text, bold in pieces:
            for index, word in enumerate(_SPACES.split(text)):
                if index % 2:
                    if begun:
                        found.append((size, self.word_width(" ", bold)))
                        size, begun = 0.0, False
                    continue
                for place, part in enumerate(_LINE_BREAKS.split(word)):
                    if place and begun:
                        found.append((size, 0.0))
                        size, begun = 0.0, False
                    if part:
                        size, begun = size + self.word_width(part, bold), True
        if begun:
            found.append((size, 0.0))
        return tuple(found)

    def _measure_word(self, text: str, bold: bool) -> float:
        import uharfbuzz

        face = self.faces[bold]
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(face, buffer)
        em = float(face.face.upem)
        return sum(
            place.x_advance / em if glyph.codepoint else _width_without_glyph(text, glyph.cluster)
            for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )


def _width_without_glyph(text: str, at: int) -> float:
    return 1.0 if ord(text[at]) > _SQUARE_FROM else _UNKNOWN_LETTER_WIDTH


def _load_face(data: bytes) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(data)))


@lru_cache(maxsize=64)
def font_names_of(data: bytes) -> tuple[str, str]:
    """Return the family and the style that a font file says it has ("Carlito", "Bold"); "" for what is no font."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    names = uharfbuzz.OTNameIdPredefined
    return face.get_name(names.FONT_FAMILY) or "", face.get_name(names.FONT_SUBFAMILY) or ""


@cache
def widths_of_faces(regular: bytes, bold: bytes) -> FontWidths:
    """Return the widths of two faces, given as font files."""
    return FontWidths(regular, bold)


def widths_of_layout(layout: Mapping[str, SourceFile]) -> FontWidths:
    """Return the widths of the library's own text faces, or of those a pack names as its faces."""
    regular = layout.get("face/regular") or layout["fonts/Carlito-Regular.ttf"]
    bold = layout.get("face/bold") or layout["fonts/Carlito-Bold.ttf"]
    return widths_of_faces(regular.data, bold.data)


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
