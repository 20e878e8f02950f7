"""What a text of a pack sees when it runs: the sandbox, the filters and tests of clauses, and a budget of steps.

A step is a round of a loop, a fact that is printed, a hundred letters, a word inside a tag that is read: the same on
every machine.

A fact stands as it was typed. A filter may add words of ours around it, and may do three things to it where grammar
and figures need them: make its first letter a capital, leave out its last full stop, and set commas in long numbers.

Layouts have an environment of their own on the same sandbox, see language/layouts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.core import values as formats
from agreementgen.core.counting import add
from agreementgen.core.places import names_a_court
from agreementgen.core.values import Duration, Money, Percent

LETTERS_PER_STEP = 100


class Missing:
    """What is not given, to conditions that measure: no comparison with it holds; it is never yes, nor its facts."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return False

    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __contains__(self, item: object) -> bool:
        return False


MISSING = Missing()


class BudgetExceeded(Exception):
    """More steps were asked for than there are; `most` says how many there were."""

    def __init__(self, most: int) -> None:
        self.limit = most
        super().__init__(f"this takes more than {most:,} steps")


class _Budget:
    def __init__(self, most: int) -> None:
        self.limit = most
        self.left = most


_budgets: ContextVar[tuple[_Budget, ...]] = ContextVar("budgets", default=())


@contextmanager
def limit_steps(most: int) -> Iterator[None]:
    """Allow `most` steps inside the block, and no more than are left outside it."""
    token = _budgets.set((*_budgets.get(), _Budget(most)))
    try:
        yield
    finally:
        _budgets.reset(token)


def spend_steps(steps: int) -> None:
    """Take `steps` away; raise Overworked where they are more than are left."""
    for budget in _budgets.get():
        budget.left -= steps
        if budget.left < 0:
            raise BudgetExceeded(budget.limit)


def steps_for_text(text: str) -> int:
    """Return what printing `text` costs, in steps."""
    return 1 + len(text) // LETTERS_PER_STEP


# -- filters and tests

# Where the language of the agreement stands in Jinja's context: no clause can write a name with a space in it.
LANGUAGE_KEY = "the language"
WORDS_KEY = "the words"


class FillingError(Exception):
    """A clause printed something that has no words (nothing, yes/no, a group); `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def fact_in_words(context: Context, value: object) -> str:
    """Return `value` in the words of the agreement's language; raise FillingError."""
    try:
        return formats.format_value(value, context[LANGUAGE_KEY])
    except formats.Unprintable as error:
        raise FillingError(f"{error} cannot be printed") from None


def _entries_of_list(values: object) -> tuple[object, ...]:
    if not isinstance(values, tuple):
        raise FillingError("this filter prints lists only")
    if not values:
        raise FillingError("an empty list cannot be printed")
    return values


def _texts_of_list(context: Context, values: object) -> list[str]:
    return [fact_in_words(context, value) for value in _entries_of_list(values)]


def _items_of_list(context: Context, values: object) -> list[str]:
    """Return the words of a list's items; texts without a closing stop, names as they are."""
    entries = _entries_of_list(values)
    return [
        drop_final_stop(text) if isinstance(value, str) else text
        for value, text in zip(entries, _texts_of_list(context, entries), strict=True)
    ]


@pass_context
def _join_with_and(context: Context, values: object) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY])


@pass_context
def _join_with_or(context: Context, values: object) -> str:
    return formats.format_enumeration(_items_of_list(context, values), context[LANGUAGE_KEY], "or")


@pass_context
def _join_with_or_but(context: Context, values: object, unwanted: str) -> str:
    """Join the texts that do not end in `unwanted`: "breach of confidence" leaves out a serious one, too."""
    items = [text for text in _items_of_list(context, values) if not text.endswith(unwanted)]
    return formats.format_enumeration(items, context[LANGUAGE_KEY], "or")


@pass_context
def _join_phrases(context: Context, values: object) -> str:
    return "; ".join(drop_final_stop(text) for text in _texts_of_list(context, values))


@pass_context
def _join_sentences(context: Context, values: object) -> str:
    """Print each text as a sentence of its own: "Refers clients. Briefs the other party." """
    texts = (capitalize(text) for text in _texts_of_list(context, values))
    return " ".join(text if ends_sentence(text) else f"{text}." for text in texts)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@pass_context
def _as_phrase(context: Context, value: object) -> str:
    """Print a text without its closing stop; one that is only a day, as 2027-05-01, as the language writes days."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        with suppress(ValueError):
            return fact_in_words(context, date.fromisoformat(value))
    return drop_final_stop(fact_in_words(context, value))


@pass_context
def _as_adjective(context: Context, value: object) -> str:
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has an adjective")
    return formats.format_adjective(value, context[LANGUAGE_KEY])


@pass_context
def _in_form(context: Context, value: object, form: str) -> str:
    """Print a length of time in a case of the language, by the forms that a pack gives."""
    if not isinstance(value, Duration):
        raise FillingError("only a length of time has forms")
    units = context[WORDS_KEY].forms.get(form) or {}
    if value.unit not in units:
        raise FillingError(f'words.yaml has no form "{form}" of the unit "{value.unit}"')
    one, more = units[value.unit]
    return f"{formats.format_number(Decimal(value.count), context[LANGUAGE_KEY])} {one if value.count == 1 else more}"


@pass_context
def _as_possessive(context: Context, value: object) -> str:
    return formats.possessive_of(fact_in_words(context, value))


@pass_context
def _count_noun(context: Context, value: object, one: str, many: str) -> str:
    return f"{fact_in_words(context, value)} {one if value == 1 else many}"


@pass_context
def _with_capital(context: Context, value: object) -> str:
    return capitalize(fact_in_words(context, value))


@pass_context
def _with_cents(context: Context, value: object) -> str:
    if isinstance(value, Money):
        return formats.format_money(value, context[LANGUAGE_KEY], cents=True)
    return fact_in_words(context, value)


@pass_context
def _with_grouped_digits(context: Context, value: object) -> str:
    return formats.group_digits(fact_in_words(context, value), context[LANGUAGE_KEY])


def _count_on(value: Any, length: Any) -> date:
    """Return the day that is a length of time behind `value`, a date."""
    return _move_day(value, length, 1)


def _count_back(value: Any, length: Any) -> date:
    """Return the day that is a length of time before `value`, a date."""
    return _move_day(value, length, -1)


def _move_day(value: Any, length: Any, times: int) -> date:
    if isinstance(length, str):
        length = formats.read_duration(length)
    if value is None:
        raise FillingError("there is no day to count from", "put {% if ... %} with the name of the day around the text")
    if isinstance(value, str):
        hint = f"put {{% if ... != '{value}' %}} with the name of the day around the text"
        raise FillingError(f'there is no day to count from where "{value}" is the answer', hint)
    if not isinstance(value, date) or not isinstance(length, Duration):
        raise FillingError("plus and minus count from a day, a length of time")
    try:
        return add(value, length, times)
    except (OverflowError, ValueError):
        raise FillingError("the day is behind the year 9999, or before the year 1") from None


_NEEDS_THE = re.compile(r"(?:District|United|Netherlands|Philippines|State)(?= |,|$)")


@pass_context
def _with_the(context: Context, value: object) -> str:
    """Put "the" before a text that begins with a plain noun of ours ("District of Columbia")."""
    text = fact_in_words(context, value)
    return f"the {text}" if _NEEDS_THE.match(text) else text


@pass_context
def _as_courts(context: Context, value: object) -> str:
    """Return the courts of a place ("courts of Essex County"); a court that has a name keeps it ("the High Court")."""
    text = fact_in_words(context, value)
    if not names_a_court(text):
        return f"courts of {_with_the(context, value)}"
    return text if text.lower().startswith("the ") else f"the {text}"


@pass_context
def _with_article(context: Context, value: object) -> str:
    """Put "a" or "an" before a noun; names in U are spoken "you" (Utah), but not "unlimited"."""
    text = fact_in_words(context, value)
    spelled = len(text) > 1 and text[1] == " " and text[0] in "AEFHILMNORSX"  # "an S corporation"
    is_vowel = text[:1].upper() in tuple("AEIO") or bool(re.match(r"un(?!i)", text))
    return f"an {text}" if spelled or is_vowel else f"a {text}"


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


def _is_percentage(value: object) -> bool:
    return _holds_kind(value, Percent)


def _is_money(value: object) -> bool:
    return _holds_kind(value, Money)


def _holds_kind(value: object, kind: type) -> bool:
    """Return whether a fact is of `kind`, or one of the facts in the groups of a list is."""
    if isinstance(value, tuple):
        return any(isinstance(fact, kind) for entry in value if isinstance(entry, Mapping) for fact in entry.values())
    return isinstance(value, kind)


def _is_positive(value: object) -> bool:
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
    """A filter: what it does, what it takes (a list, a length of time, a date, any one fact), and how many constants.

    One that `counts` takes a length of time in brackets, a constant or a fact, and gives a date.
    """

    apply: Callable[..., object]
    takes: Literal["one", "list", "duration", "date"] = "one"
    constants: int = 0
    counts: bool = False


FILTERS: Mapping[str, Filter] = {
    "listed": Filter(_join_with_and, "list"),
    "either": Filter(_join_with_or, "list"),
    "either_but": Filter(_join_with_or_but, "list", constants=1),
    "phrases": Filter(_join_phrases, "list"),
    "sentences": Filter(_join_sentences, "list"),
    "phrase": Filter(_as_phrase),
    "adjective": Filter(_as_adjective, "duration"),
    "form": Filter(_in_form, "duration", constants=1),
    "possessive": Filter(_as_possessive),
    "counted": Filter(_count_noun, constants=2),
    "capital": Filter(_with_capital),
    "cents": Filter(_with_cents),
    "grouped": Filter(_with_grouped_digits),
    "plus": Filter(_count_on, "date", counts=True),
    "minus": Filter(_count_back, "date", counts=True),
    "the": Filter(_with_the),
    "courts": Filter(_as_courts),
    "an": Filter(_with_article),
}
TESTS: Mapping[str, Callable[[object], bool]] = {
    "percentage": _is_percentage,
    "money": _is_money,
    "positive": _is_positive,
}


# -- the sandbox

# No clause and no layout can write a name with a space in it, so none can read or replace what stands under these.
_ROUNDS_FILTER, SLOTS_KEY = "the rounds", "the slots"


class _Compiler(CodeGenerator):
    """Counts the rounds of loops, and refuses slices, which Jinja compiles to Python's own."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        for loop in list(node.find_all(nodes.For)):
            letters = sum(len(data.data) for data in loop.find_all(nodes.TemplateData))
            cost = nodes.Const(1 + letters // LETTERS_PER_STEP)
            loop.iter = nodes.Filter(loop.iter, _ROUNDS_FILTER, [cost], [], None, None, lineno=loop.lineno)
            loop.iter.set_environment(self.environment)
        super().visit_Template(node, frame)

    def visit_Slice(self, node: nodes.Slice, frame: Frame) -> None:  # noqa: N802
        self.fail("clauses do not slice", node.lineno)


@pass_context
def _each_counted_round(context: Context, values: Iterable[object], cost: int) -> Iterator[object]:
    """Yield `values`, each for `cost` steps. It takes the context so that Jinja works nothing out ahead."""
    for value in values:
        spend_steps(cost)
        yield value


class Sandbox(ImmutableSandboxedEnvironment):
    """What clauses and layouts share: strict names, counted loops, and no way to an attribute of a Python object.

    Texts are checked when they are loaded. This is the second wall: what passed the check by a mistake of ours still
    reaches nothing but what the environments of clauses and of layouts hand out.
    """

    code_generator_class = _Compiler
    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)

    def __init__(
        self,
        filters: Mapping[str, Callable[..., object]],
        tests: Mapping[str, Any],
        functions: Mapping[str, object],
        **options: Any,
    ) -> None:
        """Take what texts may use, by name, and Jinja's own options."""
        super().__init__(undefined=StrictUndefined, **options)
        self.filters = {**filters, _ROUNDS_FILTER: _each_counted_round}
        self.tests = dict(tests)
        self.globals = dict(functions)

    def getattr(self, obj: object, attribute: str) -> object:
        return self.undefined(obj=type(obj), name=attribute)

    def getitem(self, obj: object, argument: object) -> object:
        return self.undefined(obj=type(obj), name=str(argument))


def context_of(template: Template, names: Mapping[str, object]) -> Context:
    """Return what a clause or condition sees when it runs: `names` themselves, which must not change meanwhile.

    Jinja's own way copies them twice each time, and one agreement takes hundreds of texts and conditions. The
    environment's functions, which it would add, are none: see `clause_environment`.
    """
    parent = names if isinstance(names, dict) else dict(names)
    return Context(template.environment, parent, template.name, template.blocks)


def render_template(template: Template, names: Mapping[str, object]) -> str:
    """Return what a clause comes to with `names`; raise what it raises, at the line of its text."""
    try:
        return template.environment.concat(template.root_render_func(context_of(template, names)))
    except Exception:
        template.environment.handle_exception()


def find_template_line(error: BaseException, names: Collection[str]) -> tuple[str, int]:
    """Return the file name and the line, from 1, at which `error` arose in one of the templates `names`.

    ("", 0) where it arose in none. Jinja gives the frames of a template the names and lines of its text.
    """
    name, line = "", getattr(error, "lineno", 0) or 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in names:
            name, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return name, line


# -- what clauses print

FIRST_SLOT = 0xE000
LAST_SLOT = 0xF8FF


@dataclass(frozen=True)
class ClauseReference:
    """`ref('topic')`: becomes "section 6" when the clauses are numbered."""

    topic: str


@dataclass(frozen=True)
class ClauseReferences:
    """`refs('exit', 'general')`: becomes "sections 7 and 16", of the clauses that there are."""

    topics: tuple[str, ...]


def refer_to_clauses(*topics: str) -> ClauseReferences:
    """Return the reference that `refs()` makes."""
    return ClauseReferences(topics)


@dataclass(frozen=True)
class TermReference:
    """`term('row')`: becomes the label of a row of the key-terms table."""

    row: str


@dataclass(frozen=True)
class ScheduleReference:
    """`schedule('goods')`: becomes "Schedule A" when the schedules are lettered."""

    schedule: str


Reference = ClauseReference | ClauseReferences | TermReference | ScheduleReference
Insert = str | Reference
# Entries of a list by their place, where a text may name them.
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
# Those that print something, and those that are conditions.
REFERENCE_FUNCTIONS = ("ref", "refs", "term", "schedule")
PRESENCE_FUNCTIONS = ("has", "scheduled")
FUNCTIONS = (*REFERENCE_FUNCTIONS, *PRESENCE_FUNCTIONS)


@dataclass(frozen=True)
class Presence:
    """`has('topic')` and `scheduled('goods')`: whether the agreement has a clause of a topic, or a schedule.

    `has('topic', 'pro-first')` asks for one in that position; `positions` are those of the clauses, by topic.
    """

    names: frozenset[str]
    positions: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str, position: str = "") -> bool:
        return name in self.names and position in ("", self.positions.get(name))


@dataclass
class Slots:
    """What was inserted into one text that was filled in. Each insert stands as one private-use character.

    Why: text of the user's never passes through Markdown (or any later reader) at all, so there is nothing to
    escape; private-use characters are refused in deals, so no fact can forge a slot.
    """

    inserts: list[Insert] = field(default_factory=list)

    def add(self, insert: Insert) -> str:
        """Return the character that stands for `insert`; raise FillingError where there are none left."""
        code = FIRST_SLOT + len(self.inserts)
        if code > LAST_SLOT:
            raise FillingError("a text that prints more than 6,000 facts")
        self.inserts.append(insert)
        return chr(code)

    def insert_at(self, char: str) -> Insert | None:
        """Return what a character stands for; None for one that is no slot."""
        index = ord(char) - FIRST_SLOT
        return self.inserts[index] if 0 <= index < len(self.inserts) else None


class ClauseEnvironment(Sandbox):
    """Looks facts up in mappings only, calls nothing but the functions of clauses, and computes nothing."""

    intercepted_unops = frozenset(ImmutableSandboxedEnvironment.default_unop_table)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        raise SecurityError(f"clauses do not compute ({operator})")

    def call_unop(self, context: Context, operator: str, arg: object) -> object:
        raise SecurityError(f"clauses do not compute ({operator})")

    def is_safe_callable(self, obj: object) -> bool:
        references = (ClauseReference, refer_to_clauses, TermReference, ScheduleReference)
        return obj in references or isinstance(obj, Presence)

    def getattr(self, obj: object, attribute: str) -> object:
        if obj is None or obj is MISSING:
            return obj  # a group that was not given: its facts are not given either
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=dict, name=attribute)
        if isinstance(obj, tuple) and attribute in ORDINALS:
            # Templates in Word say `parties.first`; clauses, which are checked, have other words for it.
            return obj[ORDINALS.index(attribute)] if ORDINALS.index(attribute) < len(obj) else None
        if isinstance(obj, LoopContext) and attribute in ("first", "last", "index"):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


@pass_context
def _insert_fact(context: Context, value: object) -> str:
    """Return the slot of what a text prints."""
    slots: Slots = context[SLOTS_KEY]
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, Reference):
        spend_steps(1)
        return slots.add(value)
    text = fact_in_words(context, value)
    spend_steps(steps_for_text(text))
    return slots.add(text)


@cache
def clause_environment() -> ClauseEnvironment:
    """Return the one environment of clauses."""
    filters = {name: rule.apply for name, rule in FILTERS.items()}
    return ClauseEnvironment(filters, TESTS, {}, autoescape=False, finalize=_insert_fact, cache_size=0)
