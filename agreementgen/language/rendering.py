"""Rendering: a checked text and the facts of a deal make blocks; an expression makes yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError
from jinja2.environment import Template

from agreementgen.document import Block, Runs
from agreementgen.errors import PackError, Place, Problem
from agreementgen.language import markdown, outcomes, work
from agreementgen.language.environment import SLOTS, Has, InSchedule, Reference, Slots, Term, environment
from agreementgen.language.filters import LANGUAGE, Unfit

NOWHERE = Place()


@dataclass(frozen=True)
class Setting:
    """What a text is rendered with: the facts, the language, the topics that have a clause, and the schedules."""

    facts: Mapping[str, Any]
    language: str
    topics: frozenset[str]
    schedules: frozenset[str] = frozenset()


_TAG_LINE = re.compile(r"^[ \t]*\{%(-?)(\s*)(\w+)((?:[^%]|%(?!\}))*?)([-+]?%\})[ \t]*\n", re.MULTILINE)


def _alone(tag: re.Match[str]) -> str:
    """Return a tag that stands alone in its line so that the line leaves nothing behind.

    Its line break moves into the tag: neither do paragraphs break there, nor do line numbers change. (Jinja's
    trim_blocks would also join words. So would "{%-", which takes away the break before it, and an else behind
    an if that did not stand alone: hence the space.)
    """
    dash, space, word, rest, end = tag.groups()
    if word in ("if", "for"):
        dash = ""
    behind = " " if dash or word in ("elif", "else") else ""
    return f"{{%{dash}{space}{word}{rest}\n{end}{behind}"


@cache
def _compiled(source: str) -> Template:
    return environment().from_string(_TAG_LINE.sub(_alone, source))


def _template(source: str, hidden: dict[str, Any]) -> Template:
    taken = outcomes.branches_taken(source)
    if taken is None:
        return _compiled(source)
    hidden[outcomes.TAKEN] = taken
    return outcomes.noting(_TAG_LINE.sub(_alone, source))


@cache
def _expression(source: str) -> Any:
    return environment().compile_expression(source, undefined_to_none=False)


def holds(source: str, facts: Mapping[str, Any], topics: frozenset[str] = frozenset(), place: Place = NOWHERE) -> bool:
    """Return whether the condition `source` is met (an empty one always is); raise PackError where it cannot tell."""
    if not source:
        return True
    try:
        return bool(_expression(source)(**facts, has=Has(topics)))
    except (TemplateError, Unfit, TypeError) as error:
        raise PackError(Problem(f'the condition "{source}" cannot be decided: {error}', place=place)) from error


def _render(source: str, setting: Setting, place: Place) -> tuple[str, Slots]:
    slots = Slots()
    hidden: dict[str, Any] = {SLOTS: slots, LANGUAGE: setting.language}
    ours: dict[str, Any] = {"ref": Reference, "term": Term, "schedule": InSchedule}
    ours |= {"has": Has(setting.topics), "scheduled": Has(setting.schedules)}
    try:
        with work.limited(work.TEXT):
            text = _template(source, hidden).render({**setting.facts, **ours, **hidden})
            work.spend(work.length(text))
    except work.Overworked as error:
        where = Place(place.file, place.line + _line(error) - 1, 1)
        hint = "a list inside a list is run through once for each pair: take one list, or print less of each"
        message = f"the text cannot be filled in: it takes more than {error.most:,} steps"
        raise PackError(Problem(message, hint, "", where)) from None
    except (TemplateError, Unfit, TypeError) as error:
        where = Place(place.file, place.line + _line(error) - 1, place.column if _line(error) == 1 else 1)
        raise PackError(Problem(f"the text cannot be filled in: {error}", place=where)) from error
    return text, slots


def _line(error: BaseException) -> int:
    """Return the line of the text in which `error` arose; Jinja gives the frames of a text the lines it has there."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    trace, line = error.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def render_blocks(source: str, setting: Setting, place: Place) -> tuple[tuple[Block, ...], Slots]:
    """Return the blocks of a clause body. Facts stand in the runs as slot characters (see markdown.fill)."""
    text, slots = _render(source, setting, place)
    return markdown.blocks(text, place), slots


def render_runs(source: str, setting: Setting, place: Place) -> tuple[Runs, Slots]:
    """Return one line of text; no runs where it says nothing."""
    text, slots = _render(source, setting, place)
    return markdown.inline(" ".join(text.split())), slots


def render_text(source: str, setting: Setting, place: Place) -> tuple[str, Slots]:
    """Return what a text comes out as, not read as Markdown; facts stand in it as slot characters."""
    return _render(source, setting, place)
