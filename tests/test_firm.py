"""The pack of an English firm in samples/packs: all sample deals in both formats, in its words and under its letterhead."""

from __future__ import annotations

import re
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLES, pages, pdf_text, word_pdfs
from generated_reading import pdf_words, squeezed, text_words, word_footers, word_words

from agreementgen import pipeline
from agreementgen.library.layering import opened

PACK = ROOT / "samples" / "packs" / "thistledown-marsh"
LETTERHEAD = "Thistledown & Marsh LLPSolicitors · 4 Teasel Court, York"
# Spellings of American English that the built-in wording prints.
AMERICAN = re.compile(r"\b(willful|toward\b|license|labor|favor|recognize|organize)\w*", re.IGNORECASE)


@cache
def built(path: Path) -> pipeline.Built:
    library = opened((PACK,))
    return pipeline.build(pipeline.read(path.read_bytes(), path.name, library), library, ("docx", "pdf", "txt"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_all_three_say_the_same_under_the_letterhead(path: Path, tmp_path: Path) -> None:
    made = built(path)
    document = made.fitted.document
    charts = [schedule.chart.footer for schedule in document.schedules if schedule.chart]
    text = text_words(made.files["txt"].decode(), document.footer)
    printed = squeezed(pdf_text(made.files["pdf"], tmp_path))
    assert printed.count(squeezed(LETTERHEAD)) == made.fitted.pages == pages(made.files["pdf"], tmp_path)
    printed = printed.replace(squeezed(LETTERHEAD), "")
    assert pdf_words(printed, (document.footer, *charts)) == text
    assert word_words(made.files["docx"]) == text
    assert any(squeezed(document.footer) in footer for footer in word_footers(made.files["docx"]))
    package = zipfile.ZipFile(BytesIO(made.files["docx"]))
    header = "".join(package.read(name).decode() for name in package.namelist() if "word/header" in name)
    assert "Thistledown &amp; Marsh LLP" in header
    assert "a:blip" in header
    assert any(name.startswith("word/media/") for name in package.namelist())


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.stem))
def test_its_own_words_order_and_spelling(path: Path) -> None:
    text = " ".join(built(path).files["txt"].decode().split())
    # What the parties typed themselves stays theirs.
    typed = " ".join(path.read_text(encoding="utf-8").split())
    assert not [word[0] for word in AMERICAN.finditer(text) if word[0].lower() not in typed.lower()]
    assert "Nobody else may enforce" in text
    headings = re.findall(r"\b\d+\. ([A-Z][^.]+)\.", text)
    assert headings.index("Duration and renewal") == headings.index("Scope") + 1
    assert "form PA 2.1" in text
    assert built(path).fitted.document.paper == ("letter" if "paper: letter" in typed else "a4")
    if "Liability" in headings:
        assert "limits liability for death, injury or fraud" in text


@pytest.mark.office
def test_word_files_have_the_pages_of_the_pdf(tmp_path: Path) -> None:
    names = {path.stem: path for path in SAMPLES}
    printed = word_pdfs({stem: built(path).files["docx"] for stem, path in names.items()}, tmp_path)
    for stem, path in names.items():
        assert pages(printed[stem], tmp_path) == built(path).fitted.pages, stem
        assert squeezed(LETTERHEAD) in squeezed(pdf_text(printed[stem], tmp_path)), stem
