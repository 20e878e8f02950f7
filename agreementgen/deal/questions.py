"""Questions as data: what may be asked, of which type, within which limits.

A question's `key` is its name in a deal file ("cap per client"); clauses call it `cap_per_client`.

What to do about a problem: hints that name the nearest word, the right place, or an example.

One reader a type: the text of an answer and its question make a value. Files, tables and prompts share it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from agreementgen.core import values
from agreementgen.core.characters import collapse_spaces, find_forbidden_character, quote_text
from agreementgen.core.problems import Place, suggest_nearest
from agreementgen.core.values import Choice, Duration, Money, Percent, Unreadable, read_region
from agreementgen.language.analysis import Shape, group_shape, list_shape
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

SCALAR_TYPES = (
    "text", "choice", "yes/no", "integer", "number", "percent", "money", "percent or money", "duration", "date",
    "region", "currency", "email", "party",
)  # fmt: skip
COMPOSITE_TYPES = ("list", "group", "list of groups", "per party", "shares", "raci")
QUESTION_TYPES = (*SCALAR_TYPES, *COMPOSITE_TYPES)
# The question that chooses the position of clauses topic by topic; its parts depend on the library.
POSITION_BY_TOPIC = "position by topic"
# Whether the agreement has schedules: a fact that drafting adds to those of the deal.
SCHEDULES = "schedules"


@dataclass(frozen=True)
class Limits:
    """Limits of a value: characters and words of a text, items of a list, size of a number or length of time.

    `least` and `most` are texts of the question's own type ("30 days", "0%", "2").
    """

    characters: int = 0
    words: int = 0
    least: str = ""
    most: str = ""


@dataclass(frozen=True)
class Question:
    """One fact: what is asked, how it is read, when it matters.

    `when`: the condition under which it is asked at all. `needed`: the condition under which it must be
    answered ("" never, "yes" always). `default`: the answer where none is given, as YAML. `choices` and
    `words` map a word to what is printed for it; `words` are those a question takes besides its type
    ("no" for a group). `of` are the questions of a group, of a list's groups, or the one of a list's items; of a
    RACI matrix those besides its roles and tasks.
    `printed` is False for facts that no document shows (they are for checks). `heads` are other names of its column
    in a table of deals. `among` is the path of the answers it must be one of: "tiers.levels.name". `asked` is False
    for what a deal file may say and no questionnaire asks; `fixed` where a law firm's pack has settled the answer.
    `gone` are choices that a pack took away: clauses that were written for them still know them.
    """

    key: str
    type: str
    prompt: str
    place: Place
    help: str = ""
    example: str = ""
    when: str = ""
    needed: str = ""
    default: Node | None = None
    choices: Mapping[str, str] | None = None
    words: Mapping[str, str] | None = None
    limits: Limits = Limits()
    unique: bool = False
    printed: bool = True
    other_heads: tuple[str, ...] = ()
    among_path: str = ""
    asked: bool = True
    fixed: bool = False
    removed_choices: tuple[str, ...] = ()
    parts: tuple[Question, ...] = ()

    @property
    def name(self) -> str:
        """The name in clauses."""
        return name_in_clauses(self.key)

    @property
    def empty_value(self) -> tuple[()] | None:
        """What stands in the facts where it is not answered."""
        return () if self.type in ("list", "list of groups", "per party", "shares") else None

    def find_part(self, key: str) -> Question | None:
        return next((question for question in self.parts if question.key == key), None)

    def fact_shape(self, party: Shape) -> Shape:
        """Return the form of the fact, for analysing clauses; `party` is the form of a party."""
        words = frozenset([*(self.choices or {}), *(self.words or {}), *self.removed_choices])
        match self.type:
            case "group" | "raci":
                return group_shape({part.name: part.fact_shape(party) for part in self.parts})
            case "list of groups":
                return list_shape(group_shape({part.name: part.fact_shape(party) for part in self.parts}))
            case "list":
                return list_shape(self.parts[0].fact_shape(party))
            case "per party":
                return list_shape(group_shape({"party": party, "said": self.parts[0].fact_shape(party)}))
            case "shares":
                return list_shape(group_shape({"party": party, "share": Shape("percent")}))
            case "party":
                return Shape("party", words, fields=party.fields)
        return Shape(self.type, words)


def name_in_clauses(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def walk_questions(questions: tuple[Question, ...], path: str = "") -> Iterator[tuple[str, Question]]:
    """Yield every question with its path in a deal file, groups before their parts."""
    for question in questions:
        here = f"{path}.{question.key}" if path else question.key
        yield here, question
        if question.type in ("group", "list of groups", "raci"):
            yield from walk_questions(question.parts, here)
        elif question.type == "per party" and question.parts[0].type == "group":
            yield from walk_questions(question.parts[0].parts, here)


def suggest_choice(word: str, options: Iterable[str]) -> str:
    """Return a hint that names the nearest of `options`, or all of them."""
    known = list(options)
    close = suggest_nearest(word[:200], known)
    return close if close.startswith("did you mean") else "choose one of: " + ", ".join(known)


def explain_unknown_name(
    name: str, here: tuple[Question, ...], everywhere: tuple[Question, ...], path: str, kind: str
) -> tuple[str, set[str]]:
    """Return a hint on a name that no question has, and the paths of the facts it probably means."""
    before = f"{path}." if path else ""
    plain = " ".join(name.lower().replace("_", " ").split())
    same = next((question.key for question in here if question.key.lower() == plain), "")
    if same:
        return f'write it as "{same}"', {before + same}
    close = suggest_nearest(name[:200], (question.key for question in here))
    if close.startswith("did you mean"):
        meant = close.split('"')[1]
        # A guess that is merely possible would mislead, and hide that something else is missing.
        if SequenceMatcher(None, name.lower(), meant.lower()).ratio() > (0.7 if len(name) > 4 else 0.6):
            return close + _explain_look_alike(name), {before + meant}
        close = ""
    elsewhere = [found for found, question in walk_questions(everywhere) if question.key.lower() == plain]
    if elsewhere:
        groups = dict.fromkeys(found.rpartition(".")[0] for found in elsewhere)
        return "it belongs " + " or ".join(
            f'under "{group}"' if group else "at the left margin" for group in groups
        ), set(elsewhere)
    return close or f'"agreementgen show questions {kind}" lists what may stand here', set()


def _explain_look_alike(name: str) -> str:
    """Name the letters of another alphabet: the name may look right and be wrong."""
    strange = [char for char in name if not char.isascii()]
    return f' (it holds "{strange[0]}", U+{ord(strange[0]):04X}, of another alphabet)' if strange else ""


def question_of_entry(question: Question) -> Question:
    """Return the question of one entry of a list of groups."""
    return replace(question, type="group", words=None)


def explain_wrong_kind(node: Node, question: Question, parties: tuple[str, ...]) -> tuple[str, str]:
    """Return what is wrong, and what to do, where a text stands for a list, or anything else for a group."""
    match node:
        case ScalarNode():
            there = f'"{quote_text(node.text)}" stands here'
        case SequenceNode():
            there = "a list stands here"
        case MappingNode():
            there = "a group stands here"
    first = next((part for part in question.parts if part.needed and not part.when), None)
    first = first or (question.parts[0] if question.parts else question)
    match question.type:
        case "group":
            words = " or ".join(f'"{word}"' for word in question.words or ())
            return (
                f'{there} instead of a group of "name: value" lines',
                f'write them in the lines below, indented, as in "{first.key}: {example_answer(first)}"'
                + (f"; or write {words}" if words else ""),
            )
        case "list of groups":
            return (
                f"{there} instead of a list",
                f'begin each entry in a line of its own with "- ", as in "- {first.key}: {example_answer(first)}"',
            )
        case "per party" | "shares":
            name = parties[0] if parties else "Short Name"
            says = example_answer(question.parts[0]) if question.parts else "50%"
            return (
                f"{there} instead of a line for each party",
                f'begin each line with a party\'s short name, as in "{name}: {says}"',
            )
    return (
        f"{there} instead of a list",
        f'begin each entry in a line of its own with "- ", as in "- {example_answer(first)}"',
    )


def explain_missing(question: Question, parties: tuple[str, ...]) -> str:
    """Return how to add an answer."""
    match question.type:
        case "list of groups":
            first = question.parts[0]
            return (
                f'add "{question.key}:" and below it an entry for each one, '
                f'which begins with "- {first.key}: {example_answer(first)}"'
            )
        case "per party" | "shares":
            name = parties[0] if parties else "Short Name"
            says = example_answer(question.parts[0]) if question.parts else "50%"
            return f'add "{question.key}:" and below it a line for each party, as in "{name}: {says}"'
    shape = example_answer(question)
    return f'add it, as in "{question.key}: {shape}"' if shape else "add it"


def example_answer(question: Question) -> str:
    """Return an answer to `question` as one writes it in one line of YAML."""
    match question.type:
        case "list":
            return f"[{example_answer(question.parts[0])}]"
        case "group" if question.words and isinstance(question.default, ScalarNode):
            return question.default.text
        case "group":
            parts = [part for part in question.parts if part.needed == "yes" and not part.when] or question.parts[:1]
            return "{" + ", ".join(f"{part.key}: {example_answer(part)}" for part in parts) + "}"
    default = question.default.text if isinstance(question.default, ScalarNode) else ""
    return question.example or default or next(iter(question.choices or ()), "") or question.limits.least


_READERS: dict[str, Callable[[str], Any]] = {
    "text": values.read_text,
    "yes/no": values.read_yes_no,
    "integer": values.read_integer,
    "number": values.read_number,
    "percent": values.read_percent,
    "duration": values.read_duration,
    "date": values.read_date,
    "region": read_region,
    "currency": values.read_currency,
    "email": values.read_email,
}


# Longer than any sentence of a one-page agreement: where a question sets no limit, this one holds.
MAX_CHARACTERS = 1000


@dataclass(frozen=True)
class AnswerContext:
    """What an answer may refer to: the deal's currency and its parties by short name."""

    currency: str
    parties: Mapping[str, Mapping[str, Any]]


def read_answer(question: Question, text: str, known: AnswerContext) -> Any:
    """Return the value of `text` for a scalar `question`; raise Unreadable."""
    bad = find_forbidden_character(text)
    if bad:
        raise Unreadable(f"the text holds {bad[1]}", "delete it and type the word again")
    text = collapse_spaces(text)
    if question.words and text.lower() in question.words:
        return Choice(text.lower(), question.words[text.lower()])
    try:
        value = _read_value(question, text, known)
    except Unreadable as error:
        if question.words and question.type not in ("choice", "party"):
            also = ", ".join(f'"{word}"' for word in question.words)
            raise Unreadable(error.message, f"{error.hint}; also allowed: {also}") from None
        raise
    check_limits(question, value, text, known)
    return value


def _read_value(question: Question, text: str, known: AnswerContext) -> Any:
    match question.type:
        case "choice":
            choices = question.choices or {}
            for word, says in choices.items():
                if text.lower() == word.lower():
                    return Choice(word, says)
            raise Unreadable(f'"{quote_text(text)}" is not one of the choices', suggest_choice(text, choices))
        case "money":
            return values.read_money(text, known.currency)
        case "percent or money":
            if re.search(r"%$|per ?cent", text, re.IGNORECASE):
                return values.read_percent(text)
            if re.fullmatch(r"[0-9.,]{1,20}", text):
                raise Unreadable(
                    f'"{text}" can be a percentage or an amount', f'write "{text}%" or "{text} {known.currency}"'
                )
            return values.read_money(text, known.currency)
        case "party":
            if text in known.parties:
                return known.parties[text]
            raise Unreadable(
                f'"{quote_text(text)}" is not the short name of a party',
                suggest_choice(text, [*known.parties, *(question.words or {})]),
            )
    return _READERS[question.type](text)


def check_limits(question: Question, value: Any, text: str, known: AnswerContext) -> None:
    """Raise Unreadable where `value` is outside the question's limits."""
    limits = question.limits
    most = limits.characters or MAX_CHARACTERS
    if len(text) > most:
        raise Unreadable(f'"{quote_text(text)}" has {len(text):,} characters; at most {most} fit', "shorten it")
    if limits.words and (count := len(text.split())) > limits.words:
        raise Unreadable(f'"{quote_text(text)}" has {count} words; at most {limits.words} fit', "shorten it")
    if isinstance(value, Percent) and value.number > 100:
        raise Unreadable(f'"{text}" is more than 100%', "write a percentage from 0% to 100%")
    if isinstance(value, Money) and question.type == "percent or money":
        return
    size = _size_of(value)
    if size is None:
        return
    span = " to ".join(text for text in (limits.least, limits.most) if text)
    hint = f"it must be from {span}" if limits.least and limits.most else "choose another value"
    if limits.least and size < _size_of(_read_value(question, limits.least, known)):
        raise Unreadable(f'"{text}" is less than {limits.least}', hint)
    if limits.most and size > _size_of(_read_value(question, limits.most, known)):
        raise Unreadable(f'"{text}" is more than {limits.most}', hint)


def _size_of(value: Any) -> Any:
    match value:
        case Percent():
            return value.number
        case Money():
            return value.amount
        case Duration():
            return value.hours
        case bool():
            return None
        case int() | Decimal():
            return value
    return None
