"""A firm's own Word file made into a reference.docx: what our page needs is copied into it, the firm's look stays.

Headers, footers, logo, margins and watermark are kept, and the firm's fonts and the color of its headings are given to
our styles. The text of the file is replaced by agreements anyway, so it goes, and with it all that hangs on it: notes,
comments, tracked changes, objects. What is dangerous in headers and footers stays, and is refused by `word_file`.
Its look is also taken as a `style.yaml`, so that the PDF looks like the Word file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
from agreementgen.render.house_style import (
    FACE_FILE_OF_WORD,
    LEAST_LOGO,
    LOGO_WIDTH,
    MOST_HEAD_LINES,
    MOST_LOGO,
    SIDES,
    STYLE_FILE,
    TITLE_SIZE,
    check_house_style,
    shape_of_picture,
)
from agreementgen.render.lettering import explain_unfit_face
from agreementgen.render.measures import font_names_of
from agreementgen.render.word_page import read_geometry
from agreementgen.yamlfile.editing import quote_scalar

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


# -- the same look for the PDF


@dataclass(frozen=True)
class TakenStyle:
    """The look of a letterhead as a `style.yaml`: its `text`, the `pictures` that it names, and what to tell of it."""

    text: str
    pictures: Mapping[str, bytes]
    lines: tuple[str, ...]


def take_style(letterhead: SourceFile, layout: Mapping[str, SourceFile]) -> TakenStyle:
    """Return the look of a letterhead, which was adopted; fonts are looked for in `layout`, the pack's over ours.

    What the PDF cannot show as Word does is told in plain words, and what it shows instead.
    """
    return _StyleTaking(letterhead, layout).take()


_SIDES = {"center": "middle", "right": "right", "end": "right"}
_LOGO_NAME = "letterhead-logo"
_STYLE_HEAD = "# The look of the PDF, as the letterhead has it; docs/packs.md says what else may stand here.\n"
# Fonts that ours stand in for, letter by letter as wide.
_STAND_INS = {"calibri": "carlito", "cambria": "caladea"}
_FACE_STYLES = ("regular", "bold", "italic", "bold italic")
_ANCHOR = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_EMU_PER_POINT = 12_700


class _StyleTaking:
    def __init__(self, letterhead: SourceFile, layout: Mapping[str, SourceFile]) -> None:
        self.layout = {name: file for name, file in layout.items() if name != STYLE_FILE}
        self.word = open_word_file(letterhead)
        self.geometry = read_geometry(letterhead.data)
        self.section = self.word.sections[0]
        self.entries: dict[str, str] = {}
        self.pictures: dict[str, bytes] = {}
        self.left_out: list[str] = []
        self.fonts: list[str] = []

    def take(self) -> TakenStyle:
        self._take_color()
        is_first = bool(self.section.different_first_page_header_footer)
        head = self.section.first_page_header if is_first else self.section.header
        foot = self.section.first_page_footer if is_first else self.section.footer
        self._take_logo(head)
        self._take_lines(head, "head")
        self._take_lines(foot, "foot")
        self._take_margins()
        self._take_faces()
        text = self._drop_what_is_refused()
        taken = ", ".join(self.entries) or "nothing"
        lines = [f"the PDF takes from it: {taken}", *self.fonts]
        if self.left_out:
            lines.append("the PDF goes without: " + "; ".join(self.left_out))
        return TakenStyle(text, self.pictures, tuple(lines))

    def _drop_what_is_refused(self) -> str:
        """Return the text of the file without the fields that no style may have, which are told."""
        while True:
            text = _STYLE_HEAD + "".join(f"{key}: {value}\n" for key, value in self.entries.items())
            source = SourceFile(STYLE_FILE, text.encode())
            pictures = {name: SourceFile(name, data) for name, data in self.pictures.items()}
            problems = check_house_style({STYLE_FILE: source}, self.layout | pictures)
            if not problems:
                return text
            # Each field has a line of its own, below the first.
            keys = list(self.entries)
            reasons = {keys[problem.place.line - 2]: problem.message for problem in reversed(problems)}
            for key, reason in reasons.items():
                self.left_out.append(f"its {key} ({reason})")
                del self.entries[key]

    def _take_color(self) -> None:
        color = self.word.styles["Title"].font.color.rgb
        # A color of the text's own is black.
        self.entries["color"] = quote_scalar(f"#{color or '000000'}".lower())
        size = self.word.styles["Title"].font.size
        if size is not None and size.pt != TITLE_SIZE:
            self.entries["sizes"] = f"{{title: {size.pt:g} pt}}"

    def _take_margins(self) -> None:
        page = self.geometry
        sides = {"top": page.top, "right": page.right, "bottom": page.bottom, "left": page.left}
        self.entries["margins"] = (
            "{" + ", ".join(f"{side}: {round(length, 1):g} pt" for side, length in sides.items()) + "}"
        )

    def _take_lines(self, part: XmlElement, key: str) -> None:
        lines, sides = [], []
        for paragraph in _each_paragraph(part._element):
            if paragraph.find(f".//{W}fldSimple") is not None or paragraph.find(f".//{W}instrText") is not None:
                continue
            text = " · ".join(filter(None, (piece.strip() for piece in _text_of_line(paragraph).split("\t"))))
            if text and "{{" not in text:
                lines.append(" ".join(text.split()))
                sides.append(self._side_of(paragraph))
        if len(lines) > MOST_HEAD_LINES:
            self.left_out.append(f"{count_noun(len(lines) - MOST_HEAD_LINES, 'line')} of its {key}")
        if lines:
            self.entries[key] = f"[{', '.join(quote_scalar(line, flow=True) for line in lines[:MOST_HEAD_LINES])}]"
            if key == "head":
                self.entries["head at"] = sides[0]

    def _side_of(self, paragraph: XmlElement) -> str:
        """Return where a paragraph stands by its own word, or that of its style."""
        found = paragraph.find(f"{W}pPr/{W}jc")
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if found is None and style is not None:
            styles = self.word.styles.element.iter(f"{W}style")
            named = next((one for one in styles if one.get(f"{W}styleId") == style.get(f"{W}val")), style)
            found = named.find(f"{W}pPr/{W}jc")
        return _SIDES.get(found.get(f"{W}val"), "left") if found is not None else "left"

    # -- logo

    def _take_logo(self, part: XmlElement) -> None:
        drawn = [blip for blip in part._element.iter(_BLIP) if not _is_fallback(blip)]
        if len(drawn) > 1:
            self.left_out.append(f"{count_noun(len(drawn) - 1, 'further picture')} of its head")
        if not drawn:
            return
        image = part.part.related_parts[drawn[0].get(f"{R}embed")]
        ending = {"png": ".png", "jpg": ".jpg", "jpeg": ".jpg"}.get(image.partname.ext.lower())
        if ending is None:
            self.left_out.append(f"its logo, which is a .{image.partname.ext} (they show .png and .jpg)")
            return
        holder = next(node for node in drawn[0].iterancestors() if node.tag in (f"{_ANCHOR}inline", f"{_ANCHOR}anchor"))
        height = int(holder.find(f"{_ANCHOR}extent").get("cy")) / _EMU_PER_POINT
        widest = LOGO_WIDTH / max(shape_of_picture(image.blob), 0.01)
        height = max(LEAST_LOGO, min(height, MOST_LOGO, widest // 0.05 * 0.05))
        self.pictures[_LOGO_NAME + ending] = image.blob
        self.entries["logo"] = _LOGO_NAME + ending
        self.entries["logo height"] = f"{height:.2f} pt"
        self.entries["logo at"] = self._side_of_picture(holder)

    def _side_of_picture(self, holder: XmlElement) -> str:
        if holder.tag == f"{_ANCHOR}inline":
            return self._side_of(next(node for node in holder.iterancestors() if node.tag == f"{W}p"))
        place = holder.find(f"{_ANCHOR}positionH")
        align = place.find(f"{_ANCHOR}align")
        if align is not None:
            return _SIDES.get((align.text or "").strip(), "left")
        middle = int(place.find(f"{_ANCHOR}posOffset").text) + int(holder.find(f"{_ANCHOR}extent").get("cx")) / 2
        left = middle / _EMU_PER_POINT - (self.geometry.left if place.get("relativeFrom") == "page" else 0.0)
        return SIDES[max(0, min(2, int(3 * left / (self.section.page_width.pt - self.geometry.side_margins))))]

    # -- fonts

    def _take_faces(self) -> None:
        title = self.word.styles["Title"].element.find(f"{W}rPr/{W}rFonts")
        names = (
            self.geometry.font or "Calibri",
            (title.get(f"{W}ascii") if title is not None else "") or self.geometry.font,
        )
        body, heading = (_STAND_INS.get(name.casefold(), name.casefold()) for name in names)
        faces = self._find_faces(body)
        if not {"regular", "bold"} <= faces.keys():
            self._tell_missing(names[0], "Carlito" if heading != body else "Carlito and Caladea")
            faces, body = self._find_faces("carlito"), "carlito"
        found = self._find_faces(heading) if heading != body else {}
        if found:
            faces["title"] = found.get("bold") or next(iter(found.values()))
        elif heading not in (body, names[0].casefold()):
            self._tell_missing(names[1], "Caladea in titles")
        if not found and (body == "carlito" or heading != body):
            faces["title"] = FACE_FILE_OF_WORD["title"]
        if faces != {word: FACE_FILE_OF_WORD[word] for word in FACE_FILE_OF_WORD}:
            named = (f"{word}: {quote_scalar(name, flow=True)}" for word, name in faces.items())
            self.entries["faces"] = f"{{{', '.join(named)}}}"

    def _find_faces(self, family: str) -> dict[str, str]:
        """Return the files of a font that may be used, by the word for their face."""
        found: dict[str, str] = {}
        for name, file in self.layout.items():
            if name.lower().endswith((".ttf", ".otf")):
                there, style = (text.casefold() for text in font_names_of(file.data))
                if there == family and style in _FACE_STYLES:
                    if reason := explain_unfit_face(file.data):
                        self.fonts.append(f'the font "{name}" cannot be used: {reason}')
                    else:
                        found.setdefault(style, name)
        return {word: found[word] for word in _FACE_STYLES if word in found}

    def _tell_missing(self, name: str, instead: str) -> None:
        self.fonts.append(
            f'the font "{name}" is not in the pack: the PDF has {instead} instead; to have it there, too, put its '
            "files (.ttf, regular and bold) into templates/layout and give this command again with --force"
        )


def _each_paragraph(container: XmlElement) -> Iterator[XmlElement]:
    return (node for node in container.iter(f"{W}p") if not _is_fallback(node))


def _is_fallback(node: XmlElement) -> bool:
    """Return whether something stands in what old programs show instead of a drawing."""
    return any(above.tag == _FALLBACK for above in node.iterancestors())


def _text_of_line(paragraph: XmlElement) -> str:
    """Return the text of a paragraph without that of boxes in it, which are paragraphs of their own."""
    found = ""
    for node in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        owner = next(above for above in node.iterancestors() if above.tag == f"{W}p")
        if owner is paragraph and node.getparent().tag == f"{W}r":
            found += (node.text or "") if node.tag == f"{W}t" else "\t"
    return found


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
