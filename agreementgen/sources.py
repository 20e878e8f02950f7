"""Where deals come from: files or standard input, the packs they are read with, and the user's settings."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from agreementgen.core.opening import expand_home, explain_refused_name, is_folder, leads_out, read_regular_file
from agreementgen.core.problems import AgreementError, InputError, Place, Problem, quote_text, suggest_nearest
from agreementgen.core.saving import sha256_of
from agreementgen.deal.deal import Deal
from agreementgen.deal.matrix_builder import TableLoader
from agreementgen.deal.matrix_reader import TABLE_SUFFIXES
from agreementgen.deal.reader import short_name_of
from agreementgen.library.deal_reading import read_answers
from agreementgen.library.files import Fields, SourceFile, read_declarations
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.yamlfile import nodes
from agreementgen.yamlfile.nodes import MappingNode, ScalarNode, SequenceNode, YamlText, decode_utf8, read_yaml

SETTINGS_VARIABLE = "AGREEMENTGEN_CONFIG"
_MAX_SETTINGS_BYTES = 100_000
DEAL_SUFFIXES = (".yaml", ".yml")
_MAX_PACKS = 10
# What a deal file or --pack says to have no pack at all, not even those of the settings.
NO_PACK = "none"
_HINT_TO_READ = "look whether you may read it"
# At the left margin these always end or begin a document, in texts of several lines too.
_DOCUMENT_START = re.compile(r"---(?:\s|$)")
_DOCUMENT_END = re.compile(r"\.\.\.(?:\s|$)")


@dataclass(frozen=True)
class Settings:
    """`packs` are laid over the library for every deal; packs are looked for by name in `packs_folder`, too."""

    packs: tuple[Path, ...] = ()
    packs_folder: Path | None = None
    file: Path | None = None


def settings_path() -> Path:
    """Return where the settings are, whether the file is there or not."""
    named = os.environ.get(SETTINGS_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("agreementgen", appauthor=False) / "config.yaml"


def read_settings() -> Settings:
    """Return the user's settings; raise InputError with every problem of their file."""
    path = settings_path()
    try:
        data = read_regular_file(path, _MAX_SETTINGS_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        if os.environ.get(SETTINGS_VARIABLE):
            hint = f"the variable {SETTINGS_VARIABLE} names it; correct it or take it away"
            message = "there is no such file of settings"
            raise InputError(Problem(message, hint, "", Place(str(path)), code="file-missing")) from None
        return Settings()
    except OSError as error:
        message = f"the settings cannot be read: {error.strerror}"
        raise InputError(Problem(message, _HINT_TO_READ, "", Place(str(path)), code="file-unreadable")) from None
    text = decode_utf8(data, str(path))
    if not any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines()):
        return Settings(file=path)
    problems: list[Problem] = []
    settings = read_declarations(SourceFile(str(path), data), partial(_read_settings, path), problems)
    if settings is None or problems:
        raise InputError(problems)
    return settings


def _read_settings(path: Path, fields: Fields) -> Settings:
    """Return the settings of a file; what is not absolute is meant from where the file is."""
    folder = path.parent
    packs = tuple((name, folder / expand_home(name.text)) for name in fields.read_placed_texts("packs"))
    packs_folder = fields.read_text("packs folder", "")
    where = folder / expand_home(packs_folder) if packs_folder else None
    for name, pack in packs:
        if not is_folder(pack):
            message, hint = f'there is no pack "{name.text}"', "correct the path, or delete it"
            fields.problems.append(Problem(message, hint, "packs", name.place, code="file-missing"))
    if where is not None and not is_folder(where):
        place = fields.place_of("packs folder")
        message = f'there is no folder "{packs_folder}"'
        fields.problems.append(Problem(message, "correct the path", "packs folder", place, code="file-missing"))
    return Settings(tuple(pack for _, pack in packs), where, path)


# -- the deals of a file


@dataclass(frozen=True)
class DealText:
    """One deal of a file: its bytes, the number of its first line there, and who its parties are (short names)."""

    data: bytes
    first_line: int
    parties: tuple[str, ...] = ()


def split_deals(data: bytes, source: str) -> tuple[DealText, ...]:
    """Return the deals of a file, in its order; a file of one deal is returned whole. Raise InputError."""
    text = decode_utf8(data, source)
    documents = list(_each_document(text))
    if not documents or (len(documents) == 1 and text.strip().endswith(documents[0][1].strip())):
        return (DealText(data, 1),)
    if len(documents) == 1:
        # What comes after it, as a last line of ---, says nothing.
        ((line, part),) = documents
        return (DealText(part.encode(), line),)
    return tuple(DealText(part.encode(), line, _party_names(part, source, line)) for line, part in documents)


def read_deal_text(data: bytes, source: str, first_line: int = 1) -> YamlText:
    """Return what was typed for one deal, with its places in the whole file; raise InputError with every problem."""
    return read_yaml(decode_utf8(data, source), source, first_line, go_on=True)


def _each_document(text: str) -> Iterator[tuple[int, str]]:
    """Yield each document that says anything, with the number of its first line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start, held = 1, list[str]()
    for number, line in enumerate(lines, 1):
        if _DOCUMENT_START.match(line) or _DOCUMENT_END.match(line):
            if _has_content(held):
                yield start, "\n".join(held) + "\n"
            start, held = number, []
        if not held and _DOCUMENT_END.match(line):
            start = number + 1
            continue
        held.append(line)
    if _has_content(held):
        yield start, "\n".join(held)


def _has_content(lines: list[str]) -> bool:
    """Return whether there is more than comments, empty lines and the line of --- itself."""
    return any(re.sub(r"(^|\s)#.*", "", line).strip() not in ("", "---") for line in lines)


def _party_names(text: str, source: str, first_line: int) -> tuple[str, ...]:
    """Return the short names of the parties, () where they cannot be told: a later reader says what is wrong."""
    try:
        node = read_yaml(text, source, first_line, go_on=True).root.get("parties")
    except InputError:
        return ()
    return tuple(short_name_of(party) for party in node.items) if isinstance(node, SequenceNode) else ()


def list_deal_files(folder: str) -> Iterator[str]:
    """Yield the deal files of a folder and the folders in it, in a fixed order; what is hidden is left alone.

    A link to a folder is not followed: it may lead round in a circle. A law firm's pack is no folder of deals.
    """
    paths = sorted(
        _each_deal_file(Path(folder), Path(folder)), key=lambda path: (path.as_posix().casefold(), path.as_posix())
    )
    yield from (path.as_posix() for path in paths)


def _each_deal_file(folder: Path, top: Path) -> Iterator[Path]:
    try:
        inside = list(folder.iterdir())
    except OSError as error:
        message = f"the folder cannot be read: {error.strerror}"
        raise InputError(
            Problem(message, _HINT_TO_READ, "", Place(folder.as_posix()), code="file-unreadable")
        ) from None
    for path in inside:
        if path.name.startswith((".", "~$")):
            continue
        if path.is_dir():
            if not (path.is_symlink() or (path / "pack.yaml").is_file()):
                yield from _each_deal_file(path, top)
        elif path.suffix.lower() in DEAL_SUFFIXES:
            if path.is_symlink() and leads_out(path, top):
                message, hint = "this is a link that leads out of the folder", "put the deal file itself here"
                raise InputError(Problem(message, hint, "", Place(path.as_posix()), code="file-not-allowed"))
            yield path


# -- deals with their libraries


@dataclass(frozen=True)
class SourcedDeal:
    """A deal, its name on the command line, and the library it is read with.

    `file_digests` are the SHA-256 (hex) of the files it was read from, by name: the deal file, then its tables.
    """

    name: str
    deal: Deal
    library: Library
    file_digests: Mapping[str, str] = field(default_factory=dict)


def read_deals(names: Sequence[str], paper: str = "", packs: tuple[Path, ...] = ()) -> list[SourcedDeal]:
    """Return all deals, each with its library; raise InputError with the problems of all of them."""
    deals: list[SourcedDeal] = []
    problems: list[Problem] = []
    for name in names:
        try:
            data = read_deal_bytes(name)
            yaml = read_deal_text(data, source_name(name))
            digests = {source_name(name): sha256_of(data)}
            library = open_library_for(yaml, folder_of_deal(name), packs)
            deal = read_answers(yaml, source_name(name), library, paper, table_loader(name, digests))
            deals.append(SourcedDeal(name, deal, library, digests))
        except AgreementError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    return deals


def read_yaml_file(name: str) -> YamlText:
    """Return what a deal file says; raise InputError with every problem of its YAML."""
    return read_deal_text(read_deal_bytes(name), source_name(name))


def source_name(name: str) -> str:
    return "standard input" if name == "-" else name


def folder_of_deal(name: str) -> Path:
    """Return the folder that the names in a deal file are relative to."""
    return Path(".") if name == "-" else Path(name).parent


def open_library_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...] = ()) -> Library:
    """Return the library for a deal: the built-in one with its packs, seen from `folder`.

    Over the packs of the settings lie those that the deal names, and over these `packs`, those of the command line.
    Raise PackError where a pack is not right, InputError where one is named that is not there.
    """
    return _lay_packs(list_packs_for(yaml, folder, packs))


def list_packs_for(yaml: YamlText, folder: Path, packs: tuple[Path, ...] = ()) -> tuple[Path, ...]:
    """Return the folders of all packs of a deal, the undermost first; raise InputError like `open_library_for`."""
    named = _named_packs(yaml)
    if len(named) > _MAX_PACKS:
        message = f"there are {len(named):,} packs, and at most {_MAX_PACKS} lie over each other"
        raise InputError(Problem(message, "keep those that count", "pack", named[0].place, code="too-many"))
    if any(node.text.strip() == NO_PACK for node in named):
        if len(named) > 1:
            message, hint = f'"{NO_PACK}" stands alone', f'keep "{NO_PACK}", or the others'
            raise InputError(Problem(message, hint, "pack", named[0].place, code="contradiction"))
        return list_packs(packs, with_settings=False)
    problems: list[Problem] = []
    found: list[Path] = []
    for node in named:
        try:
            found.append(_find_pack(node.text.strip(), folder))
        except InputError as error:
            problems += [replace(problem, field="pack", place=node.place) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return (*list_packs((), with_settings=not _refuses_packs(packs)), *found, *list_packs(packs, with_settings=False))


def open_library(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library where there is no deal: with the packs of the settings and of the command line."""
    return _lay_packs(list_packs(packs))


def _lay_packs(folders: tuple[Path, ...]) -> Library:
    """Return the built-in library with packs over it; to load what checks packs takes longer than to judge a deal."""
    if not folders:
        return built_in_library()
    from agreementgen.packs.layering import open_library

    return open_library(folders)


def list_packs(packs: tuple[Path, ...], with_settings: bool = True) -> tuple[Path, ...]:
    """Return the packs of the settings, unless the command line says "none", and those of the command line."""
    named = tuple(_find_pack(str(pack), Path(".")) for pack in packs if str(pack) != NO_PACK)
    return (*(read_settings().packs if with_settings and not _refuses_packs(packs) else ()), *named)


def pack_name_for(pack: Path, folder: Path) -> str:
    """Return what a deal file in `folder` calls a pack: its name in the settings' folder of packs, or a path."""
    packs_folder = read_settings().packs_folder
    path = pack.resolve()
    if packs_folder is not None and path.parent == packs_folder.resolve():
        return path.name
    try:
        return Path(os.path.relpath(path, folder.resolve())).as_posix()
    except ValueError:  # another drive of Windows
        return path.as_posix()


def _refuses_packs(packs: tuple[Path, ...]) -> bool:
    return any(str(pack) == NO_PACK for pack in packs)


def _named_packs(yaml: YamlText) -> list[ScalarNode]:
    """Return the packs that a deal file names."""
    node = yaml.root.get("pack")
    if node is None or isinstance(node, MappingNode):
        return []  # its reader says what is wrong with a group
    nodes = node.items if isinstance(node, SequenceNode) else (node,)
    return [item for item in nodes if isinstance(item, ScalarNode) and not item.is_empty]


def _find_pack(name: str, folder: Path) -> Path:
    """Return the folder of a pack: a path seen from `folder`, or a name in the settings' folder of packs."""
    if why := explain_refused_name(name):
        message, hint = (
            f'the pack "{quote_text(name, 100)}" is not looked for: {why}',
            'name its folder, as in "../acme-law"',
        )
        raise InputError(Problem(message, hint, code="file-not-allowed"))
    path = folder / expand_home(name)
    if is_folder(path):
        return path
    packs_folder = read_settings().packs_folder
    if packs_folder is not None and is_folder(packs_folder / name):
        return packs_folder / name
    others = [other.name for place in (path.parent, packs_folder) if place for other in _each_pack_in(place)]
    hint = suggest_nearest(Path(name).name, others) or 'name the folder that holds its pack.yaml, as in "../acme-law"'
    raise InputError(Problem(f'there is no pack "{quote_text(name, 100)}"', hint, code="file-missing"))


def _each_pack_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if (path / "pack.yaml").is_file())
    except OSError:
        return


def read_deal_bytes(name: str) -> bytes:
    """Return what a deal file or standard input ("-") holds; raise InputError."""
    # One byte more than is read of any deal: what is larger is refused, and never fills the memory.
    if name == "-":
        return sys.stdin.buffer.read(nodes.MAX_BYTES + 1)
    path, place = Path(name), Place(name)
    if is_folder(path):
        message, hint = "this is a folder, not a deal file", "name the .yaml file in it"
        raise InputError(Problem(message, hint, "", place, code="file-unreadable"))
    if path.suffix.lower() not in DEAL_SUFFIXES:
        message, hint = "a deal file's name ends with .yaml", "is this the right file?"
        if path.suffix.lower() in (".csv", ".xlsx"):
            hint = f'a table of partners belongs behind its base deal: "agreementgen batch DEAL.yaml {path.name}"'
        elif path.suffix.lower() in (".docx", ".pdf"):
            hint = f"an agreement made here holds its deal: agreementgen recover {path.name} -o deal.yaml"
        raise InputError(Problem(message, hint, "", place, code="file-unreadable"))
    try:
        return read_regular_file(path, nodes.MAX_BYTES)
    except FileNotFoundError:
        folder = path.parent
        others = [other.name for other in folder.glob("*.y*ml") if other.is_file()] if is_folder(folder) else []
        hint = (suggest_nearest(path.name, others) if others else "") or "look at the name and the folder"
        raise InputError(Problem("there is no such file", hint, "", place, code="file-missing")) from None
    except OSError as error:
        message, hint = (
            f"the file cannot be read: {error.strerror}",
            "look whether it is there, and whether you may read it",
        )
        raise InputError(Problem(message, hint, "", place, code="file-unreadable")) from None


def table_loader(name: str, digests: dict[str, str] | None = None) -> TableLoader:
    """Return a reader of the tables beside a deal file, or in the current folder for standard input.

    It notes the SHA-256 of what it reads in `digests`.
    """
    folder = folder_of_deal(name)

    def load_table(table: str) -> bytes:
        if why := explain_refused_name(table):
            hint = "give it another name"
            raise InputError(Problem(f'the table "{table}" is not opened: {why}', hint, code="file-not-allowed"))
        from agreementgen.sheets.cells import MAX_BYTES  # few deals name a table

        try:
            data = read_regular_file(folder / table, MAX_BYTES, within=folder)
        except FileNotFoundError:
            others = [other.name for other in folder.glob("*.*") if other.suffix.lower() in TABLE_SUFFIXES]
            hint = (suggest_nearest(table, others) if others else "") or "put it beside the deal file"
            message = f'there is no table "{table}" beside the deal file'
            raise InputError(Problem(message, hint, code="file-missing")) from None
        except OSError as error:
            message = f'the table "{table}" cannot be read: {error.strerror}'
            raise InputError(Problem(message, _HINT_TO_READ, code="file-unreadable")) from None
        if digests is not None:
            digests[table] = sha256_of(data)
        return data

    return load_table
