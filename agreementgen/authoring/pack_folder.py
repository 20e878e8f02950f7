"""A pack's folder beside the built-in library: what the program writes into it, and which files it replaces.

A new pack, copies of the library's files, and `based-on.yaml` are written: it holds the digests of the library's files
that those of the pack take the place of, as they were when the firm saw them last.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from agreementgen import __version__
from agreementgen.authoring.message_list import write_messages
from agreementgen.core import saving
from agreementgen.core.problems import InputError, PackError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.library.files import Fields, SourceFile, read_declarations
from agreementgen.library.library import Pack, read_pack
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.messages import MESSAGES_FILE
from agreementgen.library.topics import ClauseText, read_clause
from agreementgen.render.house_style import OTHER_LOOKS, STYLE_FILE, HouseStyle, check_house_style, dress_word_file
from agreementgen.yamlfile.nodes import ScalarNode

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
    versions = versions_not_replaced(pack) if record.versions is None else dict(record.versions)
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


def versions_not_replaced(pack: Pack) -> dict[str, str]:
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
_STYLE_PATH = f"templates/layout/{STYLE_FILE}"
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
        letterhead = dress_word_file(built_in_library().layout["reference.docx"], HouseStyle(_START_COLOR, (firm,)))
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
    # Elsewhere the name stands between double quotes, or inside a list.
    footer = json.dumps(f"Prepared by {firm}", ensure_ascii=False)
    text = text.replace(f"Prepared by {_START_NAME}]", f"{footer}]")
    text = text.replace(_START_NAME, json.dumps(firm, ensure_ascii=False)[1:-1])
    if source.name == STYLE_FILE:
        style = {STYLE_FILE: SourceFile(STYLE_FILE, text.encode())}
        if check_house_style(style, {**built_in_parts().layout, **style}):
            # The name is too long for a line.
            return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("head:"))
    return text


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
        elif name in OTHER_LOOKS and _STYLE_PATH in pack.files:
            message = f'"{name}" cannot stand beside the {STYLE_FILE} of this pack: both say how the page looks'
            hint = f"to write pages of your own, remove {STYLE_FILE} first"
            problems.append(Problem(message, hint, "", Place(str(pack.folder / _STYLE_PATH)), code="not-applicable"))
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
