"""Deals made for trying a library: the questions' examples as answers, with what a test wants to know put in.

So every clause can be proven in every branch of its conditions, and a clause's own tests run, before there is a deal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from agreementgen.core.problems import InputError, PackError, Place, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.question_types import GROUP
from agreementgen.deal.questions import Question, Structure, walk_questions
from agreementgen.deal.reader import data_as_node
from agreementgen.library.deal_reading import read_answers
from agreementgen.library.library import Library
from agreementgen.yamlfile.editing import Value
from agreementgen.yamlfile.nodes import MappingNode, YamlText

EXAMPLE_PARTIES = (
    {"name": "Northshore Web Studio LLC", "short": "Northshore", "entity": "LLC", "formed in": "Maine"},
    {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "entity": "corporation", "formed in": "Ohio"},
    {"name": "Cedar Print Works LLC", "short": "Cedar", "entity": "LLC", "formed in": "Texas"},
    {"name": "Juniper Books LLP", "short": "Juniper", "entity": "LLP", "formed in": "Iowa"},
    {"name": "Orchard Films Inc.", "short": "Orchard", "entity": "corporation", "formed in": "Utah"},
    {"name": "Willow Street Cooperative", "short": "Willow", "entity": "cooperative", "formed in": "Vermont"},
)
_PARTY_ANSWERS = {
    "address": "1 Main Street, Salem, MA",
    "email": "a@b.example",
    "signatory": {"name": "Dana", "title": "CEO"},
}
_TOP_ANSWERS = {"law": "Massachusetts", "venue": "Essex County, Massachusetts"}
# Problems of a person for whom somebody else signs.
_WHO_SIGNS = ("signer-not-party", "trade-name-alone")
# Answering one question can make another necessary, and that a third.
_ROUNDS = 8
AnswersByPath = Mapping[str, Value]


def make_example_deal(library: Library, kind: str, answers: AnswersByPath, parties: int = 2) -> Deal | None:
    """Return a deal of `kind` with `answers` by path (None: not answered), and otherwise with what must be answered.

    Return None where the answers exclude each other. Raise InputError for answers no question takes, PackError where
    the questions cannot be answered by their examples.
    """
    data = json.loads(_required_answers(library, kind, parties))
    for path, answer in sorted(answers.items(), key=lambda item: item[0].count(".")):
        put_answer(data, path, answer)
    return _complete_answers(library, kind, data, frozenset(answers))[0]


@cache
def _required_answers(library: Library, kind: str, parties: int) -> str:
    """Return, as JSON, the answers that every deal of `kind` must give."""
    data: dict[str, Any] = {
        "agreement": kind,
        **_TOP_ANSWERS,
        "parties": [party | _PARTY_ANSWERS for party in EXAMPLE_PARTIES[:parties]],
    }
    made, problems = _complete_answers(library, kind, data, frozenset())
    if made is None:
        known = _questions_by_path(library, kind)
        raise PackError(_explain_unanswerable(kind, problem, known) for problem in problems)
    return json.dumps(data)


# Neighbors in a row of trials often say the same; more of them would take much memory.
@lru_cache(maxsize=500)
def _read_example(library: Library, text: str) -> Deal:
    root = data_as_node(json.loads(text), Place("deal.yaml", 1, 1))
    assert isinstance(root, MappingNode)
    return read_answers(YamlText(root, ()), "deal.yaml", library)


def _explain_unanswerable(kind: str, problem: Problem, known: Mapping[str, Question]) -> Problem:
    question = known.get(_question_path(problem.field))
    message = f'a deal of the kind "{kind}" cannot be tried: {problem.message}'
    hint = "give the question an example that answers it"
    return Problem(message, hint, problem.field, question.place if question else Place(), code=problem.code)


def _question_path(field: str) -> str:
    """Return the path of a question without the numbers of entries: "goods.items.price" of "goods.items.2.price"."""
    return re.sub(r"\.\d+(?=\.|$)", "", field)


@cache
def _questions_by_path(library: Library, kind: str) -> dict[str, Question]:
    return dict(walk_questions(library.form_of(library.outline_of_kind(kind)).questions))


def _complete_answers(
    library: Library, kind: str, data: dict[str, Any], given: frozenset[str]
) -> tuple[Deal | None, tuple[Problem, ...]]:
    """Return the deal of `data`, to which what is missing is added, and from which what cannot stand is taken.

    Where there is none, return the problems that were left.
    """
    known = _questions_by_path(library, kind)
    names = [str(party["short"]) for party in data["parties"]]
    for path, question in known.items():
        # Whoever says anything of a chart must say who does what.
        if question.structure is Structure.MATRIX and isinstance(data.get(path), dict):
            data[path] = example_data(question, names) | data[path]
    problems: tuple[Problem, ...] = ()
    for _ in range(_ROUNDS):
        try:
            return _read_example(library, json.dumps(data, ensure_ascii=False)), ()
        except InputError as error:
            problems = error.problems
        for problem in problems:
            if problem.code == "contradiction":
                return None, problems
            missed = known.get(_question_path(problem.field))
            if missed is None:
                raise InputError(problems)
            if problem.field in given:
                return None, problems
            if problem.code in _WHO_SIGNS:
                # A party that is tried as a person keeps the name of a company.
                party = ".".join(problem.field.split(".")[:2])
                put_answer(data, f"{party}.signs under", "under a power of attorney")
            elif problem.code == "missing":
                put_answer(data, problem.field, example_data(missed, names))
            elif problem.code in ("not-applicable", "left-out") or not given:
                # A pack may have narrowed or settled what is said here of every party and court.
                put_answer(data, problem.field, None)
            else:
                return None, problems
    return None, problems


def example_data(question: Question, names: list[str], full: bool = False) -> Value:
    """Return an answer such as people give: what is needed, or (`full`) everything."""
    match question.structure:
        case Structure.GROUP:
            return {part.key: example_data(part, names, full) for part in question.parts if full or part.needed}
        case Structure.GROUPS:
            return [example_data(replace(question, type=GROUP), names, full)]
        case Structure.LIST:
            return [example_data(question.parts[0], names, full)]
        case Structure.PER_PARTY:
            return {name: example_data(question.parts[0], names, full) for name in names}
        case Structure.MATRIX:
            roles = {f"{name} lead": name for name in names}
            letters = {role: "I" if index else "A/R" for index, role in enumerate(roles)}
            return {"roles": roles, "tasks": {"Hold the review meeting": letters}}
        case Structure.SHARES:
            share = 100 // len(names)
            return {name: f"{share if index else 100 - share * (len(names) - 1)}%" for index, name in enumerate(names)}
    if question.type.names_party:
        return names[0]
    if question.choices:
        return next(iter(question.choices))
    return question.example or "5"


def put_answer(data: dict[str, Any], path: str, answer: Value) -> None:
    """Set the answer at `path`; None takes it out. A group that was answered "no" stays so."""
    *groups, last = path.split(".")
    for name in groups:
        if isinstance(data.get(name), list):
            # "goods.2.price": the entries of a list are counted from 1.
            rest = path.split(f"{name}.", 1)[1].split(".", 1)
            put_answer(data[name][int(rest[0]) - 1], rest[1], answer)
            return
        if not isinstance(data.get(name), dict):
            if data.get(name) == "no":
                return
            data[name] = {}
        data = data[name]
    if answer is None:
        data.pop(last, None)
    elif isinstance(answer, dict) and isinstance(data.get(last), dict):
        data[last] |= answer
    else:
        data[last] = answer
