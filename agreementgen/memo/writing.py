"""A memo, statement or letter as files: the same words in Word and PDF."""

from __future__ import annotations

from collections.abc import Sequence

from agreementgen import pipeline
from agreementgen.deal.deal import Deal
from agreementgen.memo import memo_docx
from agreementgen.memo.memo_pdf import flow_of_memo
from agreementgen.memo.sections import Memo, each_memo_text
from agreementgen.render import page_engine


def write_memo(memo: Memo, deal: Deal, formats: Sequence[str]) -> tuple[dict[str, bytes], int]:
    """Return the files by format ("docx", "pdf"), and the number of pages where they can be counted, else 0.

    Raise InputError where a PDF cannot be made here, LayoutError for characters that no font has.
    """
    files: dict[str, bytes] = {}
    with pipeline.explain_missing_glyphs(deal, lambda: "\n".join(each_memo_text(memo))):
        flow = flow_of_memo(memo)
        laid_out = (
            pipeline.lay_out_flow(flow) if "pdf" in formats else page_engine.lay_out_flow(flow) if formats else None
        )
        pages = laid_out.pages if laid_out else 0
        for name in formats:
            if name == "docx":
                files[name] = memo_docx.write_memo_docx(memo, pages or 1)
            elif name == "pdf" and laid_out:
                files[name] = laid_out.write_pdf()
    return files, pages
