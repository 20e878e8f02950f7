"""The finished documents, read back by independent readers: the same words everywhere, and the right ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from conftest import SAMPLES, letters, pages, pdf_text, word_pdfs, word_text
from deals import GUARDED, REFERENCE, RICH, reference

from agreementgen.pipeline import BuiltAgreement

DEALS = {path.stem: path.read_text(encoding="utf-8") for path in SAMPLES} | {
    "rich": RICH,
    "guarded": GUARDED,
    "one-way": reference(("direction: two-way", "direction: one-way\n  referrer: Bay Rank")),
    "british": reference(("agreement: referral", "agreement: referral\nlanguage: en-GB\npaper: a4\ncurrency: GBP"),
                         ("$10,000", "£10,000"), ("$5,000", "£5,000")),
}  # fmt: skip

Build = Callable[..., BuiltAgreement]
BuiltByName = Callable[[str], BuiltAgreement]


@pytest.fixture(scope="module")
def built_once(build: Build) -> BuiltByName:
    """Return a function that returns one of DEALS in all formats, built for the first test that asks for it."""
    return cache(lambda name: build(DEALS[name]))


def _footer(built: BuiltAgreement) -> str:
    document = built.fitted.document
    return f"{document.footer}"


def _without_footer(text: str, built: BuiltAgreement) -> str:
    """Return a page's letters without its footer, which text files have once and pages on each page."""
    # Text files have bars between the cells of a table.
    plain = letters(text).replace("|", "").replace(letters(_footer(built)), "")
    return re.sub(r"Page\d+of\d+", "", plain)


@pytest.mark.parametrize("name", DEALS)
def test_pdf_and_text_have_the_same_words(built_once: BuiltByName, tmp_path: Path, name: str) -> None:
    built = built_once(name)
    from_pdf = _without_footer(pdf_text(built.files["pdf"], tmp_path), built)
    from_text = _without_footer(re.sub(r"^[=_\-]+[ _]*$", "", built.files["txt"].decode(), flags=re.MULTILINE), built)
    assert from_pdf == from_text


@pytest.mark.office
def test_word_has_the_same_words_and_one_page(built_once: BuiltByName, tmp_path: Path) -> None:
    made = {name: built_once(name) for name in DEALS}
    printed = word_pdfs({name: built.files["docx"] for name, built in made.items()}, tmp_path)
    for name, built in made.items():
        from_pdf = _without_footer(pdf_text(built.files["pdf"], tmp_path), built)
        assert _without_footer(pdf_text(printed[name], tmp_path), built) == from_pdf, name
        assert pages(printed[name], tmp_path) == pages(built.files["pdf"], tmp_path) == built.fitted.pages, name


@pytest.mark.parametrize("name", DEALS)
def test_words_of_the_word_file_stand_in_its_xml(built_once: BuiltByName, name: str) -> None:
    built = built_once(name)
    numberless = re.sub(r"^(\d+\.|\([a-z]\)) ", "", built.files["txt"].decode(), flags=re.MULTILINE)
    rules = re.sub(r"^[=_\-]+[ _]*$", "", numberless, flags=re.MULTILINE)
    assert letters(word_text(built.files["docx"])) == _without_footer(rules, built)


FACTS = """
Northshore Web Studio LLC | Bay Rank Digital, Inc. | a Massachusetts limited liability company | a Rhode Island corporation
14 Harbor Street, Salem, MA 01970 | dana@northshore.example | 220 Weybosset Street, Providence, RI 02903
lee@bayrank.example | Dana Reyes, Managing Member | Lee Okafor, President | contact: Dana Reyes
December 1, 2026 | Joint proposals; resale; white-label work | Massachusetts and Rhode Island
Refers clients needing SEO and introduces them within 2 days | 5 qualified leads a month each way | 40% close rate
$10,000 average deal | 10% of net collected revenue | for 12 months | at most $5,000 per client | within 10 days
Sales tax, refunds, shipping, and pass-through costs | Shared CRM, kept by the paying party | First 90 days; goes on if each party confirms
12 months, Pilot included; renewable in writing | Leads stay protected for at most 90 days | Revenue from referrals: $20,000 each month
satisfaction: 9 of 10 each quarter | Law of Massachusetts; courts of Essex County, Massachusetts
"""


def test_every_fact_of_the_reference_deal_is_printed(build: Build, tmp_path: Path) -> None:
    built = build(REFERENCE)
    printed = letters(pdf_text(built.files["pdf"], tmp_path))
    missing = [fact for fact in re.split(r"[|\n]", FACTS.strip()) if letters(fact) not in printed]
    assert not missing
    assert not built.warnings


def test_swapped_parties_change_places_everywhere(build: Build) -> None:
    deal = reference(
        ("kept by: payer", "kept by: Northshore"),
        ("direction: two-way", "direction: one-way\n  referrer: Bay Rank"),
        more="confidentiality: {kind: one-way, discloser: Northshore}\n"
        "exclusivity: {kind: one-way, bound party: Bay Rank, scope: design, territory: Salem, length: 6 months}\n",
    )
    first, second = re.split(r"(?m)^  - name: ", deal.split("\nscope:")[0])[1:]
    swapped = deal.replace(
        f"  - name: {first}  - name: {second}", f"  - name: {second}\n  - name: {first}".rstrip() + "\n"
    )
    assert swapped != deal
    one, two = (build(text, ("txt",)).files["txt"].decode() for text in (deal, swapped))
    # The same sentences, in another order: nothing about one party moved to the other.
    sentences = [
        "Shared CRM, kept by Northshore",
        "Bay Rank will refer clients to the other party.",
        "Bay Rank: design; Salem",
        "Protects Northshore’s information",
    ]
    for text in (one, two):
        flat = " ".join(text.split())
        assert all(sentence in flat for sentence in sentences)
        assert re.search(r"Northshore Web Studio LLC \(Northshore\) a Massachusetts limited liability company", flat)
        assert re.search(r"Bay Rank Digital, Inc\. \(Bay Rank\) a Rhode Island corporation", flat)
        assert re.search(r"Northshore Web Studio LLC _+ _+ By Dana Reyes", flat)
        assert re.search(r"Bay Rank Digital, Inc\. _+ _+ By Lee Okafor", flat)
        assert re.search(r"Northshore Refers clients needing SEO", flat)
    assert one.index("Northshore Web") < one.index("Bay Rank Digital")
    assert two.index("Northshore Web") > two.index("Bay Rank Digital")


def test_headings_name_the_subjects(build: Build) -> None:
    text = build(REFERENCE, ("txt",)).files["txt"].decode()
    headings = re.findall(r"(?m)^\d+\. ([A-Z][^.]+)\.", text)
    for subject in (
        "Scope", "Responsibilities", "Financial terms", "Duration and renewal", "Termination", "Confidentiality",
        "Non-solicitation", "After the end", "Results", "Disputes and law", "Brand and intellectual property",
        "Liability", "General",
    ):  # fmt: skip
        assert subject in headings
    assert [int(n) for n in re.findall(r"(?m)^(\d+)\. [A-Z]", text)] == list(range(1, len(headings) + 1))


def test_cross_references_are_right(build: Build) -> None:
    text = " ".join(build(REFERENCE, ("txt",)).files["txt"].decode().split())
    number = re.search(r"breach of section (\d+)", text)
    assert number
    assert f"{number[1]}. Confidentiality." in text


def test_a_fact_that_nothing_prints_is_a_warning(build: Build) -> None:
    built = build(reference(("  a month: 5\n", ""), ("average deal: $10,000", "average deal: $12,345")), ("txt",))
    assert [warning.field for warning in built.warnings] == ["leads.close rate", "leads.average deal"]
    assert "40%" in str(built.warnings[0])
    assert "close rate: 40%" in REFERENCE.split("\n")[built.warnings[0].place.line]  # the line above is gone


def test_words_of_ours_fit_what_was_typed(build: Build) -> None:
    """A stop behind an entry of a list is no part of a sentence; a name that ends in s takes no second one."""
    text = reference(
        ("deductions: [sales tax, refunds,", "deductions: [Sales tax., refunds by Acme Inc.,"),
        more="confidentiality: {kind: one-way, discloser: Northshore}\n",
    )
    one = re.sub(r"Northshore(?! Web Studio)", "Northshore Works", text)
    said = " ".join(build(one, ("txt",)).files["txt"].decode().split())
    assert "Sales tax, refunds by Acme Inc., shipping" in said
    assert "Protects Northshore Works’ information" in said
