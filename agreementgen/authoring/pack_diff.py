"""What a pack changes against the built-in library, file by file and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Literal

from agreementgen.authoring.new_pack import BaseState, find_clause, list_base_changes, list_overridden_files
from agreementgen.deal.questions import Question, walk_questions
from agreementgen.library.clauses import ClauseText, TermText
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.pack import Pack, QuestionChange
from agreementgen.library.topics import Outline, Topic
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

Sign = Literal["=", "-", "+"]


@dataclass(frozen=True)
class Piece:
    """Some words of a text: in both ("="), only in the library's ("-"), only in the pack's ("+")."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class Difference:
    """One file of a pack, or one field of its pack.yaml, against the library.

    `name` is the file's path in the pack; `what` says what it is ("clause mutual"); `lines` are changes in words;
    `pieces` are those of a clause's text. `under` says what became of the library's file since it was recorded.
    """

    path: str
    what: str
    lines: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()
    base_state: BaseState | Literal[""] = ""


def compare_pack(pack: Pack, library: Library) -> tuple[Difference, ...]:
    """Return what `pack` changes; `library` is the one it was laid over last."""
    over, states = list_overridden_files(pack), list_base_changes(pack)
    found = [Difference("pack.yaml", "settings", tuple(_describe_settings(pack)))]
    for name in pack.files:
        if name.partition("/")[0] in ("clauses", "templates"):
            found.append(_compare_file(pack, library, name, over.get(name, ""), states.get(name, "")))
    gone = (name for name, state in states.items() if state == "gone")
    found += [Difference(name, "a file of the library that the pack replaced", (), (), "gone") for name in gone]
    return tuple(found)


def _compare_file(pack: Pack, library: Library, name: str, ours: str, under: BaseState | Literal[""]) -> Difference:
    clause = find_clause(pack, name)
    known = built_in_library()
    if clause:
        old = next((c for f in known.clauses.values() for c in f if c.id == clause.id), None)
        if old is None:
            return Difference(name, f"new clause {clause.id}", (f"title: {clause.title}",), _whole_text(clause))
        return Difference(
            name,
            f"clause {clause.id}",
            tuple(_compare_front_matter(old, clause)),
            compare_words(old.body.text, clause.body.text),
            under,
        )
    parts = name.split("/")
    if parts[-1] == "topic.yaml" and parts[1] in library.topics:
        topic, before = library.topics[parts[1]], known.topics.get(parts[1])
        if before is None:
            lines = (*_compare_questions((), _new_questions(topic)), *_compare_rows((), topic.terms))
            return Difference(name, f"new topic {topic.id}", lines)
        return Difference(name, f"topic {topic.id}", tuple(_compare_topics(before, topic)), (), under)
    if len(parts) == 2 and name.endswith(".yaml"):
        outline = library.outlines[parts[1].removesuffix(".yaml")]
        earlier = known.outlines.get(outline.kind)
        if earlier is None:
            lines = (f"title: {outline.title}", "topics: " + ", ".join(outline.topics))
            return Difference(name, f"new kind of agreement {outline.kind}", lines)
        return Difference(
            name, f"kind of agreement {outline.kind}", tuple(_compare_outlines(earlier, outline)), (), under
        )
    if ours:
        size = len(pack.files[name].data) - len(built_in_parts().files[ours].data)
        same = pack.files[name].data == built_in_parts().files[ours].data
        line = (
            "the same as the library's"
            if same
            else f"another file; {abs(size):,} bytes {'more' if size >= 0 else 'fewer'}"
        )
        return Difference(name, "layout", (line,), (), under)
    return Difference(name, "new file of the layout", (f"{len(pack.files[name].data):,} bytes",))


# -- words


def compare_words(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces that make `old` of "=" and "-", and `new` of "=" and "+"; a tag counts as one word."""
    one, other = _split_words(old), _split_words(new)
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("=", "".join(one[a:b])))
            continue
        if b > a:
            found.append(Piece("-", "".join(one[a:b])))
        if d > c:
            found.append(Piece("+", "".join(other[c:d])))
    return tuple(found)


def _split_words(text: str) -> list[str]:
    return re.findall(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|[\w’'-]+|\s+|.", text, flags=re.DOTALL)


def _whole_text(clause: ClauseText) -> tuple[Piece, ...]:
    return (Piece("+", clause.body.text),)


# -- front matter, topics, outlines, settings


def _compare_front_matter(old: ClauseText, new: ClauseText) -> Iterator[str]:
    for field in fields(ClauseText):
        if field.name in ("body", "place", "guidance", "tests"):
            continue
        before, after = (_value_in_words(getattr(clause, field.name)) for clause in (old, new))
        if before != after:
            yield _describe_change("words" if field.name == "word_budget" else field.name, before, after)
    if old.body.text == new.body.text:
        yield "the same words"


def _value_in_words(value: object) -> str:
    if hasattr(value, "text"):
        return str(value.text)
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value if item)
    return str(value)


def _describe_change(name: str, before: str, after: str) -> str:
    if not before:
        return f"{name}: + {after}"
    return f"{name}: {before} -> {after}" if after else f"{name}: - {before}"


def _questions_in_deal(topic: Topic) -> tuple[Question, ...]:
    return topic.question.parts if topic.at_top else (topic.question,)


def _new_questions(topic: Topic) -> tuple[Question, ...]:
    """Return the questions of a topic that no deal had before."""
    return topic.question.parts if topic.question.is_group else (topic.question,)


def _compare_topics(old: Topic, new: Topic) -> Iterator[str]:
    if old.title != new.title:
        yield _describe_change("title", old.title, new.title)
    yield from _compare_questions(_questions_in_deal(old), _questions_in_deal(new))
    yield from _compare_rows(old.terms, new.terms)


def _compare_questions(old: tuple[Question, ...], new: tuple[Question, ...]) -> Iterator[str]:
    before, after = dict(walk_questions(old)), dict(walk_questions(new))
    for path in before.keys() - after.keys():
        yield f"- question {path}"
    for path, question in after.items():
        if path not in before:
            if question.prompt:
                usual = f"; usually {_node_in_words(question.default)}" if question.default is not None else ""
                yield f"+ question {path} ({question.type}{usual}): {question.prompt}"
            continue
        yield from (f"question {path}: {line}" for line in _compare_question(before[path], question))


def _compare_question(old: Question, new: Question) -> Iterator[str]:
    for name in ("type", "prompt", "help", "example", "when", "needed", "printed", "asked"):
        if getattr(old, name) != getattr(new, name):
            yield _describe_change(name, str(getattr(old, name)), str(getattr(new, name)))
    if (one := _node_in_words(old.default)) != (other := _node_in_words(new.default)):
        yield _describe_change("usually", one, other)
    for name in ("characters", "words", "least", "most"):
        before, after = (str(getattr(question.limits, name) or "") for question in (old, new))
        if before != after:
            yield _describe_change(name, before, after)
    if dict(old.choices or {}) != dict(new.choices or {}):
        yield _describe_change("choices", ", ".join(old.choices or {}), ", ".join(new.choices or {}))


def _compare_rows(old: tuple[TermText, ...], new: tuple[TermText, ...]) -> Iterator[str]:
    before, after = {row.id: row for row in old}, {row.id: row for row in new}
    yield from (f"- row {name}" for name in before if name not in after)
    for name, row in after.items():
        if name not in before:
            yield f"+ row {name}: {row.label.text}: {row.says.text}"
        elif (row.label.text, row.says.text, row.when.text) != (
            before[name].label.text,
            before[name].says.text,
            before[name].when.text,
        ):
            yield _describe_change(f"row {name}", before[name].says.text, row.says.text)


def _compare_outlines(old: Outline, new: Outline) -> Iterator[str]:
    for name, was, now in (
        ("title", old.title, new.title),
        ("about", old.about, new.about),
        ("layout", old.layout, new.layout),
        ("parties", old.party_limits, new.party_limits),
        ("small", old.small_start, new.small_start),
    ):
        if was != now:
            yield _describe_change(name, str(was), str(now))
    for name, one, other in (
        ("topics", old.topics, new.topics),
        ("key terms", old.term_order, new.term_order),
        ("required", old.required, new.required),
        ("needed", old.needed, new.needed),
    ):
        yield from (f"{name}: - {item}" for item in one if item not in other)
        yield from (f"{name}: + {item}" for item in other if item not in one)
        both = [item for item in one if item in other]
        if both != [item for item in other if item in one]:
            yield f"{name}: in another order: {', '.join(other)}"
    yield from _compare_values("default", old.defaults, new.defaults)
    for path in {**old.choices, **new.choices}:
        before, after = old.choices.get(path, ()), new.choices.get(path, ())
        if before != after:
            yield _describe_change(f"choices of {path}", ", ".join(before), ", ".join(after))


def _compare_values(what: str, old: Mapping[str, Node], new: Mapping[str, Node]) -> Iterator[str]:
    for path in {**old, **new}:
        before, after = _node_in_words(old.get(path)), _node_in_words(new.get(path))
        if before != after:
            yield _describe_change(f"{what} {path}", before, after)


def _describe_settings(pack: Pack) -> Iterator[str]:
    if pack.footer:
        yield f"footer: + {pack.footer}"
    if pack.language:
        yield f"language: {pack.language}"
    if pack.kinds:
        yield "kinds offered: " + ", ".join(kind.text for kind in pack.kinds)
    known = {clause.id for found in built_in_library().clauses.values() for clause in found}
    for off in pack.switched_off:
        yield f"switched off: {off.text}" + ("" if off.text in known else " (no clause of the library)")
    before = {
        path: question
        for topic in built_in_library().topics.values()
        for path, question in walk_questions(_questions_in_deal(topic))
    }
    for change in pack.changes:
        yield f"question {change.path}: " + "; ".join(_describe_question_change(change, before.get(change.path)))
    count = len(pack.translation.changes)
    if count:
        yield f"{count} {'question' if count == 1 else 'questions'} translated"


def _describe_question_change(change: QuestionChange, old: Question | None) -> Iterator[str]:
    for name in ("prompt", "help", "example"):
        if getattr(change, name):
            yield _describe_change(name, getattr(old, name, ""), getattr(change, name))
    if change.default is not None:
        yield _describe_change("usually", _node_in_words(old.default) if old else "", _node_in_words(change.default))
    for name in ("characters", "words", "least", "most"):
        if getattr(change.limits, name):
            yield _describe_change(
                name, str(getattr(old.limits, name) or "") if old else "", str(getattr(change.limits, name))
            )
    if change.choices is not None:
        yield _describe_change("choices", ", ".join((old.choices if old else None) or {}), ", ".join(change.choices))
    if change.required:
        yield "must be answered"
    if change.hidden:
        yield "settled, and not asked"


def _node_in_words(node: Node | None) -> str:
    """Return a YAML value in one line."""
    if isinstance(node, ScalarNode):
        return node.text
    if isinstance(node, SequenceNode):
        return "[" + ", ".join(_node_in_words(item) for item in node.items) + "]"
    if isinstance(node, MappingNode):
        return "{" + ", ".join(f"{name.text}: {_node_in_words(value)}" for name, value in node) + "}"
    return ""
