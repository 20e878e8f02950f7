"""What is kept from one document to the next changes nothing in them, and nothing of it stays behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import REFERRAL, ROOT, need, run
from deals import REFERENCE, RICH, reference
from test_layouts import SMALL

from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import pdf
from agreementgen.render import pdf as html
from agreementgen.render.measures import Sizes

Build = Callable[..., BuiltAgreement]
LAYOUT = ROOT / "templates" / "layout"


def boxes(data: bytes, folder: Path, name: str) -> str:
    """Return every word of a PDF with its place on the page, by poppler."""
    need("pdftotext")
    path = folder / f"{name}.pdf"
    path.write_bytes(data)
    return run("pdftotext", "-bbox-layout", path, "-")


@pytest.mark.parametrize("deal", [REFERENCE, RICH])
def test_the_page_is_the_one_weasyprint_makes_by_itself(
    build: Build, library: Library, tmp_path: Path, deal: str
) -> None:
    """Without anything kept, shortened or taken out: one call with the page and its sheets as files."""
    weasyprint = pytest.importorskip("weasyprint")
    built = build(deal, ("txt",))
    page = html.document_html(built.fitted.document, library.layout)
    sheet = f"<style>{html.document_style_sheet(built.fitted.document, built.fitted.sizes)}</style></head>"
    plain = weasyprint.HTML(string=page.replace("</head>", sheet), base_url=LAYOUT.as_uri() + "/").write_pdf()
    ours = pdf.write_pdf(pdf.lay_out(built.fitted.document, library.layout, built.fitted.sizes))
    assert boxes(ours, tmp_path, "ours") == boxes(plain, tmp_path, "plain")


def test_a_document_is_the_same_before_and_after_others(build: Build) -> None:
    first = build(REFERENCE).files
    build(reference(("Bay Rank Digital, Inc.", "Łódź Ελληνική Ltd")))
    assert build(REFERENCE).files == first


REMEMBERS = """\
{% set seen = namespace(times=0) %}
{% macro told(text) %}{% set seen.times = seen.times + 1 %}{{ text }} {{ seen.times }}{% endmacro %}
"""


def test_what_a_layout_remembers_does_not_reach_the_next_document(library: Library) -> None:
    page = library.layout["agreement.html"]
    text = '{% from "seen.html" import told %}' + page.text.replace("<h1>", "<h1>{{ told(document.title) }}")
    layout = {
        **library.layout,
        "agreement.html": SourceFile(page.name, text.encode()),
        "seen.html": SourceFile("templates/layout/seen.html", REMEMBERS.encode()),
    }

    once = html.document_html(SMALL, layout)
    assert once == html.document_html(SMALL, layout)
    assert once.count("<h1>Small 1Small</h1>") == 1


@pytest.mark.parametrize("where", ["sheet", "style", "attribute"])
def test_a_layout_with_footnotes_keeps_their_rules(library: Library, tmp_path: Path, where: str) -> None:
    """Most pages do without the part of WeasyPrint's sheet that numbers footnotes; those that have some need it."""

    rule = "float: footnote"
    page, css = library.layout["agreement.html"], library.layout["agreement.css"]
    note = "<p>Text<span class='note'>A note.</span></p></body>"
    text = page.text.replace("</body>", note)
    if where == "style":
        text = text.replace("</head>", f"<style>.note {{ {rule} }}</style></head>")
    if where == "attribute":
        text = text.replace("class='note'", f"style='{rule}'")
    styles = css.text + (f".note {{ {rule} }}" if where == "sheet" else "")
    layout = {
        **library.layout,
        "agreement.html": SourceFile(page.name, text.encode()),
        "agreement.css": SourceFile(css.name, styles.encode()),
    }
    words = boxes(pdf.write_pdf(pdf.lay_out(SMALL, layout, Sizes(9.0))), tmp_path, where)
    assert ">Text1<" in words.replace("</word>\n", "").replace(" ", "") or ">1.<" in words


def test_no_fonts_are_left_in_the_temporary_folder(tmp_path: Path) -> None:
    temporary, out = tmp_path / "tmp", tmp_path / "out"
    temporary.mkdir()
    program = "from agreementgen.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(REFERRAL), "-o", str(out)]
    environment = {"TMPDIR": str(temporary), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert (out / "referral.pdf").exists()
    assert list(temporary.iterdir()) == []
