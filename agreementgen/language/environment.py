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
LANGUAGE = "the language"


class Unfit(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group)."""


def printed(context: Context, value: Any) -> str:
    """Return `value` in the words of the agreement's language; raise Unfit."""
    try:
        return formats.printed(value, context[LANGUAGE])
    except formats.Unprintable as error:
        raise Unfit(f"{error} cannot be printed") from None


def _texts(context: Context, values: Any) -> list[str]:
    if not isinstance(values, tuple):
        raise Unfit("this filter prints lists only")
    if not values:
        raise Unfit("an empty list cannot be printed")
    return [printed(context, value) for value in values]


def _items(context: Context, values: Any) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    texts = _texts(context, values)
    return [without_stop(text) if isinstance(value, str) else text for text, value in zip(texts, values, strict=True)]


@pass_context
def _listed(context: Context, values: Any) -> str:
    return formats.listed(_items(context, values), context[LANGUAGE])


@pass_context
def _either(context: Context, values: Any) -> str:
    return formats.listed(_items(context, values), context[LANGUAGE], "or")


@pass_context
def _phrases(context: Context, values: Any) -> str:
    return "; ".join(without_stop(text) for text in _texts(context, values))


@pass_context
def _sentences(context: Context, values: Any) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capital(text) for text in _texts(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


@pass_context
def _phrase(context: Context, value: Any) -> str:
    return without_stop(printed(context, value))


@pass_context
def _adjective(context: Context, value: Any) -> str:
    if not isinstance(value, Duration):
        raise Unfit("only a length of time has an adjective")
    return formats.adjective(value, context[LANGUAGE])


@pass_context
def _possessive(context: Context, value: Any) -> str:
    return formats.possessive(printed(context, value))


@pass_context
def _counted(context: Context, value: Any, one: str, many: str) -> str:
    return f"{printed(context, value)} {one if value == 1 else many}"


@pass_context
def _capital(context: Context, value: Any) -> str:
    return capital(printed(context, value))


_WITH_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _the(context: Context, value: Any) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = printed(context, value)
    return f"the {text}" if _WITH_THE.match(text) else text


@pass_context
def _an(context: Context, value: Any) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah, Ukraine)."""
    text = printed(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    return f"an {text}" if spelled or text[:1].upper() in tuple("AEIO") else f"a {text}"


def capital(text: str) -> str:
    """Return `text` with a capital first letter, unless its first word is spelled on purpose.

    On purpose: iPad and eBay (a capital further on), northshore.example/brand, dana@northshore.example and e.g.
    (a sign inside), 3d-printing (a figure); and letters whose capital is two letters (the German sharp s).
    """
    first, word = text[:1], text.split(" ", 1)[0].rstrip(".,;:!?)")
    if not first.islower() or any(not _plain(char) for char in word[1:]) or len(first.title()) != 1:
        return text
    return first.title() + text[1:]


def _plain(char: str) -> bool:
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


def without_stop(text: str) -> str:
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
    "listed": Filter(_listed, "list"),
    "either": Filter(_either, "list"),
    "phrases": Filter(_phrases, "list"),
    "sentences": Filter(_sentences, "list"),
    "phrase": Filter(_phrase),
    "adjective": Filter(_adjective, "duration"),
    "possessive": Filter(_possessive),
    "counted": Filter(_counted, constants=2),
    "capital": Filter(_capital),
    "the": Filter(_the),
    "an": Filter(_an),
}
TESTS: Mapping[str, Callable[[Any], bool]] = {"percentage": _is_percentage, "positive": _is_positive}


FIRST_SLOT = 0xE000
LAST_SLOT = 0xF8FF
# No clause can write a name with a space in it, so none can read or replace what stands under this one.
SLOTS = "the slots"


@dataclass(frozen=True)
class Reference:
    """`ref('topic')`: becomes "section 6" when the clauses are numbered."""

    topic: str


@dataclass(frozen=True)
class Term:
    """`term('row')`: becomes the label of a row of the key-terms table."""

    row: str


@dataclass(frozen=True)
class InSchedule:
    """`schedule('goods')`: becomes "Schedule A" when the schedules are lettered."""

    schedule: str


Insert = str | Reference | Term | InSchedule
# Entries of a list by their place, where a text may name them.
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
# Those that print something, and those that are conditions.
PRINTED = ("ref", "term", "schedule")
FUNCTIONS = (*PRINTED, "has", "scheduled")


@dataclass(frozen=True)
class Has:
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
            raise Unfit("a text that prints more than 6,000 facts")
        self.inserts.append(insert)
        return chr(code)

    def at(self, char: str) -> Insert | None:
        index = ord(char) - FIRST_SLOT
        return self.inserts[index] if 0 <= index < len(self.inserts) else None


# A name no clause can write, as in SLOTS.
_ROUNDS = "the rounds"


class _Compiler(CodeGenerator):
    """Refuses slices, which Jinja compiles to Python's own, and counts the rounds of loops."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        count_rounds(node, _ROUNDS, self.environment)
        super().visit_Template(node, frame)

    def visit_Slice(self, node: nodes.Slice, frame: Frame) -> None:  # noqa: N802
        self.fail("clauses do not slice", node.lineno)


class ClauseEnvironment(ImmutableSandboxedEnvironment):
    """Looks facts up in dictionaries only; no attribute of any Python object can be reached.

    Clauses are checked when they are loaded (language/analysis.py). This is the second wall: what passed the
    check by a mistake of ours still reaches nothing but facts, calls nothing but ours, and computes nothing.
    """

    code_generator_class = _Compiler
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)
    intercepted_unops = frozenset(ImmutableSandboxedEnvironment.default_unop_table)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        raise SecurityError(f"clauses do not compute ({operator})")

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        raise SecurityError(f"clauses do not compute ({operator})")

    def is_safe_callable(self, obj: Any) -> bool:
        return obj in (Reference, Term, InSchedule) or isinstance(obj, Has)

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
        cost = nodes.Const(1 + letters // budget.LETTERS)
        loop.iter = nodes.Filter(loop.iter, name, [cost], [], None, None, lineno=loop.lineno)
        loop.iter.set_environment(env)


@pass_context
def rounds(context: Context, values: Any, cost: int) -> Iterator[Any]:
    """Yield `values`, each for `cost` steps. It takes the context so that nothing is worked out ahead."""
    for value in values:
        budget.spend(cost)
        yield value


@pass_context
def _finalize(context: Context, value: Any) -> str:
    slots: Slots = context[SLOTS]
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, (Reference, Term, InSchedule)):
        budget.spend(1)
        return slots.add(value)
    text = printed(context, value)
    budget.spend(budget.length(text))
    return slots.add(text)


@cache
def environment() -> ClauseEnvironment:
    env = ClauseEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_finalize,
        cache_size=0,
    )
    env.globals.clear()
    env.filters = {name: rule.apply for name, rule in FILTERS.items()} | {_ROUNDS: rounds}
    env.tests = dict(TESTS)
    return env
