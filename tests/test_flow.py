"""Documents that flow, on our own page: the words WeasyPrint has, and pages that end where they may."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import letters, pdf_text
from deals import reference

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library
from agreementgen.life.parts import align_parts, list_parts
from agreementgen.life.redline_pdf import flow_of_redline
from agreementgen.memo.memo_pdf import flow_of_memo
from agreementgen.memo.sections import CheckList, Memo, MemoSection, SignatureLines, make_table, say
from agreementgen.render import page_engine, pdf
from agreementgen.render.flow_page import FlowDocument

ROWS = tuple((f"Client {number}", "called, written to, and met", f"${number},000") for number in range(90))
MEMO = Memo(
    "Notes",
    "Referral Agreement: Northshore and Bay Rank",
    (
        MemoSection("short", "Special terms, word for word", (say("None."),)),
        MemoSection(
            "long",
            "Clients",
            (say("All of them", "What is asked."), make_table(("Who", "What", "Sum"), ROWS, (30, 50, 20))),
        ),
        MemoSection("checks", "What only a person can confirm", (CheckList(("one", "two", "three"), 2),)),
        MemoSection(
            "facts", "Parties", (make_table((), (("Party", "Northshore"), ("Signs", "Dana Reyes")), (20, 80)),)
        ),
        MemoSection("sign-off", "Sign-off", (say("I"), SignatureLines(("Name", "Date")))),
    ),
    "Notes · version 1",
    "en-US",
    "letter",
    author="Acme Law",
)


def lay_out(document: FlowDocument) -> page_engine.Pages:
    laid_out = page_engine.lay_out_flow(document)
    assert laid_out is not None
    return laid_out


def redline(library: Library) -> FlowDocument:
    texts = (reference(), reference(("fee: 10%", "fee: 12%"), ("resale, white-label work]", "resale, hosting]")))
    deals = [pipeline.read(text.encode(), "deal.yaml", library) for text in texts]
    outline = library.outline_of_deal(deals[0])
    old, new = (draft_agreement(deal, library, outline, select_clauses(deal, library, outline)) for deal in deals)
    return flow_of_redline(align_parts(list_parts(old), list_parts(new)), old, new, "From one to the other.")


@pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint needs Pango")
@pytest.mark.parametrize("name", ["memo", "redline"])
def test_both_engines_say_the_same_on_as_many_pages(name: str, library: Library) -> None:
    document = flow_of_memo(MEMO) if name == "memo" else redline(library)
    ours, theirs = lay_out(document), pdf.lay_out_flow(document)
    assert (ours.engine, theirs.engine) == ("agreementgen", "weasyprint")
    assert ours.pages == theirs.pages == 2
    # WeasyPrint has among its text the foot of each page, the head that stands on a page again, and signs of its own.
    theirs_alone = rf"{re.escape(letters(document.footer))}Page[12]of2(WhoWhatSum)?|\u2060"
    assert letters(ours.read_text()) == re.sub(theirs_alone, "", letters(theirs.read_text()))


def list_pages(document: FlowDocument, folder: Path) -> list[str]:
    """Return the text of each page as poppler reads it."""
    return pdf_text(lay_out(document).write_pdf(), folder).split("\f")[:-1]


def test_a_table_goes_on_below_its_head_on_the_next_page(tmp_path: Path) -> None:
    first, second = list_pages(flow_of_memo(MEMO), tmp_path)
    assert "Client 0" in first
    assert "Client 89" in second
    assert "Special terms, word for word: None." in first
    assert [page.split().count("Who") for page in (first, second)] == [1, 1]
    assert second.split()[:3] == ["Who", "What", "Sum"]


def test_what_somebody_signs_is_not_parted_from_what_stands_before_it(tmp_path: Path) -> None:
    """With rows enough that the lines to sign on no longer fit below them."""
    for count in range(55, 66):
        table = make_table(("Who", "What", "Sum"), ROWS[:count], (30, 50, 20))
        sections = (
            MemoSection("rows", "Clients", (table,)),
            MemoSection("raci", "RACI chart", (say("Fine."),)),
            MEMO.sections[-1],
        )
        found = list_pages(flow_of_memo(replace(MEMO, sections=sections)), tmp_path)
        if len(found) == 2:
            break
    assert len(found) == 2
    assert "Sign-off" not in found[0]
    for said in ("RACI chart", "Fine.", "Sign-off", "Name", "Date"):
        assert said in found[1], said


def test_a_row_higher_than_a_page_loses_no_word(tmp_path: Path) -> None:
    words = " ".join(f"word{number}" for number in range(3_000))
    table = make_table(("Term", "Says"), (("Special terms", words), ("Next", "row")), (20, 80))
    found = list_pages(flow_of_memo(replace(MEMO, sections=(MemoSection("rows", "Terms", (table,)),))), tmp_path)
    assert len(found) == 5
    assert letters("".join(found)).count("word2999") == 1
    said = re.findall(r"word\d+", "\n".join(found))
    assert said == words.split()
    assert "Next" in found[-1]


def test_long_names_beside_the_title_take_lines_of_their_own(tmp_path: Path) -> None:
    of = "Co-Marketing Agreement: " + " and ".join(["Northshore Web Studio and Digital Consulting"] * 4)
    (found,) = list_pages(flow_of_memo(replace(MEMO, of=of, sections=MEMO.sections[:1])), tmp_path)
    assert letters(of) in letters(found)


def test_other_scripts_go_to_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    kana = flow_of_memo(replace(MEMO, of="ハーバー", sections=MEMO.sections[:1]))
    if pdf.is_available():
        assert lay_out(kana).engine == "weasyprint"
    monkeypatch.setattr(pdf, "is_available", lambda: False)
    assert page_engine.lay_out_flow(kana) is None
    with pytest.raises(InputError) as raised:
        pipeline.lay_out_flow(kana)
    assert [problem.code for problem in raised.value.problems] == ["pango-missing"]
    assert lay_out(flow_of_memo(MEMO)).engine == "agreementgen"
