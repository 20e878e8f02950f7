"""The whole way from a deal file to its documents: read, draft, fit, write. Every command goes this way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from agreementgen.core.document import ChartDocument, Document, each_chart_text, text_of_document
from agreementgen.core.problems import InputError, LayoutError, Place, Problem
from agreementgen.deal.deal import Answer, Deal, list_responsibilities, matrix_as_rows
from agreementgen.deal.questions import Structure
from agreementgen.draft.carried_deal import CarriedDeal, carry_deal
from agreementgen.draft.chart import draft_chart_document
from agreementgen.draft.chart_review import review_matrix
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import Selection, select_clauses
from agreementgen.draft.traceability import (
    find_facts_missing_in_word_file,
    find_unprinted_facts,
    find_untraceable_numbers,
)
from agreementgen.language.environment import limit_steps
from agreementgen.library.deal_reading import form_of as form_of
from agreementgen.library.deal_reading import read as read
from agreementgen.library.deal_reading import read_answers as read_answers
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.signing_services import find_signing_service
from agreementgen.packs.layering import BUILT_IN_PREFIX
from agreementgen.packs.word_file import TEMPLATE_FILE
from agreementgen.render import page_engine, pdf, template_filling
from agreementgen.render.chart_layout import arrange_chart_document, arrange_charts
from agreementgen.render.fit import LAYOUTS, MOST_WORDS, FitStep, FittedDocument, fit
from agreementgen.render.flow_page import FlowDocument
from agreementgen.render.formats import (
    CARRYING_FORMATS,
    CHART_FORMATS,
    FORMATS,
    AgreementToWrite,
    ChartToWrite,
    needs_pages,
)
from agreementgen.render.page_engine import Pages
from agreementgen.render.proofreading import proofread_document, proofread_files, take_out_marks, text_of_word_file
from agreementgen.render.signing import PDF_FIELDS, Kind, Signing, kinds_of, name_recipients
from agreementgen.yamlfile.editing import write_answers

# Steps for all texts of one agreement; the samples take 500.
STEPS_FOR_DOCUMENT = 400_000


@dataclass(frozen=True)
class BuiltChart:
    """The RACI chart of a deal by format, what its check has to say, and how many pages it takes."""

    deal: Deal
    document: ChartDocument
    files: dict[str, bytes]
    problems: tuple[Problem, ...]
    pages: int


@dataclass(frozen=True)
class BuiltAgreement:
    """The documents of one deal by format, how they fit, and what the reader should know.

    `chart` is the RACI chart where it stands beside the agreement, `carried` what the documents carry of the deal,
    `signing` how they are made ready to sign.
    """

    deal: Deal
    selection: Selection
    fitted: FittedDocument
    files: dict[str, bytes]
    warnings: tuple[Problem, ...]
    chart: BuiltChart | None = None
    carried: CarriedDeal | None = None
    signing: Signing | None = None

    def name_files(self, stem: str) -> dict[str, bytes]:
        """Return the documents by file name, then those of a chart beside the agreement, and the file of who signs."""
        files = {f"{stem}.{name}": data for name, data in self.files.items()}
        if self.chart:
            files |= {f"{stem}-raci.{name}": data for name, data in self.chart.files.items()}
        return files | name_recipients(self.deal, self.fitted.document, self.signing, stem, self.files)


def build(
    deal: Deal,
    library: Library,
    formats: Collection[str] = ("docx", "pdf"),
    layout: str = "auto",
    carry_data: bool = True,
    sign: str = "",
) -> BuiltAgreement:
    """Return the documents in a layout of fit.LAYOUTS; "auto" leaves the choice to the deal and its kind.

    With `carry_data` they carry the deal as it is sent. `sign` makes them ready to sign: "pdf" by form fields of the
    PDF, the id of a signing service by its marks.

    Raise LayoutError where they do not fit, InputError where a PDF cannot be made here.
    """
    outline = library.outline_of_deal(deal)
    template = _find_template(deal, library)
    fitted, selection = _fit_with_selection(deal, library, layout)
    proofread_document(deal, fitted.document)
    unprinted = find_unprinted_facts(deal, fitted.document)
    carried = None
    if carry_data and set(CARRYING_FORMATS) & set(formats):
        fields = {problem.field for problem in unprinted}
        carried = _choose_carried(deal, library, fitted, selection, layout, fields)
    signing = prepare_signing(sign, library, fitted.document)
    agreement = AgreementToWrite(
        deal, selection, fitted, library.layout, template, carried.text if carried else "", signing
    )
    files, problems = _write(agreement, formats)
    problems += _proofread_files(agreement, files)
    untraceable = find_untraceable_numbers(deal, library, fitted.document)
    warnings = (
        *library.remarks,
        *deal.warnings,
        *selection.warnings,
        *unprinted,
        *untraceable,
        *_review_page(fitted),
        *problems,
    )
    chart = None
    if deal.matrix:
        reviewed = review_matrix(deal, deal.matrix, library, outline)
        warnings += tuple(problem for problem in reviewed if problem.severity == "W")
        chart_formats = [name for name in formats if name in CHART_FORMATS]
        if chart_formats and not deal.matrix.attach:
            chart = build_chart(deal, library, chart_formats)
    return BuiltAgreement(deal, selection, fitted, files, warnings, chart, carried, signing)


def prepare_signing(sign: str, library: Library, document: Document) -> Signing | None:
    """Return how `document` is made ready to sign, None for on paper; raise InputError for an unknown service."""
    if not sign:
        return None
    if sign == PDF_FIELDS:
        return Signing(PDF_FIELDS)
    service = find_signing_service(library, sign)
    marks: list[dict[Kind, str]] = [{} for _ in document.signatures]
    for index, kind in kinds_of(document):
        marks[index][kind] = service.mark_for(kind, index + 1)
    return Signing(service.id, service.name, tuple(marks))


def fit_agreement(deal: Deal, library: Library, layout: str = "auto") -> FittedDocument:
    """Return the agreement as it is printed: in the wording and at the size that fit; raise LayoutError."""
    return _fit_with_selection(deal, library, layout)[0]


def _fit_with_selection(deal: Deal, library: Library, layout: str) -> tuple[FittedDocument, Selection]:
    outline = library.outline_of_deal(deal)
    steps = LAYOUTS[choose_layout(deal, outline) if layout == "auto" else layout]
    if deal.facts["wording"] == "short":
        steps = tuple(replace(step, short_wording=True) for step in steps)
    select = cache(lambda short: select_clauses(deal, library, outline, short))

    def draft(step: FitStep) -> Document:
        return _draft(deal, library, outline, step, select(step.short_wording))

    fitted = fit(draft, library.layout, steps, _find_template(deal, library) is not None)
    return fitted, select(fitted.step.short_wording)


def _find_template(deal: Deal, library: Library) -> SourceFile | None:
    return library.layout.get(f"{deal.kind}.docx") or library.layout.get(TEMPLATE_FILE)


def _choose_carried(
    deal: Deal, library: Library, fitted: FittedDocument, selection: Selection, layout: str, unprinted: Collection[str]
) -> CarriedDeal | None:
    """Return what the documents carry of the deal: proven to make the same agreement again."""

    def read_carried(answers: dict[str, Any]) -> Deal:
        return replace(read(write_answers(answers).encode(), deal.source, library), mark=deal.mark)

    def draft(again: Deal) -> Document:
        outline, step = library.outline_of_deal(again), fitted.step
        return _draft(again, library, outline, step, select_clauses(again, library, outline, step.short_wording))

    packs = [f"{pack.id} {pack.version}" for pack in library.packs]
    clauses = [clause.id for clause in selection.clauses]
    chosen = {} if layout == "auto" else {"layout": layout}
    if any(answer.path == "paper" and answer.value != deal.facts["paper"] for answer in deal.answers):
        chosen["paper"] = str(deal.facts["paper"])
    return carry_deal(deal, fitted.drafted, unprinted, clauses, packs, chosen, read_carried, draft)


def build_what_can_be_made(deal: Deal, library: Library, formats: Collection[str]) -> BuiltAgreement:
    """Return the documents without PDFs that need Pango where that is missing; raise like `build` for all else."""
    try:
        return build(deal, library, formats)
    except InputError as error:
        if any(problem.code != "pango-missing" for problem in error.problems):
            raise
    return build(deal, library, [name for name in formats if not needs_pages((name,))])


def _draft(deal: Deal, library: Library, outline: Outline, step: FitStep, selection: Selection) -> Document:
    with limit_steps(STEPS_FOR_DOCUMENT):
        document = draft_agreement(deal, library, outline, selection, step.lists_in_schedule, step.clauses_apart)
    return arrange_charts(document, library.layout)


def _write(agreement: AgreementToWrite, formats: Collection[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the files by format, and what the reader should know of them."""
    files: dict[str, bytes] = {}
    problems: tuple[Problem, ...] = ()
    if needs_pages(formats) and agreement.fitted.laid_out is None:
        raise _pango_missing()
    with explain_missing_glyphs(agreement.deal, lambda: text_of_document(agreement.fitted.document)):
        for known in FORMATS:
            if known.name in formats and known.write_agreement:
                written = known.write_agreement(agreement)
                files[known.name] = written.data
                problems += written.problems
    if agreement.template and {"docx", "pdf"} <= files.keys():
        problems += template_filling.template_problems(agreement.template)
    return files, problems


def write_fitted(agreement: AgreementToWrite, formats: Collection[str]) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the documents by format of what is fitted already, an amendment say, and what the reader should know.

    Raise LayoutError where a document is not what was drafted.
    """
    files, problems = _write(agreement, formats)
    return files, problems + _proofread_files(agreement, files)


def _proofread_files(agreement: AgreementToWrite, files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Return what a pack's page leaves out; raise LayoutError where a document of ours is not what was drafted."""
    texts: dict[str, Callable[[], str]] = {}
    marks = tuple(agreement.signing.each_mark()) if agreement.signing else ()

    def read_word_file() -> str:
        return take_out_marks(text_of_word_file(files["docx"]), marks, agreement.deal.source)

    if "docx" in files and not agreement.template:
        texts["docx"] = read_word_file
    if "txt" in files:
        texts["txt"] = lambda: files["txt"].decode()
    document, laid_out = agreement.fitted.document, agreement.fitted.laid_out
    if "pdf" in files and laid_out:
        texts["pdf"] = laid_out.read_text
    is_firms_page = any(name.startswith(BUILT_IN_PREFIX) for name in agreement.layout)
    problems = proofread_files(agreement.deal, document, texts, of_pack=("pdf",) if is_firms_page else ())
    if "docx" in files and agreement.template:
        text = read_word_file()
        problems += find_facts_missing_in_word_file(agreement.deal, document, text, agreement.template.name)
    return problems


def build_chart(deal: Deal, library: Library, formats: Collection[str], workload: bool = False) -> BuiltChart:
    """Return the RACI chart of a deal that has a matrix as a document of its own, in some of CHART_FORMATS.

    Raise InputError where the deal has none, or where a PDF cannot be made here.
    """
    outline = library.outline_of_deal(deal)
    if deal.matrix is None:
        hint = f'add roles and tasks under "raci:"; "agreementgen raci --draft {deal.source}" proposes some'
        raise InputError(Problem("the deal has no RACI matrix", hint, "raci", Place(deal.source), code="missing"))
    document = arrange_chart_document(
        draft_chart_document(deal, deal.matrix, outline.title, workload, library.words), library.layout
    )
    laid_out = None
    if needs_pages(formats):
        if not page_engine.can_lay_out(document, library.layout):
            raise _pango_missing()
        laid_out = page_engine.lay_out_chart(document, library.layout)
    estimated = document.chart.arrangement.pages if document.chart.arrangement else 1
    pages = laid_out.pages if laid_out else estimated
    rows = matrix_as_rows(deal.matrix, list_responsibilities(deal.facts))
    to_write = ChartToWrite(document, rows, library.layout, pages, laid_out)
    with explain_missing_glyphs(deal, lambda: "\n".join(each_chart_text(document.chart))):
        files = {
            known.name: known.write_chart(to_write).data
            for known in FORMATS
            if known.name in formats and known.write_chart
        }
    found = review_matrix(deal, deal.matrix, library, outline)
    return BuiltChart(deal, document, files, found, pages)


# -- helpers


def choose_layout(deal: Deal, outline: Outline) -> str:
    """Return the layout a deal asks for, or else that of its kind: three parties need a page for the terms alone."""
    asked = str(deal.facts["layout"])
    if asked != "auto":
        return asked
    return "one-plus-one" if len(deal.parties) > 2 else outline.layout


def lay_out_flow(document: FlowDocument) -> Pages:
    """Lay out a memo, a letter or a redline; raise InputError where that needs Pango, which is missing."""
    laid_out = page_engine.lay_out_flow(document)
    if laid_out is None:
        raise _pango_missing()
    return laid_out


def _pango_missing() -> InputError:
    hint = f"{_INSTALL_PANGO}, or make the Word file alone: -f docx"
    return InputError(Problem("this PDF cannot be made here: Pango is not installed", hint, code="pango-missing"))


@contextmanager
def explain_missing_glyphs(deal: Deal, words: Callable[[], str]) -> Iterator[None]:
    """Turn characters that no font has into a LayoutError which names their facts, or their line of the `words`."""
    try:
        yield
    except pdf.MissingGlyphs as error:
        raise LayoutError(_missing_glyph_problems(error.characters, deal, words())) from None


def _missing_glyph_problems(characters: list[str], deal: Deal, words: str) -> list[Problem]:
    """Name, for each fact, the characters in it that no font can print; and those of no fact with their line."""
    hint = "write it otherwise, or install a font that has it (for Chinese and Japanese: Noto Sans CJK)"
    problems, left = [], set(characters)
    for answer in deal.answers:
        typed = _typed_text(answer) if answer.typed else ""
        found = [char for char in characters if char in typed]
        if found:
            left -= set(found)
            message = f"no font on this machine can print {_quote_characters(found)}"
            problems.append(Problem(message, hint, answer.path, answer.place, code="font-lacks-character"))
    for char in characters:
        if char in left:
            line = next((line for line in words.split("\n") if char in line), "")
            message = f"no font on this machine can print {_quote_characters([char])} in: {line}"
            problems.append(Problem(message, hint, "", Place(deal.source), code="font-lacks-character"))
    return problems


def _quote_characters(characters: list[str]) -> str:
    """Return the first of some characters, each with its code."""
    first = ", ".join(f'"{char}" (U+{ord(char):04X})' for char in characters[:3])
    return first + (f" and {len(characters) - 3} more" if len(characters) > 3 else "")


def _typed_text(answer: Answer) -> str:
    """Return what was typed for a fact, without the parts that are facts of their own and the parties it names."""
    question = answer.question
    if question.type.names_party or question.structure in (Structure.GROUP, Structure.GROUPS, Structure.SHARES):
        return ""
    if question.structure is Structure.PER_PARTY:
        return " ".join(str(entry.get("said")) for entry in answer.value)
    return str(answer.value)


_INSTALL_PANGO = (
    "install it (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install "
    "pango)"
)


def _review_page(fitted: FittedDocument) -> Iterator[Problem]:
    """Yield what a reader should know of the page."""
    if fitted.laid_out is None:
        message = "the page was not proven: it needs Pango, which is not installed, so the fit is an estimate"
        yield Problem(message, _INSTALL_PANGO, code="fit-estimated", severity="W")
    words = sum(clause.words for clause in fitted.document.clauses)
    if words > MOST_WORDS:
        message = f"the clauses have {words:,} words; more than {MOST_WORDS:,} on a page are hard to read"
        yield Problem(message, "leave out topics that this deal does not need", code="fit-many-words", severity="W")
