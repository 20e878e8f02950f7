"""The sizes that PDF and Word file share: paper, margins, and the type sizes from which the fit chooses.

All lengths in points. Those of the PDF stand in templates/layout/agreement.css, those of the Word file in
script/make-reference, too; whoever changes one changes all three.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER_SIZES = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}
"""Width and height of the paper, upright."""
MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM = 43.2, 43.2, 43.2
# Space between the two columns of clauses, and above the signatures.
COLUMN_GAP, SIGNATURES_GAP = 14.0, 4.0
# Space above a schedule of the Word file that stands below another. With the gap of 3 pt that ends each table, it is
# 3 pt less than in the PDF, which decides what a page holds.
SCHEDULE_GAP = 12.0
# Type sizes the fit may choose, largest first. 8.5 pt is the floor for body and table: New York's CPLR 4544
# bars consumer print under 8 pt from evidence, and courts have refused tiny print between businesses too.
TYPE_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5)
# Line height over type size.
_LEADING = 1.15


@dataclass(frozen=True)
class Sizes:
    """What the fit chooses, in points: type size of body and table, space after a clause, room to sign in.

    `widest_label` is the share of the text width (0 to 1) that the longest word of the labels of key terms needs.
    """

    body: float
    clause_gap: float = 1.5
    signing_room: float = 16.0
    widest_label: float = 0.0

    @property
    def label_share(self) -> float:
        """The share of the text width of a label column: its words stand on one line, up to a fifth of the width."""
        return max(0.13 if self.body < 10 else 0.15, min(self.widest_label, 0.2))

    @property
    def line_height(self) -> float:
        """The exact line height."""
        return line_height_of(self.body)


def line_height_of(type_size: float) -> float:
    """Return the exact height of a line, in whole twips (1/20 pt), as Word stores it."""
    return round(type_size * _LEADING * 20) / 20


def text_height(paper: str) -> float:
    """Return the height of the text area of a page."""
    return PAPER_SIZES[paper][1] - MARGIN_TOP - MARGIN_BOTTOM
