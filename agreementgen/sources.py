"""What a user wants always: `config.yaml` in the system's folder for settings, or where AGREEMENTGEN_CONFIG says.

Which deals a file holds: one, or several with a line of --- between them.

Deal files from disk or standard input to deals, each with its library; the problems of all of them at once.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agreementgen.core.problems import AgreementError, InputError, Place, Problem, nearest
from agreementgen.deal.completion import short_name
from agreementgen.library.declarations import Fields
from agreementgen.yamlfile.nodes import MappingNode, ScalarNode, SequenceNode, YamlText, decode, read

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal
    from agreementgen.library.library import Library
    from agreementgen.yamlfile.nodes import ScalarNode, YamlText

VARIABLE = "AGREEMENTGEN_CONFIG"
_MOST_BYTES = 100_000


@dataclass(frozen=True)
class Settings:
    """`packs` are laid over the library for every deal; by name, packs are looked for in `folder` too."""

    packs: tuple[Path, ...] = ()
    folder: Path | None = None
    file: Path | None = None


def settings_file() -> Path:
    """Return where the settings are, whether the file is there or not."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("agreementgen", appauthor=False) / "config.yaml"


def settings() -> Settings:
    """Return the user's settings; raise InputError with every problem of their file."""
    path = settings_file()
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(VARIABLE):
            hint = f"the variable {VARIABLE} names it; correct it or take it away"
            raise InputError(Problem("there is no such file of settings", hint, "", Place(str(path)))) from None
        return Settings()
    except OSError as error:
        hint = "look whether you may read it"
        raise InputError(
            Problem(f"the settings cannot be read: {error.strerror}", hint, "", Place(str(path)))
        ) from None
    text = decode(data, str(path))
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Settings(file=path)
    problems: list[Problem] = []
    fields = Fields(read(text, str(path)).root, problems, "")
    packs, folder = fields.texts("packs"), fields.text("packs folder", "")
    places = fields.places("packs")
    fields.finish()
    # What is not absolute is meant from where the file is: the program runs in many folders.
    found = tuple(path.parent / Path(name).expanduser() for name in packs)
    where = path.parent / Path(folder).expanduser() if folder else None
    for name, pack in zip(packs, found, strict=True):
        if not pack.is_dir():
            problems.append(
                Problem(f'there is no pack "{name}"', "correct the path, or delete it", "packs", places[name])
            )
    if where is not None and not where.is_dir():
        message = f'there is no folder "{folder}"'
        problems.append(Problem(message, "correct the path", "packs folder", fields.place("packs folder")))
    if problems:
        raise InputError(problems)
    return Settings(found, where, path)


DEAL_FILES = (".yaml", ".yml")
# At the left margin these always end or begin a document, in texts of several lines too.
_BEGINS = re.compile(r"---(?:\s|$)")
_ENDS = re.compile(r"\.\.\.(?:\s|$)")


@dataclass(frozen=True)
class Document:
    """One deal of a file: its bytes, the number of its first line there, and who its parties are (short names)."""

    data: bytes
    first_line: int
    parties: tuple[str, ...] = ()


def documents(data: bytes, source: str) -> tuple[Document, ...]:
    """Return the deals of a file, in its order; a file of one deal is returned whole. Raise InputError."""
    text = decode(data, source)
    found = list(_divided(text))
    if not found or (len(found) == 1 and text.strip().endswith(found[0][1].strip())):
        return (Document(data, 1),)
    if len(found) == 1:
        # What comes behind it, as a last line of ---, says nothing.
        return (Document(found[0][1].encode(), found[0][0]),)
    return tuple(Document(part.encode(), line, _parties(part, source, line)) for line, part in found)


def answers(data: bytes, source: str, first_line: int = 1) -> YamlText:
    """Return what was typed for one deal, with its places in the whole file; raise InputError with every problem."""
    return read(decode(data, source), source, first_line, go_on=True)


def _divided(text: str) -> Iterator[tuple[int, str]]:
    """Yield each document that says anything, with the number of its first line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start, held = 1, list[str]()
    for number, line in enumerate(lines, 1):
        if _BEGINS.match(line) or _ENDS.match(line):
            if _says(held):
                yield start, "\n".join(held) + "\n"
            start, held = number, []
        if not held and _ENDS.match(line):
            start = number + 1
            continue
        held.append(line)
    if _says(held):
        yield start, "\n".join(held)


def _says(lines: list[str]) -> bool:
    """Return whether there is more than comments, empty lines and the line of --- itself."""
    return any(line.strip() and not line.startswith("#") and line.strip() != "---" for line in map(_uncommented, lines))


def _uncommented(line: str) -> str:
    return re.sub(r"(^|\s)#.*", "", line)


def _parties(text: str, source: str, first_line: int) -> tuple[str, ...]:
    """Return the short names of the parties, () where they cannot be told: a later reader says what is wrong."""
    try:
        node = read(text, source, first_line, go_on=True).root.get("parties")
    except InputError:
        return ()
    return tuple(short_of(party) for party in node.items) if isinstance(node, SequenceNode) else ()


def short_of(party: object) -> str:
    """Return what a party is called, "" where it has no name."""
    if not isinstance(party, MappingNode):
        return ""
    short, name = party.get("short"), party.get("name")
    if isinstance(short, ScalarNode) and not short.empty:
        return short.text.strip()
    return short_name(name.text.strip()) if isinstance(name, ScalarNode) and not name.empty else ""


def deal_files(folder: str) -> Iterator[str]:
    """Yield the deal files of a folder and the folders in it, in a fixed order; what is hidden is left alone.

    A link to a folder is not followed: it may lead round in a circle. A law firm's pack is no folder of deals.
    """
    paths = sorted(_walk(Path(folder)), key=lambda path: (path.as_posix().casefold(), path.as_posix()))
    yield from (path.as_posix() for path in paths)


def _walk(folder: Path) -> Iterator[Path]:
    try:
        inside = list(folder.iterdir())
    except OSError as error:
        hint = "look whether you may read it"
        message = f"the folder cannot be read: {error.strerror}"
        raise InputError(Problem(message, hint, "", Place(folder.as_posix()))) from None
    for path in inside:
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir():
            if not (path.is_symlink() or (path / "pack.yaml").is_file()):
                yield from _walk(path)
        elif path.suffix.lower() in DEAL_FILES:
            yield path


def is_deal(yaml: YamlText) -> bool:
    return yaml.root.key("agreement") is not None


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
    from agreementgen.yamlfile import nodes as yamlfile

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
    from agreementgen.packs.layering import opened

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
    from agreementgen.packs.layering import opened

    return opened(chosen(packs))


def chosen(packs: tuple[Path, ...], with_settings: bool = True) -> tuple[Path, ...]:
    """Return the packs of the settings, unless the command line says "none", and those of the command line."""
    pass

    there = tuple(_find(str(pack), Path(".")) for pack in packs if str(pack) != NO_PACK)
    return (*(settings().packs if with_settings and not _off(packs) else ()), *there)


def name_for(pack: Path, folder: Path) -> str:
    """Return what a deal file in `folder` calls a pack: its name in the settings' folder of packs, or a path."""
    pass

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
    from agreementgen.yamlfile.nodes import MappingNode, ScalarNode, SequenceNode

    node = yaml.root.get("pack")
    if node is None or isinstance(node, MappingNode):
        return []  # its reader says what is wrong with a group
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    return [item for item in nodes if isinstance(item, ScalarNode) and not item.empty]


def _find(name: str, folder: Path) -> Path:
    """Return the folder of a pack: a path seen from `folder`, or a name in the settings' folder of packs."""
    pass

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
    from agreementgen.yamlfile.nodes import MAX_BYTES

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
