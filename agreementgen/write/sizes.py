"""Sizes of the page that PDF and DOCX share. All lengths in points."""

from __future__ import annotations

from dataclasses import dataclass

# Type sizes the fit may choose, largest first. 8.5 pt is the floor for body and table: New York's CPLR 4544
# bars consumer print under 8 pt from evidence, and courts have refused tiny print between businesses too.
SIZES = (10.5, 10.0, 9.5, 9.0, 8.5)
# Line height over type size; rounded to twips (1/20 pt), as Word stores it.
LEADING = 1.15

PAPERS = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}
MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM = 43.2, 43.2, 43.2


@dataclass(frozen=True)
class Sizes:
    """What the fit chooses, in points: type size of body and table, space after a clause, room to sign in.

    `widest` is the share of the text width that the longest word of the labels of key terms needs.
    """

    body: float
    gap: float = 1.5
    signing: float = 16.0
    widest: float = 0.0

    @property
    def label(self) -> float:
        """The share of the text width of a label column: its words stand on one line, up to a fifth of the width."""
        return max(0.13 if self.body < 10 else 0.15, min(self.widest, 0.2))

    @property
    def line(self) -> float:
        """The exact line height."""
        return round(self.body * LEADING * 20) / 20


def text_height(paper: str) -> float:
    """Return the height of the text area of a page, in points."""
    return PAPERS[paper][1] - MARGIN_TOP - MARGIN_BOTTOM


# Space between the two columns of clauses, and above the signatures.
COLUMN_GAP, SIGNATURES_GAP = 14.0, 4.0


def even(columns: int) -> tuple[float, ...]:
    """Return the widths in percent of a table's columns that have none of their own."""
    return (100 / columns,) * columns
