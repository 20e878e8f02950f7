"""What a pack changes of questions: narrower limits, other usual answers, hidden or required, other words.

The library with packs laid over it. Whole files replace whole files; questions change as `pack.yaml` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from agreementgen.core.problems import PackError, Problem, nearest
from agreementgen.core.values import Unreadable
from agreementgen.deal.questions import SCALARS, Known, Question, read_answer, walk
from agreementgen.library.library import Library, Parts, assembled, built_in, built_in_parts, checked, read_parts
from agreementgen.library.pack import Change, Pack, read_pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline, Topic
from agreementgen.packs import page_files
from agreementgen.packs.word_file import REFERENCE, Linted, Names, lint, lint_template, misnamed, shape_of
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

_KNOWN = Known("USD", {})


@dataclass(frozen=True)
class Changed:
    """Topics and outlines after a pack's changes, and what is wrong with those."""

    topics: dict[str, Topic]
    outlines: dict[str, Outline]
    problems: tuple[Problem, ...]


def changed(pack: Pack, topics: Mapping[str, Topic], outlines: Mapping[str, Outline]) -> Changed:
    """Return `topics` and `outlines` with what `pack` changes of the questions."""
    problems: list[Problem] = []
    changes = {change.path: change for change in pack.changes}
    words = {change.path: change for change in pack.translation.questions}
    known = {path for topic in topics.values() for path, _ in walk(_questions(topic))}
    for change in (*changes.values(), *words.values()):
        if change.path not in known:
            message = f'"{change.path}" is not a question'
            problems.append(Problem(message, nearest(change.path, known), "", change.place))
    titles = {named.name: title for named, title in pack.translation.topics}
    for named, _ in pack.translation.topics:
        if named.name not in topics:
            message = f'"{named.name}" is not a topic'
            problems.append(Problem(message, nearest(named.name, topics), "", named.place))
    done = {}
    for topic_id, topic in topics.items():
        start = "" if topic.at_top else topic.question.key
        question = _tree(topic.question, start, {**words}, problems)
        question = _tree(question, start, changes, problems)
        done[topic_id] = replace(topic, question=question, title=titles.get(topic_id, topic.title))
    adapted = {kind: _outline(outline, changes, done) for kind, outline in outlines.items()}
    if not problems:
        problems += _unusual(changes.values(), done, adapted)
    return Changed(done, adapted, tuple(problems))


def untranslated(pack: Pack, topics: Mapping[str, Topic]) -> Iterator[str]:
    """Yield the paths of questions that are asked, and that a pack in another language has no prompt for."""
    said = {change.path for change in (*pack.translation.questions, *pack.changes) if change.prompt}
    own = {name.split("/")[0] for name in pack.part("clauses") if name.endswith("/topic.yaml")}
    for topic in topics.values():
        if topic.id not in own:
            for path, question in walk(_questions(topic)):
                if question.prompt and question.asked and path not in said:
                    yield path


def _questions(topic: Topic) -> tuple[Question, ...]:
    return topic.question.of if topic.at_top else (topic.question,)


def _tree(question: Question, path: str, changes: Mapping[str, Change], problems: list[Problem]) -> Question:
    """Return a question and all inside it with their changes."""
    inner = question.of
    if question.type == "per party" and inner[0].type == "group":
        inner = (replace(inner[0], of=tuple(_part(part, path, changes, problems) for part in inner[0].of)),)
    elif question.type in ("group", "list of groups", "raci"):
        inner = tuple(_part(part, path, changes, problems) for part in inner)
    found = replace(question, of=inner)
    change = changes.get(path)
    return _applied(found, change, problems) if change and path else found


def _part(part: Question, path: str, changes: Mapping[str, Change], problems: list[Problem]) -> Question:
    return _tree(part, f"{path}.{part.key}" if path else part.key, changes, problems)


def _applied(question: Question, change: Change, problems: list[Problem]) -> Question:
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
        if text and (outside := _outside(question, text)):
            wrong(f'"{name}: {text}" does not narrow the limits: {outside[0]}', outside[1])
        elif text:
            limits = replace(limits, **{name: text})
    choices = question.choices
    if change.choices is not None:
        for word in change.choices:
            if word not in (choices or {}):
                wrong(f'"{word}" is not one of the choices', nearest(word, choices or {}))
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
        gone=(*question.gone, *(word for word in question.choices or {} if word not in (choices or {}))),
    )
    if asked.least and asked.most and _outside(found, asked.least):
        wrong(f'"least: {asked.least}" is more than "most: {asked.most}"')
    if change.default is not None and (problem := usual_problem(found, change.default)):
        wrong(f"the default does not fit: {problem.message}", problem.hint)
    if change.required and change.hidden:
        wrong("a question cannot be both hidden and required", "keep one of the two")
    elif change.required:
        found = replace(found, needed="yes", default=change.default)
    elif change.hidden:
        found = _hidden(found)
    return found


def _hidden(question: Question) -> Question:
    return replace(question, asked=False, fixed=True, of=tuple(_hidden(part) for part in question.of))


def _outside(question: Question, text: str) -> tuple[str, str] | None:
    """Return why a limit of a pack is not within those of the library, and a hint."""
    limits = question.limits
    if question.type in ("list", "list of groups"):
        if not text.isdigit():
            return f'"{text}" is not a whole number', "write a number of entries"
        if (limits.least and int(text) < int(limits.least)) or (limits.most and int(text) > int(limits.most)):
            return f"the library allows {limits.least or 0} to {limits.most or 'any number'}", ""
        return None
    if question.type not in ("integer", "number", "percent", "money", "percent or money", "duration"):
        return f"a {question.type} has no such limits", ""
    try:
        read_answer(replace(question, words=None), text, _KNOWN)
    except Unreadable as error:
        return error.message, error.hint
    return None


def usual_problem(question: Question, node: Node) -> Unreadable | None:
    """Return why a default does not fit its question, None where it does."""
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    of = question.of[0] if question.type == "list" else question
    for one in nodes:
        if of.type in SCALARS and of.type != "party" and isinstance(one, ScalarNode) and not one.empty:
            try:
                read_answer(of, one.text, _KNOWN)
            except Unreadable as error:
                return error
    if question.type in SCALARS and isinstance(node, SequenceNode):
        return Unreadable("one answer belongs here, not a list", "")
    return None


def _outline(outline: Outline, changes: Mapping[str, Change], topics: Mapping[str, Topic]) -> Outline:
    """Return an outline without what the pack says otherwise of its questions."""
    every = {path: question for topic in topics.values() for path, question in walk(_questions(topic))}
    over = {path for path, change in changes.items() if change.default is not None or change.required}
    fixed = {path for path, question in every.items() if question.fixed}
    choices = {}
    for path, words in outline.choices.items():
        there = (every[path].choices if path in changes and path in every else None) or words
        choices[path] = tuple(word for word in words if word in there) or tuple(there)
    small = {
        path: node
        for path, node in outline.small_answers.items()
        if path not in fixed and not (path in changes and path in every and usual_problem(every[path], node))
    }
    return replace(
        outline,
        defaults={path: node for path, node in outline.defaults.items() if path not in over},
        needed=tuple(path for path in outline.needed if path not in over | fixed),
        choices=choices,
        small_answers=small,
    )


def _unusual(
    changes: Iterable[Change], topics: Mapping[str, Topic], outlines: Mapping[str, Outline]
) -> Iterator[Problem]:
    """Yield usual answers that no longer fit, and hidden questions that nobody can answer."""
    every = {path: question for topic in topics.values() for path, question in walk(_questions(topic))}
    for change in changes:
        question = every[change.path]
        usual = {kind: o.defaults[change.path] for kind, o in outlines.items() if change.path in o.defaults}
        ours = {"": question.default} if question.default is not None else {}
        for kind, node in (usual | ours).items():
            if change.default is None and (problem := usual_problem(question, node)):
                of = f" of {kind}" if kind else ""
                message = f"the usual answer{of} does not fit any longer: {problem.message}"
                yield Problem(message, 'give a "default" of your own', change.path, change.place)
        if not change.hidden:
            continue
        for path, part in _inside(question, change.path):
            given = part.default is not None or all(path in outline.defaults for outline in outlines.values())
            if part.needed == "yes" and not given and (part.type != "group" or path == change.path):
                message = f'it is hidden, but "{path}" must be answered and has no usual answer'
                yield Problem(message, 'give it a "default"', change.path, change.place)


def _inside(question: Question, path: str) -> Iterator[tuple[str, Question]]:
    yield path, question
    if question.type == "group":
        yield from walk(question.of, path)


# Under this name in front of their own, our layouts are still there when a pack replaces them:
# {% extends "built-in/agreement.html" %}, @import "built-in/agreement.css".
BUILT_IN = "built-in/"
# Under these names the writers find the fonts by which the fit measures.
FACES = {"regular": "face/regular", "bold": "face/bold"}


def opened(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library with the packs in these folders laid over it, the last on top.

    Raise PackError with every problem of their files, or else with every problem of the whole.
    """
    folders = _each_once(packs)
    if not folders:
        return built_in()
    read: list[Pack] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            read.append(read_pack(folder))
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return _Opened.of(tuple(read))


class _Opened:
    """Packs that were opened before: looking through a whole library takes a good part of a second."""

    def __init__(self, packs: tuple[Pack, ...]) -> None:
        self.packs = packs
        self.key = tuple((str(pack.folder), pack.digest) for pack in packs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Opened) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @staticmethod
    def of(packs: tuple[Pack, ...]) -> Library:
        return _layered(_Opened(packs))


@lru_cache(maxsize=8)
def _layered(opened: _Opened) -> Library:
    problems: list[Problem] = []
    parts = built_in_parts()
    for pack in opened.packs:
        parts = _over(parts, pack, problems)
    if problems:
        raise PackError(problems)
    library = assembled(parts, opened.packs)
    problems += (p for pack in opened.packs for linted in word_files(pack, library) for p in linted.problems)
    try:
        checked(library, parts)
    except PackError as error:
        problems += error.problems
    if problems:
        raise PackError(problems)
    return library


def word_files(pack: Pack, library: Library) -> Iterator[Linted]:
    """Yield what there is to say about each Word file of a pack, in a library in which the pack lies."""
    names = names_of(library)
    for name, source in pack.part("templates/layout").items():
        if not name.lower().endswith(".docx"):
            continue
        stray = misnamed(source.name, names)
        if stray:
            yield Linted((stray,))
        elif name == REFERENCE:
            yield lint(source.data, source.name)
        else:
            yield lint_template(source.data, source.name, names)


def names_of(library: Library) -> Names:
    """Return what Word templates may name in a library."""
    topics = library.topics.values()
    return Names(
        facts=shape_of(library.shape()),
        topics=frozenset(library.clauses),
        rows=frozenset(row.id for topic in topics for row in topic.rows),
        schedules=frozenset(schedule.id for topic in topics for schedule in topic.schedules)
        | {topic.question.key for topic in topics if topic.question.type == "raci"},
        kinds=frozenset(library.outlines),
    )


def _each_once(packs: Iterable[Path]) -> list[Path]:
    """Return the folders, each where it is named last."""
    found: dict[Path, Path] = {}
    for folder in packs:
        found.pop(folder.resolve(), None)
        found[folder.resolve()] = folder
    return list(found.values())


def _over(parts: Parts, pack: Pack, problems: list[Problem]) -> Parts:
    """Return `parts` with a pack laid over them."""
    own = read_parts(pack.part("clauses"), pack.part("templates"), problems)
    ids = {clause.id for clause in own.clauses.values()}
    kept = {name: clause for name, clause in parts.clauses.items() if clause.id not in ids}
    clauses = kept | dict(own.clauses)
    known = {clause.id: name for name, clause in clauses.items()}
    for off in pack.switched_off:
        if off.name in known:
            clauses.pop(known[off.name], None)
        else:
            hint = nearest(off.name, known)
            problems.append(Problem(f'"{off.name}" is not a clause', hint, "switched off", off.place))
    gone = set(parts.clauses) | set(own.clauses)
    files = {name: file for name, file in {**parts.files, **own.files}.items() if not _dropped(name, gone, clauses)}
    outlines = _offered(pack, {**parts.outlines, **own.outlines}, problems)
    found = changed(pack, {**parts.topics, **own.topics}, outlines)
    problems += found.problems
    layout = dict(_layout(parts, own))
    for word, face in (pack.faces or {}).items():
        if face.name in layout:
            layout[FACES[word]] = layout[face.name]
        else:
            hint = nearest(face.name, layout) or "put it into templates/layout"
            problems.append(Problem(f'the font "{face.name}" ({word}) is not in the layout', hint, "faces", face.place))
    problems += page_files.check_page(own.layout, layout)
    return Parts(found.topics, clauses, found.outlines, layout, files)


def _dropped(name: str, known: set[str], left: Mapping[str, object]) -> bool:
    """Return whether a file holds a clause that is not used any more."""
    clause = name.removeprefix("clauses/")
    return name != clause and clause in known and clause not in left


def _offered(pack: Pack, outlines: Mapping[str, Outline], problems: list[Problem]) -> dict[str, Outline]:
    """Return the kinds of agreement, those that a pack does not offer marked so: clauses may still speak of them."""
    for kind in pack.kinds:
        if kind.name not in outlines:
            hint = nearest(kind.name, outlines)
            problems.append(Problem(f'"{kind.name}" is not a kind of agreement', hint, "kinds", kind.place))
    names = [kind.name for kind in pack.kinds] or list(outlines)
    return {kind: replace(outline, offered=outline.offered and kind in names) for kind, outline in outlines.items()}


def _layout(parts: Parts, own: Parts) -> Iterator[tuple[str, SourceFile]]:
    """Yield the files of the layout, a pack's over the others, and ours that it replaces under a second name."""
    yield from parts.layout.items()
    yield from own.layout.items()
    for name, source in built_in_parts().layout.items() if own.layout else ():
        yield BUILT_IN + name, source
