"""The one Jinja environment of clauses: sandboxed, strict, and blind to everything but plain facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.language import filters, work
from agreementgen.language.filters import Unfit, printed

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

    Clauses are checked when they are loaded (language/syntax.py). This is the second wall: what passed the
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
        cost = nodes.Const(1 + letters // work.LETTERS)
        loop.iter = nodes.Filter(loop.iter, name, [cost], [], None, None, lineno=loop.lineno)
        loop.iter.set_environment(env)


@pass_context
def rounds(context: Context, values: Any, cost: int) -> Iterator[Any]:
    """Yield `values`, each for `cost` steps. It takes the context so that nothing is worked out ahead."""
    for value in values:
        work.spend(cost)
        yield value


@pass_context
def _finalize(context: Context, value: Any) -> str:
    slots: Slots = context[SLOTS]
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, (Reference, Term, InSchedule)):
        work.spend(1)
        return slots.add(value)
    text = printed(context, value)
    work.spend(work.length(text))
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
    env.filters = {name: rule.apply for name, rule in filters.FILTERS.items()} | {_ROUNDS: rounds}
    env.tests = dict(filters.TESTS)
    return env
