"""Pages of our own: text and rules at their places, and the structure of what they say, before it becomes a file.

Lengths in points, from the top left of a page. What is written belongs to an element of the structure; rules and
fills, footers and heads that stand on a further page again are decoration.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agreementgen.render.lettering import REGULAR, Letters, Line, Piece
from agreementgen.render.signing import Kind, SigningPlace


@dataclass(eq=False)
class Element:
    """An element of the structure: its kind, its attributes, and in it elements, or (page, number) of writing."""

    kind: str
    attributes: str = ""
    parts: list[Element | tuple[int, int]] = field(default_factory=list)

    def add(self, kind: str, attributes: str = "") -> Element:
        found = Element(kind, attributes)
        self.parts.append(found)
        return found

    @property
    def is_written(self) -> bool:
        return any(isinstance(part, tuple) or part.is_written for part in self.parts)


Owner = Element | None | Sequence[Element]
"""Who says a text: an element, one for each of its parts, or nobody (it is decoration then)."""


@dataclass
class DrawnPage:
    """A page: what is painted (rules above grounds), what is written, its text, and who says each stretch of that.

    `owner` is the element of the last stretch.
    """

    width: float
    height: float
    grounds: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    owners: list[Element] = field(default_factory=list)
    owner: Element | None = None


@dataclass(frozen=True)
class Bookmark:
    """A line of the outline: `top` is where the page is shown from."""

    level: int
    title: str
    page: int
    top: float


@dataclass
class Strip:
    """A piece of a flow that stays whole: its height, the space below it, and how it is drawn at (left, top).

    `above` is the least space above it, where it does not begin a page; `stays` is whether it stays with the strip
    before it; `head` is drawn again where it begins a page, the head of its table.
    """

    height: float
    draw: Callable[[float, float], None]
    stays: bool = False
    below: float = 0.0
    above: float = 0.0
    head: Strip | None = None


@dataclass(frozen=True)
class About:
    """What a file says of itself: its title, its language ("en-US"), and who wrote it, "" for nobody."""

    title: str
    language: str
    author: str = ""


class Canvas:
    """Pages that grow from the first to the last."""

    def __init__(self, letters: Letters, about: About) -> None:
        self.letters: Letters = letters
        self.about = about
        self.pages: list[DrawnPage] = []
        self.root = Element("Document")
        self.bookmarks: list[Bookmark] = []
        self.glyphs: dict[str, set[int]] = {}
        self.signing_places: list[SigningPlace] = []

    def begin_sheet(self, width: float, height: float) -> None:
        self.pages.append(DrawnPage(width, height))

    def add_bookmark(self, level: int, title: str, top: float) -> None:
        self.bookmarks.append(Bookmark(level, title, len(self.pages) - 1, top))

    def add_signing_place(
        self, kind: Kind, signature: int, beside: Element, left: float, top: float, width: float, height: float
    ) -> None:
        """Note where somebody signs, dates or writes a title, `beside` what was written on this page last."""
        numbers = [part[1] for part in beside.parts if isinstance(part, tuple)]
        page = len(self.pages) - 1
        self.signing_places.append(SigningPlace(kind, signature, page, left, top, width, height, numbers[-1]))

    def break_lines(self, pieces: tuple[Piece, ...], width: float, size: float) -> tuple[Line, ...]:
        return self.letters.break_lines(pieces, width, size)

    def write(
        self, owner: Owner, lines: Sequence[Line], left: float, top: float, size: float, height: float,
        face: str = REGULAR, shift: float = 0.0, page: int = -1,
    ) -> float:  # fmt: skip
        """Write lines of a `height` from `top` down, and return where they end.

        `shift` is how much of what a line leaves free in front of it: `left` is its left, middle (0.5) or right (1).
        """
        base = self.pages[page].height - top - self.baseline(size, height, face)
        for line in lines:
            place = f"{size:g} 0 0 {size:g} {left - line.width * size * shift:.3f} {base:.3f} Tm"
            self._show(page, owner, line, place)
            base -= height
        return top + height * len(lines)

    def write_upwards(
        self, owner: Owner, lines: Sequence[Line], left: float, bottom: float, size: float, height: float
    ) -> None:
        """Write lines that run upwards from `bottom`, the first at `left`, the others to its right."""
        base, start = left + self.baseline(size, height, REGULAR), self.pages[-1].height - bottom
        for line in lines:
            self._show(-1, owner, line, f"0 {size:g} {-size:g} 0 {base:.3f} {start:.3f} Tm")
            base += height

    def baseline(self, size: float, height: float, face: str) -> float:
        """Return how far below the top of a line its letters stand."""
        at = self.letters.faces[face]
        return (height - (at.ascent - at.descent) * size) / 2 + at.ascent * size

    def _show(self, page: int, owner: Owner, line: Line, place: str) -> None:
        drawn = self.pages[page]
        for part, shown in line.shown:
            said = owner if owner is None or isinstance(owner, Element) else owner[part]
            if not drawn.written or said is not drawn.owner:
                self._turn_to(page, said)
            # What follows on the line stands where the part before it ends.
            drawn.written.append(place + shown)
            place = ""
        if owner is not None:
            drawn.text.append(line.text)
        for face, glyphs in line.glyphs.items():
            self.glyphs.setdefault(face, set()).update(glyphs)

    def _turn_to(self, page: int, owner: Element | None) -> None:
        """Begin a stretch of what `owner` says; the last one ends here."""
        drawn = self.pages[page]
        if drawn.written:
            drawn.written.append("EMC")
        drawn.owner = owner
        if owner is None:
            drawn.written.append("/Artifact<</Type/Pagination>>BDC")
        else:
            drawn.written.append(f"/{owner.kind}<</MCID {len(drawn.owners)}>>BDC")
            owner.parts.append((page % len(self.pages), len(drawn.owners)))
            drawn.owners.append(owner)

    def fill(self, left: float, top: float, width: float, height: float, color: str, is_ground: bool = False) -> None:
        """Paint a rule, or the ground of a cell, above which rules stand."""
        drawn = self.pages[-1]
        bottom = drawn.height - top - height
        layer = drawn.grounds if is_ground else drawn.rules
        layer.append(f"{self.letters.ink(color)} rg {left:.3f} {bottom:.3f} {width:.3f} {height:.3f} re f")

    def frame(self, left: float, top: float, width: float, height: float, rule: float, color: str) -> None:
        """Paint the rules around a rectangle, inside its edges."""
        drawn = self.pages[-1]
        half, bottom = rule / 2, drawn.height - top - height
        drawn.rules.append(
            f"{self.letters.ink(color)} RG {rule:g} w "
            f"{left + half:.3f} {bottom + half:.3f} {width - rule:.3f} {height - rule:.3f} re S"
        )

    def show_logo(self, page: int, left: float, top: float, width: float, height: float) -> None:
        """Paint the logo of the firm's look."""
        drawn = self.pages[page]
        drawn.rules.append(f"q {width:.3f} 0 0 {height:.3f} {left:.3f} {drawn.height - top - height:.3f} cm /Logo Do Q")
