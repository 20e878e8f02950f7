"""The larger pack in samples/packs: a firm's own look and words on sample deals of each kind, in both formats.

On every one with AGREEMENTGEN_ALL_DEALS=1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLES, letters, need, pages, pdf_text, word_pdfs, word_text

from agreementgen import pipeline
from agreementgen.authoring.pack_check import check_pack
from agreementgen.authoring.pack_folder import list_base_changes
from agreementgen.core.document import text_of_document
from agreementgen.packs.layering import open_library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.sources import read_deals

FIRM = ROOT / "samples" / "packs" / "thornbury-vane"
# Beside another sample of their kind they show nothing that the firm's page or words depend on.
ALIKE = frozenset() if os.environ.get("AGREEMENTGEN_ALL_DEALS") else {"cloud-referral", "minimal", "syrup-supply"}
DEALS = [path for path in SAMPLES if path.stem not in ALIKE] + sorted((FIRM / "samples").glob("*.yaml"))
AMERICAN = r"\b(licens(e|ed) to|loss of a required license|willful|favor|color|honor|labor|fulfill|organiz|behavior|Key terms|Standard terms)"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BuiltAgreement]:
    """Return every sample deal as the firm's documents."""
    found = {}
    for path in DEALS:
        (sourced,) = read_deals([str(path)], packs=(FIRM,))
        found[path.stem] = pipeline.build(sourced.deal, sourced.library, ("docx", "pdf"))
    return found


@pytest.mark.slow
def test_sample_deals_have_the_firms_look_and_words(built: dict[str, BuiltAgreement], tmp_path: Path) -> None:
    need("pdffonts")
    for name, made in built.items():
        printed, word = pdf_text(made.files["pdf"], tmp_path), word_text(made.files["docx"])
        for words in ("Thornbury & Vane LLP, solicitors", "12 Castle Green, Bristol", "Particulars"):
            assert words in printed, name
        for clause in made.fitted.document.clauses:
            assert letters(clause.heading) in letters(printed), name
            assert letters(clause.heading) in letters(word), name
        first = [clause.topic for clause in made.fitted.document.clauses][:3]
        assert first == ["duration", "scope", "responsibilities"], name
        fonts = subprocess.run(["pdffonts", tmp_path / "read.pdf"], capture_output=True, text=True, check=True).stdout
        assert set(re.findall(r"\+(\w+-\w+)", fonts)) == {"House-Serif"} or name == "coffee-supply", fonts
        paper = subprocess.run(["pdfinfo", tmp_path / "read.pdf"], capture_output=True, text=True, check=True).stdout
        assert "(A4)" in paper, name


@pytest.mark.slow
@pytest.mark.office
def test_word_files_have_as_many_pages(built: dict[str, BuiltAgreement], tmp_path: Path) -> None:
    made = word_pdfs({name: one.files["docx"] for name, one in built.items()}, tmp_path)
    counted = {name: pages(pdf, tmp_path) for name, pdf in made.items()}
    assert counted == {name: one.fitted.pages for name, one in built.items()}
    assert "Thornbury & Vane LLP" in pdf_text(made["referral-bristol"], tmp_path)


def test_the_firms_own_deal_is_in_british_english(built: dict[str, BuiltAgreement]) -> None:
    made = built["referral-bristol"]
    text = text_of_document(made.fitted.document)
    assert not made.warnings
    assert made.fitted.pages == 1
    assert not re.findall(AMERICAN, text)
    for words in ("1 February 2027", "£2,000", "Contracts (Rights of Third Parties) Act 1999", "UK GDPR", "licence"):
        assert words in text
    assert [c.id for c in made.selection.clauses if c.jurisdictions] == ["data-uk", "general-uk"]


def test_it_is_as_it_was_recorded() -> None:
    """All that it takes the place of; what has changed since, "agreementgen pack diff" shows its keeper."""
    assert set(list_base_changes(open_library((FIRM,)).packs[0]).values()) <= {"changed"}


@pytest.mark.slow
def test_its_check_finds_nothing(tmp_path: Path) -> None:
    """In one kind of agreement; all six take a minute, and "agreementgen pack check" tries them."""
    folder = tmp_path / "thornbury-vane"
    shutil.copytree(FIRM, folder)
    for path in (folder / "templates").glob("*.yaml"):
        if path.stem != "referral":
            path.unlink()
    tests = (folder / "tests" / "positions.yaml").read_text(encoding="utf-8")
    kept = [one for one in re.split(r"(?=^  - name:)", tests, flags=re.MULTILINE) if "joint-venture" not in one]
    (folder / "tests" / "positions.yaml").write_text("".join(kept), encoding="utf-8")
    with (folder / "pack.yaml").open("a", encoding="utf-8") as stream:
        stream.write("kinds: [referral]\n")
    report = check_pack(folder, (), date(2026, 11, 28))
    # What speaks of joint ventures and of commission never comes up in a referral agreement.
    left = [one for one in report.problems if one.code != "P20" and "joint-venture" not in one.message]
    assert not left, "\n".join(map(str, left))
    assert report.pages == {"referral-bristol.yaml": 1}
