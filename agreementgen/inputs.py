"""Deal files from disk or standard input to deals; the problems of all of them at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agreementgen.errors import InputError, Place, Problem, nearest

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.deal.yamlfile import YamlText
    from agreementgen.library.library import Library


def read_all(names: Sequence[str], paper: str) -> list[Deal]:
    """Read all deals; report the problems of all of them at once."""
    from agreementgen import pipeline
    from agreementgen.library.library import built_in

    library = built_in()
    deals: list[Deal] = []
    problems: list[Problem] = []
    for name in names:
        try:
            source = "standard input" if name == "-" else name
            deals.append(pipeline.read(bytes_of(name), source, library, paper, tables_beside(name)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return deals


def library_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...] = ()) -> Library:
    """Return the library for a deal: the built-in one with `packs` and with those the deal names, seen from `folder`.

    Raise PackError where a pack is not right, InputError where the deal names none that is there.
    """
    from agreementgen.library.library import opened

    return opened(packs)


def bytes_of(name: str) -> bytes:
    """Return what a deal file or standard input ("-") holds; raise InputError."""
    from agreementgen.deal.yamlfile import MAX_BYTES

    # One byte more than is read of any deal: what is larger is refused, and never fills the memory.
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    path, place = Path(name), Place(name)
    if _is_folder(path):
        raise InputError(Problem("this is a folder, not a deal file", "name the .yaml file in it", "", place))
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise InputError(Problem("a deal file's name ends with .yaml", "is this the right file?", "", place))
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        beside = [other.name for other in path.parent.glob("*.y*ml") if other.is_file()] if path.parent.is_dir() else []
        hint = (nearest(path.name, beside) if beside else "") or "look at the name and the folder"
        raise InputError(Problem("there is no such file", hint, "", place)) from None
    except OSError as error:
        hint = "look whether it is there, and whether you may read it"
        raise InputError(Problem(f"the file cannot be read: {error.strerror}", hint, "", place)) from None


def tables_beside(name: str) -> Callable[[str], bytes]:
    """Return a reader of the tables beside a deal file, or in the current folder for standard input."""
    from agreementgen.spreadsheets import MAX_BYTES

    folder = Path(".") if name == "-" else Path(name).parent

    def read(table: str) -> bytes:
        path = folder / table
        try:
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            there = [other.name for other in folder.glob("*.*") if other.suffix.lower() in (".csv", ".xlsx")]
            hint = (nearest(table, there) if there else "") or "put it beside the deal file"
            raise InputError(Problem(f'there is no table "{table}" beside the deal file', hint)) from None
        except OSError as error:
            hint = "look whether you may read it"
            raise InputError(Problem(f'the table "{table}" cannot be read: {error.strerror}', hint)) from None

    return read


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than any disk takes
        return False
