"""What a pack changes of the library, file by file and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from agreementgen.authoring.pack_folder import (
    BaseState,
    find_clause,
    list_base_changes,
    list_overridden_files,
    read_based_on,
    versions_not_replaced,
)
from agreementgen.deal.questions import Limits, Question, walk_questions
from agreementgen.library.library import Library, Pack, QuestionChange
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import ClauseText, TermText, Topic
from agreementgen.packs.layering import list_what_topics_lack
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

Sign = Literal["=", "-", "+"]


@dataclass(frozen=True)
class ComparedWords:
    """Some words of a text: in both ("="), only in the library's ("-"), only in the pack's ("+")."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class Difference:
    """One file of a pack, or its settings, against the library.

    `path` is that in the pack; `what` says what it is ("clause mutual"); `lines` are changes in words; `pieces` are
    those of a clause's text. `base_state` says what became of the library's file since it was recorded, `base_pieces`
    how the words of the library's clause have changed since then.
    """

    path: str
    what: str
    lines: tuple[str, ...] = ()
    pieces: tuple[ComparedWords, ...] = ()
    base_state: BaseState | Literal[""] = ""
    base_pieces: tuple[ComparedWords, ...] = ()


def compare_pack(pack: Pack, library: Library) -> tuple[Difference, ...]:
    """Return what `pack` changes; `library` is the one it was laid over last."""
    overridden, states = list_overridden_files(pack), list_base_changes(pack)
    differences = [Difference("pack.yaml", "settings", tuple(_describe_settings(pack)))]
    for path in pack.files:
        if path.startswith(("clauses/", "templates/")):
            difference = _compare_file(pack, library, path, overridden.get(path, ""))
            state: BaseState | Literal[""] = states.get(path, "")
            changed = _compare_base(pack, overridden[path]) if state == "changed" else ()
            differences.append(replace(difference, base_state=state, base_pieces=changed))
    gone = (path for path, state in states.items() if state == "gone")
    differences += [
        Difference(path, "a file of the library that the pack replaced", base_state="gone") for path in gone
    ]
    return (*differences, *_each_change_not_replaced(pack))


def _compare_base(pack: Pack, base: str) -> tuple[ComparedWords, ...]:
    """Return how the library's clause has changed since its words were recorded; none where they were not."""
    old = read_based_on(pack).words.get(base)
    new = next((c for path, c in built_in_parts().clauses.items() if f"clauses/{path}" == base), None)
    return compare_words(old, new.body.text) if old is not None and new is not None else ()


def _each_change_not_replaced(pack: Pack) -> Iterator[Difference]:
    """Yield the library's clauses that the pack does not replace, and that are others than those recorded."""
    recorded = read_based_on(pack).versions
    if recorded is None:
        return
    now = versions_not_replaced(pack)
    paths = {clause.id: f"clauses/{path}" for path, clause in built_in_parts().clauses.items()}
    replaced = {*list_overridden_files(pack).values()}
    for name in sorted({*recorded, *now}):
        old, new, path = recorded.get(name), now.get(name), paths.get(name, f"clauses/{name}")
        if old == new or path in replaced:
            continue
        what = f"clause {name} of the library, which the pack does not replace"
        said = f"version: {old} -> {new}" if old and new else "new since you saw it" if new else "not used any more"
        yield Difference(path, what, (said,), base_state="changed" if old and new else "")


def _compare_file(pack: Pack, library: Library, path: str, base: str) -> Difference:
    """Return what is other in a pack's file than in the library's; `base` is the path of that one, "" for none."""
    if clause := find_clause(pack, path):
        return _compare_clause(path, clause)
    folder, *_, file = path.split("/")
    if file == "topic.yaml" and (topic := library.topics.get(path.split("/")[1])):
        return _compare_topic(path, topic, list_what_topics_lack(pack).get(path, ""))
    if folder == "templates" and path.count("/") == 1 and file.endswith(".yaml"):
        return _compare_outline(path, library.outlines[file.removesuffix(".yaml")])
    data = pack.files[path].data
    if not base:
        return Difference(path, "new file of the layout", (f"{len(data):,} bytes",))
    base_data = built_in_parts().files[base].data
    more = len(data) - len(base_data)
    line = f"another file; {abs(more):,} bytes {'more' if more >= 0 else 'fewer'}"
    return Difference(path, "layout", ("the same as the library's" if data == base_data else line,))


# -- words


def compare_words(old: str, new: str) -> tuple[ComparedWords, ...]:
    """Return the pieces that make `old` of "=" and "-", and `new` of "=" and "+"; a tag counts as one word."""
    one, other = _split_words(old), _split_words(new)
    found: list[ComparedWords] = []
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(ComparedWords("=", "".join(one[a:b])))
            continue
        if b > a:
            found.append(ComparedWords("-", "".join(one[a:b])))
        if d > c:
            found.append(ComparedWords("+", "".join(other[c:d])))
    return tuple(found)


def _split_words(text: str) -> list[str]:
    return re.findall(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|[\w’'-]+|\s+|.", text, flags=re.DOTALL)


# -- clauses, topics, outlines


def _compare_clause(path: str, new: ClauseText) -> Difference:
    old = next((clause for clause in built_in_library().each_clause() if clause.id == new.id), None)
    if old is None:
        return Difference(path, f"new clause {new.id}", (f"title: {new.title}",), (ComparedWords("+", new.body.text),))
    lines = [
        *_each_field_change(old, new, "topic", "title", "version", "position", "rank"),
        *_each_change(("when", old.when.text, new.when.text), ("words", old.word_budget, new.word_budget)),
        *_each_field_change(old, new, "requires", "conflicts", "jurisdictions", "reviewed"),
    ]
    if old.body.text == new.body.text:
        lines.append("the same words")
    return Difference(path, f"clause {new.id}", tuple(lines), compare_words(old.body.text, new.body.text))


def _each_change(*values: tuple[str, object, object]) -> Iterator[str]:
    """Yield a line for each value that changes; each is given by its name, as it was, and as it is."""
    for name, old, new in values:
        if old != new:
            yield _describe_change(name, str(old), str(new))


def _each_field_change(old: object, new: object, *names: str) -> Iterator[str]:
    """Yield a line for each field of these names that changes; several values stand in a row."""
    for name in names:
        was, now = getattr(old, name), getattr(new, name)
        several = isinstance(was, tuple)
        yield from _each_change((name, _list_items(was), _list_items(now)) if several else (name, was, now))


def _describe_change(name: str, old: str, new: str) -> str:
    if not old:
        return f"{name}: + {new}"
    return f"{name}: {old} -> {new}" if new else f"{name}: - {old}"


def _list_items(items: Iterable[str] | None) -> str:
    return ", ".join(item for item in items or () if item)


def _compare_topic(path: str, new: Topic, lacking: str) -> Difference:
    old = built_in_library().topics.get(new.id)
    if old is None:
        # No deal had any of its questions, so they are told without the topic's own name.
        questions = new.question.parts if new.question.is_group else (new.question,)
        lines = (*_compare_questions((), questions), *_compare_rows((), new.terms))
        return Difference(path, f"new topic {new.id}", lines)
    lines = (
        *_each_field_change(old, new, "title"),
        *_compare_questions(_questions_in_deal(old), _questions_in_deal(new)),
        *_compare_rows(old.terms, new.terms),
    )
    if lacking:
        lines += (f"what the library has and this topic has not is left unused: {lacking}",)
    return Difference(path, f"topic {new.id}", lines)


def _questions_in_deal(topic: Topic) -> tuple[Question, ...]:
    return topic.question.parts if topic.at_top else (topic.question,)


def _compare_questions(old: tuple[Question, ...], new: tuple[Question, ...]) -> Iterator[str]:
    old_by_path, new_by_path = dict(walk_questions(old)), dict(walk_questions(new))
    yield from (f"- question {path}" for path in old_by_path if path not in new_by_path)
    for path, question in new_by_path.items():
        if path in old_by_path and question.place == old_by_path[path].place:
            continue  # ours, which the pack's topic lacks: it is named below
        if path in old_by_path:
            yield from (f"question {path}: {line}" for line in _compare_question(old_by_path[path], question))
        elif question.prompt:
            usual = f"; usually {_node_in_words(question.default)}" if question.default is not None else ""
            yield f"+ question {path} ({question.type}{usual}): {question.prompt}"


def _compare_question(old: Question, new: Question) -> Iterator[str]:
    yield from _each_field_change(old, new, "type", "prompt", "help", "example", "when", "needed", "printed", "asked")
    yield from _each_change(
        ("usually", _node_in_words(old.default), _node_in_words(new.default)),
        ("usually, under a condition", _other_defaults_in_words(old), _other_defaults_in_words(new)),
        *zip(_LIMIT_NAMES, _limits_in_words(old.limits), _limits_in_words(new.limits), strict=True),
    )
    if dict(old.choices or {}) != dict(new.choices or {}):
        yield _describe_change("choices", _list_items(old.choices), _list_items(new.choices))


def _other_defaults_in_words(question: Question) -> str:
    return "; ".join(f"{_node_in_words(other.node)} when {other.when}" for other in question.other_defaults)


_LIMIT_NAMES = ("characters", "words", "least", "most")


def _limits_in_words(limits: Limits) -> tuple[str, ...]:
    """Return the limits in the order of their names, "" for none."""
    return tuple(str(limit or "") for limit in (limits.characters, limits.words, limits.least, limits.most))


def _compare_rows(old: tuple[TermText, ...], new: tuple[TermText, ...]) -> Iterator[str]:
    old_by_id, new_by_id = {row.id: row for row in old}, {row.id: row for row in new}
    yield from (f"- row {name}" for name in old_by_id if name not in new_by_id)
    for name, row in new_by_id.items():
        if name not in old_by_id:
            yield f"+ row {name}: {row.label.text}: {row.says.text}"
        elif _texts_of_row(row) != _texts_of_row(old_by_id[name]):
            yield _describe_change(f"row {name}", old_by_id[name].says.text, row.says.text)


def _texts_of_row(row: TermText) -> tuple[str, str, str]:
    return row.label.text, row.says.text, row.when.text


def _compare_outline(path: str, new: Outline) -> Difference:
    old = built_in_library().outlines.get(new.kind)
    if old is None:
        lines = (f"title: {new.title}", "topics: " + ", ".join(new.topics))
        return Difference(path, f"new kind of agreement {new.kind}", lines)
    return Difference(path, f"kind of agreement {new.kind}", tuple(_compare_outlines(old, new)))


def _compare_outlines(old: Outline, new: Outline) -> Iterator[str]:
    yield from _each_field_change(old, new, "title", "about", "layout")
    yield from _each_change(
        ("parties", old.party_limits, new.party_limits), ("small", old.small_start, new.small_start)
    )
    for name, was, now in (
        ("topics", old.topics, new.topics),
        ("key terms", old.term_order, new.term_order),
        ("required", old.required, new.required),
        ("needed", old.needed, new.needed),
    ):
        yield from (f"{name}: - {item}" for item in was if item not in now)
        yield from (f"{name}: + {item}" for item in now if item not in was)
        if [item for item in was if item in now] != [item for item in now if item in was]:
            yield f"{name}: in another order: {', '.join(now)}"
    for path in {**old.defaults, **new.defaults}:
        default, new_default = (_node_in_words(outline.defaults.get(path)) for outline in (old, new))
        yield from _each_change((f"default {path}", default, new_default))
    for path in {**old.choices, **new.choices}:
        choices, new_choices = (", ".join(outline.choices.get(path, ())) for outline in (old, new))
        yield from _each_change((f"choices of {path}", choices, new_choices))


# -- pack.yaml


def _describe_settings(pack: Pack) -> Iterator[str]:
    library = built_in_library()
    if pack.footer:
        yield f"footer: + {pack.footer}"
    if pack.language:
        yield f"language: {pack.language}"
    if pack.kinds:
        yield "kinds offered: " + ", ".join(kind.text for kind in pack.kinds)
    clause_ids = {clause.id for clause in library.each_clause()}
    for off in pack.switched_off:
        yield f"switched off: {off.text}" + ("" if off.text in clause_ids else " (no clause of the library)")
    questions = dict(walk_questions(library.list_top_questions()))
    for change in pack.changes:
        yield f"question {change.path}: " + "; ".join(_describe_question_change(change, questions.get(change.path)))
    if count := len(pack.translation.changes):
        yield f"{count} {'question' if count == 1 else 'questions'} translated"


def _describe_question_change(change: QuestionChange, old: Question | None) -> Iterator[str]:
    """Yield what a pack says of a question, beside what the library says; what it leaves out stays as it is."""
    for name in ("prompt", "help", "example"):
        if text := getattr(change, name):
            yield _describe_change(name, getattr(old, name, ""), text)
    if change.default is not None:
        yield _describe_change("usually", _node_in_words(old.default if old else None), _node_in_words(change.default))
    old_limits = _limits_in_words(old.limits if old else Limits())
    for name, limit, new_limit in zip(_LIMIT_NAMES, old_limits, _limits_in_words(change.limits), strict=True):
        if new_limit:
            yield _describe_change(name, limit, new_limit)
    if change.choices is not None:
        yield _describe_change("choices", _list_items(old.choices if old else ()), _list_items(change.choices))
    if change.required:
        yield "must be answered"
    if change.hidden:
        yield "settled, and not asked"


def _node_in_words(node: Node | None) -> str:
    """Return a YAML value in one line."""
    match node:
        case ScalarNode():
            return node.text
        case SequenceNode():
            return "[" + ", ".join(_node_in_words(item) for item in node.items) + "]"
        case MappingNode():
            return "{" + ", ".join(f"{name.text}: {_node_in_words(value)}" for name, value in node) + "}"
    return ""
