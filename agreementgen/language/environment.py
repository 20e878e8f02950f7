"""What a text of a pack sees when it runs: the sandbox, what clauses may call, and a budget of steps.

A step is a round of a loop, a fact that is printed, a hundred letters, a word inside a tag that is read: the same on
every machine.

Layouts have an environment of their own on the same sandbox, see language/layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import Template
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.language.filters import FILTERS, TESTS, FillingError, fact_in_words

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
    """Take `steps` away; raise BudgetExceeded where they are more than are left."""
    for budget in _budgets.get():
        budget.left -= steps
        if budget.left < 0:
            raise BudgetExceeded(budget.limit)


def steps_for_text(text: str) -> int:
    """Return what printing `text` costs, in steps."""
    return 1 + len(text) // LETTERS_PER_STEP


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
