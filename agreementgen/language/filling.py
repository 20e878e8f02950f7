"""From a checked text and the facts of a deal to the blocks of a document.

Jinja fills the text in first: a fact stands in what comes out as one private-use character, its slot. Then the text is
read as Markdown, of which paragraphs, emphasis, lists and tables mean anything. `replace_slots` puts the facts in at
the end, so no fact is ever read as Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError
from jinja2.environment import Template

from agreementgen.core.document import Block, Inner, ItemList, Paragraph, Run, Runs, Table
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.words import ENGLISH, PrintedWords
from agreementgen.language.compiling import absorb_line_breaks, compile_text
from agreementgen.language.environment import (
    FIRST_SLOT,
    LAST_SLOT,
    SLOTS_KEY,
    BudgetExceeded,
    ClauseReference,
    Presence,
    ScheduleReference,
    Slots,
    TermReference,
    find_template_line,
    limit_steps,
    refer_to_clauses,
    render_template,
    spend_steps,
    steps_for_text,
)
from agreementgen.language.filters import LANGUAGE_KEY, WORDS_KEY, FillingError, ends_sentence
from agreementgen.language.outcomes import OUTCOMES_KEY, compile_recording, recorded_outcomes_of
from agreementgen.language.parsing import place_in_text
from agreementgen.language.spelling import spell

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# No page has room for more, and each row of a table is filled up to as many.
MAX_COLUMNS = 20
# Steps for filling one text in: the longest of the samples takes 30, a schedule some for each of its rows, and there
# may be thousands of rows.
STEPS_FOR_TEXT = 20_000
_SLOT = re.compile(f"([{chr(FIRST_SLOT)}-{chr(LAST_SLOT)}])")


@cache
def _markdown_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["emphasis", "list", "table", "escape"])


# With slots in the place of facts, agreements of many deals have the same few hundred texts.
_KEPT_TEXTS = 1024


# Text without these is no Markdown in one line.
_MARKDOWN_SIGNS = frozenset("*_\\")


@lru_cache(_KEPT_TEXTS)
def read_line(text: str) -> Runs:
    """Return the runs of one line."""
    if _MARKDOWN_SIGNS.isdisjoint(text):
        return trim_runs(join_runs([Run(_as_printed(text))]))
    tokens = _markdown_parser().parseInline(text)
    return _read_runs(tokens[0]) if tokens else ()


@lru_cache(_KEPT_TEXTS)
def read_blocks(text: str, place: Place) -> tuple[Block, ...]:
    """Return the blocks of `text`; raise PackError for a list that is not one of plain items, and a table too wide."""
    if any(line.count("|") > MAX_COLUMNS + 1 for line in text.split("\n")):
        raise PackError(Problem(f"a table has at most {MAX_COLUMNS} columns", place=place, code="clause-markdown"))
    tokens = _markdown_parser().parse(text)
    found: list[Block] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        end = index + 1
        if token.nesting == 1:
            depth = 1
            while depth:
                depth += tokens[end].nesting
                end += 1
        inner = tokens[index + 1 : end - 1]
        match token.type:
            case "paragraph_open":
                runs = _read_runs(inner[0])
                if runs:
                    found.append(Paragraph(runs))
            case "bullet_list_open" | "ordered_list_open":
                items = _read_list(inner, token.type == "ordered_list_open", place)
                if items.items:
                    found.append(items)
            case "table_open":
                found.append(_read_table(inner))
        index = end
    return tuple(found)


def _read_list(tokens: Sequence[Token], numbered: bool, place: Place) -> ItemList:
    """Return a list, with the lists inside its items behind these."""
    items: list[tuple[Runs, Inner]] = []
    inside: list[Inner] = [""]
    for token in tokens:
        if token.type.endswith("list_open"):
            if len(inside) > 1:
                message = "a list inside a list holds no third one"
                raise PackError(Problem(message, "say it in a sentence", place=place, code="clause-markdown"))
            inside.append("number" if token.type == "ordered_list_open" else "point")
        elif token.type.endswith("list_close"):
            inside.pop()
        elif token.type == "list_item_open":
            items.append(((), inside[-1]))
        elif token.type == "table_open" or (token.type == "inline" and items[-1][0]):
            hint = "put the second one behind it"
            raise PackError(Problem("an item of a list is one paragraph", hint, place=place, code="clause-markdown"))
        elif token.type == "inline":
            items[-1] = _read_runs(token), inside[-1]
    said = [(runs, kind) for runs, kind in items if runs]
    if said and said[0][1]:
        message = "a list stands inside an item that says nothing"
        raise PackError(Problem(message, "give the item words", place=place, code="clause-markdown"))
    inner = tuple(kind for _, kind in said)
    return ItemList(tuple(runs for runs, _ in said), numbered, inner if any(inner) else ())


def _read_table(tokens: Sequence[Token]) -> Table:
    rows: list[list[Runs]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_read_runs(token))
    return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]))


def _read_runs(inline: Token) -> Runs:
    runs: list[Run] = []
    bold = italic = 0
    for child in inline.children or ():
        match child.type:
            case "strong_open" | "strong_close":
                bold += child.nesting
            case "em_open" | "em_close":
                italic += child.nesting
            case "text" | "text_special":
                runs.append(Run(_as_printed(child.content), bool(bold), bool(italic)))
            case "softbreak" | "hardbreak":
                runs.append(Run(" ", bool(bold), bool(italic)))
    return trim_runs(join_runs(runs))


def _as_printed(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", text).replace("'", "’")


def join_runs(runs: Sequence[Run]) -> Runs:
    """Return `runs` with neighbours of one style made one."""
    found: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if found and (found[-1].bold, found[-1].italic) == (run.bold, run.italic):
            found[-1] = found[-1].append(run)
        else:
            found.append(run)
    return tuple(found)


def trim_runs(runs: Runs) -> Runs:
    """Return `runs` without space at either end, and none doubled where two runs meet."""
    found: list[Run] = []
    for run in runs:
        text = run.text.lstrip(" ") if not found or found[-1].text.endswith(" ") else run.text
        if text:
            found.append(Run(text, run.bold, run.italic))
    while found and not (last := found[-1].text.rstrip(" ")):
        found.pop()
    if found:
        found[-1] = Run(last, found[-1].bold, found[-1].italic)
    return tuple(found)


def replace_slots(runs: Runs, words: Callable[[str], str | Run | None]) -> Runs:
    """Put the facts in: `words` returns the text of a slot character, as a run where it refers to clauses.

    A full stop of the clause behind a fact that ends with one ("... and Acme, Inc.") is left out.
    """
    found: list[Run] = []
    after_stop = False
    for run in runs:
        text, references = "", []
        # Every second piece is a slot.
        for at, piece in enumerate(_SLOT.split(run.text)):
            if not piece:
                continue
            fact = words(piece) if at % 2 else None
            if isinstance(fact, Run):
                references += [reference.move(len(text)) for reference in fact.references]
                fact = fact.text
            if fact is None and after_stop and piece.startswith("."):
                piece = piece[1:]
            text += piece if fact is None else fact
            after_stop = fact is not None and ends_sentence(fact)
        found.append(Run(text, run.bold, run.italic, tuple(references)))
    return join_runs(found)


@dataclass(frozen=True)
class FillContext:
    """What a text is rendered with: the facts, the language, the topics that have a clause, and the schedules.

    `positions` are those of the clauses, by topic.
    """

    facts: Mapping[str, Any]
    language: str
    topics: frozenset[str]
    schedules: frozenset[str] = frozenset()
    positions: Mapping[str, str] = field(default_factory=dict)
    words: PrintedWords = ENGLISH

    @cached_property
    def names(self) -> Mapping[str, object]:
        """All that a text may name."""
        return {
            **self.facts,
            "ref": ClauseReference,
            "refs": refer_to_clauses,
            "term": TermReference,
            "schedule": ScheduleReference,
            "has": Presence(self.topics, self.positions),
            "scheduled": Presence(self.schedules),
            LANGUAGE_KEY: self.language,
            WORDS_KEY: self.words,
        }

    @property
    def law_region(self) -> str:
        """The region whose law governs, which decides how words of ours are spelled; "" where it is not known."""
        return str(self.facts.get("law_region") or "") if self.language.startswith("en") else ""


def _template_of(source: str, names: dict[str, object]) -> Template:
    """Return the template of a text; where outcomes are recorded, they are noted in the place added to `names`."""
    taken = recorded_outcomes_of(source)
    if taken is None:
        return compile_text(source)
    names[OUTCOMES_KEY] = taken
    return compile_recording(absorb_line_breaks(source))


def fill_blocks(source: str, context: FillContext, place: Place) -> tuple[tuple[Block, ...], Slots]:
    """Return the blocks of a clause's body, with slots for facts; raise PackError."""
    text, slots = fill_text(source, context, place)
    return read_blocks(text, place), slots


def fill_line(source: str, context: FillContext, place: Place) -> tuple[Runs, Slots]:
    """Return one line of text, with slots for facts; no runs where it says nothing. Raise PackError."""
    text, slots = fill_text(source, context, place)
    return read_line(" ".join(text.split())), slots


def _fill_tags(source: str, context: FillContext, slots: Slots) -> str:
    """Return a text with its tags filled in; one without tags is not compiled, which would take longest."""
    if "{" not in source:
        return source.removesuffix("\n")
    names = {**context.names, SLOTS_KEY: slots}
    return render_template(_template_of(source, names), names)


def fill_text(source: str, context: FillContext, place: Place) -> tuple[str, Slots]:
    """Return what a text comes out as, not read as Markdown, with slots for facts.

    Raise PackError, at the line of the text, for what cannot be printed and for what takes too many steps.
    """
    slots = Slots()
    try:
        with limit_steps(STEPS_FOR_TEXT):
            text = spell(_fill_tags(source, context, slots), context.law_region)
            spend_steps(steps_for_text(text))
    except BudgetExceeded as error:
        message = f"it takes more than {error.limit:,} steps"
        hint = "a list inside a list is run through once for each pair: take one list, or print less of each"
        start = Place(place.file, place.line, 1)
        raise PackError(_unfilled_problem(error, start, message, hint, "clause-too-slow")) from None
    except (TemplateError, FillingError, TypeError) as error:
        hint = error.hint if isinstance(error, FillingError) else ""
        raise PackError(_unfilled_problem(error, place, str(error), hint, "clause-cannot-fill")) from error
    return text, slots


def _unfilled_problem(error: Exception, start: Place, message: str, hint: str, code: str) -> Problem:
    # Jinja's names for a template that has none.
    line = find_template_line(error, ("<template>", "<unknown>"))[1] or 1
    where = place_in_text(start, line)
    return Problem(f"the text cannot be filled in: {message}", hint, place=where, code=code)
