"""A pack's folder beside the built-in library: what the program writes into it, and what it changes.

A new pack, copies of the library's files, and `based-on.yaml` are written: it holds the digests of the library's files
that those of the pack take the place of, as they were when the firm saw them last. Changes are shown file by file and
word by word.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from agreementgen import __version__
from agreementgen.authoring.message_list import write_messages
from agreementgen.core import saving
from agreementgen.core.problems import InputError, PackError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.deal.questions import Limits, Question, walk_questions
from agreementgen.library.files import Fields, read_declarations
from agreementgen.library.library import Library, Pack, QuestionChange, read_pack
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.messages import MESSAGES_FILE
from agreementgen.library.topics import ClauseText, Outline, TermText, Topic, read_clause
from agreementgen.packs.layering import list_what_topics_lack
from agreementgen.render.house_style import HouseStyle, dress_word_file
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

# -- what the library has under a pack's files

BASED_ON_FILE = "based-on.yaml"
_BASED_ON_HEAD = """\
# Written by "agreementgen pack new" and "agreementgen pack diff --accept": the library as it was when you looked at it.
# After an update, "agreementgen pack diff" says what changed: clauses that this pack does not replace ("clauses": their
# versions), and files that it does ("files": the SHA-256 of each, "words": the words of the clauses).
"""


@dataclass(frozen=True)
class Record:
    """What stands in `based-on.yaml`: SHA-256s (hex) of files by path in the library, the words of clauses by path.

    `versions` are those of the library's clauses that the pack does not replace, by id; None where none were recorded.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] | None = None


# What became of the library's file under one of the pack since it was recorded.
BaseState = Literal["changed", "gone", "unknown"]


def list_overridden_files(pack: Pack) -> dict[str, str]:
    """Return the files of a pack that take the place of the library's, each with the path of that one.

    A file replaces one of the same path; a clause also the one of its id.
    """
    parts = built_in_parts()
    by_id = {clause.id: f"clauses/{path}" for path, clause in parts.clauses.items()}
    overridden = {path: path for path in pack.files if path in parts.files}
    for path in pack.files:
        clause = find_clause(pack, path)
        if clause and clause.id in by_id:
            overridden[path] = by_id[clause.id]
    return overridden


def find_clause(pack: Pack, path: str) -> ClauseText | None:
    """Return the clause in a pack's file, None where it holds none."""
    parts = path.split("/")
    if len(parts) != 3 or parts[0] != "clauses" or not path.endswith(".md"):
        return None
    return read_clause(parts[1], pack.files[path], [])


def read_based_on(pack: Pack) -> Record:
    """Return what `based-on.yaml` records, nothing where there is none; raise PackError where it cannot be read."""
    if BASED_ON_FILE not in pack.files:
        return Record()
    problems: list[Problem] = []
    record = read_declarations(pack.files[BASED_ON_FILE], _read_record, problems)
    if record is None or problems:
        raise PackError(problems)
    return record


def _read_record(fields: Fields) -> Record:
    fields.read_text("library")  # the version, for people
    shapes = {
        "clauses": 'each clause has a line "id: version"', "words": 'each clause has a line "path: its words"',
        "files": 'each file has a line "path: SHA-256"',
    }  # fmt: skip
    found: dict[str, dict[str, str]] = {}
    for key, message in shapes.items():
        if key != "files" and fields.find_node(key) is None:
            continue
        nodes = fields.read_nodes(key)
        found[key] = {path: node.text for path, node in nodes.items() if isinstance(node, ScalarNode)}
        if len(found[key]) != len(nodes):
            hint = "let pack diff --accept write the file"
            fields.add_problem(message, hint, fields.place_of(key), code="wrong-shape")
    return Record(found["files"], found.get("words", {}), found.get("clauses"))


def list_base_changes(pack: Pack) -> dict[str, BaseState]:
    """Return, by file of the pack, what became of the library's file under it; nothing where it is as recorded."""
    recorded = read_based_on(pack).digests
    overridden = list_overridden_files(pack)
    files = built_in_parts().files
    states: dict[str, BaseState] = {}
    for path, base in overridden.items():
        if base not in recorded:
            states[path] = "unknown"
        elif recorded[base] != files[base].digest:
            states[path] = "changed"
    gone = (path for path in recorded if path not in files and path not in overridden.values())
    return states | dict.fromkeys(gone, "gone")


def format_based_on(pack: Pack, only: Collection[str] | None = None) -> str:
    """Return the text of `based-on.yaml` for a pack as it is and the library as it is.

    With `only` some of the library's files, the others stay as they are recorded.
    """
    bases = list_overridden_files(pack).values()
    return _format_record(pack, Record() if only is None else read_based_on(pack), bases if only is None else only)


def _format_record(pack: Pack, record: Record, seen: Collection[str]) -> str:
    """Return a record in which the files `seen` of the library are as they are now."""
    files, clauses = built_in_parts().files, {f"clauses/{p}": c for p, c in built_in_parts().clauses.items()}
    digests = {**record.digests, **{path: files[path].digest for path in seen}}
    words = {**record.words, **{path: clauses[path].body.text for path in seen if path in clauses}}
    versions = _versions_not_replaced(pack) if record.versions is None else dict(record.versions)
    for path in seen:
        if path in clauses:
            versions.pop(clauses[path].id, None)
    quoted = {path: json.dumps(text, ensure_ascii=False) for path, text in words.items()}
    groups = (("clauses", versions), ("words", quoted), ("files", digests))
    lines = [f'library: "{__version__}"\n']
    for name, entries in groups:
        lines.append(f"{name}:\n" if entries else f"{name}: {{}}\n")
        lines += [f"  {key}: {text}\n" for key, text in sorted(entries.items())]
    return _BASED_ON_HEAD + "".join(lines)


def _versions_not_replaced(pack: Pack) -> dict[str, str]:
    """Return the versions of those clauses of the library that agreements of a pack may have, by id."""
    parts = built_in_parts()
    kinds = {kind.text for kind in pack.kinds} or set(parts.outlines)
    topics = {topic for kind, outline in parts.outlines.items() if kind in kinds for topic in outline.topics}
    replaced = {*list_overridden_files(pack).values()}
    off = {one.text for one in pack.switched_off}
    return {
        clause.id: str(clause.version)
        for path, clause in parts.clauses.items()
        if clause.topic in topics and f"clauses/{path}" not in replaced and clause.id not in off
    }


def save_based_on(pack: Pack, only: Collection[str] | None = None) -> Path:
    """Write `based-on.yaml` into the pack's folder, whole or not at all; return its path."""
    path = pack.folder / BASED_ON_FILE
    saving.replace_file(path, format_based_on(pack, only).encode())
    return path


# -- a new pack

# What stands in the files of start/ for the pack's id, the firm's name and the version of the program.
_START_ID, _START_NAME, _START_VERSION = "acme-law", "Acme Law LLP", "0.1.0"
_START_COLOR = "#7a1f3d"
_START_FOLDER = Path(__file__).resolve().parent / "start"
_MAX_NAME_LETTERS = 80
# The folder in which a new pack is written before it takes its place, with the number of the process.
_UNFINISHED = ".agreementgen-new-pack-"


def create_pack(folder: Path, name: str = "") -> tuple[Path, ...]:
    """Write a small pack that works, and shows everything a pack can change, for the firm `name`; return its files.

    Raise InputError where `folder` is there already, or its name cannot be the id of a pack. Nothing is left half made.
    """
    pack_id = Path(os.path.abspath(folder)).name
    _check_names(folder, pack_id, name)
    firm = name.strip() or pack_id.replace("-", " ").title()
    with saving.report_unwritable(folder.parent):
        _write_pack(folder, pack_id, firm)
    saving.confirm_stored(folder.parent)
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


def _write_pack(folder: Path, pack_id: str, firm: str) -> None:
    """Write the files of a new pack aside, and let their folder take its place; raise OSError, InputError."""
    parent = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(parent)
    prefix = f"{_UNFINISHED}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as temporary:
        pack = Path(temporary) / pack_id
        for source in sorted(path for path in _START_FOLDER.rglob("*") if path.is_file()):
            _save(pack / source.relative_to(_START_FOLDER), _adapt_start_file(source, pack_id, firm).encode())
        letterhead = dress_word_file(built_in_library().layout["reference.docx"], HouseStyle(_START_COLOR, firm))
        _save(pack / "templates" / "layout" / "reference.docx", letterhead.data)
        _save(pack / BASED_ON_FILE, format_based_on(read_pack(pack)).encode())
        try:
            os.rename(pack, folder)
        except OSError as error:
            message, hint = f"the folder cannot be made: {error.strerror}", "choose another place"
            raise InputError(Problem(message, hint, "", Place(str(folder)), code="folder-unwritable")) from None


def _remove_left_over(parent: Path) -> None:
    """Remove what a run that was killed left of its new pack."""
    for path in parent.glob(f"{_UNFINISHED}*-*"):
        number = path.name.removeprefix(_UNFINISHED).partition("-")[0]
        is_gone = number.isdecimal() and not saving.is_process_running(int(number))
        if is_gone and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)


def _check_names(folder: Path, pack_id: str, name: str) -> None:
    place = Place(str(folder))
    if os.path.lexists(folder):
        hint = "choose another name; nothing that is there is ever changed"
        raise InputError(Problem("this is there already", hint, "", place, code="not-ours"))
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", pack_id):
        hint = "use small letters, figures and hyphens, as in acme-law"
        raise InputError(Problem(f'"{pack_id}" cannot be the id of a pack', hint, "", place, code="pack-id"))
    hint = "write the firm's name in one line"
    forbidden = find_forbidden_character(name)
    if forbidden or any(char in name for char in "\n\r\t"):
        message = f"the name holds {forbidden[1] if forbidden else 'a line break'}"
        raise InputError(Problem(message, hint, "--name", code="forbidden-character"))
    if len(name) > _MAX_NAME_LETTERS:
        message = f"the name has more than {_MAX_NAME_LETTERS} letters"
        raise InputError(Problem(message, hint, "--name", code="out-of-limits"))


def _adapt_start_file(source: Path, pack_id: str, firm: str) -> str:
    """Return a file of start/ with the id and the name of the firm in the place of those that stand there."""
    text = source.read_text(encoding="utf-8").replace(_START_ID, pack_id)
    if source.name == "pack.yaml":
        text = text.replace(f'made for: "{_START_VERSION}"', f'made for: "{__version__}"')
    if source.suffix == ".md":
        return text.replace(_START_NAME, firm)
    # Elsewhere the name stands between double quotes, where YAML and CSS read a backslash alike, or inside a list.
    footer = json.dumps(f"Prepared by {firm}", ensure_ascii=False)
    text = text.replace(f"Prepared by {_START_NAME}]", f"{footer}]")
    return text.replace(_START_NAME, json.dumps(firm, ensure_ascii=False)[1:-1])


def _save(path: Path, data: bytes) -> None:
    """Write a file of a new pack, down to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


# -- copies of the library's files


# The name of what the questionnaire says, which is a file made of the program's own texts.
MESSAGES_NAME = "messages"


def built_in_paths_by_name() -> dict[str, str]:
    """Return the library's files by the names that people have for them, each with its path.

    A clause by its id, a topic's questions by "topic scope", an outline by its kind, a file of the layout by its name.
    """
    parts = built_in_parts()
    names = {clause.id: f"clauses/{path}" for path, clause in parts.clauses.items()}
    names |= {f"topic {topic}": f"clauses/{topic}/topic.yaml" for topic in parts.topics}
    names |= {kind: f"templates/{kind}.yaml" for kind in parts.outlines}
    names |= {name: f"templates/layout/{name}" for name in parts.layout if "/" not in name}
    return names | {path: path for path in parts.files}


def copy_files(pack: Pack, names: Sequence[str]) -> tuple[Path, ...]:
    """Copy files of the library into a pack, and note in `based-on.yaml` which; return their paths.

    "messages" is the file of what the questionnaire says; what it has translated stays.
    Raise InputError, with nothing written, for a name that means no file, and for one that the pack has changed.
    """
    known, files = built_in_paths_by_name(), built_in_parts().files
    wanted = [name for name in names if name != MESSAGES_NAME]
    problems = []
    for name in wanted:
        if name not in known:
            hint = suggest_nearest(name, (*known, MESSAGES_NAME))
            problems.append(Problem(f'the library has no "{name}"', hint, code="unknown-name"))
        elif pack.files.get(known[name], files[known[name]]).digest != files[known[name]].digest:
            message = "the pack has this file already; it is not overwritten"
            problems.append(Problem(message, "", "", Place(str(pack.folder / known[name])), code="not-ours"))
    if problems:
        raise InputError(problems)
    sources = {known[name]: files[known[name]] for name in wanted}
    copies = {pack.folder / path: source.data for path, source in sources.items()}
    changed: dict[Path, bytes] = {}
    if sources:
        changed[pack.folder / BASED_ON_FILE] = _format_record(pack, read_based_on(pack), sources).encode()
    if MESSAGES_NAME in names:
        changed[pack.folder / MESSAGES_FILE] = write_messages(pack)
    saving.add_files(copies, changed)
    return (*copies, *(path for path in changed if path.name == MESSAGES_FILE))


# -- what a pack changes

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
    now = _versions_not_replaced(pack)
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
        *zip(_LIMIT_NAMES, _limits_in_words(old.limits), _limits_in_words(new.limits), strict=True),
    )
    if dict(old.choices or {}) != dict(new.choices or {}):
        yield _describe_change("choices", _list_items(old.choices), _list_items(new.choices))


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
