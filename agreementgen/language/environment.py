"""The one Jinja environment of clauses: sandboxed, strict, and blind to everything but plain facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.deal import formats
from agreementgen.deal.values import Duration, Money, Percent

FIRST_SLOT = 0xE000
LAST_SLOT = 0xF8FF


@dataclass(frozen=True)
class Reference:
    """`ref('topic')`: becomes "section 6" when the clauses are numbered."""

    topic: str


@dataclass(frozen=True)
class Term:
    """`term('row')`: becomes the label of a row of the key-terms table."""

    row: str


Insert = str | Reference | Term


class Unfit(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group)."""


@dataclass
class Slots:
    """What was inserted into one rendered text. Each insert stands as one private-use character.

    Why: text of the user's never passes through Markdown (or any later reader) at all, so there is
    nothing to escape; private-use characters are refused in deals, so no fact can forge a slot.
    """

    inserts: list[Insert] = field(default_factory=list)

    def add(self, insert: Insert) -> str:
        code = FIRST_SLOT + len(self.inserts)
        if code > LAST_SLOT:
            raise Unfit("more than 6,000 facts in one text")
        self.inserts.append(insert)
        return chr(code)

    def at(self, char: str) -> Insert | None:
        index = ord(char) - FIRST_SLOT
        return self.inserts[index] if 0 <= index < len(self.inserts) else None


class ClauseEnvironment(ImmutableSandboxedEnvironment):
    """Looks facts up in dictionaries only; no attribute of any Python object can be reached."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if obj is None:
            return None  # a group that was not given: its facts are not given either
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=dict, name=attribute)
        if isinstance(obj, LoopContext) and attribute in ("first", "last", "index"):
            return getattr(obj, attribute)
        return self.undefined(obj=type(obj), name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.undefined(obj=type(obj), name=str(argument))


@pass_context
def _finalize(context: Context, value: Any) -> str:
    slots: Slots = context["_slots"]
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, (Reference, Term)):
        return slots.add(value)
    try:
        return slots.add(formats.printed(value, context["_language"]))
    except formats.Unprintable as error:
        raise Unfit(f"{error} cannot be printed") from None


def _texts(context: Context, values: Any) -> list[str]:
    return [formats.printed(value, context["_language"]) for value in values]


@pass_context
def _listed(context: Context, values: Any) -> str:
    return formats.listed(_texts(context, values), context["_language"])


@pass_context
def _either(context: Context, values: Any) -> str:
    return formats.listed(_texts(context, values), context["_language"], "or")


@pass_context
def _phrases(context: Context, values: Any) -> str:
    return "; ".join(without_stop(text) for text in _texts(context, values))


@pass_context
def _sentences(context: Context, values: Any) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (without_stop(text) for text in _texts(context, values))
    return " ".join(f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".") for text in texts)


@pass_context
def _phrase(context: Context, value: Any) -> str:
    return without_stop(formats.printed(value, context["_language"]))


@pass_context
def _adjective(context: Context, value: Any) -> str:
    if not isinstance(value, Duration):
        raise Unfit("only a length of time has an adjective")
    return formats.adjective(value, context["_language"])


@pass_context
def _possessive(context: Context, value: Any) -> str:
    return formats.possessive(formats.printed(value, context["_language"]))


@pass_context
def _counted(context: Context, value: Any, one: str, many: str) -> str:
    return f"{formats.printed(value, context['_language'])} {one if value == 1 else many}"


@pass_context
def _capital(context: Context, value: Any) -> str:
    text = formats.printed(value, context["_language"])
    return text[:1].upper() + text[1:]


@pass_context
def _the(context: Context, value: Any) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = formats.printed(value, context["_language"])
    return f"the {text}" if text.startswith(("District", "United", "Netherlands", "Philippines", "State ")) else text


@pass_context
def _an(context: Context, value: Any) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah, Ukraine)."""
    text = formats.printed(value, context["_language"])
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    return f"an {text}" if spelled or text[:1].upper() in tuple("AEIO") else f"a {text}"


_ABBREVIATIONS = ("inc.", "ltd.", "co.", "corp.", "llc.", "bros.", "jr.", "sr.", "etc.", "st.", "no.", "dept.")


def without_stop(text: str) -> str:
    """Return `text` without a closing full stop, unless the stop belongs to its last word (Inc., U.S.)."""
    if not text.endswith(".") or text.endswith(".."):
        return text
    last = text.rsplit(" ", 1)[-1].lower()
    return text if last in _ABBREVIATIONS or "." in last[:-1] else text[:-1]


FILTERS = {
    "listed": _listed,
    "either": _either,
    "phrases": _phrases,
    "phrase": _phrase,
    "sentences": _sentences,
    "adjective": _adjective,
    "possessive": _possessive,
    "counted": _counted,
    "capital": _capital,
    "the": _the,
    "an": _an,
}
FUNCTIONS = ("ref", "term", "has")


def _is_percentage(value: Any) -> bool:
    return isinstance(value, Percent)


def _is_positive(value: Any) -> bool:
    """Whether a number, percentage, amount or length of time is given and more than nothing."""
    match value:
        case Percent():
            return value.number > 0
        case Money():
            return value.amount > 0
        case Duration():
            return value.count > 0
        case bool() | None:
            return False
        case int() | Decimal():
            return value > 0
    return False


TESTS = {"percentage": _is_percentage, "positive": _is_positive}


@cache
def environment() -> ClauseEnvironment:
    env = ClauseEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_finalize,
        cache_size=0,
    )
    env.globals.clear()
    env.filters = dict(FILTERS)
    env.tests = dict(TESTS)
    return env
