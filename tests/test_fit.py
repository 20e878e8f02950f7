"""One page, proven: the ladder, its floor, and the error at its end."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from conftest import MINIMAL, ROOT, SAMPLES, pages, pdf_text, word_pdfs
from deals import REFERENCE, RICH, reference

from agreementgen import pipeline
from agreementgen.core.document import Document, Paragraph, Run
from agreementgen.core.problems import LayoutError
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import fit, page_engine, page_text, word_page
from agreementgen.render.docx import write_docx
from agreementgen.render.lettering import Piece, letters_of_layout
from agreementgen.render.measures import TYPE_SIZES, Sizes, text_height
from agreementgen.render.word_page import WordFit

Build = Callable[..., BuiltAgreement]


DUTY = (
    "Reports to the other party on matter number {n} in due time each month, with all figures it asks for and "
    "a short written note"
)
DUTY_WORDS = len(DUTY.split())


def measured_height(document: Document, sizes: Sizes, library: Library) -> float:
    """Return how high the agreement is said to be before it is drawn, or its fuller page."""
    text = page_text.text_at(document, letters_of_layout(library.layout), sizes)
    return max(page_text.measure_pages(text, document, sizes))


def longer(duties: int) -> str:
    """Return the reference deal with `duties` more duties of the greatest length."""
    lines = [f"    - {DUTY.format(n=n)}" for n in range(duties)]
    return reference(("    - Reports outcomes monthly\n", "\n".join(["    - Reports outcomes monthly", *lines, ""])))


def test_a_short_deal_gets_larger_type_than_a_long_one(build: Build) -> None:
    sizes = [build(deal, ()).fitted.sizes.body for deal in (MINIMAL, REFERENCE, longer(1))]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 9
    assert sizes[1] == 9
    assert sizes[2] == 8.5


def test_the_reference_deal_needs_few_layouts(build: Build) -> None:
    assert build(REFERENCE, ()).fitted.layout_count <= 3


def test_then_short_wording_then_schedules(build: Build) -> None:
    """A campaign deal, whose short wordings save some lines; those of the reference deal save hardly one."""
    sample = (ROOT / "samples" / "co-marketing.yaml").read_text(encoding="utf-8")
    found = re.search(r"(?m)^responsibilities:\n  .+:\n    - .+\n", sample)
    assert found
    rungs = {}
    for duties in (0, 4, 7):
        more = "".join(f"    - Reports the results of month {n} to the other party\n" for n in range(duties))
        built = build(sample[: found.end()] + more + sample[found.end() :], ())
        rungs.setdefault((built.fitted.step.short_wording, built.fitted.step.lists_in_schedule), (duties, built))
    assert list(rungs) == [(False, False), (True, False), (True, True)]
    short, scheduled = rungs[True, False][1], rungs[True, True][1]
    assert short.selection.short_clauses
    assert short.fitted.pages == 1
    assert [schedule.heading for schedule in scheduled.fitted.document.schedules] == ["Schedule A. Responsibilities"]
    assert scheduled.fitted.pages == 2
    row = next(pair.left for pair in scheduled.fitted.document.terms if pair.left.id == "duties")
    assert row.runs[0].text == "See Schedule A"


def test_nothing_is_lost_on_the_way_to_a_schedule(build: Build) -> None:
    deal = longer(15)
    text = " ".join(build(deal, ("txt",)).files["txt"].decode().split())
    for n in range(15):
        assert DUTY.format(n=n) + "." in text


@pytest.mark.office
def test_word_has_as_many_pages_at_every_rung(build: Build, tmp_path: Path) -> None:
    made = {f"duties{n}": build(longer(n), ("docx", "pdf")) for n in (1, 2, 15)}
    printed = word_pdfs({name: built.files["docx"] for name, built in made.items()}, tmp_path)
    for name, built in made.items():
        assert pages(printed[name], tmp_path) == built.fitted.pages == pages(built.files["pdf"], tmp_path), name


def test_what_is_said_of_a_party_breaks_between_two_things(library: Library) -> None:
    """In the supply agreement address and email fill two lines, in the joint venture one."""
    last_lines = {}
    for name in ("supply", "joint-venture"):
        deal = pipeline.read((ROOT / "samples" / f"{name}.yaml").read_bytes(), name, library)
        box = pipeline.build(deal, library, ("txt",)).fitted.document.parties[0]
        last_lines[name] = box.lines[-2:]
    assert last_lines == {
        "supply": ("1140 SE Alder Street, Portland, OR 97214", "kitchen@threebridges.example"),
        "joint-venture": (
            "a Virginia limited liability company · contact: Nora Whitfield",
            "510 Quarry Road, Fairfax, VA 22030 · nora@ridgeway.example",
        ),
    }


def test_one_much_too_long_is_an_error_that_names_the_longest(build: Build) -> None:
    items = ", ".join(f"work of kind number {n} of the many kinds we know" for n in range(100))
    with pytest.raises(LayoutError) as caught:
        build(reference(("[joint proposals, resale, white-label work]", f"[{items}]")), ("docx", "pdf"))
    said = str(caught.value)
    assert "does not fit on a page of key terms and a page of clauses, even at 8.5 pt" in said
    assert "longest key terms: Not included 1100" in said
    assert "General" in said
    assert "hint: shorten" in said


def test_the_floor_is_never_passed() -> None:
    assert min(TYPE_SIZES) == 8.5
    assert all(min(rung.type_sizes) >= 8.5 for rung in fit.FIT_STEPS)


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_what_is_told_as_free_is_what_was_free_before_it_was_used(build: Build, library: Library, paper: str) -> None:
    letters = letters_of_layout(library.layout)
    for deal in (REFERENCE, MINIMAL.read_text(encoding="utf-8"), longer(1)):
        fitted = build(deal, (), paper).fitted
        page = text_height(paper)
        plain, _ = page_text.text_at_size(fitted.document, fitted.sizes.body, letters)
        assert abs(page * (1 - fitted.free_share) - measured_height(fitted.document, plain, library)) < 0.01


def test_line_heights_are_whole_twips() -> None:
    for size in TYPE_SIZES:
        assert (Sizes(size).line_height * 20) % 1 == 0


def test_at_last_one_plus_one(build: Build) -> None:
    """More than one page holds: key terms and signatures on the first, clauses on the second, nothing left out."""
    built = build(RICH)
    document = built.fitted.document
    assert document.apart == "Standard terms"
    assert built.fitted.pages == 2
    assert not built.selection.short_clauses
    text = " ".join(built.files["txt"].decode().split())
    assert (
        text.index("By signing, the parties agree")
        < text.index("Dana Reyes, Managing Member")
        < text.index("1. Scope.")
    )


# Pages that LibreOffice could not print as promised: the deal, the paper, sizes, and the lines of the clauses ("2+1": two
# paragraphs).
UNEVEN = {
    "room": ("channel", "a4", Sizes(12, 4.0, 38.0, spread_line=15.6), "8 6 5 5 1 3 3 4 3 4 1 1 2 6 2 2 3 1 2 1 5"),
    "full": ("channel", "letter", Sizes(12, spread_line=14.95), "8 2 2 1 3 4 7 5 4 2 7 7 3 10 2 4 1 9 1 3 1"),
    "paragraphs": ("channel", "a4", Sizes(8.5, spread_line=10.8), " ".join(["2+2+2"] * 21)),
    "one page": ("referral", "letter", Sizes(12, 2.25, 24.25, spread_line=15.6), "7 5 5 3 1 5 7 9 3 5"),
}


def clauses_of_lines(document: Document, counts: str, sizes: Sizes, library: Library) -> Document:
    """Return a document whose clauses have so many lines."""
    # Of words that take more than half of a line.
    texts = [
        tuple(Paragraph((Run(" ".join(["m" * 20] * int(count))),)) for count in clause.split("+"))
        for clause in counts.split()
    ]
    clauses = [
        replace(clause, heading="Mm", blocks=blocks) for clause, blocks in zip(document.clauses, texts, strict=False)
    ]
    made = replace(document, clauses=tuple(clauses), schedules=(), terms=document.terms[:2])
    text = page_text.text_at(made, letters_of_layout(library.layout), sizes)
    assert [one.lines for one in text.columns] == [int(count) for count in re.findall(r"\d+", counts)]
    return made


@pytest.mark.office
def test_libreoffice_has_room_for_columns_of_any_clauses(library: Library, tmp_path: Path) -> None:
    """It tries heights, and gave up where lines of the last clause were to stay together, or the page was full.

    A clause of some paragraphs is as high as in the PDF.
    """
    files = {}
    for name, (sample, paper, sizes, counts) in UNEVEN.items():
        layout = "one-page" if name == "one page" else "one-plus-one"
        deal = pipeline.read((ROOT / f"samples/{sample}.yaml").read_bytes(), sample, library)
        document = replace(pipeline.fit_agreement(deal, library, layout).document, paper=paper)
        made = clauses_of_lines(document, counts, sizes, library)
        assert measured_height(made, sizes, library) + 1.5 * sizes.line_height < text_height(paper)
        files[name] = write_docx(
            made, library.layout["reference.docx"], sizes, 2, fills_columns=name in ("full", "paragraphs")
        )
    printed = word_pdfs(files, tmp_path)
    assert {name: pages(pdf, tmp_path) for name, pdf in printed.items()} == dict.fromkeys(UNEVEN, 2) | {"one page": 1}


def test_columns_are_filled_from_the_left_where_few_lines_are_free(library: Library) -> None:
    """The clauses of the reseller leave one and a half lines of their page free, those of the smallest deal half of it."""
    filled = {}
    for name in ("channel", "minimal"):
        deal = pipeline.read((ROOT / f"samples/{name}.yaml").read_bytes(), name, library)
        fitted = pipeline.fit_agreement(deal, library, "one-plus-one")
        filled[name] = fitted.word_fit.fills_columns
    assert filled == {"channel": True, "minimal": False}


@pytest.mark.parametrize(("layout", "pages_wanted"), [("one-page", 1), ("one-plus-one", 2)])
def test_a_layout_can_be_chosen(library: Library, layout: str, pages_wanted: int) -> None:
    deal = pipeline.read(REFERENCE.encode(), "deal.yaml", library)
    fitted = pipeline.build(deal, library, (), layout).fitted
    assert fitted.pages == pages_wanted
    with pytest.raises(LayoutError, match="one page, even with short wording"):
        pipeline.build(pipeline.read(RICH.encode(), "deal.yaml", library), library, (), "one-page")


def test_a_packs_style_sheet_is_laid_out_not_added_up(library: Library) -> None:
    """With wider margins than the estimate knows, the layout alone finds the size, and the columns stay even."""
    css = library.layout["agreement.css"]
    wider = SourceFile(css.name, css.text.replace("margin: 36pt 43.2pt 43.2pt;", "margin: 36pt 50pt 43.2pt;").encode())
    assert wider.data != css.data
    layout = {**library.layout, **{f"built-in/{name}": file for name, file in library.layout.items()}}
    changed = replace(library, layout={**layout, "agreement.css": wider})
    deal = pipeline.read(REFERENCE.encode(), "deal.yaml", changed)
    ours, theirs = pipeline.build(deal, library, ("pdf",)), pipeline.build(deal, changed, ("pdf",))
    assert ours.fitted.sizes.body == 9
    assert theirs.fitted.sizes.body == 8.5
    assert theirs.fitted.free_share * text_height("letter") >= fit.HEADROOM_LINES * theirs.fitted.sizes.line_height
    assert (ours.fitted.pages_by, theirs.fitted.pages_by) == ("agreementgen", "weasyprint")


def test_every_sample_is_drawn_as_high_as_it_is_measured(build: Build, library: Library) -> None:
    """The fit measures the very lines that are drawn, so the first try is the last."""
    drawn = [built.fitted for path in SAMPLES if (built := build(path, ())).fitted.pages_by == "agreementgen"]
    assert len(drawn) == len(SAMPLES) - 1
    for fitted in drawn:
        assert fitted.laid_out
        height = text_height(fitted.document.paper) - fitted.laid_out.free_height
        assert abs(height - measured_height(fitted.document, fitted.sizes, library)) < 1e-6, fitted.document.title
        assert fitted.layout_count == 1, fitted.document.title


def test_letters_that_the_fonts_lack_are_measured_by_a_guess(library: Library) -> None:
    """East Asian letters are as wide as high, and lines end between them: 100 take three lines of 49 ems."""
    letters = letters_of_layout(library.layout)
    assert len(letters.break_lines((Piece("\u682a" * 100),), 49, 1)) == 3
    assert len(letters.break_lines((Piece("\u05e9" * 100),), 56, 1)) == 1


def test_the_longest_word_of_a_label_stands_on_one_line(build: Build, tmp_path: Path) -> None:
    """A party's name heads its duties: its column is as wide as it needs, up to a fifth of the page, in both formats."""
    name = "Constantinopolitan"
    usual, wide = build(REFERENCE), build(REFERENCE.replace("Northshore", name))
    assert usual.fitted.sizes.label_share == 0.124
    assert 0.124 < wide.fitted.sizes.label_share <= 0.2
    lines = [line.strip() for line in pdf_text(wide.files["pdf"], tmp_path).splitlines()]
    assert any(line == name or line.startswith(f"{name} Refers") for line in lines)
    xml = zipfile.ZipFile(BytesIO(wide.files["docx"])).read("word/document.xml").decode()
    grid = re.findall(r'<w:gridCol w:w="(\d+)"', xml)
    assert round(525.6 * 20 * wide.fitted.sizes.label_share) in [int(width) for width in grid]


# Body size, line height, gap between clauses and room above the signature lines, in points.
SAMPLE_SIZES = {
    "alliance": (9.0, 10.35, 1.5, 20.5),
    "channel": (10.0, 11.8, 1.5, 20.5),
    "co-marketing": (8.5, 10.15, 1.5, 21.0),
    "coffee-supply": (10.0, 12.5, 1.5, 38.0),
    "long-names": (10.0, 11.5, 1.75, 20.75),
    "minimal": (12.0, 15.6, 4.0, 34.5),
    "referral": (9.0, 10.2, 1.5, 20.5),
    "syrup-supply": (10.0, 11.8, 1.5, 38.0),
}


@pytest.mark.parametrize("sample", SAMPLE_SIZES)
def test_samples_have_the_sizes_they_always_had(build: Build, sample: str) -> None:
    """One and a half lines stay free for Word; without them most of these come out otherwise."""
    fitted = build(ROOT / "samples" / f"{sample}.yaml", ()).fitted
    sizes = fitted.sizes
    assert (sizes.body, sizes.line_height, sizes.clause_gap, sizes.signing_room) == SAMPLE_SIZES[sample]
    assert fitted.free_share * text_height(fitted.document.paper) >= 1.5 * sizes.line_height


def test_rows_that_belong_together_are_not_torn_apart(build: Build) -> None:
    """The duties of both parties stand side by side, though the row before them then stands alone."""
    terms = build(MINIMAL, ()).fitted.document.terms
    assert [(pair.left.id, pair.right and pair.right.id) for pair in terms] == [
        ("purpose", None), ("duties", "duties"), ("pilot", "ending"), ("law", None),
    ]  # fmt: skip


def test_the_steps_of_the_fit() -> None:
    """Those of docs/architecture.md: short wording, lists in a schedule, clauses on a page of their own."""
    steps = [(s.short_wording, s.lists_in_schedule, s.clauses_apart, s.type_sizes) for s in fit.FIT_STEPS]
    assert steps == [
        (False, False, False, (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)),
        (True, False, False, (9.0, 8.5)),
        (True, True, False, (9.5, 9.0, 8.5)),
        (False, False, True, (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)),
        (False, True, True, (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)),
        (True, True, True, (9.0, 8.5)),
    ]
    assert {name: len(steps) for name, steps in fit.LAYOUTS.items()} == {"auto": 6, "one-page": 3, "one-plus-one": 3}


# -- without Pango, and where the Word file does not fit


def without_a_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the page be one that only WeasyPrint could lay out, where it is missing."""
    monkeypatch.setattr(page_engine, "is_ours", lambda *_: False)
    monkeypatch.setattr(page_engine, "can_lay_out", lambda *_: False)


def test_without_pango_three_lines_more_are_kept_free(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference deal fits at 9 points with two lines and a half to spare: an estimate may not rely on that."""
    without_a_layout(monkeypatch)
    built = build(REFERENCE, ("docx",))
    fitted = built.fitted
    assert fitted.sizes.body == 8.5
    assert fitted.free_share * text_height("letter") >= 3 * fitted.sizes.line_height
    assert (fitted.laid_out, fitted.layout_count) == (None, 0)
    assert [warning.code for warning in built.warnings] == ["fit-estimated"]
    assert build(MINIMAL, ("docx",)).fitted.sizes.body == 12


@pytest.mark.parametrize(
    ("deal", "pages_wanted"),
    [
        (REFERENCE, 1),
        (RICH, 2),
        (longer(6), 2),
        (reference(("\nraci:\n", "\nraci:\n  attach: yes\n"), more="layout: one-plus-one"), 3),
        ((ROOT / "samples/long-names.yaml").read_text(encoding="utf-8").replace("\nraci:\n", "\nraci:\n  attach: yes\n"), 4),
    ],
    ids=["one", "apart", "schedule", "apart and chart", "chart of three pages"],
)  # fmt: skip
def test_pages_are_counted_without_pango_as_with_it(
    build: Build, monkeypatch: pytest.MonkeyPatch, deal: str, pages_wanted: int
) -> None:
    assert build(deal, ()).fitted.pages == pages_wanted
    without_a_layout(monkeypatch)
    assert build(deal, ()).fitted.pages == pages_wanted


def test_where_the_word_file_fits_at_no_step_the_first_that_fits_the_pdf_is_taken(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = build(REFERENCE, ()).fitted
    tried: list[Sizes] = []

    def never(document: object, layout: object, sizes: Sizes, used_height: float) -> WordFit:
        tried.append(sizes)
        return WordFit(sizes, 0.13, fits=False)

    monkeypatch.setattr(fit, "fit_word_file", never)
    fitted = build(REFERENCE, ()).fitted
    assert fitted.sizes == usual.sizes == tried[0]
    assert not fitted.step.short_wording
    assert len(tried) > 1
    assert fitted.layout_count >= len(tried) > usual.layout_count == 1


def test_the_word_file_of_a_later_step_is_taken_where_it_fits(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    def first_never(document: object, layout: object, sizes: Sizes, used_height: float) -> WordFit:
        return WordFit(sizes, 0.13, fits=sizes.body > 9)

    monkeypatch.setattr(fit, "fit_word_file", first_never)
    fitted = build(REFERENCE, ()).fitted
    assert fitted.step.clauses_apart
    assert fitted.sizes.body == 12


@pytest.mark.parametrize(("words", "codes"), [(1000, []), (1001, ["fit-many-words"])])
def test_more_than_1000_words_of_clauses_are_a_warning(library: Library, words: int, codes: list[str]) -> None:
    deal = pipeline.read((ROOT / "samples/supply.yaml").read_bytes(), "supply.yaml", library)

    def build_with(count: int) -> BuiltAgreement:
        general = tuple(
            replace(clause, body=replace(clause.body, text=clause.body.text + " more" * count))
            for clause in library.clauses["general"]
        )
        return pipeline.build(deal, replace(library, clauses={**library.clauses, "general": general}), ())

    usual = sum(clause.words for clause in build_with(0).fitted.document.clauses)
    built = build_with(words - usual)
    assert sum(clause.words for clause in built.fitted.document.clauses) == words
    assert [warning.code for warning in built.warnings] == codes


@pytest.mark.parametrize(
    ("width_factor", "height", "body", "fits"),
    [  # of a page of 712 pt, lines of 10.35 pt (9.775 pt at 8.5 pt)
        (1.0, 677.0, 9.0, True),
        (1.0, 678.0, 8.5, True),
        (1.0, 679.0, 8.5, False),
        (1.1, 661.0, 9.0, True),
        (1.1, 662.0, 8.5, True),
        (1.1, 663.0, 8.5, False),
    ],
)
def test_a_word_file_keeps_two_lines_and_what_counting_may_be_off(
    width_factor: float,
    height: float,
    body: float,
    fits: bool,
    build: Build,
    library: Library,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A font whose letters were measured may be 2% higher than counted, one that is guessed 4.5%."""
    document = build(MINIMAL, ()).fitted.document
    page = replace(
        word_page.word_page_of(library.layout),
        geometry=word_page.Geometry(40, 40, 40, 40, 18, "Verdana"),
        width_factor=width_factor,
        is_pdf_page=False,
    )
    monkeypatch.setattr(word_page, "word_page_of", lambda layout: page)
    monkeypatch.setattr(word_page, "measure_pages", lambda *arguments: [height])
    found = word_page.fit_word_file(document, library.layout, Sizes(9.0), height)
    assert (found.sizes.body, found.fits) == (body, fits)
