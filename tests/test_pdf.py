"""The PDF: tagged, titled, with a language, bookmarks, embedded fonts; and honest about missing glyphs."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import need, pdf_text, run
from deals import REFERENCE, reference
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1

from agreementgen.core.problems import LayoutError
from agreementgen.pipeline import BuiltAgreement

logging.getLogger("pdfminer").setLevel(logging.ERROR)
Build = Callable[..., BuiltAgreement]


@pytest.fixture(scope="module")
def pdf(build: Build) -> bytes:
    return build(REFERENCE, ("pdf",)).files["pdf"]


@pytest.fixture(scope="module")
def saved(pdf: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "agreement.pdf"
    path.write_bytes(pdf)
    return path


def test_qpdf_finds_nothing(saved: Path) -> None:
    need("qpdf")
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", saved)


def test_tagged_titled_with_a_language(pdf: bytes, saved: Path) -> None:
    need("pdfinfo")
    info = run("pdfinfo", saved)
    assert re.search(r"Title:\s+Referral Agreement: Northshore and Bay Rank", info)
    assert re.search(r"Tagged:\s+yes", info)
    assert re.search(r"Page size:\s+612 x 792", info)
    catalog = PDFDocument(PDFParser(io.BytesIO(pdf))).catalog
    assert catalog["Lang"] == b"en-US"
    assert b"pdfuaid:part" in resolve1(catalog["Metadata"]).get_data()
    structure = run("pdfinfo", "-struct-text", saved)
    for tag in ("H1", "H2", "Table", "TH", "TD"):
        assert re.search(rf"^\s*{tag}\b", structure, re.MULTILINE), tag


def test_bookmarks_lead_to_the_clauses(pdf: bytes) -> None:
    outlines = [(level, title) for level, title, *_ in PDFDocument(PDFParser(io.BytesIO(pdf))).get_outlines()]
    assert outlines[0] == (1, "Referral Agreement")
    assert (2, "1. Scope.") in outlines
    assert len(outlines) == 17


def test_fonts_are_ours_embedded_and_subset(saved: Path) -> None:
    need("pdffonts")
    rows = run("pdffonts", saved).split("\n")[2:]
    fonts = [row.split() for row in rows if row.strip()]
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in fonts)
    assert {row[0].split("+")[1].replace("-", " ") for row in fonts} <= {
        "Carlito", "Carlito Bold", "Caladea Bold",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Ελληνική Συνεργασία", "Северная Студия", "株式会社さくら商事", "Kaʻimi Pono Łódź"])
def test_names_of_other_scripts_are_printed(build: Build, tmp_path: Path, name: str) -> None:
    deal = reference(("name: Bay Rank Digital, Inc.", f"name: {name}"))
    try:
        printed = pdf_text(build(deal, ("pdf",)).files["pdf"], tmp_path)
    except LayoutError as error:
        # Only a machine without such a font may refuse, and must say what and where.
        assert "no font on this machine" in str(error)
        assert "parties.2.name" in str(error)
        need("fonts for Chinese and Japanese")
        return
    assert name in printed


def test_a_character_without_a_glyph_is_an_error_that_names_it(build: Build) -> None:
    deal = reference(("Joint proposals" if "Joint proposals" in REFERENCE else "joint proposals", "joint 𓀀 proposals"))
    with pytest.raises(LayoutError) as caught:
        build(deal, ("pdf",))
    (problem,) = caught.value.problems
    assert '"𓀀" (U+13000)' in problem.message
    assert problem.field == "scope.excluded"
    assert problem.place.line == 27
