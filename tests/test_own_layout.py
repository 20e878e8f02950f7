"""Our own page is the one that WeasyPrint makes of the same document with the built-in HTML and CSS.

Both files are read by poppler: same pages, words and line breaks, and no word more than half a point away. With
AGREEMENTGEN_EVERY_PAGE=1 all samples are compared on both papers, and 300 drawn deals instead of a few.
"""

from __future__ import annotations

import html
import os
import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from conftest import REFERRAL, SAMPLES, need, run
from generated import Drawn, deals
from hypothesis import strategies as st
from test_layouts import SMALL

from agreementgen import pipeline
from agreementgen.core.document import (
    ChartDocument,
    Clause,
    Document,
    ItemList,
    Paragraph,
    Run,
    Schedule,
    Table,
    TermPair,
    TermRow,
)
from agreementgen.core.problems import AgreementError
from agreementgen.draft.chart import draft_chart_document
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.render import line_breaks, page_engine, pdf
from agreementgen.render.chart_layout import arrange_chart, arrange_chart_document
from agreementgen.render.lettering import letters_of_layout
from agreementgen.render.measures import Sizes

pytestmark = pytest.mark.skipif(not pdf.is_available(), reason="WeasyPrint needs Pango")
Build = Callable[..., pipeline.BuiltAgreement]
EVERY_PAGE = bool(os.environ.get("AGREEMENTGEN_EVERY_PAGE"))
KINDS = sorted(built_in_library().offered_outlines)
# In points.
FARTHEST = 0.5

Box = tuple[float, float, float, float]


def read_words(data: bytes, folder: Path, name: str) -> tuple[dict[tuple[int, str], list[Box]], str]:
    """Return the boxes of each word by page, and the text, line by line in the order of the file."""
    need("pdftotext")
    path = folder / f"{name}.pdf"
    path.write_bytes(data)
    found: dict[tuple[int, str], list[Box]] = defaultdict(list)
    for page, text in enumerate(run("pdftotext", "-bbox", path, "-").split("<page ")[1:]):
        for left, top, right, bottom, word in re.findall(
            r'xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" yMax="(\S+)">(.*?)</word>', text
        ):
            found[page, html.unescape(word)].append((float(left), float(top), float(right), float(bottom)))
    return found, run("pdftotext", "-raw", "-enc", "UTF-8", path, "-")


def find_farthest(ours: list[Box], theirs: list[Box]) -> float:
    """Return how far a word is from the nearest of the same words, at most."""
    left, farthest = list(theirs), 0.0
    for box in ours:
        distances = [
            max(abs(box[0] - other[0]), abs(box[2] - other[2]), abs(sum(box[1::2]) - sum(other[1::2])) / 2)
            for other in left
        ]
        nearest = distances.index(min(distances))
        farthest = max(farthest, distances[nearest])
        left.pop(nearest)
    return farthest


def compare(ours: page_engine.Pages, theirs: page_engine.Pages, folder: Path, is_turned: bool = False) -> None:
    assert (ours.engine, theirs.engine) == ("agreementgen", "weasyprint")
    assert (ours.agreement_pages, ours.pages) == (theirs.agreement_pages, theirs.pages)
    (our_words, our_text), (their_words, their_text) = (
        read_words(pages.write_pdf(), folder, pages.engine) for pages in (ours, theirs)
    )
    # WeasyPrint writes heads that run upwards last, as it draws them; ours stand where they are read.
    our_lines, their_lines = (text.replace("\u00a0", " ").split("\n") for text in (our_text, their_text))
    if not is_turned:
        assert our_lines == their_lines
    assert {key: len(boxes) for key, boxes in our_words.items()} == {
        key: len(boxes) for key, boxes in their_words.items()
    }
    far = {key: find_farthest(boxes, their_words[key]) for key, boxes in our_words.items()}
    assert {key: distance for key, distance in far.items() if distance > FARTHEST} == {}


def compare_agreement(document: Document, sizes: Sizes, library: Library, folder: Path, foreseen: float = 0.02) -> None:
    """WeasyPrint is told the height of the columns of clauses, as estimated: `foreseen` is how wrong that may be."""
    ours = page_engine.lay_out(document, library.layout, sizes)
    theirs = pdf.lay_out(document, library.layout, sizes)
    compare(ours, theirs, folder)
    assert -0.02 < ours.free_height - theirs.free_height < foreseen
    beside = [schedule.below == "" for schedule in document.schedules]
    starts = [start for start, counts in zip(ours.page_starts, beside, strict=True) if counts]
    assert starts == [start for start, counts in zip(theirs.page_starts, beside, strict=True) if counts]


def compare_chart(document: ChartDocument, library: Library, folder: Path) -> None:
    ours = page_engine.lay_out_chart(document, library.layout)
    is_turned = bool(document.chart.arrangement and document.chart.arrangement.turned)
    compare(ours, pdf.lay_out_chart(document, library.layout), folder, is_turned)


def on_papers() -> list[tuple[Path, str]]:
    """Return each sample on one paper, and both papers in turn."""
    papers = ("letter", "a4")
    return [
        (sample, paper)
        for index, sample in enumerate(SAMPLES)
        for at, paper in enumerate(papers)
        if EVERY_PAGE or at == index % 2
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "paper"), on_papers(), ids=lambda value: getattr(value, "stem", value))
def test_samples_are_the_pages_of_weasyprint(
    build: Build, library: Library, tmp_path: Path, sample: Path, paper: str
) -> None:
    fitted = build(sample, ("txt",), paper).fitted
    if sample.stem == "coffee-supply":
        # Its names are Japanese, too.
        assert fitted.pages_by == "weasyprint"
        return
    compare_agreement(fitted.document, fitted.sizes, library, tmp_path)


def chart_of(library: Library, sample: str, workload: bool) -> ChartDocument:
    path = next(path for path in SAMPLES if path.stem == sample)
    deal = pipeline.read(path.read_bytes(), path.name, library)
    assert deal.matrix
    title = library.outline_of_deal(deal).title
    return arrange_chart_document(draft_chart_document(deal, deal.matrix, title, workload), library.layout)


def widened(document: ChartDocument, count: int, library: Library) -> ChartDocument:
    """Return a chart with so many roles, whose heads then run upwards."""
    chart = document.chart
    roles = tuple(replace(chart.roles[at * len(chart.roles) // count], name=f"Role number {at}") for at in range(count))
    phases = tuple(
        replace(phase, tasks=tuple(replace(task, letters=(task.letters * count)[:count]) for task in phase.tasks))
        for phase in chart.phases
    )
    chart = replace(chart, roles=roles, phases=phases, arrangement=None)
    arrangement = arrange_chart(chart, document.paper, letters_of_layout(library.layout))
    assert arrangement.turned
    return replace(document, chart=replace(chart, arrangement=arrangement))


@pytest.mark.slow
@pytest.mark.parametrize(
    "sample", ["referral", "long-names"] if not EVERY_PAGE else ["referral", "long-names", "joint-venture"]
)
def test_charts_are_the_pages_of_weasyprint(library: Library, tmp_path: Path, sample: str) -> None:
    document = chart_of(library, sample, workload=sample != "long-names")
    compare_chart(document, library, tmp_path)
    if sample == "referral" or EVERY_PAGE:
        compare_chart(widened(document, 18, library), library, tmp_path)


def test_a_chart_behind_an_agreement_is_that_of_weasyprint(build: Build, library: Library, tmp_path: Path) -> None:
    text = REFERRAL.read_text(encoding="utf-8").replace("\nraci:\n", "\nraci:\n  attach: yes\n")
    fitted = build(text, ("txt",)).fitted
    assert any(schedule.chart for schedule in fitted.document.schedules)
    compare_agreement(fitted.document, fitted.sizes, library, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS if EVERY_PAGE else KINDS[::3])
@hypothesis.settings(
    max_examples=300 // len(KINDS) + 1 if EVERY_PAGE else 2,
    database=None,
    derandomize=True,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(data=st.data())
def test_drawn_deals_are_the_pages_of_weasyprint(
    tmp_path_factory: pytest.TempPathFactory, kind: str, data: st.DataObject
) -> None:
    library = built_in_library()
    drawn: Drawn = data.draw(deals(kind))
    try:
        fitted = pipeline.build(pipeline.read(drawn.text.encode(), "deal.yaml", library), library, ("txt",)).fitted
    except AgreementError:
        return  # too much for a page
    if page_engine.is_ours(fitted.document, library.layout) and not has_long_word_behind_letter(fitted.document):
        # In odd texts the estimate counts a line too many.
        line = fitted.sizes.line_height
        compare_agreement(fitted.document, fitted.sizes, library, tmp_path_factory.mktemp("drawn"), line)


def has_long_word_behind_letter(document: Document) -> bool:
    """Return whether an item of a list begins with a word that may be wider than a line.

    WeasyPrint leaves its letter alone on a line; we begin the word beside it.
    """
    lists = [block for clause in document.clauses for block in clause.blocks if isinstance(block, ItemList)]
    return any(len(re.split(r"[ -]", runs[0].text)[0]) > 35 for block in lists for runs in block.items)


WORD = "supercalifragilistic" * 6
RARE = replace(
    SMALL,
    title="An agreement whose title is too long for one line of a page, and goes on below the first",
    effective="Effective December 1, 2026",
    terms=(
        TermPair(TermRow("a", "A label of words", (Run("some "), Run("bold and", bold=True), Run(" other words"),)), None),
        TermPair(TermRow("b", "Left", (Run("one"),)), TermRow("c", "Right", (Run(WORD),)), begins_group=True),
        TermPair(TermRow("d", "Across", (Run(("All of what was said, " * 14).strip()),)), None, begins_group=True),
    ),
    clauses=(
        Clause("a", "a", 1, "Scope", (Paragraph((Run("Words run on. " * 20), Run("Bold ones do", bold=True), Run(", too.")),),)),
        Clause("b", "b", 2, "Lists", (ItemList(((Run("first " * 30),), (Run("second"),))), Paragraph((Run("Behind."),)))),
        Clause("c", "c", 3, "A heading that takes more than one line of a column, as some do", (Paragraph((Run(f"See {WORD}."),)),)),
        Clause("d", "d", 4, "Bullets", (Paragraph((Run("Namely:"),)), ItemList(((Run("a thing"),),), numbered=False))),
    ),
    schedules=(
        Schedule("A", "Prices", (Table(((Run("Item"),), (Run("Price"),)), (((Run("A long name " * 9),), (Run("$5.00"),)),)),)),
        Schedule("B", "Rows on two pages", (
            Paragraph((Run("As agreed. " * 30), Run("In italics", italic=True), Run(" as well."))), ItemList(((Run("an item"),), (Run("another"),))),
            Table(((Run("Number"),), (Run("What"),), (Run("Why"),)), tuple(((Run(f"{n}"),), (Run("Words " * 9),), (Run("Reasons"),)) for n in range(50)), (10, 40, 50)),
        )),
        Schedule("C", "Short", (Paragraph((Run("The end."),)),)),
    ),
)  # fmt: skip


@pytest.mark.parametrize("size", [8.5, 12.0])
def test_what_no_sample_has_is_the_page_of_weasyprint(library: Library, tmp_path: Path, size: float) -> None:
    compare_agreement(RARE, Sizes(size, widest_label=0.13), library, tmp_path)


# -- where lines end


def breaks_of_pango(text: str) -> tuple[int, ...]:
    pdf.is_available()
    from weasyprint.text.line_break import get_log_attrs

    attributes = get_log_attrs(text, "en-US")
    return tuple(at for at in range(1, len(text)) if attributes[at].is_line_break)


SIGNS = [sign for signs in line_breaks.SIGNS.values() for sign in signs] + list("abcXYZéßΩЖ")


def test_every_known_character_breaks_lines_as_pango_does() -> None:
    letters = [chr(code) for first, last in line_breaks.ALPHABETS for code in range(first, last + 1, 7)]
    known = [sign for sign in (*SIGNS, *letters) if line_breaks.knows(sign) and sign != " "]
    assert len(known) > 300
    for sign in known:
        for text in (f"a{sign}b", f"a {sign} b", f"1{sign}2", f"a{sign} b", f"a {sign}b", f"({sign})", f"a{sign}1"):
            assert line_breaks.find_breaks(text) == breaks_of_pango(text), text


def test_lines_break_as_pangos_do_in_any_text() -> None:
    chance = random.Random(5)
    groups = [*line_breaks.SIGNS.values(), "abcXYZé", "abcXYZé", "   "]
    for _ in range(4_000):
        text = "".join(chance.choice(chance.choice(groups)) for _ in range(chance.randint(2, 7))).strip(" ")
        if len(text) > 1:
            assert line_breaks.find_breaks(text) == breaks_of_pango(text), text


# -- who lays out what


def with_text(text: str) -> Document:
    return replace(SMALL, clauses=(Clause("a", "a", 1, "Scope", (Paragraph((Run(text),)),)),))


@pytest.mark.parametrize(
    "text", ["Plain.", "Łódź – Ελληνικά, Северная", "“out” (see § 5)—at €5/hour", "Kaʻimi"[:2] + "imi"]
)
def test_what_the_fonts_have_is_laid_out_by_us(library: Library, text: str) -> None:
    assert page_engine.lay_out(with_text(text), library.layout, Sizes(9.0)).engine == "agreementgen"


@pytest.mark.parametrize(
    "text", ["商事", "שלום", "مرحبا", "e\u0301", "narrow\u202fspace", "no\u2011break", "soft\u00adhyphen", "zero\u200bwidth", "a\tb", "👍"],
    ids=ascii,
)  # fmt: skip
def test_what_they_lack_or_nobody_has_tried_goes_to_weasyprint(library: Library, text: str) -> None:
    assert not page_engine.is_ours(with_text(text), library.layout)


def test_tables_in_clauses_and_layouts_of_others_go_to_weasyprint(library: Library) -> None:
    table = Table(((Run("Head"),),), (((Run("cell"),),),))
    clauses = (Clause("a", "a", 1, "Scope", (Paragraph((Run("Words."),)), table)),)
    assert not page_engine.is_ours(replace(SMALL, clauses=clauses), library.layout)
    for name in ("agreement.css", "chart.html", "fonts/Caladea-Bold.ttf"):
        ours = library.layout[name]
        layout = {**library.layout, f"built-in/{name}": ours, name: SourceFile("pack/file", ours.data + b" ")}
        assert not page_engine.is_ours(SMALL, layout)
    assert page_engine.is_ours(SMALL, library.layout)
    assert not page_engine.is_ours(replace(SMALL, effective="Effective " * 12), library.layout)
