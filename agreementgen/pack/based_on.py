"""`based-on.yaml`: the library's files that those of a pack take the place of, as they were when the firm saw them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agreementgen import __version__
from agreementgen.deal.yamlfile import MappingNode, ScalarNode, read
from agreementgen.errors import InputError, PackError, Place, Problem
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.definitions import Fields
from agreementgen.library.library import built_in_parts
from agreementgen.library.packs import PACK, Pack
from agreementgen.library.snapshot import SourceFile

FILE = "based-on.yaml"
_HEAD = """\
# Written by "agreementgen pack new" and "agreementgen pack diff --accept": the files of the library that files of this
# pack take the place of, each with the SHA-256 it had. After an update, "agreementgen pack diff" says which changed.
"""
State = Literal["changed", "gone", "unknown"]


@dataclass(frozen=True)
class BasedOn:
    """What a pack was last compared with: a version of the library, and the SHA-256 of its files by path."""

    library: str = ""
    files: Mapping[str, str] | None = None


def overridden(pack: Pack) -> dict[str, str]:
    """Return the files of a pack that take the place of the library's, each with the path of that one.

    A file replaces one of the same path; a clause also the one of its id.
    """
    ours = built_in_parts()
    by_id = {clause.id: f"clauses/{name}" for name, clause in ours.clauses.items()}
    files = built_in_files()
    found = {}
    for name in pack.files:
        clause = clause_of(pack, name)
        if clause and clause.id in by_id:
            found[name] = by_id[clause.id]
        elif name in files:
            found[name] = name
    return found


def built_in_files() -> dict[str, SourceFile]:
    """Return the library's files by path, as a pack would name them."""
    return {source.name: source for source in built_in_parts().files.values()}


def clause_of(pack: Pack, name: str) -> ClauseText | None:
    """Return the clause in a pack's file, None where it holds none."""
    parts = name.split("/")
    if len(parts) != 3 or parts[0] != "clauses" or not name.endswith(".md"):
        return None
    return read_clause(parts[1], pack.files[name], [])


def read_based_on(pack: Pack) -> BasedOn:
    """Return what `based-on.yaml` says; nothing where there is none. Raise PackError where it cannot be read."""
    if FILE not in pack.files:
        return BasedOn()
    source = pack.files[FILE]
    problems: list[Problem] = []
    try:
        fields = Fields(read(source.text, source.name).root, problems, "")
    except InputError as error:
        raise PackError(error.problems) from None
    library = fields.text("library")
    node = fields.mapping("files")
    files = {name.text: value.text for name, value in node or () if isinstance(value, ScalarNode)}
    if isinstance(node, MappingNode) and len(files) != len(list(node)):
        fields.problem('each file has a line "path: SHA-256"', "let pack diff --accept write the file", node.place)
    fields.finish()
    if problems:
        raise PackError(problems)
    return BasedOn(library, files)


def record(pack: Pack, only: Collection[str] | None = None) -> str:
    """Return the text of `based-on.yaml` for a pack as it is and the library as it is.

    With `only` some of the library's files, the others stay as they are recorded.
    """
    files = built_in_files()
    known = read_based_on(pack).files or {} if only is not None else {}
    taken = set(overridden(pack).values())
    now = {name: files[name].digest for name in taken if only is None or name in only}
    lines = [f"  {name}: {digest}\n" for name, digest in sorted({**known, **now}.items())]
    return f'{_HEAD}library: "{__version__}"\nfiles:' + ("\n" + "".join(lines) if lines else " {}\n")


def accepted(pack: Pack, only: Collection[str] | None = None) -> Path:
    """Write `based-on.yaml` into the pack's folder, whole or not at all; return its path."""
    path = pack.folder / FILE
    try:
        handle, name = tempfile.mkstemp(prefix=".based-on-", dir=pack.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(record(pack, only))
        # Made for us alone; a pack is for all of the firm, like the file beside it.
        os.chmod(name, (pack.folder / PACK).stat().st_mode & 0o777)
        os.replace(name, path)
    except OSError as error:
        hint = "look whether you may write there"
        message = f"the file cannot be written: {error.strerror}"
        raise InputError(Problem(message, hint, "", Place(str(path)))) from None
    return path


def underneath(pack: Pack) -> dict[str, State]:
    """Return, by file of the pack, what became of the library's file under it; nothing where it is as recorded."""
    known = read_based_on(pack).files
    files = built_in_files()
    found: dict[str, State] = {}
    for name, ours in overridden(pack).items():
        recorded = (known or {}).get(ours)
        if recorded is None:
            found[name] = "unknown"
        elif recorded != files[ours].digest:
            found[name] = "changed"
    there = set(overridden(pack).values())
    found |= {name: "gone" for name in known or () if name not in files and name not in there}
    return found
