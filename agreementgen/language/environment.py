"""The filters and tests of clauses: how a fact is put into words.

A fact stands as it was typed. A filter may add words of ours around it, and may do two things to it where the
grammar needs them: make its first letter a capital, and leave out its last full stop.

The one Jinja environment of clauses: sandboxed, strict, and blind to everything but plain facts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from jinja2 import Environment, StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.core import budget
from agreementgen.core import values as formats
from agreementgen.core.values import Duration, Money, Percent

# As in SLOTS of environment.py: a name no clause can write.
LANGUAGE_KEY = "the language"


class FillingError(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group)."""


def fact_in_words(context: Context, value: Any) -> str:
    """Return `value` in the words of the agreement's language; raise Unfit."""
    try:
        return formats.format_value(value, context[LANGUAGE_KEY])
    except formats.Unprintable as error:
        raise FillingError(f"{error} cannot be printed") from None


def _texts_of_list(context: Context, values: Any) -> list[str]:
    if not isinstance(values, tuple):
        raise FillingError("this filter prints lists only")
    if not values:
        raise FillingError("an empty list cannot be printed")
    return [fact_in_words(context, value) for value in values]


def _items_of_list(context: Context, values: Any) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    texts = _texts_of_list(context, values)
    return [
        drop_final_stop(text) if isinstance(value, str) else text for text, value in zip(texts, values, strict=True)
    ]


@pass_context
def _join_with_and(context: Context, values: Any) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY])


@pass_context
def _join_with_or(context: Context, values: Any) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY], "or")


@pass_context
def _join_phrases(context: Context, values: Any) -> str:
    return "; ".join(drop_final_stop(text) for text in _texts_of_list(context, values))


@pass_context
def _join_sentences(context: Context, values: Any) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capitalize(text) for text in _texts_of_list(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


@pass_context
def _as_phrase(context: Context, value: Any) -> str:
    return drop_final_stop(fact_in_words(context, value))


@pass_context
def _as_adjective(context: Context, value: Any) -> str:
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has an adjective")
    return formats.format_adjective(value, context[LANGUAGE_KEY])


@pass_context
def _as_possessive(context: Context, value: Any) -> str:
    return formats.possessive_of(fact_in_words(context, value))


@pass_context
def _count_noun(context: Context, value: Any, one: str, many: str) -> str:
    return f"{fact_in_words(context, value)} {one if value == 1 else many}"


@pass_context
def _with_capital(context: Context, value: Any) -> str:
    return capitalize(fact_in_words(context, value))


_NEEDS_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _with_the(context: Context, value: Any) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = fact_in_words(context, value)
    return f"the {text}" if _NEEDS_THE.match(text) else text


@pass_context
def _with_article(context: Context, value: Any) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah, Ukraine)."""
    text = fact_in_words(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    return f"an {text}" if spelled or text[:1].upper() in tuple("AEIO") else f"a {text}"


def capitalize(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is spelled on purpose.

    On purpose: iPad and eBay (a capital further on), northshore.example/brand, dana@northshore.example and e.g.
    (a sign inside), 3d-printing (a figure); and letters whose capital is two letters (the German sharp s).
    """
    first, word = text[:1], text.split(" ", 1)[0].rstrip(".,;:!?)")
    if not first.islower() or any(not _is_plain_letter(char) for char in word[1:]) or len(first.title()) != 1:
        return text
    return first.title() + text[1:]


def _is_plain_letter(char: str) -> bool:
    return char in "-'’" or unicodedata.category(char) in ("Ll", "Lo", "Lm", "Mn", "Mc")


_ENDS_SENTENCE = re.compile("[.!?…。！？][\"'”’»]*$")


def ends_sentence(text: str) -> bool:
    """Return whether `text` needs no full stop behind it."""
    return bool(_ENDS_SENTENCE.search(text))


_ABBREVIATIONS = frozenset(
    re.findall(
        r"\w+",
        """inc ltd co cos corp llc llp lp plc pllc bros jr sr esq etc st ste no nos dept div intl mfg assoc assn ass
        univ gmbh ag sa kg bv nv pty pvt sp dr mr mrs ms prof rev hon gov sen rep gen col capt lt sgt messrs ph ave
        blvd rd ln ct pl sq hwy pkwy apt fl rm bldg tel ext fax approx est incl excl max min avg misc vs viz cf ca
        jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun hr hrs wk wks
        mo mos yr yrs qtr sec ft in lb lbs oz pp vol ed eds art para reg mass conn calif fla penn wash""",
    )
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\.$")


def drop_final_stop(text: str) -> str:
    """Return `text` without a closing full stop, unless the stop may belong to its last word (Inc., U.S., Malcolm X.).

    Only a stop behind a word, a figure or a closing quote or bracket is a sentence's own.
    """
    if not text.endswith(".") or len(text) < 2 or not (text[-2].isalnum() or text[-2] in "\"'”’)]%"):
        return text
    last = _LAST_WORD.search(text)
    if last and (len(last[1]) == 1 or last[1].casefold() in _ABBREVIATIONS):
        return text
    if "." in text[:-1].rsplit(" ", 1)[-1]:
        return text
    return text[:-1]


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


@dataclass(frozen=True)
class Filter:
    """A filter: what it does, what it takes (a list, a length of time, any one fact), and how many constants."""

    apply: Callable[..., str]
    takes: Literal["one", "list", "duration"] = "one"
    constants: int = 0


FILTERS: Mapping[str, Filter] = {
    "listed": Filter(_join_with_and, "list"),
    "either": Filter(_join_with_or, "list"),
    "phrases": Filter(_join_phrases, "list"),
    "sentences": Filter(_join_sentences, "list"),
    "phrase": Filter(_as_phrase),
    "adjective": Filter(_as_adjective, "duration"),
    "possessive": Filter(_as_possessive),
    "counted": Filter(_count_noun, constants=2),
    "capital": Filter(_with_capital),
    "the": Filter(_with_the),
    "an": Filter(_with_article),
}
TESTS: Mapping[str, Callable[[Any], bool]] = {"percentage": _is_percentage, "positive": _is_positive}


FIRST_SLOT = 0xE000
LAST_SLOT = 0xF8FF
# No clause can write a name with a space in it, so none can read or replace what stands under this one.
SLOTS_KEY = "the slots"


@dataclass(frozen=True)
class ClauseReference:
    """`ref('topic')`: becomes "section 6" when the clauses are numbered."""

    topic: str


@dataclass(frozen=True)
class TermReference:
    """`term('row')`: becomes the label of a row of the key-terms table."""

    row: str


@dataclass(frozen=True)
class ScheduleReference:
    """`schedule('goods')`: becomes "Schedule A" when the schedules are lettered."""

    schedule: str


Insert = str | ClauseReference | TermReference | ScheduleReference
# Entries of a list by their place, where a text may name them.
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
# Those that print something, and those that are conditions.
REFERENCE_FUNCTIONS = ("ref", "term", "schedule")
FUNCTIONS = (*REFERENCE_FUNCTIONS, "has", "scheduled")


@dataclass(frozen=True)
class Presence:
    """`has('topic')` and `scheduled('goods')`: whether the agreement has a clause of a topic, or a schedule."""

    names: frozenset[str]

    def __call__(self, name: str) -> bool:
        return name in self.names


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
            raise FillingError("a text that prints more than 6,000 facts")
        self.inserts.append(insert)
        return chr(code)

    def insert_at(self, char: str) -> Insert | None:
        index = ord(char) - FIRST_SLOT
        return self.inserts[index] if 0 <= index < len(self.inserts) else None


# A name no clause can write, as in SLOTS.
_ROUNDS_FILTER = "the rounds"


class _ClauseCompiler(CodeGenerator):
    """Refuses slices, which Jinja compiles to Python's own, and counts the rounds of loops."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        count_rounds(node, _ROUNDS_FILTER, self.environment)
        super().visit_Template(node, frame)

    def visit_Slice(self, node: nodes.Slice, frame: Frame) -> None:  # noqa: N802
        self.fail("clauses do not slice", node.lineno)


class ClauseEnvironment(ImmutableSandboxedEnvironment):
    """Looks facts up in dictionaries only; no attribute of any Python object can be reached.

    Clauses are checked when they are loaded (language/analysis.py). This is the second wall: what passed the
    check by a mistake of ours still reaches nothing but facts, calls nothing but ours, and computes nothing.
    """

    code_generator_class = _ClauseCompiler
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)
    intercepted_unops = frozenset(ImmutableSandboxedEnvironment.default_unop_table)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"clauses do not compute ({operator})")

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        raise SecurityError(f"clauses do not compute ({operator})")

    def is_safe_callable(self, obj: Any) -> bool:
        return obj in (ClauseReference, TermReference, ScheduleReference) or isinstance(obj, Presence)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if obj is None:
            return None  # a group that was not given: its facts are not given either
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=dict, name=attribute)
        if isinstance(obj, tuple) and attribute in ORDINALS:
            # Templates in Word say `parties.first`; clauses, which are checked, have other words for it.
            return obj[ORDINALS.index(attribute)] if ORDINALS.index(attribute) < len(obj) else None
        if isinstance(obj, LoopContext) and attribute in ("first", "last", "index"):
            return getattr(obj, attribute)
        return self.undefined(obj=type(obj), name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.undefined(obj=type(obj), name=str(argument))


def count_rounds(tree: nodes.Template, name: str, env: Environment) -> None:
    """Put the filter `name` around what each loop of a tree runs over; it gets the steps that a round costs."""
    for loop in list(tree.find_all(nodes.For)):
        letters = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
        cost = nodes.Const(1 + letters // budget.LETTERS_PER_STEP)
        loop.iter = nodes.Filter(loop.iter, name, [cost], [], None, None, lineno=loop.lineno)
        loop.iter.set_environment(env)


@pass_context
def each_counted_round(context: Context, values: Any, cost: int) -> Iterator[Any]:
    """Yield `values`, each for `cost` steps. It takes the context so that nothing is worked out ahead."""
    for value in values:
        budget.spend_steps(cost)
        yield value


@pass_context
def _finalize(context: Context, value: Any) -> str:
    slots: Slots = context[SLOTS_KEY]
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, (ClauseReference, TermReference, ScheduleReference)):
        budget.spend_steps(1)
        return slots.add(value)
    text = fact_in_words(context, value)
    budget.spend_steps(budget.steps_for_text(text))
    return slots.add(text)


@cache
def clause_environment() -> ClauseEnvironment:
    env = ClauseEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_finalize,
        cache_size=0,
    )
    env.globals.clear()
    env.filters = {name: rule.apply for name, rule in FILTERS.items()} | {_ROUNDS_FILTER: each_counted_round}
    env.tests = dict(TESTS)
    return env
