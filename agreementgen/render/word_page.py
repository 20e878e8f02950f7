"""The page of a firm's Word file: its margins, what its header and footer take, and the fonts it names.

All lengths in points. Word moves the text down where a header is higher than the top margin; so does this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from xml.etree.ElementTree import Element

from agreementgen.ooxml.contents import name_of_main_part
from agreementgen.ooxml.package import Package, R, W, open_package

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DRAWINGML = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMU_PER_POINT = 12_700  # English metric units in a point
# The height of a line over its type size where a file says nothing else (Calibri's own), and the width of a letter.
_WORD_LEADING, _LETTER_WIDTH = 1.22, 0.5
_DEFAULT_FONT_SIZE = 10.0
# A line of 21 pt and 3 pt below it, in the reference.docx of the library.
_OUR_TITLE_HEIGHT = 24.0


@dataclass(frozen=True)
class Geometry:
    """Margins around the text, the gap between its columns, and the font of the text.

    Top and bottom have grown with the header and footer in them. `title_excess` is how much higher the title is
    than ours (lower, where negative).
    """

    top: float
    right: float
    bottom: float
    left: float
    column_gap: float
    font: str
    title_excess: float = 0.0

    @property
    def side_margins(self) -> float:
        return self.left + self.right

    @property
    def end_margins(self) -> float:
        return self.top + self.bottom


@lru_cache(maxsize=16)
def read_geometry(data: bytes) -> Geometry:
    """Return the page of the last section of a Word file, which was looked through before.

    Raise PackageRefused where the file cannot be opened.
    """
    package = open_package(data)
    main = name_of_main_part(package)
    section = package.read_part(main).find(f"{W}body/{W}sectPr")
    margins = section.find(f"{W}pgMar") if section is not None else None
    if section is None or margins is None:
        raise AssertionError("the file was not looked through: it says nothing of its page")
    styles = _WordStyles(package, main)
    columns = section.find(f"{W}cols")
    left, right, top, bottom = (_read_length(margins, side) for side in ("left", "right", "top", "bottom"))
    size = section.find(f"{W}pgSz")
    width = (_read_length(size, "w") if size is not None else 612.0) - left - right
    header, footer = (_height_in_margin(package, main, section, kind, styles, width) for kind in ("header", "footer"))
    return Geometry(
        # A negative margin says that the text begins there whatever the header takes.
        top=-top if top < 0 else max(top, _read_length(margins, "header") + header if header else 0),
        right=right,
        bottom=-bottom if bottom < 0 else max(bottom, _read_length(margins, "footer") + footer),
        left=left + _read_length(margins, "gutter"),
        column_gap=_read_length(columns, "space") if columns is not None and columns.get(f"{W}space") else 36.0,
        font=styles.font_of("Agreement Body"),
        title_excess=styles.line_height_of("Title") - _OUR_TITLE_HEIGHT,
    )


@lru_cache(maxsize=16)
def read_body_font(data: bytes) -> str:
    """Return the font of the text of a Word file; "" where it names none."""
    package = open_package(data)
    return _WordStyles(package, name_of_main_part(package)).font_of("Agreement Body")


def _read_length(node: Element | None, name: str) -> float:
    """Return a length of an attribute, given in twips (1/20 pt), in points; 0 where it is missing or no number."""
    text = node.get(f"{W}{name}", "") if node is not None else ""
    try:
        return round(float(text)) / 20 if len(text) < 12 else 50_000.0
    except ValueError:
        return 0.0


def _height_in_margin(
    package: Package, main: str, section: Element, kind: str, styles: _WordStyles, width: float
) -> float:
    """Return the height of the highest header or footer of a section."""
    parts = {relation.id: relation.target for relation in package.relations_of(main)}
    used = [parts.get(node.get(f"{R}id", ""), "") for node in section.findall(f"{W}{kind}Reference")]
    return max(
        (_stacked_height(package.read_part(part), styles, width) for part in used if part in package.parts), default=0.0
    )


def _stacked_height(container: Element, styles: _WordStyles, width: float) -> float:
    """Return the height of paragraphs and tables below each other."""
    total = 0.0
    for child in _each_block(container):
        if child.tag == f"{W}p":
            total += _paragraph_height(child, styles, width)
        else:
            for row in child.iter(f"{W}tr"):
                cells = row.findall(f"{W}tc")
                share = width / max(1, len(cells))
                least = _read_length(row.find(f"{W}trPr/{W}trHeight"), "val")
                total += max([least, *(_stacked_height(cell, styles, share) for cell in cells)])
    return total


def _each_block(container: Element) -> Iterator[Element]:
    for child in container:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag == f"{W}sdt":
            inner = child.find(f"{W}sdtContent")
            yield from _each_block(inner) if inner is not None else ()


def _paragraph_height(paragraph: Element, styles: _WordStyles, width: float) -> float:
    own = paragraph.find(f"{W}pPr")
    named = paragraph.find(f"{W}pPr/{W}pStyle")
    name = named.get(f"{W}val", "") if named is not None else ""
    size = max([styles.font_size_of(name), *(_read_length(node, "val") * 10 for node in paragraph.iter(f"{W}sz"))])
    pictures = [
        _picture_height(extent)
        for inline in paragraph.iter(f"{_DRAWING}inline")
        if (extent := inline.find(f"{_DRAWING}extent")) is not None
    ]
    floating = [
        _picture_height(extent)
        for anchor in paragraph.iter(f"{_DRAWING}anchor")
        if anchor.find(f"{_DRAWING}wrapTopAndBottom") is not None
        and (extent := anchor.find(f"{_DRAWING}extent")) is not None
    ]
    letters = sum(len(node.text or "") for node in paragraph.iter(f"{W}t"))
    lines = max(1, ceil(letters * size * _LETTER_WIDTH / max(width, 1.0)))
    before, after, line, rule = styles.spacing_of(name, own)
    line_height = _line_height(line, rule, size)
    if rule != "exact":
        line_height = max([line_height, *pictures])
    return before + after + line_height * lines + sum(floating)


def _picture_height(extent: Element) -> float:
    text = extent.get("cy", "")
    return int(text) / _EMU_PER_POINT if text.isascii() and text.isdigit() and len(text) < 12 else 0.0


def _line_height(line: float, rule: str, type_size: float) -> float:
    if line and rule in ("exact", "atLeast"):
        return line
    # An automatic line height counts 240ths of a line, which `_read_length` has made twelfths.
    return type_size * _WORD_LEADING * (line / 12 if line else 1)


class _WordStyles:
    """The styles of a package by id, each with what it inherits."""

    def __init__(self, package: Package, main: str) -> None:
        targets = _targets_by_kind(package, main)
        root = package.read_part(targets["styles"])
        self.by_id = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
        self.defaults = root.find(f"{W}docDefaults")
        self.normal = next((key for key, style in self.by_id.items() if _is_default_paragraph(style)), "")
        self.theme = package.read_part(targets["theme"]) if targets.get("theme") in package.parts else None

    def each_ancestor(self, name: str) -> Iterator[Element]:
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

    def _id_of(self, title: str) -> str:
        return next((key for key, style in self.by_id.items() if _style_name(style) == title), "")

    def font_size_of(self, name: str) -> float:
        for style in self.each_ancestor(name):
            node = style.find(f"{W}rPr/{W}sz")
            if node is not None:
                return _read_length(node, "val") * 10  # half-points
        return _DEFAULT_FONT_SIZE

    def spacing_of(self, name: str, own: Element | None) -> tuple[float, float, float, str]:
        """Return the space before and after a paragraph, its line height and the rule for it ("" for automatic)."""
        nodes = [own.find(f"{W}spacing")] if own is not None else []
        nodes += [style.find(f"{W}pPr/{W}spacing") for style in self.each_ancestor(name)]

        def find_first(key: str) -> Element | None:
            return next((node for node in nodes if node is not None and node.get(f"{W}{key}") is not None), None)

        before, after, line = (_read_length(find_first(key), key) for key in ("before", "after", "line"))
        with_line = find_first("line")
        return before, after, line, with_line.get(f"{W}lineRule", "") if with_line is not None else ""

    def line_height_of(self, title: str) -> float:
        """Return the height of a paragraph of one line in a style, by its name, with the space around it."""
        name = self._id_of(title)
        before, after, line, rule = self.spacing_of(name, None)
        return before + after + _line_height(line, rule, self.font_size_of(name))

    def font_of(self, title: str) -> str:
        """Return the font of a style by its name; "" where nobody says it."""
        for style in self.each_ancestor(self._id_of(title)):
            fonts = style.find(f"{W}rPr/{W}rFonts")
            if fonts is None:
                continue
            if fonts.get(f"{W}asciiTheme"):
                return self._theme_font(fonts.get(f"{W}asciiTheme", ""))
            if fonts.get(f"{W}ascii"):
                return fonts.get(f"{W}ascii", "")
        return ""

    def _theme_font(self, word: str) -> str:
        part = "majorFont" if word.startswith("major") else "minorFont"
        node = self.theme.find(f".//{_DRAWINGML}{part}/{_DRAWINGML}latin") if self.theme is not None else None
        return node.get("typeface", "") if node is not None else ""


def _is_default_paragraph(style: Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")


def _style_name(style: Element) -> str:
    node = style.find(f"{W}name")
    return node.get(f"{W}val", "") if node is not None else ""


def font_families_in(data: bytes) -> frozenset[str]:
    """Return the fonts that a Word file's styles and theme name; raise PackageRefused where it cannot be opened."""
    package = open_package(data)
    targets = _targets_by_kind(package, name_of_main_part(package))
    found: set[str] = set()
    if targets.get("styles") in package.parts:
        fonts = package.read_part(targets["styles"]).iter(f"{W}rFonts")
        found |= {node.get(f"{W}{key}", "") for node in fonts for key in ("ascii", "hAnsi")}
    if targets.get("theme") in package.parts:
        found |= set(_each_theme_font(package.read_part(targets["theme"])))
    return frozenset(found - {""})


def _targets_by_kind(package: Package, part: str) -> dict[str, str]:
    """Return the parts that `part` points to by the last word of their kind ("styles", "theme")."""
    found: dict[str, str] = {}
    for relation in package.relations_of(part):
        if not relation.external:
            found.setdefault(relation.kind.rsplit("/", 1)[-1], relation.target)
    return found


def _each_theme_font(theme: Element) -> Iterator[str]:
    for kind in ("majorFont", "minorFont"):
        for node in theme.iter():
            if node.tag.rsplit("}", 1)[-1] == kind:
                latin = next((child for child in node if child.tag.rsplit("}", 1)[-1] == "latin"), None)
                yield latin.get("typeface", "") if latin is not None else ""
