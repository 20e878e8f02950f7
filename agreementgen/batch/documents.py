"""Which deals a file holds: one, or several with a line of --- between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agreementgen.deal.naming import short_name
from agreementgen.deal.yamlfile import MappingNode, ScalarNode, SequenceNode, YamlText, decode, read
from agreementgen.errors import InputError, Place, Problem

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
