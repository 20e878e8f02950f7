"""A firm's own Word file given what our paragraphs need: our styles, in the firm's fonts and color, and our lists.

`letterhead` makes a reference.docx so, `firm_template` completes a template that a firm has laid out itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy

from agreementgen.ooxml import CONTENT_TYPES, W, repack
from agreementgen.render.docx_writer import (
    BULLET_STYLE,
    CLAUSE_STYLE,
    FOOTER_STYLE,
    ITEM_STYLE,
    STYLE_KINDS,
    XmlElement,
    twips_of,
)
from agreementgen.render.house_style import LEAST_CONTRAST, contrast_on_white

# Styles of Word's own that a firm's file may have for its headers and footers: these stay as they are.
KEPT_STYLES = (FOOTER_STYLE, "Strong", "Emphasis")
# The order of the standard (ISO 29500-1, 17.3.1 and 17.3.2): Word refuses files whose properties stand in another one.
PARAGRAPH_ORDER = (
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


def as_document(data: bytes) -> bytes:
    """Return a Word template (.dotx) as a document: the two differ in one word. Macros stay what they are."""

    def change(name: str, part: bytes) -> bytes:
        if name == CONTENT_TYPES:
            return part.replace(b"wordprocessingml.template.main+xml", b"wordprocessingml.document.main+xml")
        return part

    return repack(data, change)


# Settings that tie the file to something outside it or protect it.
_TIES = (
    "attachedTemplate", "linkStyles", "mailMerge", "trackRevisions", "documentProtection", "writeProtection",
    "attachedSchema", "saveThroughXslt", "rsids", "formsDesign", "revisionView",
)  # fmt: skip


class FirmStyles:
    """Changes `word`, a firm's file as python-docx has it; `ours` is the file that styles and lists are copied from."""

    def __init__(self, word: XmlElement, ours: XmlElement) -> None:
        self.word, self.ours = word, ours
        self.styles = word.styles.element
        self.by_name = {style_name(style): style for style in self.styles.iter(f"{W}style")}
        if FOOTER_STYLE in self.by_name:
            self.by_name[FOOTER_STYLE].find(f"{W}name").set(f"{W}val", FOOTER_STYLE)
        # Without it, styles that are named like ours are the firm's own, and mean something else.
        self.is_ours = "Agreement Body" in self.by_name
        self.body_font, self.heading_font = self.find_fonts()
        self.accent = self.find_accent()
        self.ids: dict[str, str] = {}
        self.added: list[str] = []

    def untie(self, further: Sequence[str] = ()) -> None:
        """Take out the settings that tie the file to something outside it, and `further` ones."""
        settings = self.word.settings.element
        for name in (*_TIES, *further):
            for node in settings.findall(f"{W}{name}"):
                settings.remove(node)
        part = self.word.part._settings_part
        for key, relation in list(part.rels.items()):
            if relation.is_external or relation.reltype.endswith(("attachedTemplate", "mailMergeSource")):
                del part.rels[key]

    def text_area(self) -> tuple[int, int]:
        """Return width and height of the text in twips."""
        section = self.word.element.body.sectPr
        size, margins = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        across = sum(twips_of(margins, name) for name in ("left", "right", "gutter"))
        down = sum(abs(twips_of(margins, name)) for name in ("top", "bottom"))
        return twips_of(size, "w", 12240) - across, twips_of(size, "h", 15840) - down

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
            if re.fullmatch(r"[0-9A-Fa-f]{6}", value) and contrast_on_white(value) >= LEAST_CONTRAST:
                return value.upper()
        return "auto"

    def copy_styles(self, kept: Sequence[str] = KEPT_STYLES) -> None:
        """Add our styles; those of the firm stay that are `kept`, or all where the file was made of ours."""
        sources = {style_name(style): style for style in self.ours.styles.element.iter(f"{W}style")}
        taken = {style.get(f"{W}styleId") for style in self.styles.iter(f"{W}style")}
        copied = []
        for name, kind in STYLE_KINDS.items():
            source, there = sources[name], self.by_name.get(name)
            fits = there is not None and there.get(f"{W}type") == kind
            if there is not None and fits and (self.is_ours or name in kept):
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
        ours_styles = {style_name(style): style for style in self.ours.styles.element.iter(f"{W}style")}
        for name in (CLAUSE_STYLE, ITEM_STYLE, BULLET_STYLE):
            own = ours_styles[name].find(f"{W}pPr/{W}numPr")
            properties = _child(self.by_name[name], "pPr")
            for node in properties.findall(f"{W}numPr"):
                properties.remove(node)
            copied = deepcopy(own)
            number = copied.find(f"{W}numId")
            number.set(f"{W}val", new_numbers[number.get(f"{W}val")])
            properties.append(copied)
            sort_children(properties, PARAGRAPH_ORDER)

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


def style_name(style: XmlElement) -> str:
    node = style.find(f"{W}name")
    name = str(node.get(f"{W}val", "")) if node is not None else ""
    # Word spells its own styles so, other programs with a capital.
    return {"Footer": FOOTER_STYLE, "Heading 1": "heading 1", "Heading 2": "heading 2"}.get(name, name)


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
        ("pPr", PARAGRAPH_ORDER, _PARAGRAPH_DEFAULTS),
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
        sort_children(properties, order)


def sort_children(node: XmlElement, order: Sequence[str]) -> None:
    ranks = {f"{W}{name}": rank for rank, name in enumerate(order)}
    node[:] = sorted(node, key=lambda child: ranks.get(child.tag, len(ranks)))
