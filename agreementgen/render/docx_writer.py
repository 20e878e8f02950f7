"""What every Word file of ours is written with: the styles it must have, its page, and elements in those styles.

A law firm changes what the styles look like, not what they are called. Lengths in twips (1/20 pt). The only home of
python-docx, which is imported on first use. Text is set through the XML tree, never as markup, so no fact can break it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import date
from functools import cache, partial
from typing import Any, Literal, Protocol
from xml.etree import ElementTree

from agreementgen import ooxml
from agreementgen.core.document import Run, Runs
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.typography import keep_together
from agreementgen.core.words import ENGLISH
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import W, packing, repack
from agreementgen.render.carrying import CarriedInWord, carry_in_word_file
from agreementgen.render.measures import COLUMN_GAP, LEAST_CLAUSE_GAP, LEAST_SIGNING_ROOM, PAPER_SIZES, Sizes
from agreementgen.render.word_structure import PREFIX

XmlElement = Any
"""An element of lxml, or an object of python-docx; neither has types."""

StyleKind = Literal["paragraph", "character", "table"]


class PrintedDocument(Protocol):
    """What a file must know of any document: an agreement, a chart, a memo."""

    @property
    def paper(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def dated(self) -> date | None: ...


_AGREEMENT_STYLES: dict[StyleKind, tuple[str, ...]] = {
    "paragraph": (
        "Agreement Body", "Title", "Party Name", "Party Line", "Key Terms Heading", "Term Label", "Term Text", "Clause",
        "Clause Text", "Clause Item", "Clause Bullet", "Section Gap", "Section End", "Document End", "Signature Party",
        "Signature Line", "Schedule Heading", "Schedule Table Head", "Agreed",
    ),
    "character": ("Effective Date", "Party Full Name", "Short Name", "Clause Heading", "Strong", "Emphasis"),
    "table": ("Parties Table", "Key Terms Table", "Signature Table", "Schedule Table"),
}  # fmt: skip
# LibreOffice draws the line to sign on so much higher than the PDF has it.
LINE_RISE = 1.0
# A chart has colors for so many parties.
MOST_PARTIES = 6
_CHART_STYLES: dict[StyleKind, tuple[str, ...]] = {
    "paragraph": (
        "Chart Body", "Chart Legend", "Chart Head", "Chart Role", "Chart Person", "Chart Role Turned",
        "Chart Person Turned", "Chart Phase", "Chart Number", "Chart Number Head", "Chart Task", "Chart Due",
        "Chart Subheading", "Chart Duty", "Chart A", "Chart AR", "Chart R", "Chart C", "Chart I",
        *(f"Chart Party {number}" for number in range(1, MOST_PARTIES + 1)), "Chart Party Outside", "Chart Footer",
    ),
    "character": ("Chart Key A", "Chart Key AR", "Chart Key R", "Chart Key C", "Chart Key I"),
    "table": ("Chart Table",),
}  # fmt: skip

# Styles that came later, with those that files of law firms from before have in their place.
_LATER_STYLES = {"Schedule Amount": "Term Text", "Schedule Amount Head": "Schedule Table Head"}
AGREEMENT_STYLES = tuple(name for names in _AGREEMENT_STYLES.values() for name in names)
CHART_STYLES = tuple(name for names in _CHART_STYLES.values() for name in names)
# Word spells its own style "footer".
FOOTER_STYLE = "footer"
STYLE_KINDS: dict[str, StyleKind] = {
    **{name: kind for styles in (_AGREEMENT_STYLES, _CHART_STYLES) for kind, names in styles.items() for name in names},
    FOOTER_STYLE: "paragraph",
}
# The styles of numbered paragraphs, and those whose right tab stands at the right edge of the text.
CLAUSE_STYLE, ITEM_STYLE, BULLET_STYLE = "Clause", "Clause Item", "Clause Bullet"


# -- headers and footers

_FOOTER_TAG = re.compile(r"\{\{\s*footer\s*\}\}")
# How far a tab or a table may be from the edge of the text and still be meant to stand there.
_NEAR_TWIPS = 60


def fill_footer_tag(container: XmlElement, footer: str) -> None:
    """Put the agreement's footer where {{ footer }} stands."""
    for paragraph in ooxml.each_paragraph(container):
        ooxml.replace_matches(paragraph, _FOOTER_TAG, lambda _: footer)


def stretch_to_text(container: XmlElement, drawn: int, width: int) -> None:
    """Move what stands at the right edge or in the middle of a text `drawn` wide to those of one `width` wide."""
    if drawn == width:
        return
    for tab in container.iter(f"{W}tab"):
        position = tab.get(f"{W}pos")
        if position and position.isdigit():
            if abs(int(position) - drawn) < _NEAR_TWIPS:
                tab.set(f"{W}pos", str(width))
            elif abs(int(position) - drawn / 2) < _NEAR_TWIPS:
                tab.set(f"{W}pos", str(width // 2))
    for table in container.iter(f"{W}tbl"):
        columns = list(table.iter(f"{W}gridCol"))
        if abs(sum(_width_of(column) for column in columns) - drawn) < _NEAR_TWIPS * 4:
            told = [node for node in table.iter(f"{W}tcW", f"{W}tblW") if node.get(f"{W}type") == "dxa"]
            for node in (*columns, *told):
                node.set(f"{W}w", str(round(_width_of(node) * width / drawn)))


def _width_of(node: XmlElement) -> int:
    text = node.get(f"{W}w", "")
    return int(text) if text.isdigit() else 0


# -- files


def open_word_file(reference: SourceFile) -> XmlElement:
    """Return a Word file as python-docx has it; raise PackError where it cannot be read."""
    import docx

    try:
        return docx.Document(io.BytesIO(reference.data))
    except Exception as error:  # python-docx lets seven kinds through: zip, XML, key and value errors
        message = f"this is not a Word file that can be read ({type(error).__name__})"
        raise PackError(
            Problem(message, "save it again as .docx in Word", "", Place(reference.name), code="word-unreadable")
        ) from error


def word_file_bytes(word: XmlElement) -> bytes:
    """Return the bytes of a Word file: the same for the same file."""
    buffer = io.BytesIO()
    with packing():
        word.save(buffer)
    return repack(buffer.getvalue())


def find_style_ids(word: XmlElement, name: str, asked: Sequence[str]) -> dict[str, str]:
    """Return the ids of styles by name; raise PackError for each that is missing."""
    # python-docx shows Word's built-in "footer" as "Footer"; the names asked for here are spelled as in Word.
    ids = {style.name: style.style_id for style in word.styles}
    for style, like in _LATER_STYLES.items():
        if like in ids:
            ids.setdefault(style, ids[like])
    missing = [style for style in asked if style not in ids]
    if missing:
        raise PackError(
            Problem(
                f'the style "{style}" is missing',
                "add a style of that name in Word",
                "",
                Place(name),
                code="word-style",
            )
            for style in missing
        )
    return ids


def translate_page_words(word: XmlElement, page_pieces: tuple[str, ...]) -> None:
    """Put the words around the number of the page, where they are those of our own footer, into the pack's language."""
    if page_pieces == ENGLISH.page_pieces():
        return
    new = dict(zip(ENGLISH.page_pieces(), page_pieces, strict=True))
    for part in word.part.package.iter_parts():
        if str(part.partname).startswith(("/word/footer", "/word/header")):
            for node in part.element.iter(f"{W}t"):
                node.text = new.get(node.text or "", node.text)


# -- writing


class DocxWriter:
    """Writes into a Word file, with the ids of its styles by name.

    `text_width` is that of the text, which tables take whole. `section` is the last one of the file. A writer `like`
    another shares its file, and writes a text of its own.
    """

    def __init__(
        self, word: XmlElement, style_ids: dict[str, str], document: PrintedDocument, like: DocxWriter | None = None
    ) -> None:
        self.word = word
        self.style_ids = style_ids
        self.document = document
        self.signing_room, self.clause_gap = LEAST_SIGNING_ROOM, LEAST_CLAUSE_GAP
        # The last section as a chart needs it, where that was prepared for many documents.
        self.chart_section: bytes = like.chart_section if like else b""
        self.new_element: Callable[..., XmlElement]
        if like is None:
            self._open_text(PAPER_SIZES[document.paper])
        else:
            self._begin_text_like(like)

    def _open_text(self, paper: tuple[float, float]) -> None:
        """Write into the file's own text."""
        from docx.oxml.ns import nsmap
        from docx.oxml.parser import oxml_parser

        # python-docx's own function works out names and namespaces again for each of two thousand elements.
        self.new_element = partial(oxml_parser.makeelement, nsmap={"w": nsmap["w"]})
        self.root = self.word.element.body
        self.section = self.root.sectPr
        self.settle_section()
        self.paper_size = (to_twips(paper[0]), to_twips(paper[1]))
        margins, columns = self.section.find(f"{W}pgMar"), self.section.find(f"{W}cols")
        # The margins are those of the file, on whichever paper.
        self.side_margins = sum(twips_of(margins, name) for name in ("left", "right", "gutter"))
        self.column_gap = twips_of(columns, "space", to_twips(COLUMN_GAP))
        self.text_width = self.paper_size[0] - self.side_margins
        self.last_bookmark = self._find_last_bookmark()
        self.drawn_width = twips_of(self.section.find(f"{W}pgSz"), "w", self.paper_size[0]) - self.side_margins
        # The borders and shadings of styles, by what was asked for: (style, part, side).
        self.looks: dict[tuple[str, str, str], tuple[tuple[str, str], ...] | None] = {}

    def _begin_text_like(self, like: DocxWriter) -> None:
        """Write a text of one's own into a file that others share; its elements are Python's, which are made faster."""
        self.new_element = ElementTree.Element
        self.root = self.new_element(f"{W}body")
        self.section = like.copy_section()
        self.root.append(self.section)
        self.paper_size, self.side_margins, self.column_gap = like.paper_size, like.side_margins, like.column_gap
        self.text_width, self.drawn_width = like.text_width, like.drawn_width
        self.last_bookmark, self.looks = like.last_bookmark, like.looks

    def copy_section(self) -> ElementTree.Element:
        """Return the last section as an element of Python's own."""
        from docx.opc.oxml import serialize_part_xml

        return ElementTree.fromstring(serialize_part_xml(self.section))

    def begin_chart_section(self) -> None:
        """Make the section that was prepared for a chart the last one; the one before was ended."""
        section = ElementTree.fromstring(self.chart_section)
        self.root[-1], self.section = section, section

    def keep_chart_section(self, prepare: Callable[[], None]) -> None:
        """Keep the last section as `prepare` changes it for a chart, and leave it as it was."""
        from docx.opc.oxml import serialize_part_xml

        own = deepcopy(self.section)
        prepare()
        self.chart_section = serialize_part_xml(self.section)
        self.root.replace(self.section, own)
        self.section = own

    # -- the file

    def _find_last_bookmark(self) -> int:
        roots = (self.word.element, *(part.element for part in self.headers_and_footers()))
        numbers = (node.get(f"{W}id", "") for root in roots for node in root.iter(f"{W}bookmarkStart"))
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def settle_section(self) -> None:
        """Give the last section columns where it says nothing of them, and let it begin where the one before ends.

        Word writes how a section begins into the section itself: what is left of a firm's own text would begin a page.
        """
        for node in self.section.findall(f"{W}type"):
            self.section.remove(node)
        if self.section.find(f"{W}cols") is None:
            self.section.find(f"{W}pgMar").addnext(self.make_element("cols", space=to_twips(COLUMN_GAP)))

    def set_sizes(self, sizes: Sizes) -> None:
        """Give the styles what the fit has chosen: size and line height stand in the one all others are based on."""
        from docx.shared import Pt

        self.set_type("Agreement Body", sizes.body, sizes.line_height)
        # It stands on the line of the title, and has a size of its own.
        self.word.styles["Effective Date"].font.size = Pt(sizes.body)
        self.word.styles["Clause"].paragraph_format.space_after = Pt(sizes.clause_gap)
        self.signing_room, self.clause_gap = sizes.signing_room, sizes.clause_gap
        self.word.styles["Signature Party"].paragraph_format.space_after = Pt(sizes.signing_room + LINE_RISE)
        half = (self.text_width - self.column_gap) // 2
        for name, position in (("Title", self.text_width), ("Footer", self.text_width), ("Signature Line", half)):
            # The right tab of these styles stands at the right edge, which depends on the paper.
            for tab in self.word.styles[name].element.iter(f"{W}tab"):
                if tab.get(f"{W}val") in ("right", "end"):
                    tab.set(f"{W}pos", str(position))
        for part in self.headers_and_footers():
            stretch_to_text(part.element, self.drawn_width, self.text_width)

    def nodes_of_sizes(self) -> tuple[XmlElement, ...]:
        """Return where `set_sizes` has put the four `lengths_in_word`, and the size of type once more."""
        body, clause, signing, date = (
            self.word.styles[name].element
            for name in ("Agreement Body", CLAUSE_STYLE, "Signature Party", "Effective Date")
        )
        spacing, size = f"{W}pPr/{W}spacing", f"{W}rPr/{W}sz"
        return body.find(size), body.find(spacing), clause.find(spacing), signing.find(spacing), date.find(size)

    def set_type(self, style_name: str, type_size: float, line_height: float) -> None:
        """Give a style its type size and its exact line height, in points."""
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        style = self.word.styles[style_name]
        style.font.size = Pt(type_size)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = Pt(line_height)

    def clear(self) -> None:
        """Take out what the file says, and give its last section the paper."""
        for child in list(self.root):
            if child is not self.section:
                self.root.remove(child)
        size = self.section.find(f"{W}pgSz")
        size.set(f"{W}w", str(self.paper_size[0]))
        size.set(f"{W}h", str(self.paper_size[1]))

    def add(self, *elements: XmlElement) -> None:
        """Put elements at the end of the text."""
        for element in elements:
            self.root.insert(len(self.root) - 1, element)  # the section is the last

    def start_section(self, section: XmlElement, kind: str) -> XmlElement:
        """Let a section begin as `kind` says, "nextPage" or "continuous", and return it."""
        references = (f"{W}headerReference", f"{W}footerReference")
        index = sum(1 for child in section if child.tag in references)
        section.insert(index, self.make_element("type", val=kind))
        return section

    def set_columns(self, section: XmlElement, columns: int) -> None:
        """Give a section columns."""
        cols = section.find(f"{W}cols")
        cols.set(f"{W}num", str(columns))
        cols.set(f"{W}space", str(self.column_gap))

    def end_section(self, paragraph: XmlElement, columns: int, begins: str = "") -> XmlElement:
        """End a section with `paragraph`: the page of the last section, its own columns, begun as in start_section."""
        section = deepcopy(self.section)
        if begins:
            self.start_section(section, begins)
        if columns > 1:
            self.set_columns(section, columns)
        paragraph.find(f"{W}pPr").append(section)
        return paragraph

    def headers_and_footers(self) -> list[XmlElement]:
        """Return the parts that are headers and footers."""
        parts = self.word.part.package.iter_parts()
        return [part for part in parts if str(part.partname).startswith(("/word/footer", "/word/header"))]

    def finish(self, title: str, pages: int, carried: str = "") -> bytes:
        """Fill in the footers and the properties, and return the bytes of the file, with the deal `carried` in it.

        The footer's text stands where reference.docx has {{ footer }}, the number of pages in its field.
        """
        self.settle_bookmarks()
        self.fill_in(title, str(pages))
        if carried:
            carry_in_word_file(self.word, CarriedInWord.of(carried, self.root))
        return word_file_bytes(self.word)

    def fill_in(self, title: str, pages: str) -> None:
        """Fill in the footers and the properties."""
        for part in self.headers_and_footers():
            fill_footer_tag(part.element, self.document.footer)
            for fields in part.element.iter(f"{W}fldSimple"):
                if "NUMPAGES" in fields.get(f"{W}instr", ""):
                    for text in fields.iter(f"{W}t"):
                        text.text = pages
        self._set_properties(title)

    def settle_bookmarks(self) -> None:
        """Leave out bookmarks of ours that stand twice, and make text of fields that point to none.

        A firm's page may place a clause twice, or leave out one that others refer to.
        """
        names: set[str] = set()
        for start in list(self.root.iter(f"{W}bookmarkStart")):
            name = start.get(f"{W}name", "")
            if name in names and name.startswith(PREFIX):
                for end in list(self.root.iter(f"{W}bookmarkEnd")):
                    if end.get(f"{W}id") == start.get(f"{W}id"):
                        end.getparent().remove(end)
                start.getparent().remove(start)
            names.add(name)
        for instruction in list(self.root.iter(f"{W}instrText")):
            target = re.match(rf" REF ({PREFIX}\w+)", instruction.text or "")
            if target and target[1] not in names:
                code = instruction.getparent()
                ends = (run for run in code.itersiblings() if _field_mark_of(run) == "end")
                for run in (code.getprevious(), code.getnext(), next(ends), code):
                    run.getparent().remove(run)

    def _set_properties(self, title: str) -> None:
        from datetime import datetime

        document, core = self.document, self.word.core_properties
        core.title = title_property(title)
        core.author = title_property(document.author)
        core.language = document.language
        core.revision = 1
        if document.dated:
            # "Today" is an input: the file is dated by the agreement, so that building twice gives the same bytes.
            dated = datetime(document.dated.year, document.dated.month, document.dated.day)
            core.created = core.modified = dated
        for language in self.word.styles.element.iter(f"{W}lang"):
            language.set(f"{W}val", document.language)

    # -- elements

    def make_element(self, name: str, /, *children: XmlElement, **attributes: object) -> XmlElement:
        """Return a new element; `val="x"` becomes w:val="x"."""
        element = self.new_element(_word_name(name), {_word_name(key): str(value) for key, value in attributes.items()})
        element.extend(children)
        return element

    def make_run(self, text: str, style: str = "", tab: bool = False) -> XmlElement:
        return self.make_set_run(keep_together(text), style, tab)

    def make_set_run(self, text: str, style: str = "", tab: bool = False) -> XmlElement:
        """Return a run of a text whose spaces are settled."""
        run = self.make_element("r")
        if style:
            run.append(self.make_element("rPr", self.make_element("rStyle", val=self.style_ids[style])))
        if tab:
            run.append(self.make_element("tab"))
        if text:
            content = self.make_element("t")
            content.text = text
            content.set(ooxml.XML_SPACE, "preserve")
            run.append(content)
        return run

    def make_runs(self, runs: Runs, bookmark_of_topic: Mapping[str, str] | None = None) -> Iterable[XmlElement]:
        """Yield the elements of `runs`; numbers of clauses that have a bookmark become fields, which follow them."""
        names = bookmark_of_topic or {}
        for run in runs:
            # Where a text breaks is settled before it is cut: the letters keep their places.
            text, at = keep_together(run.text), 0
            for found in run.references:
                if found.topic in names:
                    yield from self._make_styled_runs(run, text[at : found.start])
                    number = self._make_styled_runs(run, text[found.start : found.end])
                    yield from self.make_field(f" REF {names[found.topic]} \\r \\h ", number)
                    at = found.end
            yield from self._make_styled_runs(run, text[at:])

    def _make_styled_runs(self, like: Run, text: str) -> Iterable[XmlElement]:
        """Yield the run of a text in the style of `like`; none of no text."""
        if not text:
            return
        element = self.make_set_run(text, "Strong" if like.bold else "Emphasis" if like.italic else "")
        if like.bold and like.italic:
            element.find(f"{W}rPr").append(self.make_element("i"))
        yield element

    def make_field(self, code: str, result: Iterable[XmlElement]) -> Iterable[XmlElement]:
        """Yield the runs of a field. Its `result` stands among the runs of the paragraph: every program reads it."""
        instruction = self.make_element("instrText")
        instruction.text = code
        instruction.set(ooxml.XML_SPACE, "preserve")
        yield self.make_element("r", self.make_element("fldChar", fldCharType="begin"))
        yield self.make_element("r", instruction)
        yield self.make_element("r", self.make_element("fldChar", fldCharType="separate"))
        yield from result
        yield self.make_element("r", self.make_element("fldChar", fldCharType="end"))

    def set_bookmark(self, paragraph: XmlElement, name: str, last: XmlElement | None = None) -> XmlElement:
        """Put a bookmark around what a paragraph says, or around that up to its run `last`; return the paragraph."""
        self.last_bookmark += 1
        start = self.make_element("bookmarkStart", id=self.last_bookmark, name=name)
        paragraph.insert(1, start)  # behind the properties
        end = self.make_element("bookmarkEnd", id=self.last_bookmark)
        paragraph.insert(len(paragraph) if last is None else list(paragraph).index(last) + 1, end)
        return paragraph

    def keep_with_next(self, paragraph: XmlElement) -> XmlElement:
        """Let no page end between a paragraph and what stands behind it, and return it."""
        paragraph.find(f"{W}pPr").insert(1, self.make_element("keepNext"))  # behind the style
        return paragraph

    def make_paragraph(self, style: str, *runs: XmlElement | str) -> XmlElement:
        """Return a paragraph; a text among `runs` becomes a run without a style of its own."""
        properties = self.make_element("pPr", self.make_element("pStyle", val=self.style_ids[style]))
        elements = (self.make_run(run) if isinstance(run, str) else run for run in runs)
        return self.make_element("p", properties, *elements)

    def make_lines(self, style: str, text: str) -> XmlElement:
        """Return a paragraph that keeps the line breaks of `text`."""
        first, *rest = text.split("\n")
        paragraph = self.make_paragraph(style, first)
        for line in rest:
            run = self.make_run(line)
            run.insert(0, self.make_element("br"))
            paragraph.append(run)
        return paragraph

    def copy_border(self, style: str, part: str, side: str, new_side: str) -> XmlElement | None:
        """Return a border of a part of a table's style ("firstRow") as one of another side; None if there is none."""
        key = (style, part, side)
        if key not in self.looks:
            nodes = self.word.styles[style].element.findall(f"{W}tblStylePr")
            found = [node.find(f"{W}tcPr/{W}tcBorders/{W}{side}") for node in nodes if node.get(f"{W}type") == part]
            self.looks[key] = next((tuple(border.items()) for border in found if border is not None), None)
        attributes = self.looks[key]
        return None if attributes is None else self.new_element(f"{W}{new_side}", dict(attributes))

    def copy_shading(self, style: str) -> XmlElement | None:
        """Return the shading of a style of paragraphs; None if it has none."""
        key = (style, "", "shd")
        if key not in self.looks:
            found = self.word.styles[style].element.find(f"{W}pPr/{W}shd")
            self.looks[key] = None if found is None else tuple(found.items())
        attributes = self.looks[key]
        return None if attributes is None else self.new_element(f"{W}shd", dict(attributes))

    def make_table(self, style: str, widths: Sequence[int], head: bool = False) -> XmlElement:
        look = {"firstRow": int(head), "lastRow": 0, "firstColumn": 0, "lastColumn": 0, "noHBand": 1, "noVBand": 1}
        properties = self.make_element(
            "tblPr",
            self.make_element("tblStyle", val=self.style_ids[style]),
            self.make_element("tblW", w=sum(widths), type="dxa"),
            self.make_element("tblLayout", type="fixed"),
            self.make_element("tblLook", val="0620" if head else "0600", **look),
        )
        grid = self.make_element("tblGrid", *(self.make_element("gridCol", w=width) for width in widths))
        return self.make_element("tbl", properties, grid)

    def make_row(self, *cells: XmlElement, head: bool = False, height: int = 0) -> XmlElement:
        """Return a row that does not break over pages; a `head` is repeated on each, `height` is exact where given."""
        properties = self.make_element("trPr", self.make_element("cantSplit"))
        if height:
            properties.append(self.make_element("trHeight", val=height, hRule="exact"))
        if head:
            properties.append(self.make_element("tblHeader"))
        return self.make_element("tr", properties, *cells)

    def make_cell(
        self,
        width: int,
        *paragraphs: XmlElement,
        span: int = 1,
        merge: str = "",
        fill: str = "",
        turned: bool = False,
        align: str = "",
        borders: Sequence[XmlElement] = (),
    ) -> XmlElement:
        """Return a cell over `span` columns.

        `merge` joins it with the one below ("restart") or above ("continue"); `fill` names the style whose shading it
        takes; `turned` text runs upwards; `align` is where the text stands: "center", "bottom", "" for the top;
        `borders` take the place of those that the style of the table gives the cell.
        """
        properties = self.make_element("tcPr", self.make_element("tcW", w=width, type="dxa"))
        if span > 1:
            properties.append(self.make_element("gridSpan", val=span))
        if merge:
            properties.append(self.make_element("vMerge", val=merge))
        if borders:
            properties.append(self.make_element("tcBorders", *borders))
        if fill:
            shading = self.copy_shading(fill)
            if shading is not None:  # a firm may want its cells white
                properties.append(shading)
        if turned:
            properties.append(self.make_element("textDirection", val="btLr"))
        if align:
            properties.append(self.make_element("vAlign", val=align))
        return self.make_element("tc", properties, *paragraphs)


@cache
def _word_name(name: str) -> str:
    """Return a name of Word's with its namespace; kept, because a text has a thousand and few different ones."""
    return f"{W}{name}"


def title_property(text: str) -> str:
    """Return a text as a property of a file, which Word cuts."""
    return text[:255]


def lengths_in_word(sizes: Sizes) -> tuple[str, str, str, str]:
    """Return type size, line height, gap behind clauses and room to sign in as they stand in styles."""
    line, clause_gap, signing_room = (
        str(to_twips(length)) for length in (sizes.line_height, sizes.clause_gap, sizes.signing_room + LINE_RISE)
    )
    # Type sizes are in half points.
    return str(round(sizes.body * 2)), line, clause_gap, signing_room


def _field_mark_of(run: XmlElement) -> str:
    """Return which part of a field a run marks ("begin", "separate", "end"); "" for another run."""
    mark = run.find(f"{W}fldChar")
    return "" if mark is None else str(mark.get(f"{W}fldCharType"))


def to_twips(points: float) -> int:
    """Return a length in twips."""
    return round(points * 20)


def twips_of(node: XmlElement, name: str, usual: int = 0) -> int:
    """Return a length of an attribute, or `usual` where there is none."""
    text = node.get(f"{W}{name}") if node is not None else None
    return round(float(text)) if text else usual
