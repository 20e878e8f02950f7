"""The lines to sign of a Word file are never alone on a page, whatever is added to the text in Word."""

from __future__ import annotations

import io
import re
from copy import deepcopy
from pathlib import Path

import docx
import pytest
from conftest import ROOT, pages, run, word_pdfs, word_text

from agreementgen import pipeline
from agreementgen.core.document import NumberReference, Run, cut_closing_sentence, text_of_runs
from agreementgen.life.returned import read_returned
from agreementgen.packs.layering import open_library

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PACKS = ROOT / "samples" / "packs"
DEALS = {
    "referral": (ROOT / "samples" / "referral.yaml", ()),
    "reseller": (ROOT / "tests" / "one_page" / "software-reseller.yaml", ()),
    "de": (PACKS / "lindenhof-de" / "samples" / "empfehlung.yaml", (PACKS / "lindenhof-de",)),
    "es": (PACKS / "vereda-es" / "samples" / "referidos.yaml", (PACKS / "vereda-es",)),
}
CLOSING = {
    "referral": "Counterparts and e-signatures count; signers have authority.",
    "reseller": "Counterparts and e-signatures count; signers have authority.",
    "de": "Unterschrieben werden kann in mehreren Ausfertigungen und elektronisch.",
    "es": "El acuerdo puede firmarse en varias copias y con firma electrónica.",
}


@pytest.fixture(scope="module")
def built() -> dict[str, pipeline.BuiltAgreement]:
    made = {}
    for name, (path, packs) in DEALS.items():
        library = open_library(packs)
        made[name] = pipeline.build(pipeline.read(path.read_bytes(), str(path), library), library, ("docx",))
    return made


def with_two_clauses(data: bytes, words: int) -> bytes:
    """Return a Word file in which somebody has added two clauses behind the second one."""
    word = docx.Document(io.BytesIO(data))
    second = [paragraph for paragraph in word.paragraphs if paragraph.style.name == "Clause"][1]
    for number in (1, 2):
        added = deepcopy(second._p)
        for child in list(added):
            if child.tag != f"{W}pPr":
                added.remove(child)
        second._p.addnext(added)
        text = docx.text.paragraph.Paragraph(added, second._parent)
        text.add_run(f"Addition {number}. " + "Somebody has typed this here. " * words)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def test_the_promised_page_is_kept(built: dict[str, pipeline.BuiltAgreement], tmp_path: Path) -> None:
    printed = word_pdfs({name: one.files["docx"] for name, one in built.items()}, tmp_path)
    assert {name: pages(pdf, tmp_path) for name, pdf in printed.items()} == dict.fromkeys(DEALS, 1)


def test_where_clauses_are_added_the_last_sentence_goes_with_the_lines_to_sign(
    built: dict[str, pipeline.BuiltAgreement], tmp_path: Path
) -> None:
    longer = {
        f"{name}-{words}": with_two_clauses(one.files["docx"], words)
        for name, one in built.items()
        for words in (2, 5, 9, 14)
    }
    found = {}
    for name, pdf in word_pdfs(longer, tmp_path).items():
        count = pages(pdf, tmp_path)
        (tmp_path / "one.pdf").write_bytes(pdf)
        last = " ".join(run("pdftotext", "-layout", "-f", count, tmp_path / "one.pdf", "-").split())
        found[name] = (count, CLOSING[name.split("-")[0]] in last)
    assert {name for name, (count, is_there) in found.items() if not is_there} == set()
    assert sum(count == 2 for count, _ in found.values()) >= 12


def test_the_words_are_those_of_the_agreement(built: dict[str, pipeline.BuiltAgreement], tmp_path: Path) -> None:
    for name, one in built.items():
        said = " ".join(word_text(one.files["docx"]).replace("\u00a0", " ").split())
        last = one.fitted.document.clauses[-1]
        whole = text_of_runs(last.blocks[-1].runs)
        assert CLOSING[name] in whole
        assert re.sub(r"\s", "", whole) in re.sub(r"\s", "", said)


def test_a_file_that_comes_back_unchanged_has_no_changes(built: dict[str, pipeline.BuiltAgreement]) -> None:
    for one in built.values():
        assert read_returned(one.files["docx"], "back.docx", one.fitted.document).changed == ()


@pytest.mark.parametrize(
    ("text", "closing"),
    [
        ("Notices count. Counterparts count.", "Counterparts count."),
        ("Dana owes Mr. Vale nothing under U.S. law", ""),
        ("One sentence only.", ""),
        ("Some sections outlast it. Counterparts count.", "Counterparts count."),
        ("It ends (see above). Das Übrige bleibt.", "Das Übrige bleibt."),
        ("Short. " + "A long one that is never kept " * 8 + "together.", ""),
    ],
)
def test_the_last_sentence_is_cut_off(text: str, closing: str) -> None:
    before, behind = cut_closing_sentence((Run(text),))
    assert text_of_runs(behind) == closing
    assert " ".join(filter(None, (text_of_runs(before), text_of_runs(behind)))) == text


def test_numbers_of_clauses_move_with_their_sentence() -> None:
    text = "Under section 3 it holds. See section 12 too."
    runs = (Run(text[:20]), Run(text[20:], True, False, (NumberReference(18, 20, "general"),)))
    assert text[20:][18:20] == "12"
    _, behind = cut_closing_sentence(runs)
    assert text_of_runs(behind) == "See section 12 too."
    (reference,) = behind[0].references
    assert behind[0].text[reference.start : reference.end] == "12"
