"""Documents follow the firm's reference.docx: margins, header with logo, footer, fonts, on both papers."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import letterheads
import packs
import pytest
from conftest import ROOT, letters, need, pages, pdf_text, run, word_pdfs, word_text
from deals import REFERENCE, reference

from agreementgen import pipeline
from agreementgen.library.files import SourceFile
from agreementgen.packs.layering import open_library
from agreementgen.packs.word_file import check_reference
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import docx as writer
from agreementgen.render import measures
from agreementgen.render.measures import PAPER_SIZES, Sizes
from agreementgen.render.word_page import read_geometry

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FIRMS = {"acme": letterheads.acme(), "boxed": letterheads.boxed()}
Build = Callable[..., BuiltAgreement]


def written(build: Build, firm: str, paper: str) -> Any:
    document = build(REFERENCE, (), paper).fitted.document
    return docx.Document(io.BytesIO(writer.write_docx(document, SourceFile("firm.docx", FIRMS[firm]), Sizes(8.5))))


@pytest.mark.parametrize("firm", FIRMS)
def test_letterheads_pass_the_lint(firm: str) -> None:
    linted = check_reference(FIRMS[firm], "letter.docx")
    assert (linted.problems, linted.warnings) == ((), ())


@pytest.mark.parametrize("paper", PAPER_SIZES)
@pytest.mark.parametrize("firm", FIRMS)
def test_margins_are_the_firms_on_both_papers(build: Build, firm: str, paper: str) -> None:
    """And nothing is wider than the text: tables, and what stands at the right edge."""
    word = written(build, firm, paper)
    theirs = docx.Document(io.BytesIO(FIRMS[firm])).sections[0]
    for section in word.sections:
        assert abs(section.page_width.pt - PAPER_SIZES[paper][0]) < 0.1
        for side in ("left_margin", "right_margin", "top_margin", "bottom_margin", "header_distance"):
            assert getattr(section, side) == getattr(theirs, side)
    text = round(section.page_width.twips - section.left_margin.twips - section.right_margin.twips)
    for table in word.element.body.iter(f"{W}tbl"):
        assert sum(int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")) <= text + 2
    for name in ("Title", "Footer"):
        assert [tab.get(f"{W}pos") for tab in word.styles[name].element.iter(f"{W}tab")] == [str(text)]


def test_a_logo_and_a_split_footer_are_kept(build: Build) -> None:
    word = written(build, "acme", "a4")
    header = word.sections[0].header
    assert len(header._element.findall(f".//{W}drawing")) == 1
    assert "Acme Law LLP" in header.paragraphs[1].text
    assert "Referral Agreement · Northshore and Bay Rank" in word.sections[0].footer.paragraphs[0].text
    assert "{" not in word.sections[0].footer.paragraphs[0].text
    assert word.styles["Agreement Body"].font.name == "DejaVu Serif"


def test_a_header_of_its_own_on_the_first_page(build: Build) -> None:
    word = written(build, "boxed", "a4")
    section = word.sections[0]
    assert section.different_first_page_header_footer
    (table,) = section.first_page_header.tables
    text = section.page_width.twips - section.left_margin.twips - section.right_margin.twips
    assert abs(sum(int(column.get(f"{W}w")) for column in table._tbl.iter(f"{W}gridCol")) - text) <= 2
    assert "Referral Agreement" in section.first_page_footer.paragraphs[0].text


def test_charts_keep_to_the_margins_and_their_footer_keeps_its_picture(build: Build) -> None:
    deal = reference(("\nraci:\n", "\nraci:\n  attach: yes\n"))
    firm = docx.Document(io.BytesIO(FIRMS["acme"]))
    firm.sections[0].footer.paragraphs[0].add_run().add_picture(io.BytesIO(letterheads.logo(30, 30)))
    document = build(deal, ()).fitted.document
    data = writer.write_docx(document, SourceFile("firm.docx", letterheads.saved(firm)), Sizes(8.5))
    word = docx.Document(io.BytesIO(data))
    section = word.sections[-1]
    text = section.page_width.twips - section.left_margin.twips - section.right_margin.twips
    for table in word.tables:
        assert sum(int(column.get(f"{W}w")) for column in table._tbl.tblGrid) <= text + 20
    archive = zipfile.ZipFile(io.BytesIO(data))
    footers = [name for name in archive.namelist() if re.fullmatch(r"word/footer\d+\.xml", name)]
    assert len(footers) == 2
    for name in footers:
        (used,) = re.findall(r'r:embed="(\w+)"', archive.read(name).decode())
        assert f'Id="{used}"' in archive.read(f"word/_rels/{name[5:]}.rels").decode()
    assert "Hold the review meeting" in word_text(data)


def test_the_header_pushes_the_text_down() -> None:
    acme = read_geometry(FIRMS["acme"])
    # 0.9 cm to the header, a picture of 1.2 cm, a line of 9 pt.
    assert acme.top == pytest.approx(25.5 + 34 + 11, abs=1)
    assert (acme.left, acme.right) == (73.7, 73.7)
    assert acme.font == "DejaVu Serif"
    ours = read_geometry(letterheads.REFERENCE)
    assert (ours.top, ours.right, ours.bottom, ours.left, ours.column_gap) == (36.0, 43.2, 43.2, 43.2, 14.0)


# -- the Word file fits its own page


def with_pack(
    data: bytes, tmp_path: Path, deal: str, paper: str, formats: tuple[str, ...] = ("docx", "pdf")
) -> BuiltAgreement:
    library = open_library((packs.write(tmp_path / "acme-law", {"templates/layout/reference.docx": data}),))
    return pipeline.build(pipeline.read(deal.encode(), "deal.yaml", library, paper), library, formats)


@pytest.mark.office
@pytest.mark.parametrize("paper", PAPER_SIZES)
def test_a_letterhead_of_another_font_fits_in_libreoffice(paper: str, tmp_path: Path) -> None:
    """Wide margins, a high header and a wide font: more pages than ours, as many as foreseen, and every word."""
    need("pdfimages")
    built = with_pack(FIRMS["acme"], tmp_path, REFERENCE, paper)
    assert built.fitted.document.apart
    assert built.fitted.word_fit.fits
    assert built.fitted.word_fit.sizes.body < built.fitted.sizes.body
    printed = word_pdfs({"acme": built.files["docx"]}, tmp_path)["acme"]
    assert pages(printed, tmp_path) == pages(built.files["pdf"], tmp_path) == 2
    text = letters(pdf_text(printed, tmp_path))
    for words in (
        "Acme Law LLP, 1 Court Square",
        "Confidentiality",
        "Non-solicitation",
        "Page 2 of 2",
        "Dana Reyes, Managing",
    ):
        assert letters(words) in text
    (tmp_path / "acme.pdf").write_bytes(printed)
    assert len(re.findall(r"^ +\d+ ", run("pdfimages", "-list", tmp_path / "acme.pdf"), re.MULTILINE)) >= 1


@pytest.mark.office
def test_a_narrower_page_takes_smaller_type_and_the_same_words(tmp_path: Path) -> None:
    deal = (ROOT / "samples" / "supply.yaml").read_text(encoding="utf-8")
    firm = letterheads.acme("Calibri", side=3.0, top=3.0)
    built = with_pack(firm, tmp_path, deal, "a4")
    assert built.fitted.word_fit.sizes.body < built.fitted.sizes.body
    printed = word_pdfs({"firm": built.files["docx"]}, tmp_path)["firm"]
    assert pages(printed, tmp_path) == pages(built.files["pdf"], tmp_path)
    for clause in built.fitted.document.clauses:
        assert letters(clause.heading) in letters(pdf_text(printed, tmp_path))
    size = docx.Document(io.BytesIO(built.files["docx"])).styles["Agreement Body"].font.size
    assert size is not None
    assert size.pt == built.fitted.word_fit.sizes.body


@pytest.mark.parametrize(
    ("font", "sample", "body", "apart"),
    [
        ("Calibri", "supply", 8.5, True),  # with less room: 9 pt
        ("Calibri", "alliance", 11.5, True),  # with less room: 8.5 pt on one page
        ("Verdana", "alliance", 10, True),  # with less room: 10 pt
        ("Verdana", "referral", 9.0, True),  # with less room: 9.5 pt
    ],
)
def test_room_is_left_for_what_a_count_of_letters_misses(
    font: str, sample: str, body: float, apart: bool, tmp_path: Path
) -> None:
    """2 % in a font whose letters were measured (Calibri), 4.5 % where its width is a factor (Verdana)."""
    deal = (ROOT / "samples" / f"{sample}.yaml").read_text(encoding="utf-8")
    fitted = with_pack(letterheads.acme(font, side=3.0, top=3.0), tmp_path, deal, "a4", ()).fitted
    assert (fitted.word_fit.sizes.body, fitted.step.clauses_apart) == (body, apart)
    assert fitted.word_fit.fits


def test_what_will_not_fit_is_said(tmp_path: Path) -> None:
    built = with_pack(letterheads.acme("Verdana", side=4.2, top=6.5), tmp_path, REFERENCE, "letter")
    assert not built.fitted.word_fit.fits
    (warning,) = [warning for warning in built.warnings if "Word file" in warning.message]
    assert warning.place.file.endswith("reference.docx")
    assert not any(
        "Word file" in w.message for w in with_pack(FIRMS["acme"], tmp_path, REFERENCE, "letter", ("pdf",)).warnings
    )


def test_our_own_page_is_set_as_the_pdf(build: Build) -> None:
    fitted = build(REFERENCE, ("docx",)).fitted
    assert (fitted.word_fit.sizes, fitted.word_fit.label_share, fitted.word_fit.fits) == (
        fitted.sizes,
        fitted.sizes.label_share,
        True,
    )


def test_fonts_are_found_by_their_own_names(library: Any) -> None:
    files = {name: source.data for name, source in library.layout.items()}
    assert measures.find_faces("Calibri", files) == (
        files["fonts/Carlito-Regular.ttf"],
        files["fonts/Carlito-Bold.ttf"],
    )
    assert measures.find_faces("Georgia", files) is None
    assert measures.unavailable_fonts(frozenset({"Georgia", "Carlito", "Acme Grotesk"}), files) == ("Acme Grotesk",)
    assert (
        measures.width_factor_of("Verdana")
        > measures.width_factor_of("Acme Grotesk")
        > measures.width_factor_of("Georgia")
        > 1
    )
