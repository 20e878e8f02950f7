"""A letterhead to begin with: the library's reference.docx with a firm's name in the header, and in its color."""

from __future__ import annotations

import io

from agreementgen.library.snapshot import SourceFile
from agreementgen.write.docx import saved

STYLE = "Letterhead"
# The color of our headings and lines. Charts keep theirs, which are chosen for grey print and color blindness.
_OURS = "1F3864"


def letterhead(reference: SourceFile, name: str, color: str) -> bytes:
    """Return the Word file; `color` is six hexadecimal digits. The bytes depend on nothing but the arguments."""
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    word = docx.Document(io.BytesIO(reference.data))
    style = word.styles.add_style(STYLE, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles["Normal"]
    style.font.bold, style.font.size, style.font.color.rgb = True, Pt(9), RGBColor.from_string(color)
    for other in word.styles:
        if not other.name.startswith("Chart"):
            for element in other.element.iter():
                for key, value in element.attrib.items():
                    if value == _OURS:
                        element.set(key, color)
    header = word.sections[0].header
    header.is_linked_to_previous = False
    line = header.paragraphs[0]
    line.style, line.text = style, name
    return saved(word)
