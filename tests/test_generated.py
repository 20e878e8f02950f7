"""Deals drawn from the questions themselves: every one that is read is built, and all three documents say the same.

A run of some seconds for each kind is part of every test run. `AGREEMENTGEN_ALL_DEALS=1 pytest -n auto
tests/test_generated.py` draws 2,000 deals, other ones than the short run. A deal that fails is printed: as a file, it
can be built again by `agreementgen build`.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import hypothesis
import jsonschema
import pytest
import yaml
from conftest import pages, pdf_text, word_pdfs
from deals import REFERENCE
from generated import Drawn, Leaf, deals
from generated_reading import pdf_words, squeezed, text_words, word_footers, word_words

from agreementgen import pipeline
from agreementgen.core.document import Document, Table, text_of_runs
from agreementgen.core.problems import AgreementError, InputError, LayoutError
from agreementgen.deal.deal import Deal
from agreementgen.deal.forms import make_schema
from agreementgen.library.loading import built_in_library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render.formats import AGREEMENT_FORMATS

LIBRARY = built_in_library()
KINDS = tuple(LIBRARY.outlines)
ALL = bool(os.environ.get("AGREEMENTGEN_ALL_DEALS"))
SHORT, PART, PARTS = 9, 50, 40
# Kind, seed and number of deals: parts, so that workers share them.
RUNS = [(kind, 0, SHORT) for kind in KINDS] + (
    [(KINDS[part % len(KINDS)], part + 1, PART) for part in range(PARTS)] if ALL else []
)
# Every so many deals are built twice: building is nearly all of a test's time.
TWICE = 4


def searched(kind: str, seed: int, plain: bool = False) -> list[Drawn]:
    """Return the smallest deal of a kind, and eight that have nothing to do with each other.

    After ten examples Hypothesis begins to vary those it has, and deals would be alike.
    """
    found: list[Drawn] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=9, phases=[hypothesis.Phase.generate], database=None, deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(deals(kind, plain))
    def gather(deal: Drawn) -> None:
        found.append(deal)

    gather()
    return found


@cache
def drawn(kind: str, seed: int, count: int) -> tuple[Drawn, ...]:
    """Return deals of a kind, the same ones for the same seed and version of Hypothesis."""
    found: list[Drawn] = []
    while len(found) < count:
        found += searched(kind, 1_000 * seed + len(found))[1 if found else 0 :]
    return tuple(found[:count])


def mistakes(deal: Drawn, again: bool, folder: Path) -> list[str]:
    """Return what is wrong with the documents of a deal; raise LayoutError where it is too long for its pages."""
    read = read_deal(deal)
    built = pipeline.build(read, LIBRARY, AGREEMENT_FORMATS)
    wrong: list[str] = []
    document = built.fitted.document
    footers, heads = repeated(document)
    raw = pdf_text(built.files["pdf"], folder)
    from_pdf = pdf_words(raw, footers, heads)
    from_word, from_text = word_words(built.files["docx"]), text_words(built.files["txt"].decode(), document.footer)
    if len(footers) > 1:
        # A chart is a grid on a page and a list in a text file: its facts are looked for, its order is not compared.
        heading = squeezed(next(schedule.heading for schedule in document.schedules if schedule.chart))
        from_pdf, from_word, from_text = (text.rpartition(heading)[0] for text in (from_pdf, from_word, from_text))
        if not from_pdf or not from_word or not from_text:
            wrong.append("the heading of the chart is not everywhere")
    wrong += different("PDF", from_pdf, "Word", from_word)
    wrong += different("PDF", from_pdf, "text", from_text)
    wrong += [
        f"{name} is not as reported: {count}" for name, count in counted(built, folder) if count != built.fitted.pages
    ]
    if squeezed(document.footer) not in "".join(word_footers(built.files["docx"])):
        wrong.append("the Word file has another footer")
    chart = pdf_text(built.chart.files["pdf"], folder) if built.chart else raw
    stated = [warning.field for warning in built.warnings]
    for text, leaves in ((raw + built.files["txt"].decode(), deal.leaves), (chart, deal.charted)):
        wrong += [f"not printed and not stated: {leaf}" for leaf in missing(leaves, text, stated)]
    if again:
        files = pipeline.build(read_deal(deal), LIBRARY, AGREEMENT_FORMATS).files
        wrong += [f"two builds differ: {name}" for name in files if files[name] != built.files[name]]
    return wrong


def repeated(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what pages repeat: the footers (a chart has its own), and the heads of tables."""
    footers = [document.footer, *(schedule.chart.footer for schedule in document.schedules if schedule.chart)]
    tables = (block for schedule in document.schedules for block in schedule.blocks if isinstance(block, Table))
    return tuple(footers), tuple("".join(text_of_runs(cell) for cell in table.head) for table in tables)


def read_deal(deal: Drawn) -> Deal:
    return pipeline.read(deal.text.encode(), "deal.yaml", LIBRARY)


def counted(built: BuiltAgreement, folder: Path) -> list[tuple[str, int]]:
    said = re.search(r"Page1of(\d+)", "".join(word_footers(built.files["docx"])))
    return [("the PDF", pages(built.files["pdf"], folder)), ("the total in Word's footer", int(said[1]) if said else 0)]


def different(one: str, first: str, other: str, second: str) -> list[str]:
    """Return where two texts part, or nothing."""
    if first == second:
        return []
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    start = max(0, at - 40)
    return [f"{one} has …{first[start : at + 60]}…, {other} …{second[start : at + 60]}…"]


def missing(leaves: tuple[Leaf, ...], text: str, stated: list[str]) -> list[Leaf]:
    """Return the facts that `text` does not show and no warning is about. What is typed with straight quotes is curled."""
    there = straight(squeezed(text)).casefold()
    return [
        leaf
        for leaf in leaves
        if not any(straight(squeezed(form)).casefold() in there for form in leaf.forms)
        and not any(leaf.path == field or leaf.path.startswith(f"{field}.") for field in stated)
    ]


def straight(text: str) -> str:
    for curled, typed in ("‘'", "’'", '“"', '”"'):
        text = text.replace(curled, typed)
    return text


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "seed", "count"), RUNS)
def test_drawn_deals_say_the_same_everywhere(kind: str, seed: int, count: int, tmp_path: Path) -> None:
    refused: Counter[str] = Counter()
    failures: list[str] = []
    for number, deal in enumerate(drawn(kind, seed, count)):
        try:
            wrong = mistakes(deal, number % TWICE == 0, tmp_path)
        except LayoutError as error:
            refused[re.sub(r"\d[\d,.]*", "N", error.problems[0].message.split("\n")[0])] += 1
            continue
        except InputError as error:
            # The strategies know the rules of the questions: they or the program are wrong about one.
            wrong = [f"refused: {problem}" for problem in error.problems]
        except Exception as error:
            wrong = [f"{type(error).__name__}: {error}"]
        if wrong:
            failures.append("\n".join((*wrong, "--- the deal:", deal.text)))
    assert not failures, f"{len(failures)} of {count} deals\n\n" + "\n\n=====\n".join(failures)
    assert all(message.startswith("the agreement does not fit") for message in refused), refused
    # Long deals are part of what is drawn; most fit, but of few deals more than the usual share may be long.
    assert sum(refused.values()) <= count * (0.4 if count >= PART else 2 / 3), refused


@pytest.mark.slow
@pytest.mark.office
def test_word_prints_drawn_deals_on_the_pages_reported(tmp_path: Path) -> None:
    """LibreOffice, called once for some deals of every kind, breaks pages where the PDF does and prints the same words."""
    built: dict[str, tuple[Drawn, BuiltAgreement]] = {}
    for kind in KINDS:
        for deal in drawn(kind, 0, SHORT)[1::4]:
            try:
                built[f"{kind}-{len(built)}"] = deal, pipeline.build(read_deal(deal), LIBRARY, ("docx", "pdf"))
            except AgreementError:
                continue  # the test above says what may be refused
    assert len(built) > len(KINDS)
    printed = word_pdfs({name: made.files["docx"] for name, (_, made) in built.items()}, tmp_path)
    for name, (deal, made) in built.items():
        assert pages(printed[name], tmp_path) == made.fitted.pages, deal
        charts = tuple(schedule.chart.footer for schedule in made.fitted.document.schedules if schedule.chart)
        footers = (made.fitted.document.footer, *charts)
        from_word, from_pdf = (
            pdf_words(pdf_text(data, tmp_path), footers) for data in (printed[name], made.files["pdf"])
        )
        assert sorted(from_word) == sorted(from_pdf), deal
        if len(footers) == 1:
            assert not different("Word", from_word, "PDF", from_pdf), deal


@pytest.mark.parametrize("kind", KINDS)
def test_editors_accept_what_is_read(kind: str) -> None:
    """The schema marks nothing in a deal that the program reads, but for capitals and other words for yes and no."""
    validator = jsonschema.Draft202012Validator(make_schema(LIBRARY.form_of(LIBRARY.outline_of_kind(kind)), kind))
    for deal in searched(kind, 1, plain=True):
        # As an editor sees it, whose YAML knows no dates: every value is a text.
        answers = yaml.load(deal.text.removeprefix("\ufeff"), Loader=yaml.BaseLoader)
        assert not [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(answers)], deal
        read_deal(deal)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  fee: 10%\n", "  fee: {Northshore: 10%, Bay Rank: $75}\n"),
        (
            "{name: Lee Okafor, title: President}",
            "[{name: Lee Okafor, title: President}, {name: Ana Diaz, title: Clerk}]",
        ),
        ("{name: Lee Okafor, title: President}", "[{name: Lee Okafor, title: President}]"),
        ("\nscope:", "\nvalue exchange:\n  each: {gives: two leads a month}\nscope:"),
    ],
)
def test_editors_accept_short_forms(old: str, new: str) -> None:
    assert REFERENCE.count(old) == 1
    text = REFERENCE.replace(old, new)
    assert not schema_errors(text)
    pipeline.read(text.encode(), "deal.yaml", LIBRARY)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("  fee: 10%\n", "  fee: [10%, 20%]\n", "$.financial.fee"),
        ("{name: Lee Okafor, title: President}", "[{name: A}, {name: B}, {name: C}]", "$.parties[1].signatory"),
        (
            "\nscope:",
            "\nvalue exchange:\n  Bay Rank: {estimated value: $500}\nscope:",
            "$['value exchange']['Bay Rank']",
        ),
    ],
)
def test_editors_mark_what_is_no_short_form(old: str, new: str, path: str) -> None:
    assert REFERENCE.count(old) == 1
    text = REFERENCE.replace(old, new)
    assert schema_errors(text) == [path]
    with pytest.raises(InputError):
        pipeline.read(text.encode(), "deal.yaml", LIBRARY)


def schema_errors(text: str) -> list[str]:
    schema = make_schema(LIBRARY.form_of(LIBRARY.outline_of_kind("referral")), "referral")
    answers = yaml.load(text, Loader=yaml.BaseLoader)
    return [error.json_path for error in jsonschema.Draft202012Validator(schema).iter_errors(answers)]
