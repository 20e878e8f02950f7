"""What a document carries of its deal: what it prints, and what is needed to build it again.

The other side reads it. So it holds no comment, no override, no fact that the agreement does not show, and no position:
the clauses that stand in the text are named instead. Nothing of this is a list of names somewhere: each answer that is
not printed is taken out, and comes back only where the agreement would be another one without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agreementgen import __version__
from agreementgen.core.document import Document
from agreementgen.core.problems import AgreementError
from agreementgen.deal.deal import Deal, Matrix
from agreementgen.deal.matrix_builder import LETTERS_KEY, ROLES_KEY, TABLE_KEY, TASKS_KEY
from agreementgen.deal.questions import POSITION_BY_TOPIC
from agreementgen.deal.reader import node_as_data
from agreementgen.yamlfile.editing import write_answers
from agreementgen.yamlfile.nodes import read_yaml

# The form of what is carried: a program that knows only an older one must not guess.
FORM = "1"
# What says from whose side the clauses are worded; the ids of the clauses say all that the other side may know.
_POSITIONS = ("position", POSITION_BY_TOPIC)
# Of the answers that belong to no topic, these are nobody else's business; the others say what the page is like.
_PRIVATE = ("pack", "overrides", "reference", "status")
Answers = dict[str, Any]


@dataclass(frozen=True)
class CarriedDeal:
    """The answers that are carried, the clauses of the agreement, and the packs they come from."""

    answers: Answers
    clauses: tuple[str, ...]
    packs: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        """The YAML that stands in the document."""
        told: Answers = {"carried": FORM, "program": __version__, "clauses": list(self.clauses)}
        if self.packs:
            told["packs"] = list(self.packs)
        return write_answers({**told, "deal": self.answers})

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def count(self) -> int:
        """How many answers are carried."""
        return sum(1 for _ in _each_leaf(self.answers))


def carry_deal(
    deal: Deal,
    document: Document,
    unprinted: Collection[str],
    clauses: Sequence[str],
    packs: Sequence[str],
    chosen: Mapping[str, str],
    read: Callable[[Answers], Deal],
    draft: Callable[[Deal], Document],
) -> CarriedDeal | None:
    """Return what `document` carries of `deal`; None where the deal was not typed, or would not come back.

    `document` is what `draft` makes of `deal`; `unprinted` are the paths of facts that it does not print. `chosen` are
    answers of the command line, such as the paper. `read` makes a deal of answers, `draft` the agreement of a deal;
    both may raise AgreementError.
    """
    if deal.typed is None:
        return None
    typed: Answers = node_as_data(deal.typed)
    answers: Answers = {**typed, **chosen}
    if deal.matrix and deal.matrix.attach:
        answers["raci"] = _matrix_as_answers(deal.matrix, answers.get("raci"))
    else:
        answers.pop("raci", None)

    def makes_the_same(found: Answers) -> bool:
        try:
            if found == typed:
                # All that was typed, unless writing it down has changed it: then it makes the deal it made before.
                return bool(node_as_data(read_yaml(write_answers(found), deal.source).root) == typed)
            again = read(found)
            # Most deals come back as they are: then so does what is drafted of them.
            return _says_the_same(again, deal) or draft(again) == document
        except AgreementError:
            return False

    doubtful = list(_each_unprinted_path(deal, unprinted))
    without = answers
    for path in doubtful:
        without = _without(without, path)
    if not makes_the_same(without):
        without = answers
        for path in doubtful:
            less = _without(without, path)
            if makes_the_same(less):
                without = less
        if not makes_the_same(without):
            return None
    for name in _POSITIONS:
        without = _without(without, (name,))
    return CarriedDeal(without, tuple(clauses), tuple(packs))


def _says_the_same(again: Deal, deal: Deal) -> bool:
    """Return whether two deals are the same to whoever drafts them; charts that are attached are not compared."""
    if again.facts != deal.facts or (deal.matrix and deal.matrix.attach):
        return False
    typed, typed_again = ({answer.path for answer in one.answers if answer.typed} for one in (deal, again))
    return typed == typed_again


def _each_unprinted_path(deal: Deal, unprinted: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield where the typed answers stand that the agreement does not print; the last of a list first."""
    for answer in reversed(deal.answers):
        name, *rest = answer.path.split(".")
        is_page = not rest and name not in _PRIVATE
        if not answer.typed or name in _POSITIONS or is_page:
            continue
        if not answer.question.printed or answer.path in unprinted:
            yield (name, *rest)


def _without(answers: Any, path: Sequence[str]) -> Any:
    """Return answers without the one at `path`, and without a group that it leaves empty; all where it is not there."""
    match answers:
        case list() if path and path[0].isdigit() and int(path[0]) <= len(answers) and len(path) > 1:
            at = int(path[0]) - 1
            return [*answers[:at], _without(answers[at], path[1:]), *answers[at + 1 :]]
        case dict():
            # A name may hold points itself ("A. Reyes").
            for length in range(len(path), 0, -1):
                name, rest = ".".join(path[:length]), path[length:]
                if name in answers:
                    inner = _without(answers[name], rest) if rest else None
                    kept = {key: value for key, value in answers.items() if key != name}
                    return kept if inner in (None, {}, []) else {**answers, name: inner}
    return answers


def _each_leaf(answers: Any) -> Iterator[Any]:
    inside = answers.values() if isinstance(answers, dict) else answers if isinstance(answers, list) else None
    if inside is None:
        yield answers
    else:
        for value in inside:
            yield from _each_leaf(value)


def _matrix_as_answers(matrix: Matrix, typed: Any) -> Any:
    """Return the chart as it was typed, or, where it stands in a table beside the deal file, as one types it."""
    if not isinstance(typed, dict) or TABLE_KEY not in typed:
        return typed
    kept = {key: value for key, value in typed.items() if key != TABLE_KEY}
    roles = {
        role.name: {"party": role.party, **({"person": role.person} if role.person else {})} for role in matrix.roles
    }
    tasks = {}
    for task in matrix.tasks:
        more = {"phase": task.phase, "due": task.due.isoformat() if task.due else ""}
        tasks[task.name] = {LETTERS_KEY: dict(task.letters), **{key: value for key, value in more.items() if value}}
    return {**kept, ROLES_KEY: roles, TASKS_KEY: tasks}
