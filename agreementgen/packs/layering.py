"""The library with packs laid over it: whole files replace whole files, and questions change as `pack.yaml` says.

Questions only become narrower: limits, choices and usual answers change, questions are hidden or required. Clauses are
written for what the library allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from agreementgen.core.local_reading import LocalReader
from agreementgen.core.problems import PackError, Problem, suggest_nearest
from agreementgen.core.values import Unreadable
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import AnswerContext, Limits, Question, Structure, name_in_clauses, walk_questions
from agreementgen.language.conditions import read_condition
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library, Pack, QuestionChange, read_pack
from agreementgen.library.loading import (
    LibraryParts,
    assemble_library,
    built_in_library,
    built_in_parts,
    read_parts,
    validate_library,
)
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import Topic
from agreementgen.packs.firm_template import complete_template
from agreementgen.packs.letterhead import use_as_reference
from agreementgen.packs.page_files import check_page
from agreementgen.packs.word_file import (
    REFERENCE_FILE,
    TemplateNames,
    WordFileReport,
    check_file_name,
    check_template,
    template_shape_of,
)
from agreementgen.render.house_style import (
    FACE_FILE_OF_WORD,
    STYLE_FILE,
    check_house_style,
    dress_word_file,
    face_key,
    house_style_of,
)
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

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
    return _lay_packs(tuple(read))


def _without_repeats(packs: Iterable[Path]) -> list[Path]:
    """Return the folders, each where it is named last."""
    folders: dict[Path, Path] = {}
    for folder in packs:
        folders.pop(folder.resolve(), None)
        folders[folder.resolve()] = folder
    return list(folders.values())


# Validating a whole library takes a good part of a second.
@lru_cache(maxsize=8)
def _lay_packs(packs: tuple[Pack, ...]) -> Library:
    problems: list[Problem] = []
    parts = built_in_parts()
    for pack in packs:
        parts = _lay_over(parts, pack, problems)
    if problems:
        raise PackError(problems)
    library = assemble_library(parts, packs)
    remarks: list[Problem] = []
    for pack in packs:
        for report in check_word_files(pack, library):
            problems += report.problems
            remarks += (problem for problem in report.warnings if problem.code == "word-adopted")
    problems += validate_library(library)
    if problems:
        raise PackError(problems)
    return replace(library, remarks=tuple(remarks))


def check_word_files(pack: Pack, library: Library) -> Iterator[WordFileReport]:
    """Yield what there is to say about each Word file of a pack, in a library in which the pack lies."""
    names = template_names_of(library)
    own_reference = built_in_parts().layout[REFERENCE_FILE]
    for name, source in pack.files_below("templates/layout").items():
        if not name.lower().endswith(".docx"):
            continue
        unused = check_file_name(source.name, names)
        if unused:
            yield WordFileReport((unused,))
        elif name == REFERENCE_FILE:
            yield use_as_reference(source, own_reference)[1]
        else:
            completed, notes = complete_template(source, own_reference)
            report = check_template(completed.data, source.name, names)
            yield replace(report, warnings=(*notes, *report.warnings))


def template_names_of(library: Library) -> TemplateNames:
    """Return what Word templates may name in a library."""
    return TemplateNames(
        facts=template_shape_of(library.shape_of_facts()),
        topics=frozenset(library.clauses),
        rows=library.term_ids,
        schedules=library.schedule_ids,
        kinds=frozenset(library.outlines),
    )


# -- files


def _lay_over(parts: LibraryParts, pack: Pack, problems: list[Problem]) -> LibraryParts:
    """Return `parts` with a pack laid over them."""
    own = read_parts(pack.files_below("clauses"), pack.files_below("templates"), problems)
    own_ids = {clause.id for clause in own.clauses.values()}
    clauses = {name: clause for name, clause in parts.clauses.items() if clause.id not in own_ids} | dict(own.clauses)
    names = {clause.id: name for name, clause in clauses.items()}
    for off in pack.switched_off:
        if off.text in names:
            clauses.pop(names[off.text], None)
        else:
            message, hint = f'"{off.text}" is not a clause', suggest_nearest(off.text, names)
            problems.append(Problem(message, hint, "switched off", off.place, code="unknown-name"))
    unused = {f"clauses/{name}" for name in (*parts.clauses, *own.clauses) if name not in clauses}
    files = {name: file for name, file in {**parts.files, **own.files}.items() if name not in unused}
    replaced = {topic_id: _keep_facts(topic, parts.topics.get(topic_id)) for topic_id, topic in own.topics.items()}
    topics = {**parts.topics, **replaced}
    outlines = _mark_offered(pack, {**parts.outlines, **own.outlines}, problems)
    changed = change_questions(pack, topics, outlines)
    problems += changed.problems
    layout = _lay_layout(parts, own, pack, problems)
    problems += check_page(own.layout, layout)
    problems += check_house_style(own.layout, layout)
    instruments = {**parts.instruments, **own.instruments}
    return LibraryParts(changed.topics, clauses, changed.outlines, layout, files, instruments)


def _keep_facts(topic: Topic, replaced: Topic | None) -> Topic:
    """Return a pack's topic with what it lacks of the one it replaces: questions, hidden, at their usual answers.

    Choices that it lacks are known and never offered. Rows of the key terms and schedules that hang on either are kept
    with them. What no deal can do without is not kept.

    Why: a question or choice that the library gets later must not break a firm's `topic.yaml`, beside which clauses of
    ours ask for the new fact.
    """
    if not replaced or (topic.question.structure, topic.question.key) != (
        replaced.question.structure,
        replaced.question.key,
    ):
        return topic
    lacks = list(_each_lacking(topic.question, replaced.question))
    group = (name_in_clauses(topic.question.key),) if topic.question.key else ()
    names = {(*group, *map(name_in_clauses, path)) for path, choices in lacks if not choices}
    words = {word for _, choices in lacks for word in choices}

    def hangs_on_them(condition: str, path: str = "") -> bool:
        facts = read_condition(condition).facts if condition else ()
        asked = {fact[:count] for fact in (*facts, tuple(path.split("."))) for count in range(1, len(fact) + 1)}
        return bool(asked & names) or any(f"'{word}'" in condition or f'"{word}"' in condition for word in words)

    rows = {row.id for row in topic.terms}
    schedules = {one.id for one in topic.schedules}
    return replace(
        topic,
        question=_with_what_lacks(topic.question, replaced.question),
        terms=(
            *topic.terms,
            *(row for row in replaced.terms if row.id not in rows and hangs_on_them(row.when.text, row.each)),
        ),
        schedules=(
            *topic.schedules,
            *(one for one in replaced.schedules if one.id not in schedules and hangs_on_them(one.when.text, one.each)),
        ),
    )


def _each_lacking(question: Question, ours: Question) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield what a pack's question lacks of ours: the keys of a part and (), or those of a question and its choices."""
    for part in ours.inner_questions:
        there = next((one for one in question.inner_questions if one.key == part.key), None)
        if there is None:
            yield (part.key,), ()
            continue
        if choices := _lacking_choices(there, part):
            yield (part.key,), choices
        if there.structure is part.structure:
            yield from (((part.key, *path), choices) for path, choices in _each_lacking(there, part))


def _lacking_choices(question: Question, ours: Question) -> tuple[str, ...]:
    """Return the words of ours that a pack's question does not take."""
    return tuple(word for word in (*(ours.choices or {}), *(ours.words or {})) if word not in question.known_words)


def _with_what_lacks(question: Question, ours: Question) -> Question:
    """Return a pack's question with the parts and choices of ours that it lacks: known, and never asked or offered."""
    inner = []
    for part in question.inner_questions:
        own = next((one for one in ours.inner_questions if one.key == part.key), None)
        inner.append(_with_what_lacks(part, own) if own and own.structure is part.structure else part)
    there = {part.key for part in inner}
    if question.structure is not Structure.LIST:
        lacking = (part for part in ours.inner_questions if part.key not in there and not _must_be_answered(part))
        # What nobody is asked anyway, such as the status of a deal, is for the program, and may still be typed.
        inner += (_hide(replace(part, needed="")) if part.asked else part for part in lacking)
    known = (*question.removed_choices, *_lacking_choices(question, ours))
    return replace(question.replace_inner(inner) if inner else question, removed_choices=known)


def _must_be_answered(question: Question) -> bool:
    """Return whether no deal can do without an answer."""
    return question.needed == "yes" and not question.when and question.default is None


def list_what_topics_lack(pack: Pack) -> dict[str, str]:
    """Return, by the path of a pack's `topic.yaml`, what the library's has and it has not: 'payer, model "fixed fee"'.

    Only topics that lack something are in it.
    """
    own = read_parts(pack.files_below("clauses"), {}, [])
    found = {}
    for topic_id, topic in own.topics.items():
        ours = built_in_parts().topics.get(topic_id)
        if ours is None or topic.question.structure is not ours.question.structure:
            continue
        lacks = [
            ".".join(path) + "".join(f' "{word}"' for word in choices)
            for path, choices in _each_lacking(topic.question, ours.question)
        ]
        if lacks:
            found[f"clauses/{topic_id}/topic.yaml"] = ", ".join(lacks)
    return found


def _mark_offered(pack: Pack, outlines: Mapping[str, Outline], problems: list[Problem]) -> dict[str, Outline]:
    """Return the kinds of agreement, those that a pack does not offer marked so: clauses may still speak of them."""
    for kind in pack.kinds:
        if kind.text not in outlines:
            message, hint = f'"{kind.text}" is not a kind of agreement', suggest_nearest(kind.text, outlines)
            problems.append(Problem(message, hint, "kinds", kind.place, code="unknown-name"))
    offered = [kind.text for kind in pack.kinds] or list(outlines)
    return {kind: replace(outline, offered=outline.offered and kind in offered) for kind, outline in outlines.items()}


def _lay_layout(parts: LibraryParts, own: LibraryParts, pack: Pack, problems: list[Problem]) -> dict[str, SourceFile]:
    """Return the files of the layout, a pack's over the others, and ours that it replaces under a second name."""
    layout = {**parts.layout, **own.layout}
    own_reference = built_in_parts().layout[REFERENCE_FILE]
    for name, source in own.layout.items():
        if name == REFERENCE_FILE:
            layout[name] = use_as_reference(source, own_reference)[0]
        elif name.endswith(".docx"):
            layout[name] = complete_template(source, own_reference)[0]
    if own.layout:
        layout |= {BUILT_IN_PREFIX + name: source for name, source in built_in_parts().layout.items()}
    if STYLE_FILE in own.layout:
        _take_out_faces(layout, own)
    if STYLE_FILE in own.layout and not check_house_style(own.layout, layout):
        look = house_style_of(layout)
        # A firm's faces take the place of ours under their names, so that whoever sets or measures a page has them.
        chosen = {word: layout[name] for word, name in look.faces}
        for word, file in chosen.items():
            ours = FACE_FILE_OF_WORD[word]
            layout[face_key(word)] = layout[ours] = layout[BUILT_IN_PREFIX + ours] = file
        if REFERENCE_FILE not in own.layout:
            layout[REFERENCE_FILE] = dress_word_file(own_reference, look)
        if look.faces and pack.faces:
            message, hint = (
                f'"{STYLE_FILE}" says the faces, too',
                f"take them out of one: {STYLE_FILE} serves both formats",
            )
            problems.append(Problem(message, hint, "faces", pack.faces["regular"].place, code="not-applicable"))
    for word, face in (pack.faces or {}).items():
        if face.text in layout:
            layout[FACE_FILES[word]] = layout[face.text]
        else:
            message = f'the font "{face.text}" ({word}) is not in the layout'
            hint = suggest_nearest(face.text, layout) or "put it into templates/layout"
            problems.append(Problem(message, hint, "faces", face.place, code="unknown-name"))
    return layout


def _take_out_faces(layout: dict[str, SourceFile], own: LibraryParts) -> None:
    """Put our faces back where those of a pack below stand, whose style this one replaces as a whole."""
    for word, ours in FACE_FILE_OF_WORD.items():
        if layout.pop(face_key(word), None):
            layout[ours] = own.layout.get(ours) or built_in_parts().layout[ours]


# -- questions

# Limits and usual answers of the library are read without a deal, as if it were one in dollars without parties.
_NO_DEAL = AnswerContext("USD", {})


@dataclass(frozen=True)
class ChangedQuestions:
    """Topics and outlines after a pack's changes, and what is wrong with those."""

    topics: dict[str, Topic]
    outlines: dict[str, Outline]
    problems: tuple[Problem, ...]


def change_questions(pack: Pack, topics: Mapping[str, Topic], outlines: Mapping[str, Outline]) -> ChangedQuestions:
    """Return `topics` and `outlines` with what `pack` changes of the questions."""
    changes = {change.path: change for change in pack.changes}
    words = {change.path: change for change in pack.translation.changes}
    problems = list(_find_unknown(pack, topics))
    titles = {topic.text: title for topic, title in pack.translation.titles}
    changed = {}
    for topic_id, topic in topics.items():
        key = topic.question.key
        question = _change_tree(topic.question, key, words, problems)
        question = _change_tree(question, key, changes, problems)
        changed[topic_id] = replace(topic, question=question, title=titles.get(topic_id, topic.title))
    if pack.language.split("-")[0] not in ("", "en"):
        said = pack.words[0]
        reader = LocalReader(pack.language, said.get("yes", ""), said.get("no", ""))
        changed = {name: replace(t, question=_read_by(t.question, reader)) for name, t in changed.items()}
    changed_outlines = {kind: _change_outline(outline, changes, changed) for kind, outline in outlines.items()}
    if not problems:
        problems += _check_usual_answers(changes.values(), changed, changed_outlines)
    return ChangedQuestions(changed, changed_outlines, tuple(problems))


def _read_by(question: Question, reader: LocalReader) -> Question:
    """Return a question and all inside it, with answers read in the language of a pack, too."""
    inner = [_read_by(part, reader) for part in question.inner_questions]
    return replace(question.replace_inner(inner) if inner else question, reader=reader)


def _find_unknown(pack: Pack, topics: Mapping[str, Topic]) -> Iterator[Problem]:
    """Yield the questions and topics that a pack changes, and that there are not."""
    paths = _questions_by_path(topics)
    for change in (*pack.changes, *pack.translation.changes):
        if change.path not in paths:
            hint = suggest_nearest(change.path, paths)
            yield Problem(f'"{change.path}" is not a question', hint, place=change.place, code="unknown-name")
    for topic, _ in pack.translation.titles:
        if topic.text not in topics:
            hint = suggest_nearest(topic.text, topics)
            yield Problem(f'"{topic.text}" is not a topic', hint, place=topic.place, code="unknown-name")


def _questions_by_path(topics: Mapping[str, Topic]) -> dict[str, Question]:
    return {path: question for topic in topics.values() for path, question in walk_questions(topic.questions)}


def list_untranslated(pack: Pack, topics: Mapping[str, Topic]) -> Iterator[str]:
    """Yield the paths of questions that are asked, and that a pack in another language has no prompt for."""
    prompted = {change.path for change in (*pack.translation.changes, *pack.changes) if change.prompt}
    own = {name.split("/")[0] for name in pack.files_below("clauses") if name.endswith("/topic.yaml")}
    theirs = {topic_id: topic for topic_id, topic in topics.items() if topic_id not in own}
    for path, question in _questions_by_path(theirs).items():
        if question.prompt and question.asked and path not in prompted:
            yield path


def _change_tree(
    question: Question, path: str, changes: Mapping[str, QuestionChange], problems: list[Problem]
) -> Question:
    """Return a question and all inside it with their changes."""
    inner = [
        _change_tree(part, f"{path}.{part.key}" if path else part.key, changes, problems)
        for part in question.inner_questions
    ]
    if inner:
        question = question.replace_inner(_part_companions(question.inner_questions, inner))
    change = changes.get(path) if path else None
    return _apply_change(question, change, problems) if change else question


def _part_companions(before: Sequence[Question], after: Sequence[Question]) -> list[Question]:
    """Return questions, of which those are asked alone again that a pack asks in other words than ours."""
    ours = {question.key: (question.prompt, question.example) for question in before}
    theirs = {question.key for question in after if ours.get(question.key) != (question.prompt, question.example)}
    return [
        replace(question, companion=None)
        if question.companion and theirs & {question.key, question.companion.key}
        else question
        for question in after
    ]


def _apply_change(question: Question, change: QuestionChange, problems: list[Problem]) -> Question:
    """Return `question` as a pack wants it; note where it would be wider than ours, for which no clause is written."""

    def refuse(code: str, message: str, hint: str = "") -> None:
        problems.append(Problem(message, hint, change.path, change.place, code=code))

    limits = _narrow_limits(question, change.limits, refuse)
    choices = question.choices
    if change.choices is not None:
        choices = _narrow_choices(question.choices or {}, change.choices, refuse)
    changed = replace(
        question,
        prompt=change.prompt or question.prompt,
        help=change.help or question.help,
        example=change.example or question.example,
        default=question.default if change.default is None else change.default,
        limits=limits,
        usual_least=question.usual_least if limits.least == question.limits.least else "",
        usual_most=question.usual_most if limits.most == question.limits.most else "",
        choices=choices,
        removed_choices=(
            *question.removed_choices,
            *(word for word in question.choices or {} if word not in (choices or {})),
        ),
    )
    least, most = change.limits.least, change.limits.most
    if least and most and _explain_outside(changed, least):
        refuse("contradiction", f'"least: {least}" is more than "most: {most}"')
    if change.default is not None and (problem := explain_unfit_default(changed, change.default)):
        refuse("unreadable", f"the default does not fit: {problem.message}", problem.hint)
    # What it hides is settled for all; what it takes away is nobody's usual answer.
    others = () if change.hidden else question.other_defaults
    fitting = tuple(other for other in others if explain_unfit_default(changed, other.node) is None)
    changed = replace(changed, other_defaults=fitting)
    if change.required and change.hidden:
        refuse("contradiction", "a question cannot be both hidden and required", "keep one of the two")
    elif change.required:
        changed = replace(changed, needed="yes", default=change.default)
    elif change.hidden:
        changed = _hide(changed)
    return changed


def _narrow_limits(question: Question, wanted: Limits, refuse: Callable[..., None]) -> Limits:
    limits = question.limits
    for name in ("characters", "words"):
        ours, theirs = getattr(limits, name), getattr(wanted, name)
        if theirs and ours and theirs > ours:
            message = f"the library allows {ours} {name}, and a pack may only narrow that"
            refuse("out-of-limits", message, f"write {ours} or fewer")
        elif theirs:
            limits = replace(limits, **{name: theirs})
    for name in ("least", "most"):
        text = getattr(wanted, name)
        if text and (outside := _explain_outside(question, text)):
            message = f'"{name}: {text}" does not narrow the limits: {outside[0]}'
            refuse("out-of-limits", message, outside[1])
        elif text:
            limits = replace(limits, **{name: text})
    return limits


def _narrow_choices(
    ours: Mapping[str, str], theirs: Mapping[str, str], refuse: Callable[..., None]
) -> Mapping[str, str]:
    """Return the choices that are left, with a pack's own words where it has any."""
    for word in theirs:
        if word not in ours:
            refuse("not-a-choice", f'"{word}" is not one of the choices', suggest_nearest(word, ours))
    left = {word: theirs[word] or says for word, says in ours.items() if word in theirs}
    if not left:
        refuse("empty", "no choice is left")
    return left


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
        read_answer(replace(question, words=None), text, _NO_DEAL)
    except Unreadable as error:
        return error.message, error.hint
    return None


def _hide(question: Question) -> Question:
    return replace(question, asked=False, fixed=True, parts=tuple(_hide(part) for part in question.parts))


def explain_unfit_default(question: Question, node: Node) -> Unreadable | None:
    """Return why a default does not fit its question, None where it does."""
    item = question.item
    for answer in node.items if isinstance(node, SequenceNode) else (node,):
        if item.is_plain_scalar and isinstance(answer, ScalarNode) and not answer.is_empty:
            try:
                read_answer(item, answer.text, _NO_DEAL)
            except Unreadable as error:
                return error
    if question.is_scalar and isinstance(node, SequenceNode):
        return Unreadable("one answer belongs here, not a list", "")
    return None


def _change_outline(outline: Outline, changes: Mapping[str, QuestionChange], topics: Mapping[str, Topic]) -> Outline:
    """Return an outline without what the pack says otherwise of its questions."""
    questions = _questions_by_path(topics)
    changed = {path: questions[path] for path in changes if path in questions}
    answered = {path for path, change in changes.items() if change.default is not None or change.required}
    fixed = {path for path, question in questions.items() if question.fixed}
    choices = {}
    for path, words in outline.choices.items():
        left = (changed[path].choices if path in changed else None) or words
        gone = questions[path].removed_choices if path in questions else ()
        kept = tuple(word for word in words if word in left and word not in gone)
        choices[path] = kept or tuple(word for word in left if word not in gone)
    return replace(
        outline,
        defaults={path: node for path, node in outline.defaults.items() if path not in answered},
        needed=tuple(path for path in outline.needed if path not in answered | fixed),
        choices=choices,
        small_answers={
            path: node
            for path, node in outline.small_answers.items()
            if path not in fixed and not (path in changed and explain_unfit_default(changed[path], node))
        },
    )


def _check_usual_answers(
    changes: Iterable[QuestionChange], topics: Mapping[str, Topic], outlines: Mapping[str, Outline]
) -> Iterator[Problem]:
    """Yield usual answers that no longer fit, and hidden questions that nobody can answer."""
    questions = _questions_by_path(topics)
    for change in changes:
        question = questions[change.path]
        usual = {kind: o.defaults[change.path] for kind, o in outlines.items() if change.path in o.defaults}
        if question.default is not None:
            usual[""] = question.default
        for kind, node in usual.items() if change.default is None else ():
            if problem := explain_unfit_default(question, node):
                of_kind = f" of {kind}" if kind else ""
                message = f"the usual answer{of_kind} does not fit any longer: {problem.message}"
                hint = 'give a "default" of your own'
                yield Problem(message, hint, change.path, change.place, code="unreadable")
        for path, part in _with_parts(question, change.path) if change.hidden else ():
            given = part.default is not None or all(path in outline.defaults for outline in outlines.values())
            if part.needed == "yes" and not given and (not part.is_group or path == change.path):
                message = f'it is hidden, but "{path}" must be answered and has no usual answer'
                yield Problem(message, 'give it a "default"', change.path, change.place, code="missing")


def _with_parts(question: Question, path: str) -> Iterator[tuple[str, Question]]:
    """Yield a question with its path, and all inside it where it is a group."""
    yield path, question
    if question.is_group:
        yield from walk_questions(question.parts, path)
