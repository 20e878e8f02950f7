"""What the program writes into a pack's folder: a new pack, copies of the library's files, and `based-on.yaml`.

`based-on.yaml` holds the digests of the library's files that those of the pack take the place of, as they were when the
firm saw them last.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from agreementgen import __version__
from agreementgen.core.characters import find_forbidden_character
from agreementgen.core.problems import InputError, PackError, Place, Problem, suggest_nearest
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.declarations import Fields, read_declarations
from agreementgen.library.loading import built_in_library, built_in_parts
from agreementgen.library.pack import PACK_FILE, Pack, read_pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.render.docx_writer import word_file_bytes
from agreementgen.yamlfile.nodes import ScalarNode

# -- what the library has under a pack's files

BASED_ON_FILE = "based-on.yaml"
_BASED_ON_HEAD = """\
# Written by "agreementgen pack new" and "agreementgen pack diff --accept": the files of the library that files of this
# pack take the place of, each with the SHA-256 it had. After an update, "agreementgen pack diff" says which changed.
"""
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


def read_based_on(pack: Pack) -> Mapping[str, str]:
    """Return the SHA-256s (hex) in `based-on.yaml`, by path in the library; none where there is no such file.

    Raise PackError where it cannot be read.
    """
    if BASED_ON_FILE not in pack.files:
        return {}
    problems: list[Problem] = []
    digests = read_declarations(pack.files[BASED_ON_FILE], _read_digests, problems)
    if digests is None or problems:
        raise PackError(problems)
    return digests


def _read_digests(fields: Fields) -> dict[str, str]:
    fields.read_text("library")  # the version, for people
    nodes = fields.read_nodes("files")
    digests = {path: node.text for path, node in nodes.items() if isinstance(node, ScalarNode)}
    if len(digests) != len(nodes):
        message = 'each file has a line "path: SHA-256"'
        hint = "let pack diff --accept write the file"
        fields.add_problem(message, hint, fields.place_of("files"), code="wrong-shape")
    return digests


def list_base_changes(pack: Pack) -> dict[str, BaseState]:
    """Return, by file of the pack, what became of the library's file under it; nothing where it is as recorded."""
    recorded = read_based_on(pack)
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
    files = built_in_parts().files
    digests = {} if only is None else dict(read_based_on(pack))
    for base in list_overridden_files(pack).values():
        if only is None or base in only:
            digests[base] = files[base].digest
    lines = "".join(f"  {path}: {digest}\n" for path, digest in sorted(digests.items()))
    return f'{_BASED_ON_HEAD}library: "{__version__}"\nfiles:' + (f"\n{lines}" if lines else " {}\n")


def save_based_on(pack: Pack, only: Collection[str] | None = None) -> Path:
    """Write `based-on.yaml` into the pack's folder, whole or not at all; return its path."""
    path = pack.folder / BASED_ON_FILE
    try:
        handle, temporary = tempfile.mkstemp(prefix=".based-on-", dir=pack.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(format_based_on(pack, only))
        # Made for us alone; a pack is for all of the firm, like the file beside it.
        os.chmod(temporary, (pack.folder / PACK_FILE).stat().st_mode & 0o777)
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable_error(path, error, "look whether you may write there") from None
    return path


def _unwritable_error(path: Path, error: OSError, hint: str = "") -> InputError:
    message = f"the file cannot be written: {error.strerror}"
    return InputError(Problem(message, hint, "", Place(str(path)), code="folder-unwritable"))


# -- a new pack

LETTERHEAD_STYLE = "Letterhead"
# The color of our headings and lines. Charts keep theirs, which are chosen for grey print and color blindness.
_LIBRARY_COLOR = "1F3864"
# What stands in the files of start/ for the pack's id, the firm's name and the version of the program.
_START_ID, _START_NAME, _START_VERSION = "acme-law", "Acme Law LLP", "0.1.0"
_START_COLOR = "7A1F3D"
_START_FOLDER = Path(__file__).resolve().parent / "start"
_MAX_NAME_LETTERS = 80


def create_pack(folder: Path, name: str = "") -> tuple[Path, ...]:
    """Write a small pack that works, and shows everything a pack can change, for the firm `name`; return its files.

    Raise InputError where `folder` is there already, or its name cannot be the id of a pack. Nothing is left half made.
    """
    pack_id = Path(os.path.abspath(folder)).name
    _check_names(folder, pack_id, name)
    firm = name.strip() or pack_id.replace("-", " ").title()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".agreementgen-", dir=folder.parent) as temporary:
        pack = Path(temporary) / pack_id
        for source in sorted(path for path in _START_FOLDER.rglob("*") if path.is_file()):
            _save(pack / source.relative_to(_START_FOLDER), _adapt_start_file(source, pack_id, firm).encode())
        letterhead = write_letterhead(built_in_library().layout["reference.docx"], firm, _START_COLOR)
        _save(pack / "templates" / "layout" / "reference.docx", letterhead)
        _save(pack / BASED_ON_FILE, format_based_on(read_pack(pack)).encode())
        try:
            os.rename(pack, folder)
        except OSError as error:
            message, hint = f"the folder cannot be made: {error.strerror}", "choose another place"
            raise InputError(Problem(message, hint, "", Place(str(folder)), code="folder-unwritable")) from None
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


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


def write_letterhead(reference: SourceFile, name: str, color: str) -> bytes:
    """Return the library's reference.docx with a firm's name in the header, and in its color.

    `color` is six hexadecimal digits. The bytes depend on nothing but the arguments.
    """
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    word = docx.Document(io.BytesIO(reference.data))
    style = word.styles.add_style(LETTERHEAD_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = word.styles["Normal"]
    style.font.bold, style.font.size, style.font.color.rgb = True, Pt(9), RGBColor.from_string(color)
    for other in word.styles:
        if not other.name.startswith("Chart"):
            for element in other.element.iter():
                for key, value in element.attrib.items():
                    if value == _LIBRARY_COLOR:
                        element.set(key, color)
    header = word.sections[0].header
    header.is_linked_to_previous = False
    line = header.paragraphs[0]
    line.style, line.text = style, name
    return word_file_bytes(word)


def _save(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# -- copies of the library's files


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
    """Copy files of the library into a pack; return their paths.

    Raise InputError, with nothing written, for a name that means no file, and for one that the pack has.
    """
    known = built_in_paths_by_name()
    problems = []
    for name in names:
        if name not in known:
            hint = suggest_nearest(name, known)
            problems.append(Problem(f'the library has no "{name}"', hint, code="unknown-name"))
        elif known[name] in pack.files:
            message = "the pack has this file already; it is not overwritten"
            problems.append(Problem(message, "", "", Place(str(pack.folder / known[name])), code="not-ours"))
    if problems:
        raise InputError(problems)
    copies = tuple(pack.folder / known[name] for name in names)
    for name, path in zip(names, copies, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(built_in_parts().files[known[name]].data)
        except OSError as error:
            raise _unwritable_error(path, error) from None
    return copies
