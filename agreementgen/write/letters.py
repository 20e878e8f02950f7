"""How wide text is and where its lines break, shaped by HarfBuzz: kerning and ligatures as in the PDF.

Widths are in ems. Lines break where Unicode's rules let common texts break; for rare signs and scripts this is a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from agreementgen.library.snapshot import SourceFile

Pieces = tuple[tuple[str, bool], ...]
"""Text that belongs together, in pieces: (text, bold)."""

# Where the fonts have no glyph: letters of East Asian scripts are square, others about as wide as this.
_SQUARE_FROM, _UNKNOWN_LETTER = 0x2E7F, 0.55
# A no-break space is no space; a line may end behind a hyphen, a dash, a slash, and around East Asian letters.
_SPACES = re.compile(r"([ \t\n]+)")
_PARTS = re.compile(
    r"(?<=[^\W\d]-)(?=[^\W_])|(?<=\d-)(?=[^\W\d_])|(?<=\w[\u2010\u2013])(?=\w)|(?=\u2014)|(?<=\u2014)|(?<=\w/)(?=[^\W\d_])"
    r"|(?=[\u2e80-\u9fff\uac00-\ud7af])|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=\w)"
)


class Widths:
    """The widths of texts in the regular and bold face of a page.

    What was measured is kept: texts are tried at several sizes, and most clauses come again in the next document.
    """

    def __init__(self, regular: bytes, bold: bytes) -> None:
        self.faces = (_face(regular), _face(bold))
        self.word = lru_cache(maxsize=20_000)(self._word)
        self.parts = lru_cache(maxsize=4_000)(self._parts)

    def covers(self, text: str) -> bool:
        """Return whether the regular face has a glyph for every character of `text`: its width is no guess then."""
        known = self.faces[False].face.unicodes
        return all(ord(char) in known for char in set(text) if not char.isspace())

    def of(self, text: str, bold: bool) -> float:
        """Return the width of `text` on one line."""
        space = self.word(" ", bold)
        return sum(
            space * len(part) if part.isspace() else self.word(part, bold) for part in _SPACES.split(text) if part
        )

    def lines(self, pieces: Pieces, width: float) -> int:
        """Return how many lines of `width` ems the words of `pieces` take: at least one."""
        lines, used, gap = 1, 0.0, 0.0
        for size, space in self.parts(pieces):
            if used and used + gap + size > width:
                lines, used, gap = lines + 1, 0.0, 0.0
            if size > width:
                lines += int(size / width)
                size %= width
            used, gap = used + gap + size, space
        return lines

    def _parts(self, pieces: Pieces) -> tuple[tuple[float, float], ...]:
        """Return the width of each part that no line breaks, and of the space behind it."""
        found: list[tuple[float, float]] = []
        size, begun = 0.0, False
        for text, bold in pieces:
            for index, word in enumerate(_SPACES.split(text)):
                if index % 2:
                    if begun:
                        found.append((size, self.word(" ", bold)))
                        size, begun = 0.0, False
                    continue
                for place, part in enumerate(_PARTS.split(word)):
                    if place and begun:
                        found.append((size, 0.0))
                        size, begun = 0.0, False
                    if part:
                        size, begun = size + self.word(part, bold), True
        if begun:
            found.append((size, 0.0))
        return tuple(found)

    def _word(self, text: str, bold: bool) -> float:
        import uharfbuzz

        face = self.faces[bold]
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(face, buffer)
        em = float(face.face.upem)
        return sum(
            place.x_advance / em if glyph.codepoint else _without_glyph(text, glyph.cluster)
            for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )


def _without_glyph(text: str, at: int) -> float:
    return 1.0 if ord(text[at]) > _SQUARE_FROM else _UNKNOWN_LETTER


def _face(data: bytes) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(data)))


@lru_cache(maxsize=64)
def names_of(data: bytes) -> tuple[str, str]:
    """Return the family and the style that a font file says it has ("Carlito", "Bold"); "" for what is no font."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    names = uharfbuzz.OTNameIdPredefined
    return face.get_name(names.FONT_FAMILY) or "", face.get_name(names.FONT_SUBFAMILY) or ""


@cache
def widths_of(regular: bytes, bold: bytes) -> Widths:
    """Return the widths of two faces, given as font files."""
    return Widths(regular, bold)


def widths(layout: Mapping[str, SourceFile]) -> Widths:
    """Return the widths of the library's own text faces, or of those a pack names as its faces."""
    regular = layout.get("face/regular") or layout["fonts/Carlito-Regular.ttf"]
    bold = layout.get("face/bold") or layout["fonts/Carlito-Bold.ttf"]
    return widths_of(regular.data, bold.data)
