"""What to do about a problem: hints that name the nearest word, the right place, or an example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher

from agreementgen.deal.characters import shown
from agreementgen.deal.questions import Question, walk
from agreementgen.deal.yamlfile import MappingNode, Node, ScalarNode, SequenceNode
from agreementgen.errors import nearest


def suggest(word: str, options: Iterable[str]) -> str:
    """Return a hint that names the nearest of `options`, or all of them."""
    known = list(options)
    close = nearest(word[:200], known)
    return close if close.startswith("did you mean") else "choose one of: " + ", ".join(known)


def unknown_name(
    name: str, here: tuple[Question, ...], everywhere: tuple[Question, ...], path: str, kind: str
) -> tuple[str, set[str]]:
    """Return a hint on a name that no question has, and the paths of the facts it probably means."""
    before = f"{path}." if path else ""
    plain = " ".join(name.lower().replace("_", " ").split())
    same = next((question.key for question in here if question.key.lower() == plain), "")
    if same:
        return f'write it as "{same}"', {before + same}
    close = nearest(name[:200], (question.key for question in here))
    if close.startswith("did you mean"):
        meant = close.split('"')[1]
        # A guess that is merely possible would mislead, and hide that something else is missing.
        if SequenceMatcher(None, name.lower(), meant.lower()).ratio() > (0.7 if len(name) > 4 else 0.6):
            return close + _look_alike(name), {before + meant}
        close = ""
    elsewhere = [found for found, question in walk(everywhere) if question.key.lower() == plain]
    if elsewhere:
        groups = dict.fromkeys(found.rpartition(".")[0] for found in elsewhere)
        return "it belongs " + " or ".join(
            f'under "{group}"' if group else "at the left margin" for group in groups
        ), set(elsewhere)
    return close or f'"agreementgen show questions {kind}" lists what may stand here', set()


def _look_alike(name: str) -> str:
    """Name the letters of another alphabet: the name may look right and be wrong."""
    strange = [char for char in name if not char.isascii()]
    return f' (it holds "{strange[0]}", U+{ord(strange[0]):04X}, of another alphabet)' if strange else ""


def as_group(question: Question) -> Question:
    """Return the question of one entry of a list of groups."""
    return replace(question, type="group", words=None)


def wrong_kind(node: Node, question: Question, parties: tuple[str, ...]) -> tuple[str, str]:
    """Return what is wrong, and what to do, where a text stands for a list, or anything else for a group."""
    match node:
        case ScalarNode():
            there = f'"{shown(node.text)}" stands here'
        case SequenceNode():
            there = "a list stands here"
        case MappingNode():
            there = "a group stands here"
    first = next((part for part in question.of if part.needed and not part.when), None)
    first = first or (question.of[0] if question.of else question)
    match question.type:
        case "group":
            words = " or ".join(f'"{word}"' for word in question.words or ())
            return (
                f'{there} instead of a group of "name: value" lines',
                f'write them in the lines below, indented, as in "{first.key}: {example(first)}"'
                + (f"; or write {words}" if words else ""),
            )
        case "list of groups":
            return (
                f"{there} instead of a list",
                f'begin each entry in a line of its own with "- ", as in "- {first.key}: {example(first)}"',
            )
        case "per party" | "shares":
            name = parties[0] if parties else "Short Name"
            says = example(question.of[0]) if question.of else "50%"
            return (
                f"{there} instead of a line for each party",
                f'begin each line with a party\'s short name, as in "{name}: {says}"',
            )
    return f"{there} instead of a list", f'begin each entry in a line of its own with "- ", as in "- {example(first)}"'


def missing(question: Question, parties: tuple[str, ...]) -> str:
    """Return how to add an answer."""
    match question.type:
        case "list of groups":
            first = question.of[0]
            return (
                f'add "{question.key}:" and below it an entry for each one, '
                f'which begins with "- {first.key}: {example(first)}"'
            )
        case "per party" | "shares":
            name = parties[0] if parties else "Short Name"
            says = example(question.of[0]) if question.of else "50%"
            return f'add "{question.key}:" and below it a line for each party, as in "{name}: {says}"'
    shape = example(question)
    return f'add it, as in "{question.key}: {shape}"' if shape else "add it"


def example(question: Question) -> str:
    """Return an answer to `question` as one writes it in one line of YAML."""
    match question.type:
        case "list":
            return f"[{example(question.of[0])}]"
        case "group" if question.words and isinstance(question.default, ScalarNode):
            return question.default.text
        case "group":
            parts = [part for part in question.of if part.needed == "yes" and not part.when] or question.of[:1]
            return "{" + ", ".join(f"{part.key}: {example(part)}" for part in parts) + "}"
    default = question.default.text if isinstance(question.default, ScalarNode) else ""
    return question.example or default or next(iter(question.choices or ()), "") or question.limits.least
