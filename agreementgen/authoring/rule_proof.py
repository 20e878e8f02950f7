"""The tests that rules of the deal check carry: deals that must make a rule fire, and deals that must not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from agreementgen import pipeline
from agreementgen.authoring.lints import make_problem
from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.deal.reader import node_as_data
from agreementgen.dealcheck.judging import check_deal
from agreementgen.dealcheck.rules import Rule, RuleTest, read_rule_book
from agreementgen.library.files import home_folder
from agreementgen.library.library import Library
from agreementgen.yamlfile import nodes

# Rules about age are tried on this day, so that their tests say the same next year.
TRIAL_DAY = date(2026, 11, 28)
TAKEN_OUT = "-"


def run_rule_tests(library: Library, rules: tuple[Rule, ...] = ()) -> Iterator[Problem]:
    """Yield a problem for each test of `rules` (of all, where none are given) that fails, or that is missing."""
    book = read_rule_book(library)
    for rule in rules or book.rules:
        tests = book.tests_of(rule)
        for fires, word in ((True, "fires"), (False, "is silent")):
            if not any(test.fires is fires for test in tests):
                hint = f'write one under "{"fires" if fires else "silent"}"'
                yield _failure(rule, f"no test shows that it {word}", hint, rule.place)
        for test in tests:
            yield from _run_test(library, rule, test)


def _run_test(library: Library, rule: Rule, test: RuleTest) -> Iterator[Problem]:
    if test.deal not in _sample_names():
        hint = suggest_nearest(test.deal, _sample_names())
        yield _failure(rule, f'there is no sample "{test.deal}" for its test', hint, test.place)
        return
    answers = json.loads(_read_sample(test.deal))
    try:
        for path, node in test.facts.items():
            lay_answer_over(answers, path, node_as_data(node))
    except (KeyError, IndexError, ValueError, TypeError):
        yield _failure(rule, "a path of its test leads nowhere", "look at the sample deal", test.place)
        return
    try:
        deal = pipeline.read(json.dumps(answers, ensure_ascii=False).encode(), f"samples/{test.deal}.yaml", library)
    except InputError as error:
        for problem in error.problems:
            message = f"the deal of its test cannot be read: {problem.field}: {problem.message}"
            yield _failure(rule, message, problem.hint, test.place)
        return
    today = test.today or (TRIAL_DAY if rule.uses_today else None)
    fired = any(finding.rule.id == rule.id for finding in check_deal(deal, library, today).findings)
    if fired is not test.fires:
        facts = json.dumps({path: node_as_data(node) for path, node in test.facts.items()}, ensure_ascii=False)
        said = "does not fire" if test.fires else "fires"
        yield _failure(rule, f"it {said} on {test.deal} with {facts}", "", test.place)


@cache
def _sample_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (home_folder() / "samples").glob("*.yaml")))


@cache
def _read_sample(name: str) -> str:
    data = (home_folder() / "samples" / f"{name}.yaml").read_text(encoding="utf-8")
    return json.dumps(node_as_data(nodes.read_yaml(data, name).root))


def lay_answer_over(answers: Any, path: str, answer: Any) -> None:
    """Put an answer into answers at a path; entries of lists are counted from 1, and "-" takes the answer out."""
    *groups, last = path.split(".")
    for name in groups:
        if isinstance(answers, list):
            answers = answers[int(name) - 1]
            continue
        if not isinstance(answers.get(name), (Mapping, list)):
            answers[name] = {}
        answers = answers[name]
    if isinstance(answers, list):
        if int(last) == len(answers) + 1:
            answers.append(answer)
        elif answer == TAKEN_OUT:
            del answers[int(last) - 1]
        else:
            answers[int(last) - 1] = answer
    elif answer == TAKEN_OUT:
        answers.pop(last, None)
    else:
        answers[last] = answer


def _failure(rule: Rule, message: str, hint: str, place: Place) -> Problem:
    return make_problem("P25", f"rule {rule.id}: {message}", hint, place)
