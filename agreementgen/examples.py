"""Deals made for trying a library: the questions' examples as answers, with what a test wants to know put in.

So every clause can be proven in every branch of its conditions, and a clause's own tests run, before there is a deal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from agreementgen import pipeline
from agreementgen.core.problems import InputError, PackError, Place, Problem
from agreementgen.deal.completion import IDLE, MISSING
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import Question, walk
from agreementgen.deal.reader import LEFT_OUT
from agreementgen.library.library import Library
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

PARTIES = (
    {"name": "Northshore Web Studio LLC", "short": "Northshore", "entity": "LLC", "formed in": "Maine"},
    {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "entity": "corporation", "formed in": "Ohio"},
    {"name": "Cedar Print Works LLC", "short": "Cedar", "entity": "LLC", "formed in": "Texas"},
    {"name": "Juniper Books LLP", "short": "Juniper", "entity": "LLP", "formed in": "Iowa"},
    {"name": "Orchard Films Inc.", "short": "Orchard", "entity": "corporation", "formed in": "Utah"},
    {"name": "Willow Street Cooperative", "short": "Willow", "entity": "cooperative", "formed in": "Vermont"},
)
_COMMON = {"address": "1 Main Street, Salem, MA", "email": "a@b.example", "signatory": {"name": "Dana", "title": "CEO"}}
_TOP = {"law": "Massachusetts", "venue": "Essex County, Massachusetts"}
# Answering one question can make another necessary, and that a third.
_ROUNDS = 8
Answers = Mapping[str, Any]


def deal(library: Library, kind: str, answers: Answers, parties: int = 2) -> Deal | None:
    """Return a deal of `kind` with `answers` by path (None: not answered), and otherwise with what must be answered.

    Return None where the answers exclude each other. Raise InputError for answers no question takes, PackError where
    the questions cannot be answered by their examples.
    """
    data = json.loads(_needed(library, kind, parties))
    for path, answer in sorted(answers.items(), key=lambda item: item[0].count(".")):
        put(data, path, answer)
    return _completed(library, kind, data, frozenset(answers))[0]


@cache
def _needed(library: Library, kind: str, parties: int) -> str:
    """Return, as JSON, the answers that every deal of `kind` must give."""
    data: dict[str, Any] = {"agreement": kind, **_TOP, "parties": [party | _COMMON for party in PARTIES[:parties]]}
    made, problems = _completed(library, kind, data, frozenset())
    if made is None:
        known, _ = _known(library, kind)
        raise PackError(_unanswered(kind, problem, known) for problem in problems)
    return json.dumps(data)


def _unanswered(kind: str, problem: Problem, known: Mapping[str, Question]) -> Problem:
    question = known.get(_path(problem.field))
    message = f'a deal of the kind "{kind}" cannot be tried: {problem.message}'
    return Problem(message, "give the question an example that answers it", problem.field, _place(question))


def _place(question: Question | None) -> Place:
    return question.place if question else Place()


def _path(field: str) -> str:
    """Return the path of a question without the numbers of entries: "goods.items.price" of "goods.items.2.price"."""
    return re.sub(r"\.\d+(?=\.|$)", "", field)


@cache
def _known(library: Library, kind: str) -> tuple[dict[str, Question], frozenset[str]]:
    """Return the questions of `kind` by path, and what its contradictions say."""
    form = library.form(library.outline(kind))
    return dict(walk(form.questions)), frozenset(rule.says for rule in form.contradictions)


def _completed(
    library: Library, kind: str, data: dict[str, Any], given: frozenset[str]
) -> tuple[Deal | None, tuple[Problem, ...]]:
    """Return the deal of `data`, to which what is missing is added, and from which what cannot stand is taken.

    Where there is none, return the problems that were left.
    """
    known, rules = _known(library, kind)
    names = [str(party["short"]) for party in data["parties"]]
    for path, question in known.items():
        # Whoever says anything of a chart must say who does what.
        if question.type == "raci" and isinstance(data.get(path), dict):
            data[path] = example(question, names) | data[path]
    problems: tuple[Problem, ...] = ()
    for _ in range(_ROUNDS):
        try:
            return pipeline.read(json.dumps(data).encode(), "deal.yaml", library), ()
        except InputError as error:
            problems = error.problems
        for problem in problems:
            if problem.message in rules:
                return None, problems
            missed = known.get(_path(problem.field))
            if missed is None:
                raise InputError(problems)
            if problem.field in given:
                return None, problems
            if problem.message == MISSING:
                put(data, problem.field, example(missed, names))
            elif problem.message.endswith((IDLE, LEFT_OUT)) or not given:
                # A pack may have narrowed or settled what is said here of every party and court.
                put(data, problem.field, None)
            else:
                return None, problems
    return None, problems


def example(question: Question, names: list[str], full: bool = False) -> Any:
    """Return an answer such as people give: what is needed, or (`full`) everything."""
    match question.type:
        case "group":
            return {part.key: example(part, names, full) for part in question.of if full or part.needed}
        case "list of groups":
            return [example(replace(question, type="group"), names, full)]
        case "list":
            return [example(question.of[0], names, full)]
        case "per party":
            return {name: example(question.of[0], names, full) for name in names}
        case "raci":
            roles = {f"{name} lead": name for name in names}
            letters = {role: "I" if index else "A/R" for index, role in enumerate(roles)}
            return {"roles": roles, "tasks": {"Hold the review meeting": letters}}
        case "shares":
            share = 100 // len(names)
            return {name: f"{share if index else 100 - share * (len(names) - 1)}%" for index, name in enumerate(names)}
        case "party":
            return names[0]
    if question.choices:
        return next(iter(question.choices))
    return question.example or "5"


def put(data: dict[str, Any], path: str, answer: Any) -> None:
    """Set the answer at `path`; None takes it out. A group that was answered "no" stays so."""
    *groups, last = path.split(".")
    for name in groups:
        if isinstance(data.get(name), list):
            # "goods.2.price": the entries of a list are counted from 1.
            rest = path.split(f"{name}.", 1)[1].split(".", 1)
            put(data[name][int(rest[0]) - 1], rest[1], answer)
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


def plain(node: Node) -> Any:
    """Return a YAML node as texts, lists and dictionaries; an empty value or `null` is None."""
    if isinstance(node, MappingNode):
        return {name.text: plain(value) for name, value in node}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items]
    return None if not isinstance(node, ScalarNode) or node.empty or node.text == "null" else node.text
