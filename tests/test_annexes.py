"""A schedule that is a text: an annex behind the agreement, with its letter and heading, alike in PDF, Word and text."""

from __future__ import annotations

from pathlib import Path

import packs
import pytest
from conftest import MINIMAL, letters, pages, pdf_text, word_pdfs

from agreementgen import pipeline
from agreementgen.core.problems import PackError
from agreementgen.packs.layering import open_library

TOPIC = """title: House
about: Rules for the place where work is done
questions:
  place:
    type: text
    prompt: Where is the work done?
    words: 12
    example: the mill
schedules:
  - id: house_rules
    title: House rules
    when: house.place
    text: |
      Whoever works at {{ house.place|phrase }} keeps these rules until {{ effective|plus('12 months') }}, see {{ ref('general') }}.

      1. Doors are locked:
         1. in the evening,
         2. at noon.
      2. Nobody *smokes*.

      The rules end with the agreement.
"""
CLAUSE = """---
id: house
title: House
version: 1
words: 40
when: house.place
---
The parties keep {{ schedule('house_rules') }}.
"""
SAID = (
    "Schedule A. House rules Whoever works at the old mill keeps these rules until December 1, 2027, see section {general}. "
    "(a) Doors are locked: (i) in the evening, (ii) at noon. (b) Nobody smokes. The rules end with the agreement."
)
DEAL = MINIMAL.read_bytes() + b"\nhouse: {place: the old mill}\n"


def make(folder: Path, topic: str = TOPIC, more: dict[str, str] | None = None) -> Path:
    files = {"clauses/house/topic.yaml": topic, "clauses/house/house.md": CLAUSE, **packs.outline_with("house")}
    return packs.write(folder / "acme-law", {**files, **(more or {})})


@pytest.mark.parametrize(
    "more",
    [{}, {"templates/layout/agreement.css": '@import "built-in/agreement.css";\nh1 { color: #7a1f3d }\n'}],
    ids=["our page", "a firm's page"],
)
def test_an_annex_stands_behind_the_agreement(tmp_path: Path, more: dict[str, str]) -> None:
    library = open_library((make(tmp_path, more=more),))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("pdf", "docx", "txt"))
    general = next(clause.number for clause in made.fitted.document.clauses if clause.topic == "general")
    said = letters(SAID.replace("{general}", str(general)))
    printed = word_pdfs({"annex": made.files["docx"]}, tmp_path)["annex"]
    for pdf in (made.files["pdf"], printed):
        assert said in letters(pdf_text(pdf, tmp_path))
        assert letters("The parties keep Schedule A.") in letters(pdf_text(pdf, tmp_path))
        assert pages(pdf, tmp_path) == made.fitted.pages
    text = letters(made.files["txt"].decode()).replace("-", "")
    assert said in text


def test_without_its_condition_there_is_none(tmp_path: Path) -> None:
    library = open_library((make(tmp_path),))
    made = pipeline.build(pipeline.read(MINIMAL.read_bytes(), "minimal.yaml", library), library, ("txt",))
    assert made.fitted.document.schedules == ()


def test_a_long_annex_takes_pages_of_its_own(tmp_path: Path) -> None:
    long = TOPIC + "".join(
        f"\n      Rule {number}: {'keep the place tidy and quiet, ' * 9}always.\n" for number in range(60)
    )
    library = open_library((make(tmp_path, long),))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("pdf", "docx"))
    printed = word_pdfs({"annex": made.files["docx"]}, tmp_path)["annex"]
    assert pages(made.files["pdf"], tmp_path) == pages(printed, tmp_path) == made.fitted.pages > 3


def test_an_annex_is_no_table_and_its_facts_exist(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        open_library((make(tmp_path, TOPIC.replace("    when: house.place\n", "    each: goals\n")),))
    assert (
        refused.value.problems[0].message == 'a schedule has a "text", or a table ("each", "from", "columns", "total")'
    )
    with pytest.raises(PackError) as refused:
        open_library((make(tmp_path / "b", TOPIC.replace("house.place|phrase", "house.plase|phrase")),))
    (problem,) = refused.value.problems
    assert (problem.message, problem.place.line) == ('"house.plase" is not a fact', 14)
