"""Copies of the library's files in a pack, to be changed there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agreementgen.errors import InputError, Place, Problem, nearest
from agreementgen.library.library import built_in_parts
from agreementgen.library.packs import Pack
from agreementgen.pack.based_on import built_in_files


def named() -> dict[str, str]:
    """Return the library's files by the names that people have for them, each with its path.

    A clause by its id, a topic's questions by "topic scope", an outline by its kind, a file of the layout by its name.
    """
    ours = built_in_parts()
    found = {clause.id: f"clauses/{name}" for name, clause in ours.clauses.items()}
    found |= {f"topic {name}": f"clauses/{name}/topic.yaml" for name in ours.topics}
    found |= {kind: f"templates/{kind}.yaml" for kind in ours.outlines}
    found |= {name: f"templates/layout/{name}" for name in ours.layout if "/" not in name}
    return found | {path: path for path in built_in_files()}


def copy(pack: Pack, names: Sequence[str]) -> tuple[Path, ...]:
    """Copy files of the library into a pack; return their paths.

    Raise InputError, with nothing written, for a name that means no file, and for one that the pack has.
    """
    known = named()
    problems = []
    for name in names:
        if name not in known:
            problems.append(Problem(f'the library has no "{name}"', nearest(name, known)))
        elif known[name] in pack.files:
            message = "the pack has this file already; it is not overwritten"
            problems.append(Problem(message, "", "", Place(str(pack.folder / known[name]))))
    if problems:
        raise InputError(problems)
    files = built_in_files()
    made = []
    for name in names:
        path = pack.folder / known[name]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(files[known[name]].data)
        except OSError as error:
            message = f"the file cannot be written: {error.strerror}"
            raise InputError(Problem(message, "", "", Place(str(path)))) from None
        made.append(path)
    return tuple(made)
