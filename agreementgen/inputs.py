"""Deal files from disk or standard input to deals, each with its library; the problems of all of them at once."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agreementgen.errors import AgreementError, InputError, Place, Problem, nearest

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.deal.yamlfile import ScalarNode, YamlText
    from agreementgen.library.library import Library


# What a deal file or --pack says to have no pack at all, not even those of the settings.
NO_PACK = "none"


@dataclass(frozen=True)
class Sourced:
    """A deal, the name it was given by on the command line, and the library it is to be read with.

    `read` are the SHA-256 (hex) of the files it was read from, by name: the deal file, then its tables.
    """

    name: str
    deal: Deal
    library: Library
    read: Mapping[str, str] = field(default_factory=dict)


def read_all(names: Sequence[str], paper: str = "", packs: tuple[Path, ...] = ()) -> list[Sourced]:
    """Read all deals, each with its library; report the problems of all of them at once."""
    from agreementgen import pipeline

    found: list[Sourced] = []
    problems: list[Problem] = []
    for name in names:
        try:
            data = bytes_of(name)
            yaml = yaml_of(name, data)
            read = {shown(name): hashlib.sha256(data).hexdigest()}
            library = library_for(yaml, folder_of(name), packs)
            deal = pipeline.read_answers(yaml, shown(name), library, paper, tables_beside(name, read))
            found.append(Sourced(name, deal, library, read))
        except AgreementError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return found


def yaml_of(name: str, data: bytes | None = None) -> YamlText:
    """Return what a deal file (or its `data`) says; raise InputError with every problem of its YAML."""
    from agreementgen.deal import yamlfile

    return yamlfile.read(
        yamlfile.decode(bytes_of(name) if data is None else data, shown(name)), shown(name), go_on=True
    )


def shown(name: str) -> str:
    return "standard input" if name == "-" else name


def folder_of(name: str) -> Path:
    """Return the folder that a deal file's own names are meant from."""
    return Path(".") if name == "-" else Path(name).parent


def library_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...] = ()) -> Library:
    """Return the library for a deal: the built-in one with its packs, seen from `folder`.

    Over the packs of the settings lie those that the deal names, and over these `packs`, those of the command line.
    Raise PackError where a pack is not right, InputError where one is named that is not there.
    """
    from agreementgen.library.layering import opened

    return opened(packs_for(yaml, folder, packs))


def packs_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...] = ()) -> tuple[Path, ...]:
    """Return the folders of all packs of a deal, the undermost first; raise InputError like `library_for`."""
    named = _named(yaml)
    if any(node.text.strip() == NO_PACK for node in named):
        if len(named) > 1:
            hint = f'keep "{NO_PACK}", or the others'
            raise InputError(Problem(f'"{NO_PACK}" stands alone', hint, "pack", named[0].place))
        return chosen(packs, with_settings=False)
    problems: list[Problem] = []
    found: list[Path] = []
    for node in named:
        try:
            found.append(_find(node.text.strip(), folder))
        except InputError as error:
            problems += [replace(problem, field="pack", place=node.place) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return (*chosen((), with_settings=not _off(packs)), *found, *chosen(packs, with_settings=False))


def library_of(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library where there is no deal: with the packs of the settings and of the command line."""
    from agreementgen.library.layering import opened

    return opened(chosen(packs))


def chosen(packs: tuple[Path, ...], with_settings: bool = True) -> tuple[Path, ...]:
    """Return the packs of the settings, unless the command line says "none", and those of the command line."""
    from agreementgen.settings import settings

    there = tuple(_find(str(pack), Path(".")) for pack in packs if str(pack) != NO_PACK)
    return (*(settings().packs if with_settings and not _off(packs) else ()), *there)


def name_for(pack: Path, folder: Path) -> str:
    """Return what a deal file in `folder` calls a pack: its name in the settings' folder of packs, or a path."""
    from agreementgen.settings import settings

    there = settings().folder
    whole, start = pack.resolve(), folder.resolve()
    if there is not None and whole.parent == there.resolve():
        return whole.name
    try:
        return Path(os.path.relpath(whole, start)).as_posix()
    except ValueError:  # another drive of Windows
        return whole.as_posix()


def _off(packs: tuple[Path, ...]) -> bool:
    return any(str(pack) == NO_PACK for pack in packs)


def _named(yaml: YamlText) -> list[ScalarNode]:
    """Return the packs that a deal file names."""
    from agreementgen.deal.yamlfile import MappingNode, ScalarNode, SequenceNode

    node = yaml.root.get("pack")
    if node is None or isinstance(node, MappingNode):
        return []  # its reader says what is wrong with a group
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    return [item for item in nodes if isinstance(item, ScalarNode) and not item.empty]


def _find(name: str, folder: Path) -> Path:
    """Return the folder of a pack: a path seen from `folder`, or a name in the settings' folder of packs."""
    from agreementgen.settings import settings

    path = folder / Path(name).expanduser()
    if _is_folder(path):
        return path
    there = settings().folder
    if there is not None and _is_folder(there / name):
        return there / name
    around = [other.name for place in (path.parent, there) if place for other in _packs_in(place)]
    hint = nearest(Path(name).name, around) or 'name the folder that holds its pack.yaml, as in "../acme-law"'
    raise InputError(Problem(f'there is no pack "{name}"', hint))


def _packs_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if (path / "pack.yaml").is_file())
    except OSError:
        return


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


def tables_beside(name: str, known: dict[str, str] | None = None) -> Callable[[str], bytes]:
    """Return a reader of the tables beside a deal file, or in the current folder for standard input.

    It notes the SHA-256 of what it reads in `known`.
    """
    from agreementgen.sheets.cells import MAX_BYTES

    folder = folder_of(name)

    def read(table: str) -> bytes:
        path = folder / table
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
            if known is not None:
                known[table] = hashlib.sha256(data).hexdigest()
            return data
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
