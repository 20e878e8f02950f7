"""How high a document will be, from the widths of its letters: the fit's first guess, and all there is without Pango.

It breaks lines greedily with the advance widths of the fonts that travel with the program (kerning left out, so
it errs to the long side), and adds up the same lengths as the style sheet. All lengths in points.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from functools import cache

from agreementgen.document import Document, Runs, block_runs
from agreementgen.library.snapshot import SourceFile
from agreementgen.write.sizes import COLUMN_GAP, MARGIN_SIDE, PAPERS, Sizes

# What the style sheet and reference.docx spend besides lines of text.
_TITLE = 21 + 2 + 1.5 + 3
_PARTIES_GAP, _TERMS_GAP, _SIGNATURE_GAP = 3.0, 4.0, 4.0
_ROW = 1.5
_AGREED_GAP = 8.0
_APART = 18 + 8
_SIGNATURE = 1.5 + 3 + 0.5
_PADDING = 5.0


class Widths:
    """Advance widths of the regular and bold face, in ems."""

    def __init__(self, regular: bytes, bold: bytes) -> None:
        self.faces = (_advances(regular), _advances(bold))

    def of(self, text: str, bold: bool) -> float:
        known = self.faces[bold]
        return sum(known.get(char, 1.0 if ord(char) > 0x2E7F else 0.55) for char in text)

    def lines(self, pieces: list[tuple[str, bool]], width: float) -> int:
        """Return how many lines of `width` ems the words of `pieces` (text, bold) take."""
        lines, used = 1, 0.0
        space = self.of(" ", False)
        for text, bold in pieces:
            for word in text.split():
                size = self.of(word, bold)
                if used and used + space + size > width:
                    lines, used = lines + 1, 0.0
                if size > width:
                    lines += int(size / width)
                    size %= width
                used += size + (space if used else 0)
        return lines


def _advances(font: bytes) -> dict[str, float]:
    from fontTools.ttLib import TTFont

    # It remarks on dates inside font files; that is nobody's concern here.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    face = TTFont(io.BytesIO(font), lazy=True)
    metrics, em = face["hmtx"], face["head"].unitsPerEm
    return {chr(code): metrics[name][0] / em for code, name in face.getBestCmap().items()}


@cache
def _widths(regular: bytes, bold: bytes) -> Widths:
    return Widths(regular, bold)


def widths(layout: Mapping[str, SourceFile]) -> Widths:
    """Return the widths of the library's own text faces, or of those a pack names as its faces."""
    regular = layout.get("face/regular") or layout["fonts/Carlito-Regular.ttf"]
    bold = layout.get("face/bold") or layout["fonts/Carlito-Bold.ttf"]
    return _widths(regular.data, bold.data)


def height(document: Document, sizes: Sizes, letters: Widths) -> float:
    """Return the estimated height of the agreement (without schedules) in points: of its fuller page, if it has two."""
    text = PAPERS[document.paper][0] - 2 * MARGIN_SIDE
    body, line = sizes.body, sizes.line

    def lines(pieces: list[tuple[str, bool]], width: float) -> int:
        return letters.lines(pieces, width / body)

    total = _TITLE + _PARTIES_GAP
    total += _PARTIES_GAP * ((len(document.parties) - 1) // 2)
    for start in range(0, len(document.parties), 2):
        boxes = document.parties[start : start + 2]
        total += line * max(
            sum(
                lines([(part, index == 0)], text / 2 - 8)
                for index, part in enumerate((f"{box.name} ({box.short})", *box.lines))
            )
            for box in boxes
        )
    total += line + _ROW
    label, half = text * sizes.label, text / 2
    for pair in document.terms:
        says = half - label if pair.right is not None else text - label
        rows = [row for row in (pair.left, pair.right) if row is not None]
        total += _ROW + line * max(
            max(lines(_pieces(row.runs), says - _PADDING), lines([(row.label, True)], label - _PADDING)) for row in rows
        )
    column, used = (text - COLUMN_GAP) / 2, 0.0
    for clause in document.clauses:
        head: list[tuple[str, bool]] = [(f"{clause.number}. {clause.heading}.", True)]
        for block in clause.blocks:
            for runs in block_runs(block):
                used += line * lines(head + _pieces(runs), column)
                head = []
            used += sizes.gap
    signatures = _SIGNATURE_GAP + ((len(document.signatures) + 1) // 2) * (_SIGNATURE + sizes.signing + 2 * line)
    # Columns are balanced line by line: on average half a line is lost.
    clauses = _TERMS_GAP + used / 2 + line / 2
    if document.apart:
        agreed = _AGREED_GAP + line * lines([(document.agreed, False)], text)
        return max(total + agreed + signatures, _APART + clauses)
    return total + clauses + signatures


def _pieces(runs: Runs) -> list[tuple[str, bool]]:
    return [(run.text, run.bold) for run in runs]
