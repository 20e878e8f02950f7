"""A firm's own Word file made into a reference.docx: what our page needs is copied into it, the firm's look stays.

Headers, footers, logo, margins and watermark are kept, and the firm's fonts and the color of its headings are given to
our styles. The text of the file is replaced by agreements anyway, so it goes, and with it all that hangs on it: notes,
comments, tracked changes, objects. What is dangerous in headers and footers stays, and is refused by `word_file`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache

from agreementgen.core.problems import PackError, Place, Problem, count_noun
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import CONTENT_TYPES, R, W, repack
from agreementgen.packs.word_file import WordFileReport, check_reference
from agreementgen.render.docx_writer import (
    BULLET_STYLE,
    CLAUSE_STYLE,
    FOOTER_STYLE,
    ITEM_STYLE,
    STYLE_KINDS,
    XmlElement,
    open_word_file,
    twips_of,
    word_file_bytes,
)

# Styles of Word's own that a firm's file may have for its headers and footers: these stay as they are.
_OF_WORD = (FOOTER_STYLE, "Strong", "Emphasis")
_KEPT_RELATIONS = ("styles", "numbering", "settings", "fontTable", "theme", "webSettings", "header", "footer")
# Settings that tie the file to something, protect it, break lines elsewhere than the PDF, or name what went.
_DROPPED_SETTINGS = (
    "attachedTemplate", "linkStyles", "mailMerge", "trackRevisions", "documentProtection", "writeProtection",
    "autoHyphenation", "docVars", "footnotePr", "endnotePr", "attachedSchema", "saveThroughXslt", "rsids",
    "formsDesign", "revisionView",
)  # fmt: skip
_DROPPED_OF_SECTION = (
    "type", "cols", "sectPrChange", "lnNumType", "pgNumType", "vAlign", "docGrid", "footnotePr", "endnotePr",
    "formProt", "noEndnote",
)  # fmt: skip
# The order of the standard (ISO 29500-1, 17.3.1 and 17.3.2): Word refuses files whose properties stand in another one.
_PARAGRAPH_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "suppressLineNumbers",
    "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct", "autoSpaceDE",
    "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing", "mirrorIndents",
    "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl", "divId", "cnfStyle",
    "rPr", "sectPr", "pPrChange",
)  # fmt: skip
_RUN_ORDER = (
    "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
    "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern", "position",
    "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em", "lang",
    "eastAsianLayout", "specVanish", "oMath",
)  # fmt: skip
# What our styles say nothing of, because our own file has no other defaults; a firm's may have.
_PARAGRAPH_DEFAULTS = {
    "snapToGrid": {"val": "0"},
    "ind": {"left": "0", "right": "0", "firstLine": "0"},
    "contextualSpacing": {"val": "0"},
    "jc": {"val": "left"},
}
_RUN_DEFAULTS = {
    "b": {"val": "0"}, "bCs": {"val": "0"}, "i": {"val": "0"}, "iCs": {"val": "0"}, "caps": {"val": "0"},
    "smallCaps": {"val": "0"}, "color": {"val": "auto"}, "spacing": {"val": "0"}, "w": {"val": "100"},
    "kern": {"val": "2"}, "position": {"val": "0"}, "sz": {"val": "18"}, "szCs": {"val": "18"}, "u": {"val": "none"},
}  # fmt: skip
_OUR_SANS, _OUR_SERIF, _OUR_NAVY = "Calibri", "Cambria", "1F3864"
# WCAG 2.2, 1.4.3: text of this size needs 4.5:1 on white.
_LEAST_CONTRAST = 4.5


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
    word = open_word_file(SourceFile(source.name, _as_document(source.data)))
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


def _as_document(data: bytes) -> bytes:
    """Return a Word template (.dotx) as a document: the two differ in one word. Macros stay what they are."""

    def change(name: str, part: bytes) -> bytes:
        if name == CONTENT_TYPES:
            return part.replace(b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml")
        return part

    return repack(data, change)


class _Adoption:
    """Changes `word`, a firm's file as python-docx has it; `ours` is the file that things are copied from."""

    def __init__(self, word: XmlElement, ours: XmlElement) -> None:
        self.word, self.ours = word, ours
        self.styles = word.styles.element
        self.by_name = {_style_name(style): style for style in self.styles.iter(f"{W}style")}
        if FOOTER_STYLE in self.by_name:
            self.by_name[FOOTER_STYLE].find(f"{W}name").set(f"{W}val", FOOTER_STYLE)
        # Without it, styles that are named like ours are the firm's own, and mean something else.
        self.is_ours = "Agreement Body" in self.by_name
        self.body_font, self.heading_font = self.find_fonts()
        self.accent = self.find_accent()
        self.ids: dict[str, str] = {}
        self.added: list[str] = []
        self.left_out: list[str] = []
        self.has_own_footer = True

    def take_over(self) -> None:
        self.clear_text()
        self.clear_settings()
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

    def clear_settings(self) -> None:
        settings = self.word.settings.element
        for name in _DROPPED_SETTINGS:
            for node in settings.findall(f"{W}{name}"):
                settings.remove(node)
        part = self.word.part._settings_part
        for key, relation in list(part.rels.items()):
            if relation.is_external or relation.reltype.endswith(("attachedTemplate", "mailMergeSource")):
                del part.rels[key]

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

    def text_area(self) -> tuple[int, int]:
        """Return width and height of the text in twips."""
        section = self.word.element.body.sectPr
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        across = sum(twips_of(margins, name) for name in ("left", "right", "gutter"))
        down = sum(abs(twips_of(margins, name)) for name in ("top", "bottom"))
        return twips_of(size, "w", 12240) - across, twips_of(size, "h", 15840) - down

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
        _sort_children(properties, _PARAGRAPH_ORDER)

    # -- styles

    def find_fonts(self) -> tuple[str, str]:
        """Return the fonts of the firm's text and of its headings."""
        body = self.font_of("Normal") or self.default_font() or _OUR_SANS
        return body, self.font_of("heading 1") or self.font_of("Title") or body

    def font_of(self, name: str) -> str:
        style = self.by_name.get(name)
        return self.read_font(style.find(f"{W}rPr/{W}rFonts")) if style is not None else ""

    def default_font(self) -> str:
        return self.read_font(self.styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}rFonts"))

    def read_font(self, fonts: XmlElement | None) -> str:
        if fonts is None:
            return ""
        theme = fonts.get(f"{W}asciiTheme") or fonts.get(f"{W}hAnsiTheme")
        if theme:
            return self.theme_fonts().get("major" if theme.startswith("major") else "minor", "")
        return str(fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "")

    def theme_fonts(self) -> dict[str, str]:
        for relation in self.word.part.rels.values():
            if relation.reltype.endswith("/theme") and not relation.is_external:
                found = re.findall(
                    rb"<a:(major|minor)Font>.*?<a:latin[^>]*?typeface=\"([^\"]*)\"",
                    relation.target_part.blob,
                    re.DOTALL,
                )
                return {kind.decode(): face.decode("utf-8", "replace") for kind, face in found}
        return {}

    def find_accent(self) -> str:
        """Return the color of the firm's headings, six hex digits; "auto" where none can be read on white."""
        for name in ("heading 1", "Title", "heading 2"):
            style = self.by_name.get(name)
            nodes = style.findall(f"{W}rPr/{W}color") if style is not None else ()
            value = str(nodes[0].get(f"{W}val", "")) if nodes else ""
            if re.fullmatch(r"[0-9A-Fa-f]{6}", value) and _contrast_on_white(value) >= _LEAST_CONTRAST:
                return value.upper()
        return "auto"

    def copy_styles(self) -> None:
        sources = {_style_name(style): style for style in self.ours.styles.element.iter(f"{W}style")}
        taken = {style.get(f"{W}styleId") for style in self.styles.iter(f"{W}style")}
        copied = []
        for name, kind in STYLE_KINDS.items():
            source, there = sources[name], self.by_name.get(name)
            fits = there is not None and there.get(f"{W}type") == kind
            if there is not None and fits and (self.is_ours or name in _OF_WORD):
                self.ids[source.get(f"{W}styleId")] = there.get(f"{W}styleId")
                continue
            style = deepcopy(source)
            own_id = source.get(f"{W}styleId")
            new_id = there.get(f"{W}styleId") if there is not None else own_id
            number = 1
            while there is None and new_id in taken:
                number += 1
                new_id = f"{own_id}{number}"
            style.set(f"{W}styleId", new_id)
            self.ids[own_id] = new_id
            taken.add(new_id)
            if there is not None:
                self.styles.replace(there, style)
            else:
                self.styles.append(style)
            self.by_name[name] = style
            self.added.append(name)
            copied.append(style)
        normal = sources["Normal"].get(f"{W}styleId")
        table = sources["Normal Table"].get(f"{W}styleId")
        for style in copied:
            based = style.find(f"{W}basedOn")
            is_root = based is None or based.get(f"{W}val") in (normal, table)
            if is_root and based is not None:
                style.remove(based)
            self.set_ids(style)
            self.give_look(style)
            if is_root and style.get(f"{W}type") == "paragraph":
                _complete(style)

    def set_ids(self, root: XmlElement) -> None:
        """Let references to our styles lead to where they stand in this file."""
        for node in root.iter(f"{W}basedOn", f"{W}next", f"{W}link", f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle"):
            value = node.get(f"{W}val")
            node.set(f"{W}val", self.ids.get(value, value))

    def give_look(self, style: XmlElement) -> None:
        """Give a copied style the firm's fonts and color; the fills of a chart keep theirs."""
        faces = {_OUR_SANS: self.body_font, _OUR_SERIF: self.heading_font}
        for fonts in style.iter(f"{W}rFonts"):
            for key, value in list(fonts.attrib.items()):
                fonts.set(key, faces.get(value, value))
        for node in style.iter():
            key = f"{W}val" if node.tag == f"{W}color" else f"{W}color"
            is_fill = node.tag == f"{W}shd"
            if node.get(key) == _OUR_NAVY and not is_fill:
                node.set(key, self.accent)
        if style.get(f"{W}type") == "paragraph" and style.find(f"{W}basedOn") is None:
            properties = _child(style, "rPr")
            if properties.find(f"{W}rFonts") is None:
                fonts = properties.makeelement(f"{W}rFonts")
                for name in ("ascii", "hAnsi", "cs"):
                    fonts.set(f"{W}{name}", self.body_font)
                properties.insert(0, fonts)
        width = self.text_area()[0]
        gap = twips_of(self.word.element.body.sectPr.find(f"{W}cols"), "space", 280)
        ours = self.ours.element.body.sectPr
        drawn = twips_of(ours.find(f"{W}pgSz"), "w") - 2 * twips_of(ours.find(f"{W}pgMar"), "left")
        for tab in style.iter(f"{W}tab"):
            if tab.get(f"{W}val") == "right":
                whole = int(tab.get(f"{W}pos")) > drawn * 0.75
                tab.set(f"{W}pos", str(width if whole else (width - gap) // 2))

    # -- lists

    def copy_lists(self) -> None:
        """Number the clauses: link the lists that a program unlinked, or copy ours."""
        part = self.numbering_part()
        numbering = part.element
        if self.is_ours and self.relink_lists(numbering):
            return
        ours = self.ours.part.numbering_part.element
        numbers = {node.get(f"{W}abstractNumId") for node in numbering.iter(f"{W}abstractNum")}
        used = {node.get(f"{W}numId") for node in numbering.findall(f"{W}num")}
        new_numbers: dict[str, str] = {}
        first_number = numbering.find(f"{W}num")
        next_list, next_number = _next_of(numbers), _next_of(used)
        for source in ours.findall(f"{W}abstractNum"):
            copied = deepcopy(source)
            copied.set(f"{W}abstractNumId", str(next_list))
            self.set_ids(copied)
            for node in copied.iter(f"{W}color"):
                if node.get(f"{W}val") == _OUR_NAVY:
                    node.set(f"{W}val", self.accent)
            if first_number is not None:
                first_number.addprevious(copied)
            else:
                numbering.append(copied)
            for number in ours.findall(f"{W}num"):
                if number.find(f"{W}abstractNumId").get(f"{W}val") == source.get(f"{W}abstractNumId"):
                    node = deepcopy(number)
                    node.set(f"{W}numId", str(next_number))
                    node.find(f"{W}abstractNumId").set(f"{W}val", str(next_list))
                    new_numbers[number.get(f"{W}numId")] = str(next_number)
                    numbering.append(node)
                    next_number += 1
            next_list += 1
        for cleanup in numbering.findall(f"{W}numIdMacAtCleanup"):
            numbering.append(cleanup)
        ours_styles = {_style_name(style): style for style in self.ours.styles.element.iter(f"{W}style")}
        for name in (CLAUSE_STYLE, ITEM_STYLE, BULLET_STYLE):
            own = ours_styles[name].find(f"{W}pPr/{W}numPr")
            properties = _child(self.by_name[name], "pPr")
            for node in properties.findall(f"{W}numPr"):
                properties.remove(node)
            copied = deepcopy(own)
            number = copied.find(f"{W}numId")
            number.set(f"{W}val", new_numbers[number.get(f"{W}val")])
            properties.append(copied)
            _sort_children(properties, _PARAGRAPH_ORDER)

    def relink_lists(self, numbering: XmlElement) -> bool:
        """Link each level of our lists to its style again, as LibreOffice does not; return whether all are linked."""
        lists = {node.get(f"{W}abstractNumId"): node for node in numbering.findall(f"{W}abstractNum")}
        numbers = {node.get(f"{W}numId"): node for node in numbering.findall(f"{W}num")}
        for name in (CLAUSE_STYLE, ITEM_STYLE, BULLET_STYLE):
            style = self.by_name[name]
            number = style.find(f"{W}pPr/{W}numPr/{W}numId")
            level = style.find(f"{W}pPr/{W}numPr/{W}ilvl")
            concrete = numbers.get(number.get(f"{W}val")) if number is not None else None
            if concrete is None:
                return False
            found = lists.get(concrete.find(f"{W}abstractNumId").get(f"{W}val"))
            depth = level.get(f"{W}val") if level is not None else "0"
            node = found.find(f"{W}lvl[@{W}ilvl='{depth}']") if found is not None else None
            if node is None:
                return False
            if node.find(f"{W}pStyle") is None:
                linked = node.makeelement(f"{W}pStyle")
                linked.set(f"{W}val", style.get(f"{W}styleId"))
                before = [child for child in node if child.tag in (f"{W}start", f"{W}numFmt", f"{W}lvlRestart")]
                node.insert(len(before), linked)
        return True

    def numbering_part(self) -> XmlElement:
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.parts.numbering import NumberingPart

        for relation in self.word.part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
                return relation.target_part
        element = deepcopy(self.ours.part.numbering_part.element)
        for child in list(element):
            element.remove(child)
        part = NumberingPart(
            PackURI("/word/numbering.xml"), CONTENT_TYPE.WML_NUMBERING, element, self.word.part.package
        )
        self.word.part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
        return part


# -- helpers


def _style_name(style: XmlElement) -> str:
    node = style.find(f"{W}name")
    name = str(node.get(f"{W}val", "")) if node is not None else ""
    # Word spells its own styles so, other programs with a capital.
    return {"Footer": FOOTER_STYLE, "Heading 1": "heading 1", "Heading 2": "heading 2"}.get(name, name)


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


def _next_of(numbers: Iterable[str | None]) -> int:
    return max((int(number) for number in numbers if number and number.isdigit()), default=0) + 1


def _child(node: XmlElement, name: str) -> XmlElement:
    """Return the properties of a style, made where it has none."""
    found = node.find(f"{W}{name}")
    if found is None:
        found = node.makeelement(f"{W}{name}")
        before = node.find(f"{W}rPr") if name == "pPr" else None
        if before is not None:
            before.addprevious(found)
        else:
            node.append(found)
    return found


def _complete(style: XmlElement) -> None:
    """Say in a style what the defaults of another file could say otherwise."""
    for name, order, defaults in (
        ("pPr", _PARAGRAPH_ORDER, _PARAGRAPH_DEFAULTS),
        ("rPr", _RUN_ORDER, _RUN_DEFAULTS),
    ):
        properties = _child(style, name)
        for tag, attributes in defaults.items():
            node = properties.find(f"{W}{tag}")
            if node is None:
                node = properties.makeelement(f"{W}{tag}")
                properties.append(node)
                for key, value in attributes.items():
                    node.set(f"{W}{key}", value)
        if name == "pPr":
            spacing = properties.find(f"{W}spacing")
            if spacing is None:
                spacing = properties.makeelement(f"{W}spacing")
                properties.append(spacing)
            for key in ("before", "after"):
                if spacing.get(f"{W}{key}") is None:
                    spacing.set(f"{W}{key}", "0")
            if spacing.get(f"{W}line") is None:
                spacing.set(f"{W}line", "240")
                spacing.set(f"{W}lineRule", "auto")
        _sort_children(properties, order)


def _sort_children(node: XmlElement, order: Sequence[str]) -> None:
    ranks = {f"{W}{name}": rank for rank, name in enumerate(order)}
    node[:] = sorted(node, key=lambda child: ranks.get(child.tag, len(ranks)))


@cache
def _contrast_on_white(value: str) -> float:
    """Return the contrast of a color (six hex digits) to white, as WCAG 2.2 defines it."""
    parts = [int(value[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
