"""Rendering: a checked text and the facts of a deal make blocks; an expression makes yes or no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import TemplateError
from jinja2.environment import Template

from agreementgen.document import Block, Runs
from agreementgen.errors import PackError, Place, Problem
from agreementgen.language import markdown
from agreementgen.language.environment import Reference, Slots, Term, Unfit, environment


@dataclass(frozen=True)
class Setting:
    """What a text is rendered with: the facts, the language, and the topics that have a clause."""

    facts: Mapping[str, Any]
    language: str
    topics: frozenset[str]


_TAG_LINE = re.compile(r"^[ \t]*(\{%(?:[^%]|%(?!\}))*?)(-?%\})[ \t]*\n", re.MULTILINE)


@cache
def _compiled(source: str) -> Template:
    # A line that holds a tag alone leaves nothing behind: its line break moves into the tag, so that
    # neither paragraphs break there nor line numbers change. (Jinja's trim_blocks would also join words.)
    return environment().from_string(_TAG_LINE.sub(r"\1\n\2", source))


@cache
def _expression(source: str) -> Any:
    return environment().compile_expression(source, undefined_to_none=False)


def holds(source: str, facts: Mapping[str, Any], topics: frozenset[str] = frozenset()) -> bool:
    """Return whether the condition `source` is met (an empty one always is)."""
    if not source:
        return True
    return bool(_expression(source)(**facts, has=topics.__contains__))


def _render(source: str, setting: Setting, place: Place) -> tuple[str, Slots]:
    slots = Slots()
    try:
        text = _compiled(source).render(
            **setting.facts,
            _slots=slots,
            _language=setting.language,
            ref=Reference,
            term=Term,
            has=setting.topics.__contains__,
        )
    except (TemplateError, Unfit, TypeError) as error:
        raise PackError(Problem(f"the text cannot be filled in: {error}", place=place)) from error
    return text, slots


def render_blocks(source: str, setting: Setting, place: Place) -> tuple[tuple[Block, ...], Slots]:
    """Return the blocks of a clause body. Facts stand in the runs as slot characters (see markdown.fill)."""
    text, slots = _render(source, setting, place)
    return markdown.blocks(text, place), slots


def render_runs(source: str, setting: Setting, place: Place) -> tuple[Runs, Slots]:
    """Return one line of text; no runs where it says nothing."""
    text, slots = _render(source, setting, place)
    return markdown.inline(" ".join(text.split())), slots
