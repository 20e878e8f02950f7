"""How far a deal file is: what applies, what is answered, what is usual, what is missing. Nothing here raises.

Why: a questionnaire asks while the deal is incomplete, and has to know what to ask next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agreementgen.deal.answers import Known
from agreementgen.deal.completing import IDLE, MISSING
from agreementgen.deal.entries import OFF, Entry
from agreementgen.deal.questions import Question
from agreementgen.deal.reading import Beside, Form, Reader, nothing_beside
from agreementgen.deal.values import switch_word
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode, YamlText
from agreementgen.errors import Problem

Path = tuple[str, ...]
# answered: typed and readable; usual: its default holds; open: may be answered, and has no default; missing: must be
# answered; wrong: typed, and there is a problem; waiting: another answer decides whether it applies; idle: typed, and
# other answers make it meaningless.
State = Literal["answered", "usual", "open", "missing", "wrong", "waiting", "idle"]


@dataclass(frozen=True)
class Fact:
    """One question in its place in a deal. `value` is the answer, typed or usual; `node` what was typed.

    `path` counts the entries of lists from 1 and names parties by their short names.
    """

    path: Path
    question: Question
    state: State
    value: Any = None
    node: Node | None = None
    problem: Problem | None = None

    @property
    def field(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Standing:
    """All questions that apply, in the order of the form, and every problem of the file."""

    facts: tuple[Fact, ...]
    problems: tuple[Problem, ...]
    known: Known
    parties: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    def at(self, path: Path) -> Fact | None:
        return next((fact for fact in self.facts if fact.path == path), None)

    def below(self, path: Path) -> tuple[Fact, ...]:
        """Return the facts directly inside the group, list entry or party at `path`."""
        return tuple(fact for fact in self.facts if fact.path[:-1] == path)

    def problem_at(self, path: Path) -> Problem | None:
        """Return the first problem of what was typed at `path` or inside it."""
        name = ".".join(path)
        said = (p for p in self.problems if p.field == name or p.field.startswith(name + "."))
        return next((problem for problem in said if problem.message != MISSING), None)


def look(yaml: YamlText, source: str, form: Form, beside: Beside = nothing_beside) -> Standing:
    """Return how far the deal of a readable YAML text is; `beside` reads the tables it names."""
    reader = Reader(form, source, beside)
    reader.gather(yaml)
    entries = {entry.path: entry for entry in reader.entries}
    usual = {answer.path: answer.value for answer in reader.answers if not answer.typed}
    problems: dict[str, Problem] = {}
    for problem in reader.problems:
        problems.setdefault(problem.field, problem)

    def below(questions: tuple[Question, ...], path: Path) -> Iterator[Fact]:
        for question in questions:
            here = (*path, question.key)
            entry = entries.get(".".join(here))
            if entry is None or not (question.asked or (question.fixed and entry.given is not None)):
                continue
            fact = _fact(here, entry, usual, problems)
            if fact is not None:
                yield fact
                yield from inside(question, here, entry.given)

    def inside(question: Question, path: Path, node: Node | None) -> Iterator[Fact]:
        if question.type == "group":
            yield from below(question.of, path)
        elif question.type == "list of groups" and isinstance(node, SequenceNode):
            for number in range(1, len(node.items) + 1):
                yield from below(question.of, (*path, str(number)))
        elif question.type == "per party" and question.of[0].type == "group":
            for short in reader.known.parties:
                yield from below(question.of[0].of, (*path, short))

    parties = tuple(str(party.get("short") or "") for party in reader.facts["parties"])
    found = tuple(below(form.questions, ()))
    return Standing(found, tuple(reader.problems), reader.known, parties, reader.facts)


def _fact(path: Path, entry: Entry, usual: Mapping[str, Any], problems: Mapping[str, Problem]) -> Fact | None:
    question, name = entry.question, entry.path
    problem = problems.get(name)
    if entry.off:
        return Fact(path, question, "idle", None, entry.given, problem) if entry.given is not None else None
    if problem and problem.message == MISSING:
        return Fact(path, question, "missing", problem=problem)
    if entry.given is not None:
        if problem is None and question.type not in ("group", "list of groups"):
            problem = next((found for field, found in problems.items() if field.startswith(name + ".")), None)
        if problem is not None and not problem.message.endswith(IDLE):
            return Fact(path, question, "wrong", entry.value, entry.given, problem)
        off = isinstance(entry.given, ScalarNode) and switch_word(entry.given.text, question.words or ()) == "no"
        return Fact(path, question, "answered", OFF if off else entry.value, entry.given)
    if name in usual:
        return Fact(path, question, "usual", usual[name])
    return Fact(path, question, "waiting" if entry.unsure else "open", entry.value)


def plain(node: Node | None) -> Any:
    """Return a node as texts, lists and dictionaries, as they were typed; an empty value is None."""
    if isinstance(node, MappingNode):
        return {name.text: plain(value) for name, value in node}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return None if not isinstance(node, ScalarNode) or node.empty else node.text
