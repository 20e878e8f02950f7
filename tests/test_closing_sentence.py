"""The lines to sign of a Word file never stand alone on a page, whatever is added to the text in Word."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import docx
import letterheads
import office_edits
import pytest
from conftest import ROOT, letters, pages, pdf_text, run, word_pdfs

from agreementgen import pipeline
from agreementgen.core.document import Document, runs_of_block, text_of_runs
from agreementgen.library.files import SourceFile
from agreementgen.library.loading import built_in_library
from agreementgen.life.returned import read_returned
from agreementgen.packs.layering import open_library

PACKS = ROOT / "samples" / "packs"
ENGLISH = "By signing, the parties agree to this Referral Agreement."
DEALS = {
    "referral": (ROOT / "samples" / "referral.yaml", ENGLISH),
    "reseller": (ROOT / "tests" / "one_page" / "software-reseller.yaml", ENGLISH.replace("Referral", "Reseller")),
    "alliance": (ROOT / "samples" / "alliance.yaml", ENGLISH.replace("Referral", "Strategic Alliance")),
    "market": (ROOT / "tests" / "one_page" / "market-stall.yaml", ENGLISH.replace("Referral", "Co-Marketing")),
    "de": (
        PACKS / "lindenhof-de" / "samples" / "empfehlung.yaml",
        "Mit ihrer Unterschrift stimmen die Parteien diesem Empfehlungsvertrag zu.",
    ),
    "es": (
        PACKS / "vereda-es" / "samples" / "referidos.yaml",
        "Con su firma, las partes aceptan este acuerdo de referidos.",
    ),
    "house": (PACKS / "thornbury-vane" / "samples" / "referral-bristol.yaml", ENGLISH),
    "acme": (ROOT / "samples" / "minimal.yaml", ENGLISH),
}
# Of two added clauses, in words: the longest fill a third of a page.
LENGTHS = (12, 40, 90)


@pytest.fixture(scope="module")
def built() -> dict[str, pipeline.BuiltAgreement]:
    made = {}
    for name, (path, _) in DEALS.items():
        pack = path.parent.parent
        library = open_library((pack,)) if pack.parent == PACKS else built_in_library()
        if name == "acme":
            firm = SourceFile("reference.docx", letterheads.acme())
            library = replace(library, layout={**library.layout, "reference.docx": firm})
        made[name] = pipeline.build(pipeline.read(path.read_bytes(), str(path), library), library, ("docx", "pdf"))
    return made


def add_clauses(document: Document, words: int, tracking: str, data: bytes) -> office_edits.Job:
    """Return the job of adding two clauses of so many words behind the second one."""
    at = text_of_runs(next(iter(runs_of_block(document.clauses[1].blocks[0]))))[:36]
    steps = [("add_paragraph", at, f"Addition {number}. " + "word " * words) for number in (1, 2)]
    return office_edits.Job(data, steps, tracking)


def test_the_sentence_stands_on_the_promised_page_in_both_formats(
    built: dict[str, pipeline.BuiltAgreement], tmp_path: Path
) -> None:
    printed = word_pdfs({name: one.files["docx"] for name, one in built.items()}, tmp_path)
    for name, one in built.items():
        for pdf in (one.files["pdf"], printed[name]):
            assert pages(pdf, tmp_path) == one.fitted.pages == 1, name
            said, sentence = letters(pdf_text(pdf, tmp_path)), letters(DEALS[name][1])
            assert said.count(sentence) == 1, name
            # Behind the last clause, before the first name that signs.
            last = text_of_runs(next(iter(runs_of_block(one.fitted.document.clauses[-1].blocks[-1]))))
            signer = one.fitted.document.signatures[0].signatory
            assert said.rindex(letters(last)[-8:]) < said.index(sentence) < said.rindex(letters(signer)), name


def test_where_clauses_are_added_the_sentence_goes_with_the_lines_to_sign(
    built: dict[str, pipeline.BuiltAgreement], tmp_path: Path
) -> None:
    jobs = {
        f"{name}-{words}": add_clauses(
            one.fitted.document, words, "track" if (number + at) % 2 else "", one.files["docx"]
        )
        for number, (name, one) in enumerate(built.items())
        for at, words in enumerate(LENGTHS)
    }
    found = {}
    for name, pdf in word_pdfs(office_edits.edit_with_libreoffice(jobs, tmp_path), tmp_path).items():
        deal = name.split("-")[0]
        signers = [letters(one.signatory) for one in built[deal].fitted.document.signatures]
        (tmp_path / "one.pdf").write_bytes(pdf)
        texts = run("pdftotext", "-raw", tmp_path / "one.pdf", "-").split("\f")[:-1]
        (at,) = [at for at, text in enumerate(texts) if letters(DEALS[deal][1]) in letters(text)]
        found[name] = at
        assert all(signer in letters(texts[at]) for signer in signers), name
    assert sum(at == 1 for at in found.values()) >= 12, found


def test_a_file_that_comes_back_knows_the_sentence(built: dict[str, pipeline.BuiltAgreement]) -> None:
    """Unchanged it is no change, and a change of it is told."""
    for name, one in built.items():
        sent, document = one.files["docx"], one.fitted.document
        back = read_returned(sent, "back.docx", document, sent)
        assert (back.changed, back.elsewhere) == ((), ()), name
    sent, document = built["referral"].files["docx"], built["referral"].fitted.document
    word = docx.Document(io.BytesIO(sent))
    word.tables[-1].rows[0].cells[0].paragraphs[0].runs[0].text = "By signing, nobody agrees to anything."
    back = read_returned(letterheads.saved(word), "back.docx", document, sent)
    assert any("nobody agrees to anything" in line for line in back.elsewhere)
