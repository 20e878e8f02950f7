"""The whole way from a deal to its documents. Everything else hangs on these few functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from agreementgen.core import budget
from agreementgen.core.document import ChartDocument, Document, chart_lines, words_in
from agreementgen.core.problems import Finding, InputError, LayoutError, Place, Problem
from agreementgen.deal.deal import Answer, Deal, duties_of
from agreementgen.deal.matrix import to_rows
from agreementgen.deal.reader import Beside, Form, nothing_beside, read_deal
from agreementgen.draft.chart import chart_document, findings
from agreementgen.draft.drafting import around, draft, unprinted
from agreementgen.draft.selection import Selection, select
from agreementgen.library.library import Library
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline
from agreementgen.packs.word_file import AGREEMENT
from agreementgen.render import chart_sheets, docx, pdf, plain_text, template_filling
from agreementgen.render.chart_layout import arranged, arranged_alone
from agreementgen.render.fit import LAYOUTS, MOST_WORDS, Fitted, Rung, fit
from agreementgen.yamlfile import nodes

FORMATS = ("docx", "pdf", "txt")
CHART_FORMATS = ("docx", "pdf", "xlsx", "csv")


@dataclass(frozen=True)
class Charted:
    """The RACI chart of a deal by format, what its check has to say, and how many pages it takes."""

    deal: Deal
    document: ChartDocument
    files: dict[str, bytes]
    findings: tuple[Finding, ...]
    pages: int


@dataclass(frozen=True)
class Built:
    """The documents of one deal by format, how they fit, and what the reader should know.

    `chart` is the RACI chart where it stands beside the agreement.
    """

    deal: Deal
    selection: Selection
    fitted: Fitted
    files: dict[str, bytes]
    warnings: tuple[Problem, ...]
    chart: Charted | None = None


def read(data: bytes, source: str, library: Library, paper: str = "", beside: Beside = nothing_beside) -> Deal:
    """Return the deal of a YAML file's bytes; raise InputError with every problem.

    `paper` replaces the deal's; `beside` reads the tables that a deal file names.
    """
    answers = nodes.read(nodes.decode(data, source), source, go_on=True)
    return read_answers(answers, source, library, paper, beside)


def read_answers(
    answers: nodes.YamlText, source: str, library: Library, paper: str = "", beside: Beside = nothing_beside
) -> Deal:
    """Return the deal of answers that were read already; raise InputError like `read`."""
    deal = read_deal(answers, source, form_of(answers, library), beside)
    return replace(deal, facts={**deal.facts, "paper": paper}) if paper else deal


def form_of(answers: nodes.YamlText, library: Library) -> Form:
    """Return the questions that answers are answers to; raise InputError where they name no kind of agreement."""
    try:
        kind = _kind(answers.root, library)
    except InputError as error:
        raise InputError((*answers.problems, *error.problems)) from None
    left_out = {node.text.strip() for node in _items(answers.root.get("leave out"))}
    return library.form(library.outline(kind, left_out))


def build(deal: Deal, library: Library, formats: Collection[str] = ("docx", "pdf"), layout: str = "auto") -> Built:
    """Return the documents in a layout of fit.LAYOUTS; "auto" leaves the choice to the deal and its kind.

    Raise LayoutError where they do not fit, InputError where a PDF cannot be made here.
    """
    outline = library.outline_of(deal)

    def drafted(rung: Rung) -> Document:
        selection = select(deal, library, outline, rung.short)
        with budget.limited(budget.DOCUMENT):
            document = draft(deal, library, outline, selection, rung.schedules, rung.apart)
        return arranged(document, library.layout)

    _need_pango(formats)
    ladder = LAYOUTS[natural_layout(deal, outline) if layout == "auto" else layout]
    if deal.facts["wording"] == "short":
        ladder = tuple(replace(rung, short=True) for rung in ladder)
    template = _template(deal, library)
    fitted = fit(drafted, library.layout, ladder, laid_out=template is not None)
    selection = select(deal, library, outline, fitted.rung.short)
    warnings = (*deal.warnings, *selection.warnings, *unprinted(deal, fitted.document), *_about(fitted))
    files: dict[str, bytes] = {}
    for name in FORMATS:
        if name == "docx" and name in formats and template:
            setting, resolver = around(deal, selection, fitted.document)
            placed = template_filling.place(fitted.document, template, fitted.sizes, setting, resolver, fitted.pages)
            files[name] = placed.data
            warnings += (*placed.left_out, *(template_filling.apart(template) if "pdf" in formats else ()))
        elif name in formats:
            files[name] = _write(name, fitted, deal, library)
            warnings += _about_word(fitted, library) if name == "docx" else ()
    said = findings(deal, deal.matrix, library, outline) if deal.matrix else ()
    warnings += tuple(finding.problem for finding in said if finding.severity == "W")
    beside = [name for name in formats if name in CHART_FORMATS]
    charted = chart(deal, library, beside) if deal.matrix and not deal.matrix.attach and beside else None
    return Built(deal, selection, fitted, files, warnings, charted)


def chart(deal: Deal, library: Library, formats: Collection[str], workload: bool = False) -> Charted:
    """Return the RACI chart of a deal that has a matrix as a document of its own, in some of CHART_FORMATS.

    Raise InputError where the deal has none, or where a PDF cannot be made here.
    """
    outline = library.outline_of(deal)
    if deal.matrix is None:
        hint = 'add roles and tasks under "raci:"; "agreementgen raci --draft" proposes some'
        raise InputError(Problem("the deal has no RACI matrix", hint, "raci", Place(deal.source)))
    _need_pango(formats)
    document = arranged_alone(chart_document(deal, deal.matrix, outline.title, workload), library.layout)
    pages = document.chart.arrangement.pages if document.chart.arrangement else 1
    files: dict[str, bytes] = {}
    if "pdf" in formats:
        laid = pdf.lay_out_chart(document, library.layout)
        pages = laid.pages
        try:
            files["pdf"] = pdf.write(laid)
        except pdf.MissingGlyphs as error:
            raise LayoutError(_glyphless(error.characters, deal, "\n".join(chart_lines(document.chart)))) from None
    rows = to_rows(deal.matrix, duties_of(deal.facts))
    if "docx" in formats:
        files["docx"] = docx.write_chart(document, library.layout["reference.docx"], pages)
    if "xlsx" in formats:
        files["xlsx"] = chart_sheets.xlsx(document, rows)
    if "csv" in formats:
        files["csv"] = chart_sheets.csv(rows)
    found = findings(deal, deal.matrix, library, outline)
    return Charted(deal, document, {name: files[name] for name in CHART_FORMATS if name in files}, found, pages)


def _need_pango(formats: Collection[str]) -> None:
    if "pdf" in formats and not pdf.available():
        raise InputError(
            Problem(
                "a PDF cannot be made here: Pango is not installed", f"{_PANGO}, or make the Word file alone: -f docx"
            )
        )


def natural_layout(deal: Deal, outline: Outline) -> str:
    """Return the layout a deal asks for, or else that of its kind: three parties need a page for the terms alone."""
    asked = str(deal.facts["layout"])
    if asked != "auto":
        return asked
    return "one-plus-one" if len(deal.parties) > 2 else outline.layout


def _about_word(fitted: Fitted, library: Library) -> tuple[Problem, ...]:
    """Return what a reader should know of the Word file's own page."""
    if fitted.word.fits:
        return ()
    wanted = "two pages" if fitted.document.apart else "one page"
    hint = "make its margins or header smaller, take a narrower font, or send the PDF"
    return (
        Problem(
            f"the Word file is not expected to fit on {wanted} with the margins, header and font of this file",
            hint,
            "",
            Place(library.layout["reference.docx"].name),
        ),
    )


def _template(deal: Deal, library: Library) -> SourceFile | None:
    """Return the Word template of a deal's kind of agreement, or of all, where a pack has one."""
    return library.layout.get(f"{deal.kind}.docx") or library.layout.get(AGREEMENT)


def _write(name: str, fitted: Fitted, deal: Deal, library: Library) -> bytes:
    if name == "txt":
        return plain_text.write(fitted.document).encode()
    if name == "docx":
        word = fitted.word
        return docx.write(fitted.document, library.layout["reference.docx"], word.sizes, fitted.pages, word.label)
    if fitted.laid is None:
        raise AssertionError("a PDF needs a layout")
    try:
        return pdf.write(fitted.laid)
    except pdf.MissingGlyphs as error:
        raise LayoutError(_glyphless(error.characters, deal, words_in(fitted.document))) from None


def _items(node: nodes.Node | None) -> Iterator[nodes.ScalarNode]:
    """Yield the texts of a list, or of what stands where a list of one may stand."""
    items = node.items if isinstance(node, nodes.SequenceNode) else (node,)
    return (item for item in items if isinstance(item, nodes.ScalarNode))


def _kind(root: nodes.MappingNode, library: Library) -> str:
    node = root.get("agreement")
    if isinstance(node, nodes.ScalarNode) and node.bad:
        raise InputError(())  # its problem is among those of the YAML
    if node is not None and not isinstance(node, nodes.ScalarNode):
        hint = "write it like: agreement: " + next(iter(library.offered))
        raise InputError(Problem("one word belongs here", hint, "agreement", node.place))
    if node is None or node.empty:
        place = node.place if node else root.place
        raise InputError(
            Problem(
                "this is missing: which kind of agreement is it?",
                "add a line such as: agreement: " + next(iter(library.offered)),
                "agreement",
                place,
            )
        )
    kind = node.text.strip()
    try:
        return library.outline(kind).kind
    except InputError as error:
        raise InputError([replace(problem, place=node.place) for problem in error.problems]) from None


def _glyphless(characters: list[str], deal: Deal, words: str) -> list[Problem]:
    """Name, for each fact, the characters in it that no font can print; and those of no fact with their line."""
    hint = "write it otherwise, or install a font that has it (for Chinese and Japanese: Noto Sans CJK)"
    problems, left = [], set(characters)
    for answer in deal.answers:
        said = _said(answer) if answer.typed else ""
        found = [char for char in characters if char in said]
        if found:
            left -= set(found)
            problems.append(
                Problem(f"no font on this machine can print {_shown(found)}", hint, answer.path, answer.place)
            )
    for char in characters:
        if char in left:
            line = next((line for line in words.split("\n") if char in line), "")
            problems.append(
                Problem(f"no font on this machine can print {_shown([char])} in: {line}", hint, "", Place(deal.source))
            )
    return problems


def _shown(characters: list[str]) -> str:
    """Return the first of some characters, each with its code."""
    first = ", ".join(f'"{char}" (U+{ord(char):04X})' for char in characters[:3])
    return first + (f" and {len(characters) - 3} more" if len(characters) > 3 else "")


def _said(answer: Answer) -> str:
    """Return what was typed for a fact, without the parts that are facts of their own and the parties it names."""
    match answer.question.type:
        case "group" | "list of groups" | "shares" | "party":
            return ""
        case "per party":
            return " ".join(str(entry.get("said")) for entry in answer.value)
    return str(answer.value)


_PANGO = (
    "install it (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install "
    "pango)"
)


def _about(fitted: Fitted) -> Iterator[Problem]:
    """Yield what a reader should know of the page."""
    if fitted.laid is None:
        yield Problem("the page was not proven: Pango is not installed, so the fit is an estimate", _PANGO)
    words = sum(clause.words for clause in fitted.document.clauses)
    if words > MOST_WORDS:
        yield Problem(
            f"the clauses have {words:,} words; more than {MOST_WORDS:,} on a page are hard to read",
            "leave out topics that this deal does not need",
        )
