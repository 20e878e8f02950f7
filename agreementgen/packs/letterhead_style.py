"""The look of a letterhead as a `style.yaml`, so that the PDF looks like the Word file.

Only the command that takes a letterhead loads this, not each opening of a pack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agreementgen.core.problems import count_noun
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import R, W, each_field_code, name_of_field
from agreementgen.render.docx_writer import XmlElement, open_word_file
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
# A line with these fields and so few letters ("Seite 1 von 2") says the number of the page and nothing else.
_PAGE_FIELDS, _MOST_PAGE_LETTERS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}, 12


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
            text = " · ".join(filter(None, (piece.strip() for piece in _text_of_line(paragraph).split("\t"))))
            text = " ".join(text.split())
            if not text or "{{" in text:
                continue
            # A link shows its own words, and the PDF counts its pages itself.
            if fields := {name_of_field(code) for code in each_field_code(paragraph)} - {"HYPERLINK"}:
                if not fields <= _PAGE_FIELDS or len(re.findall(r"[^\W\d]", text)) > _MOST_PAGE_LETTERS:
                    named = ", ".join(sorted(fields))
                    self.left_out.append(f'"{text}" of its {key}, where Word fills in a part ({named})')
                continue
            lines.append(text)
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
