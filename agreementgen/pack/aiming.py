"""Answers aimed at a branch: what conditions want of facts, as a deal file says it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from agreementgen import trial
from agreementgen.deal.questions import Question
from agreementgen.language.deciding import Amount, Values, Wish, facts_of, solutions, wish
from agreementgen.pack.branches import Answers, Branches

# So many ways to bring a branch about are tried in each kind of agreement.
_MOST = 12
_WRITTEN = {"percent": ("10%", "0%"), "money": ("$500", "$0"), "duration": ("30 days", "0 days")}


def aimed(branches: Branches, kind: str, wishes: tuple[Wish, ...]) -> list[tuple[int, Answers]]:
    """Return numbers of parties and answers, in a kind of agreement, with which the wishes may come true."""
    library = branches.library
    named = facts_of(wishes)
    # What the kind's rules exclude need not be tried.
    rules = [
        one
        for rule in library.form(library.outline(kind)).contradictions
        for one in wish(rule.when, library.shape(), outcome=False)
        if facts_of((one,)) & named
    ]
    found: list[Values] = []
    for wanted in ((*wishes, *rules), wishes):
        try:
            found = list(islice(solutions(wanted), _MOST))
        except OverflowError:
            continue
        break
    known = branches.questions(kind)
    least, most = branches.library.outline(kind).parties
    made: list[tuple[int, Answers]] = []
    for values in found:
        parties = {True: 2, False: 3}.get(values.get("two", least == 2), least)
        if not least <= parties <= most:
            continue
        names = [str(party["short"]) for party in trial.PARTIES[:parties]]
        answers = {known[path][0]: _answer(known[path][1], value, names) for path, value in _facts(values, known)}
        gone = [path.removeprefix("has ") for path, value in values.items() if path.startswith("has ") and not value]
        keys = branches.library.optional(branches.library.outline(kind))
        if any(topic in keys for topic in gone):
            answers["leave out"] = [keys[topic] for topic in gone if topic in keys]
        # What must be answered can still be missing, where the deal leaves out its topic.
        missing = [key for path, value in values.items() if value in (None, ()) and (key := known.get(path, ("",))[0])]
        left_out = [key for key in missing if key in keys.values()]
        variants = [answers]
        if left_out:
            rest = {path: answer for path, answer in answers.items() if path.split(".")[0] not in left_out}
            variants.append(rest | {"leave out": [*rest.get("leave out", ()), *left_out]})
        made += [(parties, one) for one in variants if (parties, one) not in made]
    return made


def _facts(values: Values, known: Mapping[str, tuple[str, Question]]) -> list[tuple[str, Any]]:
    """Return the facts that are questions, groups before what stands in them."""
    return sorted((item for item in values.items() if item[0] in known), key=lambda item: item[0].count("."))


def _answer(question: Question, value: Any, names: list[str]) -> Any:
    """Return what a deal file says for a value; None for no answer."""
    if isinstance(value, Amount):
        if value.positive and question.example:
            return question.example
        return _WRITTEN[value.kind][0 if value.positive else 1]
    if value is None or value == ():
        empty: list[Any] | None = [] if question.type in ("list", "list of groups") and question.default else None
        return "no" if question.words and "no" in question.words else empty
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if question.type == "party" and value == "any":
        return names[1]
    if isinstance(value, str) and value != "any":
        return value
    return trial.example(question, names)
