"""A firm's own Word file made into a reference.docx: what our page needs is copied into it, the firm's look stays.

Headers, footers, logo, margins and watermark are kept, and the firm's fonts and the color of its headings are given to
our styles. The text of the file is replaced by agreements anyway, so it goes, and with it all that hangs on it: notes,
comments, tracked changes, objects. What is dangerous in headers and footers stays, and is refused by `word_file`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

from agreementgen.core.problems import PackError, Place, Problem, count_noun
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import R, W
from agreementgen.packs.firm_styles import PARAGRAPH_ORDER, FirmStyles, as_document, sort_children
from agreementgen.packs.word_file import WordFileReport, check_reference
from agreementgen.render.docx_writer import (
    FOOTER_STYLE,
    XmlElement,
    open_word_file,
    twips_of,
    word_file_bytes,
)

_KEPT_RELATIONS = ("styles", "numbering", "settings", "fontTable", "theme", "webSettings", "header", "footer")
# Settings that break lines elsewhere than the PDF, or name what went.
_DROPPED_SETTINGS = ("autoHyphenation", "docVars", "footnotePr", "endnotePr")
_DROPPED_OF_SECTION = (
    "type", "cols", "sectPrChange", "lnNumType", "pgNumType", "vAlign", "docGrid", "footnotePr", "endnotePr",
    "formProt", "noEndnote",
)  # fmt: skip


@dataclass(frozen=True)
class Letterhead:
    """A reference.docx made of a firm's file: what of that was `kept`, the `changes`, and the `room` for text."""

    file: SourceFile
    kept: str = "it has all that the page needs, and was taken as it is"
    changes: tuple[str, ...] = ()
    room: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """What to tell, in at most five lines."""
        return tuple(filter(None, (self.kept, *self.changes, self.room)))


# What is refused, though it might be left out: nobody should send clients what was made of a file with programs in it.
_GRAVE = ("word-unreadable", "word-program")


def adopt_letterhead(source: SourceFile, own: SourceFile) -> Letterhead:
    """Return a firm's Word file (.docx or .dotx) with what our page needs copied in from `own`, our reference.docx.

    A file that has all of it is returned as it is. Raise PackError, with the true causes, for one that cannot be used.
    """
    report = check_reference(source.data, source.name)
    if not report.problems:
        return Letterhead(source)
    if grave := [problem for problem in report.problems if problem.code in _GRAVE]:
        raise PackError(grave)
    word = open_word_file(SourceFile(source.name, as_document(source.data)))
    adoption = _Adoption(word, open_word_file(own))
    adoption.take_over()
    made = SourceFile(source.name, word_file_bytes(word))
    left = check_reference(made.data, source.name).problems
    if left:
        raise PackError(left)
    return Letterhead(made, adoption.describe_kept(), tuple(adoption.each_change()), adoption.describe_room())


@lru_cache(maxsize=8)
def use_as_reference(source: SourceFile, own: SourceFile) -> tuple[SourceFile, WordFileReport]:
    """Return the reference.docx that a pack's file is used as, and what there is to say about it.

    A file that lacks what our page needs is adopted, which is told in one line. One that cannot be is returned as it
    is, with its problems.
    """
    report = check_reference(source.data, source.name)
    if not report.problems:
        return source, report
    try:
        made = adopt_letterhead(source, own)
    except PackError as error:
        return source, WordFileReport(tuple(error.problems))
    changes = "; ".join(made.changes) or "its lists were linked again"
    message = f"this Word file is used as the letterhead ({changes})"
    note = Problem(message, "", place=Place(source.name), code="word-adopted", severity="N")
    return made.file, WordFileReport((), (note, *check_reference(made.file.data, source.name).warnings))


class _Adoption(FirmStyles):
    """Changes `word`, a firm's file as python-docx has it; `ours` is the file that things are copied from."""

    def __init__(self, word: XmlElement, ours: XmlElement) -> None:
        super().__init__(word, ours)
        self.left_out: list[str] = []
        self.has_own_footer = True

    def take_over(self) -> None:
        self.clear_text()
        self.untie(_DROPPED_SETTINGS)
        self.set_section()
        self.copy_styles()
        self.copy_lists()
        self.add_footer()
        self.drop_unused()

    def describe_kept(self) -> str:
        names = [str(part.partname) for part in self.word.part.package.iter_parts()]
        around = [name for name in names if re.match(r"/word/(header|footer)\d*\.xml", name)]
        if not self.has_own_footer:
            around.pop()
        pictures = [name for name in names if name.startswith("/word/media")]
        kept = [count_noun(len(around), "part") + " around the text (headers, footers)"] if around else []
        kept += [count_noun(len(pictures), "picture")] if pictures else []
        kept.append(f"the font {self.body_font}")
        return "kept: " + ", ".join(kept)

    def each_change(self) -> Iterator[str]:
        if self.added:
            yield f"added: {count_noun(len(self.added), 'style')} and the list that numbers the clauses"
        if not self.has_own_footer:
            yield "added: a footer with the agreement's own line and the number of the page"
        if self.left_out:
            yield "left out: " + ", ".join(self.left_out)

    def describe_room(self) -> str:
        width, height = self.text_area()
        return f"room for the text: {width / 1440:.1f} by {height / 1440:.1f} inches"

    # -- what goes

    def clear_text(self) -> None:
        """Take out the text, keep the page of its last upright section with the headers that hold there."""
        body = self.word.element.body
        sections = [node for node in body.iter(f"{W}sectPr") if node.getparent().tag != f"{W}sectPrChange"]
        if "".join(node.text or "" for node in body.iter(f"{W}t")).strip():
            self.left_out.append("its text")
        references: dict[tuple[str, str], XmlElement] = {}
        held: list[tuple[XmlElement, dict[tuple[str, str], XmlElement]]] = []
        for section in sections:
            for node in section:
                if node.tag in (f"{W}headerReference", f"{W}footerReference"):
                    references[(node.tag, node.get(f"{W}type", "default"))] = node
            held.append((section, dict(references)))
        upright = [(section, found) for section, found in held if not _is_landscape(section)]
        chosen, found = (upright or held or [(None, {})])[-1]
        if len(sections) > 1:
            self.left_out.append(f"{len(sections) - 1} further sections")
        section = deepcopy(chosen) if chosen is not None else self.ours.element.body.makeelement(f"{W}sectPr")
        for node in list(section):
            if node.tag in (f"{W}headerReference", f"{W}footerReference"):
                section.remove(node)
        for child in list(body):
            body.remove(child)
        body.append(body.makeelement(f"{W}p"))
        body.append(section)
        for node in reversed([found[key] for key in sorted(found)]):
            section.insert(0, deepcopy(node))

    def drop_unused(self) -> None:
        """Take out every part that nothing which stays points to."""
        body = self.word.element.body
        used = {node.get(f"{R}id") for node in body.iter(f"{W}headerReference", f"{W}footerReference")}
        part = self.word.part
        for key, relation in list(part.rels.items()):
            kind = relation.reltype.rsplit("/", 1)[-1]
            if kind not in _KEPT_RELATIONS or (kind in ("header", "footer") and key not in used):
                del part.rels[key]
        package = part.package
        for key, relation in list(package.rels.items()):
            if relation.reltype.rsplit("/", 1)[-1] not in ("officeDocument", "core-properties", "extended-properties"):
                del package.rels[key]

    # -- the page

    def set_section(self) -> None:
        section, ours = self.word.element.body.sectPr, self.ours.element.body.sectPr
        for name in _DROPPED_OF_SECTION:
            for node in section.findall(f"{W}{name}"):
                section.remove(node)
        for name in ("pgSz", "pgMar"):
            if section.find(f"{W}{name}") is None:
                section.append(deepcopy(ours.find(f"{W}{name}")))
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        section.append(margins)
        section.insert(section.index(margins), size)
        if _is_landscape(section):
            size.attrib.pop(f"{W}orient", None)
            width, height = size.get(f"{W}w"), size.get(f"{W}h")
            size.set(f"{W}w", height)
            size.set(f"{W}h", width)
            self.left_out.append("that its page lies on its side")
        columns = deepcopy(ours.find(f"{W}cols"))
        section.insert(section.index(margins) + 1, columns)
        for node in section.findall(f"{W}titlePg"):
            section.append(node)
        for name in ("paperSrc", "pgBorders"):
            for node in section.findall(f"{W}{name}"):
                section.insert(section.index(columns), node)

    def add_footer(self) -> None:
        """Add our footer where the page has none: on first and even pages, too, where these are told apart."""
        section = self.word.element.body.sectPr
        there = {node.get(f"{W}type", "default") for node in section.findall(f"{W}footerReference")}
        if there:
            return
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.parts.hdrftr import FooterPart

        self.has_own_footer = False
        ours = next(iter(self.ours.sections)).footer._element
        part = FooterPart.new(self.word.part.package)
        for child in list(part.element):
            part.element.remove(child)
        for child in ours:
            copied = deepcopy(child)
            self.set_ids(copied)
            part.element.append(copied)
            self.set_right_tab(copied)
            _set_small(copied)
        key = self.word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTER)
        kinds = ["default"]
        kinds += ["first"] if section.find(f"{W}titlePg") is not None else []
        kinds += ["even"] if self.word.settings.element.find(f"{W}evenAndOddHeaders") is not None else []
        for kind in reversed(kinds):
            node = section.makeelement(f"{W}footerReference")
            node.set(f"{W}type", kind)
            node.set(f"{R}id", key)
            heads = len(section.findall(f"{W}headerReference"))
            section.insert(heads, node)

    def set_right_tab(self, paragraph: XmlElement) -> None:
        """Give a paragraph of our footer one tab, at the right edge of the text, whatever its style has."""
        if paragraph.tag != f"{W}p":
            return
        own = paragraph.makeelement(f"{W}tabs")
        style = self.by_name.get(FOOTER_STYLE)
        positions = [node.get(f"{W}pos") for node in style.iter(f"{W}tab")] if style is not None else []
        width = str(self.text_area()[0])
        for kind, position in (*(("clear", pos) for pos in positions if pos != width), ("right", width)):
            tab = own.makeelement(f"{W}tab")
            tab.set(f"{W}val", kind)
            tab.set(f"{W}pos", str(position))
            own.append(tab)
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            properties = paragraph.makeelement(f"{W}pPr")
            paragraph.insert(0, properties)
        properties.append(own)
        sort_children(properties, PARAGRAPH_ORDER)


# -- helpers


def _is_landscape(section: XmlElement) -> bool:
    size = section.find(f"{W}pgSz")
    if size is None:
        return False
    return size.get(f"{W}orient") == "landscape" or twips_of(size, "w") > twips_of(size, "h")


def _set_small(paragraph: XmlElement) -> None:
    """Set a paragraph of our footer in 8 pt, as our own style has it: that of a firm may be made for letters."""
    for run in paragraph.iter(f"{W}r"):
        properties = run.find(f"{W}rPr")
        if properties is None:
            properties = run.makeelement(f"{W}rPr")
            run.insert(0, properties)
        for tag in ("sz", "szCs"):
            size = properties.makeelement(f"{W}{tag}")
            size.set(f"{W}val", "16")
            properties.append(size)
