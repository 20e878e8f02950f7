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
    """Type size and exact line height of body and table, in points."""

    body: float

    @property
    def line(self) -> float:
        return round(self.body * LEADING * 20) / 20


def text_height(paper: str) -> float:
    """Return the height of the text area of a page, in points."""
    return PAPERS[paper][1] - MARGIN_TOP - MARGIN_BOTTOM


# Space between the two columns of clauses, and the share of the text width of a label column.
COLUMN_GAP = 14.0
LABEL_SHARE = 0.13
