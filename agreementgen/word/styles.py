"""The names of the styles that the Word writer uses, and what kind of style each must be.

A law firm changes what they look like, not what they are called.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["paragraph", "character", "table"]

_AGREEMENT: dict[Kind, tuple[str, ...]] = {
    "paragraph": (
        "Agreement Body", "Title", "Party Name", "Party Line", "Key Terms Heading", "Term Label", "Term Text", "Clause",
        "Clause Text", "Clause Item", "Clause Bullet", "Section Gap", "Section End", "Document End", "Signature Party",
        "Signature Line", "Schedule Heading", "Schedule Table Head", "Agreed",
    ),
    "character": ("Effective Date", "Party Full Name", "Short Name", "Clause Heading", "Strong", "Emphasis"),
    "table": ("Parties Table", "Key Terms Table", "Signature Table", "Schedule Table"),
}  # fmt: skip
# A chart has colors for so many parties.
MOST_PARTIES = 6
_CHART: dict[Kind, tuple[str, ...]] = {
    "paragraph": (
        "Chart Body", "Chart Legend", "Chart Head", "Chart Role", "Chart Person", "Chart Role Turned",
        "Chart Person Turned", "Chart Phase", "Chart Number", "Chart Number Head", "Chart Task", "Chart Due",
        "Chart Subheading", "Chart Duty", "Chart A", "Chart AR", "Chart R", "Chart C", "Chart I",
        *(f"Chart Party {number}" for number in range(1, MOST_PARTIES + 1)), "Chart Party Outside", "Chart Footer",
    ),
    "character": ("Chart Key A", "Chart Key AR", "Chart Key R", "Chart Key C", "Chart Key I"),
    "table": ("Chart Table",),
}  # fmt: skip

AGREEMENT = tuple(name for names in _AGREEMENT.values() for name in names)
CHART = tuple(name for names in _CHART.values() for name in names)
# Word spells its own style "footer".
FOOTER = "footer"
KINDS: dict[str, Kind] = {
    **{name: kind for styles in (_AGREEMENT, _CHART) for kind, names in styles.items() for name in names},
    FOOTER: "paragraph",
}
# The styles of numbered paragraphs, and those whose right tab stands at the right edge of the text.
CLAUSE, ITEM, BULLET = "Clause", "Clause Item", "Clause Bullet"
