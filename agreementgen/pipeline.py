"""The whole way from a deal to its documents. Everything else hangs on these few functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from agreementgen.deal import yamlfile
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.reading import read_deal
from agreementgen.document import Document, words_in
from agreementgen.draft.coverage import unprinted
from agreementgen.draft.drafting import draft
from agreementgen.draft.selection import Selection, select
from agreementgen.errors import InputError, LayoutError, Place, Problem
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.write import docx, pdf, text
from agreementgen.write.fit import LAYOUTS, MOST_WORDS, Fitted, Rung, fit

FORMATS = ("docx", "pdf", "txt")


@dataclass(frozen=True)
class Built:
    """The documents of one deal by format, how they fit, and what the reader should know."""

    deal: Deal
    selection: Selection
    fitted: Fitted
    files: dict[str, bytes]
    warnings: tuple[Problem, ...]


def read(data: bytes, source: str, library: Library, paper: str = "") -> Deal:
    """Return the deal of a YAML file's bytes; raise InputError with every problem. `paper` replaces the deal's."""
    answers = yamlfile.read(yamlfile.decode(data, source), source, go_on=True)
    try:
        kind = _kind(answers.root, library)
    except InputError as error:
        raise InputError((*answers.problems, *error.problems)) from None
    left_out = {node.text.strip() for node in _items(answers.root.get("leave out"))}
    deal = read_deal(answers, source, library.form(library.outline(kind, left_out)))
    return replace(deal, facts={**deal.facts, "paper": paper}) if paper else deal


def build(deal: Deal, library: Library, formats: Collection[str] = ("docx", "pdf"), layout: str = "auto") -> Built:
    """Return the documents in a layout of fit.LAYOUTS; "auto" leaves the choice to the deal and its kind.

    Raise LayoutError where they do not fit, InputError where a PDF cannot be made here.
    """
    outline = library.outline_of(deal)

    def drafted(rung: Rung) -> Document:
        return draft(deal, library, outline, select(deal, library, outline, rung.short), rung.schedules, rung.apart)

    if "pdf" in formats and not pdf.available():
        raise InputError(
            Problem(
                "a PDF cannot be made here: Pango is not installed", f"{_PANGO}, or make the Word file alone: -f docx"
            )
        )
    ladder = LAYOUTS[natural_layout(deal, outline) if layout == "auto" else layout]
    if deal.facts["wording"] == "short":
        ladder = tuple(replace(rung, short=True) for rung in ladder)
    fitted = fit(drafted, library.layout, ladder)
    files: dict[str, bytes] = {}
    for name in FORMATS:
        if name in formats:
            files[name] = _write(name, fitted, deal, library)
    selection = select(deal, library, outline, fitted.rung.short)
    warnings = (*deal.warnings, *selection.warnings, *unprinted(deal, fitted.document), *_about(fitted))
    return Built(deal, selection, fitted, files, warnings)


def natural_layout(deal: Deal, outline: Outline) -> str:
    """Return the layout a deal asks for, or else that of its kind: three parties need a page for the terms alone."""
    asked = str(deal.facts["layout"])
    if asked != "auto":
        return asked
    return "one-plus-one" if len(deal.parties) > 2 else outline.layout


def _write(name: str, fitted: Fitted, deal: Deal, library: Library) -> bytes:
    if name == "txt":
        return text.write(fitted.document).encode()
    if name == "docx":
        return docx.write(fitted.document, library.layout["reference.docx"], fitted.sizes, fitted.pages)
    if fitted.laid is None:
        raise AssertionError("a PDF needs a layout")
    try:
        return pdf.write(fitted.laid)
    except pdf.MissingGlyphs as error:
        raise LayoutError(_glyphless(error.characters, deal, fitted.document)) from None


def _items(node: yamlfile.Node | None) -> Iterator[yamlfile.Scalar]:
    """Yield the texts of a list, or of what stands where a list of one may stand."""
    items = node.items if isinstance(node, yamlfile.Sequence) else (node,)
    return (item for item in items if isinstance(item, yamlfile.Scalar))


def _kind(root: yamlfile.Mapping, library: Library) -> str:
    node = root.get("agreement")
    if isinstance(node, yamlfile.Scalar) and node.bad:
        raise InputError(())  # its problem is among those of the YAML
    if node is not None and not isinstance(node, yamlfile.Scalar):
        hint = "write it like: agreement: " + next(iter(library.outlines))
        raise InputError(Problem("one word belongs here", hint, "agreement", node.place))
    if node is None or node.empty:
        place = node.place if node else root.place
        raise InputError(
            Problem(
                "this is missing: which kind of agreement is it?",
                "add a line such as: agreement: " + next(iter(library.outlines)),
                "agreement",
                place,
            )
        )
    kind = node.text.strip()
    try:
        return library.outline(kind).kind
    except InputError as error:
        raise InputError([replace(problem, place=node.place) for problem in error.problems]) from None


def _glyphless(characters: list[str], deal: Deal, document: Document) -> list[Problem]:
    """Name, for each character no font can print, the facts it stands in."""
    problems = []
    for char in characters:
        found = [answer for answer in deal.answers if answer.typed and _leaf(answer) and char in str(answer.value)]
        shown = f'no font on this machine can print "{char}" (U+{ord(char):04X})'
        hint = "write it otherwise, or install a font that has it (for Chinese and Japanese: Noto Sans CJK)"
        if found:
            problems += [Problem(shown, hint, answer.path, answer.place) for answer in found]
        else:
            line = next((line for line in words_in(document).split("\n") if char in line), "")
            problems.append(Problem(f"{shown} in: {line}", hint, "", Place(deal.source)))
    return problems


def _leaf(answer: Answer) -> bool:
    return answer.question.type not in ("group", "list of groups")


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
