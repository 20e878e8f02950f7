"""What is asked next, what is taken as usual, and where one is: worked out from the deal, without a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from agreementgen.deal import formats
from agreementgen.deal.entries import OFF
from agreementgen.deal.questions import Question
from agreementgen.deal.standing import Fact, Path, Standing
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline

SHARE = "share"


@dataclass(frozen=True)
class Task:
    """One prompt: the question asked for the answer at `path`."""

    path: Path
    question: Question
    topic: str


@dataclass(frozen=True)
class Section:
    """One topic as it stands in a deal: its title and the names under which its answers begin."""

    id: str
    title: str
    about: str
    keys: tuple[str, ...]


def sections(library: Library, outline: Outline) -> tuple[Section, ...]:
    """Return the topics of a kind of agreement that have questions, in order."""
    found = []
    for topic, question in library.sections(outline):
        keys = tuple(part.key for part in question.of) if topic.at_top else (question.key,)
        if keys and (topic.at_top or question.type != "group" or question.of):
            found.append(Section(topic.id, topic.title, topic.about, keys))
    return tuple(found)


def section_of(known: tuple[Section, ...], path: Path) -> Section:
    return next(section for section in known if path[0] in section.keys)


def tasks(standing: Standing, known: tuple[Section, ...]) -> Iterator[Task]:
    """Yield what still must be answered, in order; a group or list that is missing begins with its first part."""
    held: list[Fact] = []
    for fact in standing.facts:
        # A list that is too short gets its next entry when those it has are complete.
        while held and fact.path[: len(held[-1].path)] != held[-1].path:
            yield from _tasks(held.pop(), standing, known)
        if fact.state == "wrong" and fact.question.type == "list of groups":
            held.append(fact)
        elif fact.state in ("missing", "wrong") and not (fact.state == "wrong" and fact.question.type == "group"):
            yield from _tasks(fact, standing, known)
    while held:
        yield from _tasks(held.pop(), standing, known)


def _tasks(fact: Fact, standing: Standing, known: tuple[Section, ...]) -> Iterator[Task]:
    topic = section_of(known, fact.path).id
    for path, question in _first(fact.path, fact.question, fact, standing):
        yield Task(path, question, topic)


def _first(path: Path, question: Question, fact: Fact | None, standing: Standing) -> Iterator[tuple[Path, Question]]:
    """Yield the prompts with which the answer to `question` begins."""
    match question.type:
        case "group":
            parts = [part for part in question.of if part.needed == "yes" and not part.when]
            if parts:
                yield from _first((*path, parts[0].key), parts[0], None, standing)
            else:
                yield path, question
        case "list of groups":
            count = len(fact.value) if fact and fact.node and isinstance(fact.value, tuple) else 0
            if fact is None or fact.problem is None or fact.state == "missing" or _counts(fact):
                entry = replace(question, type="group", words=None)
                yield from _first((*path, str(count + 1)), entry, None, standing)
            else:
                yield path, question
        case "per party":
            said = _said(fact)
            for short in standing.known.parties:
                if short not in said or _wrong_below(fact, short):
                    yield from _first((*path, short), question.of[0], None, standing)
        case "shares":
            said = _said(fact)
            lacking = [short for short in standing.known.parties if short not in said]
            for short in lacking or standing.known.parties:
                yield (*path, short), share(question)
        case _:
            yield path, question


def unfinished(fact: Fact) -> bool:
    """Return whether an answer is missing, or is a list that needs more: no mistake, only not done yet."""
    return fact.state == "missing" or (fact.state == "wrong" and _counts(fact))


def _counts(fact: Fact) -> bool:
    """Return whether what is wrong with a list, or with what each party says, is that some of it is missing."""
    return fact.problem is not None and fact.problem.hint.startswith("add ")


def _said(fact: Fact | None) -> Mapping[str, object]:
    from agreementgen.deal.standing import plain

    said = plain(fact.node) if fact and fact.node else None
    return {name: value for name, value in said.items() if value is not None} if isinstance(said, dict) else {}


def _wrong_below(fact: Fact | None, short: str) -> bool:
    return bool(fact and fact.problem and fact.problem.field.startswith(f"{fact.field}.{short}"))


def share(question: Question) -> Question:
    """Return the question of one party's share."""
    return replace(question, key=SHARE, type="percent", example="50%", needed="yes")


def shown(section: Section, standing: Standing) -> tuple[Fact, ...]:
    """Return the answers of a topic that people see: no groups without an answer of their own, nothing that waits.

    A list of groups is one answer; what is inside it stands alone only where it is missing or wrong.
    """
    lists = {fact.path for fact in standing.facts if fact.question.type in ("list of groups", "per party")}
    return tuple(
        fact
        for fact in standing.facts
        if fact.path[0] in section.keys
        and fact.state not in ("waiting", "idle")
        and fact.question.key != "agreement"
        and not (fact.question.type == "group" and fact.question.words is None)
        and (
            fact.state in ("missing", "wrong")
            or not any(fact.path[:depth] in lists for depth in range(1, len(fact.path)))
        )
    )


def usual(section: Section, standing: Standing) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Return the usual answers of a topic that nobody has typed, and those that are left out."""
    facts = shown(section, standing)
    left_out = tuple(fact for fact in facts if fact.state == "open" and fact.question.printed)
    return tuple(fact for fact in facts if fact.state == "usual"), left_out


def spoken(value: object, language: str) -> str:
    """Return a value as a person says it."""
    if value is OFF:
        return "no"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_entry(item, language) for item in value)
    if isinstance(value, dict) and "short" not in value:
        return "yes"
    try:
        return formats.printed(value, language)
    except formats.Unprintable:
        return ""


def _entry(item: object, language: str) -> str:
    if isinstance(item, dict) and "party" in item and ("said" in item or "share" in item):
        return f"{item['party']['short']}: {spoken(item.get('said', item.get('share')), language)}"
    if isinstance(item, dict):
        parts = [_value(value, language) for value in item.values() if value not in (None, ())]
        return ", ".join(part for part in parts if part)
    return spoken(item, language)


def _value(value: object, language: str) -> str:
    """Return a part of an entry: a party by its short name, any other group by its parts."""
    if isinstance(value, dict) and "short" not in value:
        return _entry(value, language)
    return spoken(value, language)


def label(fact: Fact, standing: Standing) -> str:
    """Return the name of an answer inside its topic: "pilot, length"; parties by their short names."""
    names = []
    if len(fact.path) == 1 and fact.question.type == "group":
        return "included"  # the topic itself
    for index, part in enumerate(fact.path[1:] or fact.path):
        if part.isdigit() and fact.path[0] == "parties" and index == 0:
            names.append(standing.parties[int(part) - 1] if int(part) <= len(standing.parties) else f"party {part}")
        else:
            names.append(part)
    return ", ".join(name for name in names if name)
