"""Lists inside the items of lists, and several lists in a clause: alike in PDF, Word (with its own numbers) and text."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import packs
import pytest
from conftest import MINIMAL, letters, pdf_text, word_pdfs

from agreementgen import pipeline
from agreementgen.packs.layering import open_library

CLAUSE = """---
id: duration
title: Steps
version: 9
words: 90
---
The parties settle a dispute in this order:

1. they talk, until {{ effective|plus("15 days") }}:
   1. first by telephone,
   2. then in a room;
2. they mediate:
   - in person
   - at equal cost
3. the courts decide.

Two things are never disputed:

1. invoices of which
   1. the day has passed;
2. signed papers.

- Costs
  1. are shared,
  2. or borne alone.
- Time
  1. is counted in days.
"""
DEAL = MINIMAL.read_bytes()
SHORT = "switched off: [duration-short]\n"
SAID = (
    "(a) they talk, until December 16, 2026: (i) first by telephone, (ii) then in a room; (b) they mediate: – in person – at equal cost "
    "(c) the courts decide. Two things are never disputed: (a) invoices of which (i) the day has passed; (b) signed papers. "
    "• Costs (i) are shared, (ii) or borne alone. • Time (i) is counted in days."
)
# A firm's own page goes to WeasyPrint.
OWN_PAGE = {"templates/layout/agreement.css": '@import "built-in/agreement.css";\nh1 { color: #7a1f3d }\n'}


@pytest.fixture(scope="module", params=[{}, OWN_PAGE], ids=["our page", "a firm's page"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> pipeline.BuiltAgreement:
    pack = packs.write(
        tmp_path_factory.mktemp("nested") / "acme-law",
        {"clauses/duration/duration.md": CLAUSE, **request.param},
        SHORT,
    )
    library = open_library((pack,))
    deal = pipeline.read(DEAL, "minimal.yaml", library)
    return pipeline.build(deal, library, ("pdf", "docx", "txt"))


def test_the_same_marks_stand_in_each_format(built: pipeline.BuiltAgreement, tmp_path: Path) -> None:
    printed = word_pdfs({"nested": built.files["docx"]}, tmp_path)["nested"]
    for text in (pdf_text(built.files["pdf"], tmp_path), pdf_text(printed, tmp_path)):
        # LibreOffice has the sign of its own bullets in a font of symbols.
        assert letters(SAID) in letters(re.sub("[\uf0b7]", "•", text))
    plain = " ".join(built.files["txt"].decode().split())
    assert SAID.replace("•", "-").replace("–", "-") in plain


def test_items_inside_stand_in_further(built: pipeline.BuiltAgreement) -> None:
    lines = built.files["txt"].decode().splitlines()
    assert "    (i) first by telephone," in lines
    assert "(c) the courts decide." in lines


def test_the_next_clause_goes_on_with_its_number(built: pipeline.BuiltAgreement, tmp_path: Path) -> None:
    printed = pdf_text(word_pdfs({"nested": built.files["docx"]}, tmp_path)["nested"], tmp_path)
    numbers = [clause.number for clause in built.fitted.document.clauses]
    for clause in built.fitted.document.clauses:
        assert letters(f"{clause.number}. {clause.heading}.") in letters(printed)
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_template_places_them_with_their_numbers(tmp_path: Path) -> None:
    word = docx.Document()
    for line in ("{{ title }}", "{{p clause('general') }}", "{{p clauses }}"):
        word.add_paragraph(line)
    word.save(str(tmp_path / "own.docx"))
    pack = packs.write(
        tmp_path / "acme-law",
        {
            "clauses/duration/duration.md": CLAUSE,
            "templates/layout/agreement.docx": (tmp_path / "own.docx").read_bytes(),
        },
        SHORT,
    )
    library = open_library((pack,))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("docx",))
    printed = pdf_text(word_pdfs({"nested": made.files["docx"]}, tmp_path)["nested"], tmp_path)
    assert letters(SAID) in letters(re.sub("[\uf0b7]", "•", printed))
