"""Finds in the boxes of WeasyPrint's pages what only they tell: what is drawn, where it is signed, what room is left.

WeasyPrint has no types; `Box` names what is used of it. Its lengths are CSS pixels, those that are returned points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from agreementgen.render.measures import Sizes
from agreementgen.render.signing import BLANK, Kind, SigningPlace

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

POINTS_PER_PIXEL = 0.75  # points in a CSS pixel
# Columns whose ends are further apart, in lines, were not foreseen well: paragraphs of three lines stay whole.
_MOST_UNEVEN_LINES = 4


class Box(Protocol):
    """A box of a page as it was laid out: weasyprint.formatting_structure.boxes.Box."""

    element: Element | None
    element_tag: str | None
    is_column: bool
    style: Mapping[str, int]
    position_x: float
    position_y: float
    width: float
    height: float
    margin_left: float
    margin_top: float
    padding_bottom: float

    def content_box_y(self) -> float: ...
    def descendants(self) -> Iterator[Box]: ...
    def is_in_normal_flow(self) -> bool: ...
    def margin_height(self) -> float: ...


def _children_of(box: Box) -> Sequence[Box]:
    return getattr(box, "children", ())


def _text_of(box: Box) -> str | None:
    """Return the text of a box of text; None of any other."""
    return getattr(box, "text", None)


def read_drawn_text(box: Box) -> str:
    """Return the text of a box and those in it, in the order in which they are drawn."""
    text = _text_of(box)
    return "".join(map(read_drawn_text, _children_of(box))) if text is None else str(text)


def each_signing_place(pages: Sequence[Box]) -> Iterator[SigningPlace]:
    """Yield the places of lines to sign, by the classes of our page: a name is a new signature."""
    signature, room, lines = -1, 0.0, 0
    for number, page in enumerate(pages):
        for box, inside, is_whole in _each_classed_box(page):
            if inside == "signing" and is_whole:
                signature, room, lines = signature + 1, box.padding_bottom, 0
            elif inside in ("who", "when") and is_whole:
                kind: Kind = "signature" if inside == "who" else "date"
                top = box.position_y + box.margin_top - room
                yield _place_of(kind, signature, number, box.position_x + box.margin_left, top, box.width, room)
            elif inside == "rule" and is_whole:
                kind = "date" if lines else "signature"
                lines += 1
                yield _place_of(kind, signature, number, box.position_x, box.position_y, box.width, box.height)
            elif inside in ("who", "name") and BLANK in (text := _text_of(box) or ""):
                # As if all letters were as wide as a blank, which is what they are on average.
                letter = box.width / len(text)
                left = box.position_x + letter * text.index(BLANK)
                yield _place_of("title", signature, number, left, box.position_y, letter * text.count("_"), box.height)


def _each_classed_box(box: Box, inside: str = "", holder: Element | None = None) -> Iterator[tuple[Box, str, bool]]:
    """Yield the boxes in a box, each with the class of the innermost element around it that has one.

    Also yield whether it is the box of that element as a whole, and none of its lines and texts.
    """
    element = box.element
    own = element.get("class") or "" if element is not None else ""
    yield box, own or inside, bool(own) and element is not holder
    for child in _children_of(box):
        yield from _each_classed_box(child, own or inside, element)


def _place_of(
    kind: Kind, signature: int, page: int, left: float, top: float, width: float, height: float
) -> SigningPlace:
    left, top, width, height = (length * POINTS_PER_PIXEL for length in (left, top, width, height))
    return SigningPlace(kind, signature, page, left, top, width, height)


def has_even_columns(pages: Sequence[Box], sizes: Sizes) -> bool:
    """Return whether no column of clauses stands beside the page, and none is much shorter than the first."""
    for box in (box for page in pages for box in page.descendants()):
        columns = [child for child in _children_of(box) if child.is_column]
        if not columns:
            continue
        if len(columns) > box.style["column_count"]:
            return False
        last = [children[-1] for column in columns if (children := _children_of(column))]
        ends = [child.position_y + child.height for child in last]
        if len(ends) == 2 and abs(ends[0] - ends[1]) * POINTS_PER_PIXEL > _MOST_UNEVEN_LINES * sizes.line_height:
            return False
    return True


def _find_box(box: Box, tag: str) -> Box | None:
    if box.element_tag == tag:
        return box
    for child in _children_of(box):
        found = _find_box(child, tag)
        if found is not None:
            return found
    return None


def _each_box_in_flow(page: Box) -> Iterator[Box]:
    """Yield what stands on a page, without what is placed on it apart from the rest."""
    body = _find_box(page, "body")
    return (box for box in (_children_of(body) if body is not None else ()) if box.is_in_normal_flow())


def is_anything_shown(pages: Sequence[Box]) -> bool:
    """Return whether a body stands on any of the pages: a style sheet may hide all there is."""
    return any(_find_box(page, "body") is not None for page in pages)


def count_agreement_pages(pages: Sequence[Box]) -> int:
    """Return the number of pages up to the last that shows something else than schedules."""
    count = 0
    for number, page in enumerate(pages, 1):
        if any(_find_box(box, "article") is None for box in _each_box_in_flow(page)):
            count = number
    return max(count, 1)


def list_page_starts(pages: Sequence[Box]) -> tuple[bool, ...]:
    """Return for each schedule, in order, whether no other stands above it on the page where it begins."""
    starts: dict[Element | None, bool] = {}
    for page in pages:
        shown = dict.fromkeys(box.element for box in page.descendants() if box.element_tag == "article")
        for index, element in enumerate(shown):
            starts.setdefault(element, index == 0)
    return tuple(starts.values())


def free_height_of(page: Box) -> float:
    """Return the height between the last box of the page's body and the bottom margin, in points."""
    bottom = max((box.position_y + box.margin_height() for box in _each_box_in_flow(page)), default=0.0)
    return (page.content_box_y() + page.height - bottom) * POINTS_PER_PIXEL
