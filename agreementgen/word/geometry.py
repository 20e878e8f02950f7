"""The page of a firm's Word file: its margins, what its header and footer take, and the font of its text.

All lengths in points. Word moves the text down where a header is higher than the top margin; so does this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from xml.etree.ElementTree import Element

from agreementgen.word.contents import main_part
from agreementgen.word.package import Package, R, W, opened

_INLINE = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMU = 12_700  # English metric units in a point
# The height of a line over its type size where a file says nothing else (Calibri's own), and the width of a letter.
_LEADING, _LETTER = 1.22, 0.5
_SIZE = 10.0
# A line of 21 pt and 3 pt below it, in the reference.docx of the library.
_OUR_TITLE = 24.0


@dataclass(frozen=True)
class Geometry:
    """Margins around the text, the gap between its columns, and the font of the text.

    `header` and `footer` are heights of what stands in the margins; top and bottom have grown with them already.
    `title` is how much higher the title is than ours (lower, where negative).
    """

    top: float
    right: float
    bottom: float
    left: float
    gap: float
    font: str
    header: float = 0.0
    footer: float = 0.0
    title: float = 0.0

    @property
    def sides(self) -> float:
        return self.left + self.right

    @property
    def ends(self) -> float:
        return self.top + self.bottom


@lru_cache(maxsize=16)
def geometry_of(data: bytes) -> Geometry:
    """Return the page of a Word file that was looked through before; raise Refused where it cannot be opened."""
    return measured(opened(data))


@lru_cache(maxsize=16)
def font_of(data: bytes) -> str:
    """Return the font of the text of a Word file; "" where it names none."""
    package = opened(data)
    return _Styles(package, main_part(package)).font("Agreement Body")


def measured(package: Package) -> Geometry:
    """Return the page of a package, of the last section of its text."""
    main = main_part(package)
    section = package.tree(main).find(f"{W}body/{W}sectPr")
    margins = section.find(f"{W}pgMar") if section is not None else None
    if section is None or margins is None:
        raise AssertionError("the file was not looked through: it says nothing of its page")
    styles = _Styles(package, main)
    columns = section.find(f"{W}cols")
    left, right = (length(margins, side) for side in ("left", "right"))
    size = section.find(f"{W}pgSz")
    width = (length(size, "w") if size is not None else 612.0) - left - right
    high = {kind: _around(package, main, section, kind, styles, width) for kind in ("header", "footer")}
    top, bottom = length(margins, "top"), length(margins, "bottom")
    return Geometry(
        # A negative margin says that the text begins there whatever the header takes.
        top=-top if top < 0 else max(top, length(margins, "header") + high["header"] if high["header"] else 0),
        right=right,
        bottom=-bottom if bottom < 0 else max(bottom, length(margins, "footer") + high["footer"]),
        left=left + length(margins, "gutter"),
        gap=length(columns, "space") if columns is not None and columns.get(f"{W}space") else 36.0,
        font=styles.font("Agreement Body"),
        title=styles.line("Title") - _OUR_TITLE,
        **high,
    )


def length(node: Element, name: str) -> float:
    """Return a length of an attribute, given in twips (1/20 pt), in points; 0 where it is no number."""
    text = node.get(f"{W}{name}", "")
    try:
        return round(float(text)) / 20 if len(text) < 12 else 50_000.0
    except ValueError:
        return 0.0


def _around(package: Package, main: str, section: Element, kind: str, styles: _Styles, width: float) -> float:
    """Return the height of the highest header or footer of a section."""
    parts = {relation.id: relation.target for relation in package.relations(main)}
    used = [parts.get(node.get(f"{R}id", ""), "") for node in section.findall(f"{W}{kind}Reference")]
    return max((_height(package.tree(part), styles, width) for part in used if part in package.parts), default=0.0)


def _height(container: Element, styles: _Styles, width: float) -> float:
    """Return the height of paragraphs and tables below each other."""
    total = 0.0
    for child in _blocks(container):
        if child.tag == f"{W}p":
            total += _paragraph(child, styles, width)
        else:
            for row in child.iter(f"{W}tr"):
                cells = row.findall(f"{W}tc")
                share = width / max(1, len(cells))
                told = row.find(f"{W}trPr/{W}trHeight")
                least = length(told, "val") if told is not None else 0.0
                total += max([least, *(_height(cell, styles, share) for cell in cells)])
    return total


def _blocks(container: Element) -> Iterator[Element]:
    for child in container:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag == f"{W}sdt":
            inner = child.find(f"{W}sdtContent")
            yield from _blocks(inner) if inner is not None else ()


def _paragraph(paragraph: Element, styles: _Styles, width: float) -> float:
    own = paragraph.find(f"{W}pPr")
    named = own.find(f"{W}pStyle") if own is not None else None
    name = named.get(f"{W}val", "") if named is not None else ""
    size = max([styles.size(name), *(length(node, "val") * 10 for node in paragraph.iter(f"{W}sz"))])
    pictures = [
        _drawn(extent)
        for inline in paragraph.iter(f"{_INLINE}inline")
        if (extent := inline.find(f"{_INLINE}extent")) is not None
    ]
    floating = [
        _drawn(extent)
        for anchor in paragraph.iter(f"{_INLINE}anchor")
        if anchor.find(f"{_INLINE}wrapTopAndBottom") is not None
        and (extent := anchor.find(f"{_INLINE}extent")) is not None
    ]
    letters = sum(len(node.text or "") for node in paragraph.iter(f"{W}t"))
    lines = max(1, ceil(letters * size * _LETTER / max(width, 1.0)))
    before, after, line, rule = styles.spacing(name, own)
    # An automatic line height counts 240ths of a line, which `length` has made twelfths.
    high = line if line and rule in ("exact", "atLeast") else size * _LEADING * (line / 12 if line else 1)
    if rule != "exact":
        high = max([high, *pictures])
    return before + after + high * lines + sum(floating)


def _drawn(extent: Element) -> float:
    text = extent.get("cy", "")
    return int(text) / _EMU if text.isascii() and text.isdigit() and len(text) < 12 else 0.0


class _Styles:
    """The styles of a package by id, each with what it inherits."""

    def __init__(self, package: Package, main: str) -> None:
        found = [relation.target for relation in package.relations(main) if relation.kind.endswith("/styles")]
        root = package.tree(found[0])
        self.by_id = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
        self.defaults = root.find(f"{W}docDefaults")
        self.normal = next((key for key, style in self.by_id.items() if _normal(style)), "")
        themes = [relation.target for relation in package.relations(main) if relation.kind.endswith("/theme")]
        self.theme = package.tree(themes[0]) if themes and themes[0] in package.parts else None

    def chain(self, name: str) -> Iterator[Element]:
        """Yield a style and those it is based on, then the defaults."""
        seen: set[str] = set()
        name = name or self.normal
        while name in self.by_id and name not in seen:
            seen.add(name)
            yield self.by_id[name]
            based = self.by_id[name].find(f"{W}basedOn")
            name = based.get(f"{W}val", "") if based is not None else ""
        if self.defaults is not None:
            for part in ("rPrDefault", "pPrDefault"):
                found = self.defaults.find(f"{W}{part}")
                if found is not None:
                    yield found

    def size(self, name: str) -> float:
        for style in self.chain(name):
            node = style.find(f"{W}rPr/{W}sz")
            if node is not None:
                return length(node, "val") * 10  # half-points
        return _SIZE

    def spacing(self, name: str, own: Element | None) -> tuple[float, float, float, str]:
        """Return the space before and after a paragraph, its line height and the rule for it ("" for automatic)."""
        nodes = [own.find(f"{W}spacing")] if own is not None else []
        nodes += [style.find(f"{W}pPr/{W}spacing") for style in self.chain(name)]
        there = [node for node in nodes if node is not None]

        def first(key: str) -> Element | None:
            return next((node for node in there if node.get(f"{W}{key}") is not None), None)

        def told(key: str) -> float:
            node = first(key)
            return length(node, key) if node is not None else 0.0

        ruled = first("line")
        rule = ruled.get(f"{W}lineRule", "") if ruled is not None else ""
        return told("before"), told("after"), told("line"), rule

    def line(self, title: str) -> float:
        """Return the height of a paragraph of one line in a style, by its name, with the space around it."""
        name = next((key for key, style in self.by_id.items() if _name(style) == title), "")
        before, after, line, rule = self.spacing(name, None)
        high = (
            line if line and rule in ("exact", "atLeast") else self.size(name) * _LEADING * (line / 12 if line else 1)
        )
        return before + after + high

    def font(self, title: str) -> str:
        """Return the font of a style by its name; "" where nobody says it."""
        named = (key for key, style in self.by_id.items() if _name(style) == title)
        for style in self.chain(next(named, "")):
            fonts = style.find(f"{W}rPr/{W}rFonts")
            if fonts is None:
                continue
            if fonts.get(f"{W}asciiTheme"):
                return self._themed(fonts.get(f"{W}asciiTheme", ""))
            if fonts.get(f"{W}ascii"):
                return fonts.get(f"{W}ascii", "")
        return ""

    def _themed(self, word: str) -> str:
        part = "majorFont" if word.startswith("major") else "minorFont"
        node = self.theme.find(f".//{_DRAWN}{part}/{_DRAWN}latin") if self.theme is not None else None
        return node.get("typeface", "") if node is not None else ""


def _normal(style: Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")


def _name(style: Element) -> str:
    node = style.find(f"{W}name")
    return node.get(f"{W}val", "") if node is not None else ""
