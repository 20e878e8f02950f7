"""What a pack changes of questions: narrower limits, other usual answers, hidden or required, other words.

The library with packs laid over it. Whole files replace whole files; questions change as `pack.yaml` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from agreementgen.core.problems import PackError, Problem, suggest_nearest
from agreementgen.core.values import Unreadable
from agreementgen.deal.question_types import (
    read_answer,
)
from agreementgen.deal.questions import AnswerContext, Question, Structure, walk_questions
from agreementgen.library.library import Library
from agreementgen.library.loading import (
    LibraryParts,
    assemble_library,
    built_in_library,
    built_in_parts,
    ensure_valid,
    read_parts,
)
from agreementgen.library.pack import Pack, QuestionChange, read_pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline, Topic
from agreementgen.packs import page_files
from agreementgen.packs.word_file import (
    REFERENCE_FILE,
    TemplateNames,
    WordFileReport,
    check_file_name,
    check_reference,
    check_template,
    template_shape_of,
)
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

_DOLLARS = AnswerContext("USD", {})


@dataclass(frozen=True)
class ChangedQuestions:
    """Topics and outlines after a pack's changes, and what is wrong with those."""

    topics: dict[str, Topic]
    outlines: dict[str, Outline]
    problems: tuple[Problem, ...]


def change_questions(pack: Pack, topics: Mapping[str, Topic], outlines: Mapping[str, Outline]) -> ChangedQuestions:
    """Return `topics` and `outlines` with what `pack` changes of the questions."""
    problems: list[Problem] = []
    changes = {change.path: change for change in pack.changes}
    words = {change.path: change for change in pack.translation.changes}
    known = {path for topic in topics.values() for path, _ in walk_questions(_questions_of(topic))}
    for change in (*changes.values(), *words.values()):
        if change.path not in known:
            message = f'"{change.path}" is not a question'
            problems.append(Problem(message, suggest_nearest(change.path, known), "", change.place))
    titles = {named.text: title for named, title in pack.translation.titles}
    for named, _ in pack.translation.titles:
        if named.text not in topics:
            message = f'"{named.text}" is not a topic'
            problems.append(Problem(message, suggest_nearest(named.text, topics), "", named.place))
    done = {}
    for topic_id, topic in topics.items():
        start = "" if topic.at_top else topic.question.key
        question = _change_tree(topic.question, start, {**words}, problems)
        question = _change_tree(question, start, changes, problems)
        done[topic_id] = replace(topic, question=question, title=titles.get(topic_id, topic.title))
    adapted = {kind: _change_outline(outline, changes, done) for kind, outline in outlines.items()}
    if not problems:
        problems += _check_defaults(changes.values(), done, adapted)
    return ChangedQuestions(done, adapted, tuple(problems))


def list_untranslated(pack: Pack, topics: Mapping[str, Topic]) -> Iterator[str]:
    """Yield the paths of questions that are asked, and that a pack in another language has no prompt for."""
    said = {change.path for change in (*pack.translation.changes, *pack.changes) if change.prompt}
    own = {name.split("/")[0] for name in pack.files_below("clauses") if name.endswith("/topic.yaml")}
    for topic in topics.values():
        if topic.id not in own:
            for path, question in walk_questions(_questions_of(topic)):
                if question.prompt and question.asked and path not in said:
                    yield path


def _questions_of(topic: Topic) -> tuple[Question, ...]:
    return topic.question.parts if topic.at_top else (topic.question,)


def _change_tree(
    question: Question, path: str, changes: Mapping[str, QuestionChange], problems: list[Problem]
) -> Question:
    """Return a question and all inside it with their changes."""
    inner = [_change_part(part, path, changes, problems) for part in question.inner_questions]
    found = question.replace_inner(inner) if inner else question
    change = changes.get(path)
    return _apply_change(found, change, problems) if change and path else found


def _change_part(part: Question, path: str, changes: Mapping[str, QuestionChange], problems: list[Problem]) -> Question:
    return _change_tree(part, f"{path}.{part.key}" if path else part.key, changes, problems)


def _apply_change(question: Question, change: QuestionChange, problems: list[Problem]) -> Question:
    """Return `question` as a pack wants it; note where it would be wider than ours, for which no clause is written."""

    def wrong(message: str, hint: str = "") -> None:
        problems.append(Problem(message, hint, change.path, change.place))

    limits, asked = question.limits, change.limits
    for name in ("characters", "words"):
        ours, theirs = getattr(limits, name), getattr(asked, name)
        if theirs and ours and theirs > ours:
            wrong(f"the library allows {ours} {name}, and a pack may only narrow that", f"write {ours} or fewer")
        elif theirs:
            limits = replace(limits, **{name: theirs})
    for name in ("least", "most"):
        text = getattr(asked, name)
        if text and (outside := _explain_outside(question, text)):
            wrong(f'"{name}: {text}" does not narrow the limits: {outside[0]}', outside[1])
        elif text:
            limits = replace(limits, **{name: text})
    choices = question.choices
    if change.choices is not None:
        for word in change.choices:
            if word not in (choices or {}):
                wrong(f'"{word}" is not one of the choices', suggest_nearest(word, choices or {}))
        choices = {w: change.choices[w] or says for w, says in (choices or {}).items() if w in change.choices}
        if not choices:
            wrong("no choice is left")
    found = replace(
        question,
        prompt=change.prompt or question.prompt,
        help=change.help or question.help,
        example=change.example or question.example,
        default=question.default if change.default is None else change.default,
        limits=limits,
        choices=choices,
        removed_choices=(
            *question.removed_choices,
            *(word for word in question.choices or {} if word not in (choices or {})),
        ),
    )
    if asked.least and asked.most and _explain_outside(found, asked.least):
        wrong(f'"least: {asked.least}" is more than "most: {asked.most}"')
    if change.default is not None and (problem := explain_unfit_default(found, change.default)):
        wrong(f"the default does not fit: {problem.message}", problem.hint)
    if change.required and change.hidden:
        wrong("a question cannot be both hidden and required", "keep one of the two")
    elif change.required:
        found = replace(found, needed="yes", default=change.default)
    elif change.hidden:
        found = _hide(found)
    return found


def _hide(question: Question) -> Question:
    return replace(question, asked=False, fixed=True, parts=tuple(_hide(part) for part in question.parts))


def _explain_outside(question: Question, text: str) -> tuple[str, str] | None:
    """Return why a limit of a pack is not within those of the library, and a hint."""
    limits = question.limits
    if question.structure in (Structure.LIST, Structure.GROUPS):
        if not text.isdigit():
            return f'"{text}" is not a whole number', "write a number of entries"
        if (limits.least and int(text) < int(limits.least)) or (limits.most and int(text) > int(limits.most)):
            return f"the library allows {limits.least or 0} to {limits.most or 'any number'}", ""
        return None
    if not question.type.is_measured:
        return f"a {question.type} has no such limits", ""
    try:
        read_answer(replace(question, words=None), text, _DOLLARS)
    except Unreadable as error:
        return error.message, error.hint
    return None


def explain_unfit_default(question: Question, node: Node) -> Unreadable | None:
    """Return why a default does not fit its question, None where it does."""
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    of = question.item
    for one in nodes:
        if of.is_plain_scalar and isinstance(one, ScalarNode) and not one.is_empty:
            try:
                read_answer(of, one.text, _DOLLARS)
            except Unreadable as error:
                return error
    if question.is_scalar and isinstance(node, SequenceNode):
        return Unreadable("one answer belongs here, not a list", "")
    return None


def _change_outline(outline: Outline, changes: Mapping[str, QuestionChange], topics: Mapping[str, Topic]) -> Outline:
    """Return an outline without what the pack says otherwise of its questions."""
    every = {path: question for topic in topics.values() for path, question in walk_questions(_questions_of(topic))}
    over = {path for path, change in changes.items() if change.default is not None or change.required}
    fixed = {path for path, question in every.items() if question.fixed}
    choices = {}
    for path, words in outline.choices.items():
        there = (every[path].choices if path in changes and path in every else None) or words
        choices[path] = tuple(word for word in words if word in there) or tuple(there)
    small = {
        path: node
        for path, node in outline.small_answers.items()
        if path not in fixed and not (path in changes and path in every and explain_unfit_default(every[path], node))
    }
    return replace(
        outline,
        defaults={path: node for path, node in outline.defaults.items() if path not in over},
        needed=tuple(path for path in outline.needed if path not in over | fixed),
        choices=choices,
        small_answers=small,
    )


def _check_defaults(
    changes: Iterable[QuestionChange], topics: Mapping[str, Topic], outlines: Mapping[str, Outline]
) -> Iterator[Problem]:
    """Yield usual answers that no longer fit, and hidden questions that nobody can answer."""
    every = {path: question for topic in topics.values() for path, question in walk_questions(_questions_of(topic))}
    for change in changes:
        question = every[change.path]
        usual = {kind: o.defaults[change.path] for kind, o in outlines.items() if change.path in o.defaults}
        ours = {"": question.default} if question.default is not None else {}
        for kind, node in (usual | ours).items():
            if change.default is None and (problem := explain_unfit_default(question, node)):
                of = f" of {kind}" if kind else ""
                message = f"the usual answer{of} does not fit any longer: {problem.message}"
                yield Problem(message, 'give a "default" of your own', change.path, change.place)
        if not change.hidden:
            continue
        for path, part in _walk_group(question, change.path):
            given = part.default is not None or all(path in outline.defaults for outline in outlines.values())
            if part.needed == "yes" and not given and (not part.is_group or path == change.path):
                message = f'it is hidden, but "{path}" must be answered and has no usual answer'
                yield Problem(message, 'give it a "default"', change.path, change.place)


def _walk_group(question: Question, path: str) -> Iterator[tuple[str, Question]]:
    yield path, question
    if question.is_group:
        yield from walk_questions(question.parts, path)


# Under this name in front of their own, our layouts are still there when a pack replaces them:
# {% extends "built-in/agreement.html" %}, @import "built-in/agreement.css".
BUILT_IN_PREFIX = "built-in/"
# Under these names the writers find the fonts by which the fit measures.
FACE_FILES = {"regular": "face/regular", "bold": "face/bold"}


def open_library(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library with the packs in these folders laid over it, the last on top.

    Raise PackError with every problem of their files, or else with every problem of the whole.
    """
    folders = _without_repeats(packs)
    if not folders:
        return built_in_library()
    read: list[Pack] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            read.append(read_pack(folder))
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return _PackKey.of(tuple(read))


class _PackKey:
    """Packs that were opened before: looking through a whole library takes a good part of a second."""

    def __init__(self, packs: tuple[Pack, ...]) -> None:
        self.packs = packs
        self.key = tuple((str(pack.folder), pack.digest) for pack in packs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _PackKey) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @staticmethod
    def of(packs: tuple[Pack, ...]) -> Library:
        return _open_layered(_PackKey(packs))


@lru_cache(maxsize=8)
def _open_layered(opened: _PackKey) -> Library:
    problems: list[Problem] = []
    parts = built_in_parts()
    for pack in opened.packs:
        parts = _lay_over(parts, pack, problems)
    if problems:
        raise PackError(problems)
    library = assemble_library(parts, opened.packs)
    problems += (p for pack in opened.packs for linted in check_word_files(pack, library) for p in linted.problems)
    try:
        ensure_valid(library, parts)
    except PackError as error:
        problems += error.problems
    if problems:
        raise PackError(problems)
    return library


def check_word_files(pack: Pack, library: Library) -> Iterator[WordFileReport]:
    """Yield what there is to say about each Word file of a pack, in a library in which the pack lies."""
    names = template_names_of(library)
    for name, source in pack.files_below("templates/layout").items():
        if not name.lower().endswith(".docx"):
            continue
        stray = check_file_name(source.name, names)
        if stray:
            yield WordFileReport((stray,))
        elif name == REFERENCE_FILE:
            yield check_reference(source.data, source.name)
        else:
            yield check_template(source.data, source.name, names)


def template_names_of(library: Library) -> TemplateNames:
    """Return what Word templates may name in a library."""
    topics = library.topics.values()
    return TemplateNames(
        facts=template_shape_of(library.shape_of_facts()),
        topics=frozenset(library.clauses),
        rows=frozenset(row.id for topic in topics for row in topic.terms),
        schedules=frozenset(schedule.id for topic in topics for schedule in topic.schedules)
        | {topic.question.key for topic in topics if topic.question.structure is Structure.MATRIX},
        kinds=frozenset(library.outlines),
    )


def _without_repeats(packs: Iterable[Path]) -> list[Path]:
    """Return the folders, each where it is named last."""
    found: dict[Path, Path] = {}
    for folder in packs:
        found.pop(folder.resolve(), None)
        found[folder.resolve()] = folder
    return list(found.values())


def _lay_over(parts: LibraryParts, pack: Pack, problems: list[Problem]) -> LibraryParts:
    """Return `parts` with a pack laid over them."""
    own = read_parts(pack.files_below("clauses"), pack.files_below("templates"), problems)
    ids = {clause.id for clause in own.clauses.values()}
    kept = {name: clause for name, clause in parts.clauses.items() if clause.id not in ids}
    clauses = kept | dict(own.clauses)
    known = {clause.id: name for name, clause in clauses.items()}
    for off in pack.switched_off:
        if off.text in known:
            clauses.pop(known[off.text], None)
        else:
            hint = suggest_nearest(off.text, known)
            problems.append(Problem(f'"{off.text}" is not a clause', hint, "switched off", off.place))
    gone = set(parts.clauses) | set(own.clauses)
    files = {name: file for name, file in {**parts.files, **own.files}.items() if not _is_dropped(name, gone, clauses)}
    outlines = _mark_offered(pack, {**parts.outlines, **own.outlines}, problems)
    found = change_questions(pack, {**parts.topics, **own.topics}, outlines)
    problems += found.problems
    layout = dict(_each_layout_file(parts, own))
    for word, face in (pack.faces or {}).items():
        if face.text in layout:
            layout[FACE_FILES[word]] = layout[face.text]
        else:
            hint = suggest_nearest(face.text, layout) or "put it into templates/layout"
            problems.append(Problem(f'the font "{face.text}" ({word}) is not in the layout', hint, "faces", face.place))
    problems += page_files.check_page(own.layout, layout)
    return LibraryParts(found.topics, clauses, found.outlines, layout, files)


def _is_dropped(name: str, known: set[str], left: Mapping[str, object]) -> bool:
    """Return whether a file holds a clause that is not used any more."""
    clause = name.removeprefix("clauses/")
    return name != clause and clause in known and clause not in left


def _mark_offered(pack: Pack, outlines: Mapping[str, Outline], problems: list[Problem]) -> dict[str, Outline]:
    """Return the kinds of agreement, those that a pack does not offer marked so: clauses may still speak of them."""
    for kind in pack.kinds:
        if kind.text not in outlines:
            hint = suggest_nearest(kind.text, outlines)
            problems.append(Problem(f'"{kind.text}" is not a kind of agreement', hint, "kinds", kind.place))
    names = [kind.text for kind in pack.kinds] or list(outlines)
    return {kind: replace(outline, offered=outline.offered and kind in names) for kind, outline in outlines.items()}


def _each_layout_file(parts: LibraryParts, own: LibraryParts) -> Iterator[tuple[str, SourceFile]]:
    """Yield the files of the layout, a pack's over the others, and ours that it replaces under a second name."""
    yield from parts.layout.items()
    yield from own.layout.items()
    for name, source in built_in_parts().layout.items() if own.layout else ():
        yield BUILT_IN_PREFIX + name, source
