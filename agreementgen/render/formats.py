"""The formats of documents: what is typed after `-f`, who writes each, and which libraries decide the bytes.

`build`, `raci` and `batch`, their help and their messages take all they know of formats from `FORMATS`. How to add one
is in docs/recipes.md. Writers are imported when they are called: this module stands behind every `--help`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agreementgen.core.document import ChartDocument
    from agreementgen.core.problems import Problem
    from agreementgen.deal.deal import Deal, MatrixRow
    from agreementgen.draft.selection import Selection
    from agreementgen.library.files import SourceFile
    from agreementgen.render.fit import FittedDocument
    from agreementgen.render.page_engine import Pages
    from agreementgen.render.signing import Signing


@dataclass(frozen=True)
class AgreementToWrite:
    """An agreement whose size is chosen; `template` is the Word file in which a firm has laid it out, if any.

    `carried` is the text of the deal that its documents carry; "" for none. `signing` is how they are made ready to
    sign, None where they are signed on paper.
    """

    deal: Deal
    selection: Selection
    fitted: FittedDocument
    layout: Mapping[str, SourceFile]
    template: SourceFile | None
    carried: str = ""
    signing: Signing | None = None


@dataclass(frozen=True)
class ChartToWrite:
    """A RACI chart that is arranged, with the rows of its table; `laid_out` is None where no format needs its pages."""

    document: ChartDocument
    rows: Sequence[MatrixRow]
    layout: Mapping[str, SourceFile]
    pages: int
    laid_out: Pages | None


@dataclass(frozen=True)
class WrittenDocument:
    """The bytes of a document, and what the reader should know of it."""

    data: bytes
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Format:
    """A format of documents: `name` is what is typed after `-f`, and the ending of the files.

    A writer is None where there is no such document. `has_pages` says that we lay out the pages, which needs
    Pango where page_engine says so; a writer that has none (Word makes its own) works everywhere.
    """

    name: str
    write_agreement: Callable[[AgreementToWrite], WrittenDocument] | None = None
    write_chart: Callable[[ChartToWrite], WrittenDocument] | None = None
    has_pages: bool = False
    carries_deal: bool = False


def _write_agreement_docx(agreement: AgreementToWrite) -> WrittenDocument:
    from agreementgen.draft.drafting import context_of_document
    from agreementgen.render import docx, template_filling, word_page

    fitted, word = agreement.fitted, agreement.fitted.word_fit
    marks = agreement.signing.marks if agreement.signing else ()
    if agreement.template:
        context, resolver = context_of_document(agreement.deal, agreement.selection, fitted.document)
        filled = template_filling.fill_template(
            fitted.document, agreement.template, fitted.sizes, context, resolver, fitted.pages, agreement.carried,
            marks,
        )  # fmt: skip
        return WrittenDocument(filled.data, filled.left_out)
    reference = agreement.layout["reference.docx"]
    data = docx.write_docx(
        fitted.document, reference, word.sizes, fitted.pages, word.label_share, agreement.carried, marks,
        word.fills_columns,
    )  # fmt: skip
    return WrittenDocument(data, word_page.find_word_misfit(word, fitted.document, reference))


def _write_agreement_pdf(agreement: AgreementToWrite) -> WrittenDocument:
    laid_out, signing, carried = agreement.fitted.laid_out, agreement.signing, agreement.carried
    if laid_out is None:
        raise AssertionError("a PDF needs a layout")
    if signing is None:
        return WrittenDocument(laid_out.write_pdf(carried))
    from agreementgen.render.carrying import carry_in_pdf
    from agreementgen.render.lettering import REGULAR, letters_of_layout
    from agreementgen.render.signing import add_fields, require_places, write_marks

    document, places = agreement.fitted.document, laid_out.signing_places
    require_places(document, places, agreement.deal.source)
    face = letters_of_layout(agreement.layout).faces[REGULAR]
    if not signing.marks:
        return WrittenDocument(add_fields(laid_out.write_pdf(carried), places, document, face))
    data = write_marks(laid_out.write_pdf(), places, signing, face)
    return WrittenDocument(carry_in_pdf(data, carried) if carried else data)


def _write_agreement_text(agreement: AgreementToWrite) -> WrittenDocument:
    from agreementgen.render import plain_text

    return WrittenDocument(plain_text.write_text(agreement.fitted.document).encode())


def _write_chart_docx(chart: ChartToWrite) -> WrittenDocument:
    from agreementgen.render import docx_chart

    return WrittenDocument(docx_chart.write_chart_docx(chart.document, chart.layout["reference.docx"], chart.pages))


def _write_chart_pdf(chart: ChartToWrite) -> WrittenDocument:
    if chart.laid_out is None:
        raise AssertionError("a PDF needs a layout")
    return WrittenDocument(chart.laid_out.write_pdf())


def _write_chart_xlsx(chart: ChartToWrite) -> WrittenDocument:
    from agreementgen.render import chart_layout

    return WrittenDocument(chart_layout.write_chart_xlsx(chart.document, chart.rows))


def _write_chart_csv(chart: ChartToWrite) -> WrittenDocument:
    from agreementgen.render import chart_layout

    return WrittenDocument(chart_layout.write_chart_csv(chart.rows))


# In the order in which documents are written and listed.
FORMATS = (
    Format("docx", _write_agreement_docx, _write_chart_docx, carries_deal=True),
    Format("pdf", _write_agreement_pdf, _write_chart_pdf, has_pages=True, carries_deal=True),
    Format("txt", _write_agreement_text),
    Format("xlsx", write_chart=_write_chart_xlsx),
    Format("csv", write_chart=_write_chart_csv),
)
AGREEMENT_FORMATS = tuple(known.name for known in FORMATS if known.write_agreement)
CARRYING_FORMATS = tuple(known.name for known in FORMATS if known.carries_deal)
CHART_FORMATS = tuple(known.name for known in FORMATS if known.write_chart)
# What `build` and `batch` take: charts stand beside agreements in every format that is asked for and that they have.
ALL_FORMATS = tuple(known.name for known in FORMATS)


def needs_pages(names: Collection[str]) -> bool:
    """Return whether one of the formats needs pages that are laid out."""
    return any(known.has_pages for known in FORMATS if known.name in names)


# The libraries whose release may change a byte of a document, as package indexes name them.
_PYTHON_LIBRARIES = (
    "Jinja2", "babel", "cssselect2", "fonttools", "lxml", "markdown-it-py", "openpyxl", "pikepdf", "pillow",
    "pycountry", "pydyf", "python-docx", "tinycss2", "tinyhtml5", "uharfbuzz", "weasyprint",
)  # fmt: skip


@cache
def library_versions() -> Mapping[str, str]:
    """Return the version of each library that has a say in the bytes of documents, by its name.

    A batch builds again, and a record of a build differs, where one of them has changed. Those of the operating system
    (Pango, HarfBuzz) are among them where they can be asked, which is on Linux.
    """
    from importlib.metadata import version

    from agreementgen.render import pdf

    return {name: version(name) for name in _PYTHON_LIBRARIES} | pdf.system_library_versions()
