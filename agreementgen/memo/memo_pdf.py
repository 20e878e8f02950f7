"""A memo as PDF: the HTML and style sheet beside this module, in the fonts of the agreement."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agreementgen.language.layouts import fill_layout
from agreementgen.library.files import SourceFile
from agreementgen.library.loading import built_in_parts
from agreementgen.memo.sections import Memo
from agreementgen.render import pdf

_PAGE, _STYLE_SHEET = "memo.html", "memo.css"


def lay_out_memo(memo: Memo) -> pdf.LaidOutPages:
    """Lay a memo out on the paper of its deal."""
    layout = _memo_layout()
    html = fill_layout(pdf.html_files(layout), _PAGE, memo=memo)
    return pdf.lay_out_page(html, pdf.page_rule("@page", memo.paper), layout)


@cache
def _memo_layout() -> dict[str, SourceFile]:
    folder = Path(__file__).parent
    own = {
        name: SourceFile(f"agreementgen/memo/{name}", (folder / name).read_bytes()) for name in (_PAGE, _STYLE_SHEET)
    }
    fonts = {name: file for name, file in built_in_parts().layout.items() if name.startswith("fonts/")}
    return own | fonts
