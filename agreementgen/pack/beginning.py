"""A new pack: a small one that works and shows everything a pack can change."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

from agreementgen import __version__
from agreementgen.deal.characters import first_forbidden
from agreementgen.errors import InputError, Place, Problem
from agreementgen.library.library import built_in
from agreementgen.library.packs import read_pack
from agreementgen.pack.based_on import FILE, record
from agreementgen.pack.letterhead import letterhead

# What stands in the files of start/ for the pack's id, the firm's name and the version of the program.
_ID, _NAME, _VERSION = "acme-law", "Acme Law LLP", "0.1.0"
_COLOR = "7A1F3D"
_MOST_LETTERS = 80


def begin(folder: Path, name: str = "") -> tuple[Path, ...]:
    """Write a new pack into `folder`, which is not there yet, for the firm `name`; return its files.

    Raise InputError where the folder is there, or its name cannot be the id of a pack. Nothing is left half made.
    """
    pack_id = Path(os.path.abspath(folder)).name
    _check(folder, pack_id, name)
    firm = name.strip() or pack_id.replace("-", " ").title()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".agreementgen-", dir=folder.parent) as made:
        beside = Path(made) / pack_id
        for source in _sources():
            _put(beside / source.relative_to(_start()), _adapted(source, pack_id, firm).encode())
        word = letterhead(built_in().layout["reference.docx"], firm, _COLOR)
        _put(beside / "templates" / "layout" / "reference.docx", word)
        _put(beside / FILE, record(read_pack(beside)).encode())
        try:
            os.rename(beside, folder)
        except OSError as error:
            message = f"the folder cannot be made: {error.strerror}"
            raise InputError(Problem(message, "choose another place", "", Place(str(folder)))) from None
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


def _check(folder: Path, pack_id: str, name: str) -> None:
    if os.path.lexists(folder):
        hint = "choose another name; nothing that is there is ever changed"
        raise InputError(Problem("this is there already", hint, "", Place(str(folder))))
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", pack_id):
        hint = "use small letters, figures and hyphens, as in acme-law"
        raise InputError(Problem(f'"{pack_id}" cannot be the id of a pack', hint, "", Place(str(folder))))
    bad = first_forbidden(name)
    broken = any(char in name for char in "\n\r\t")
    if bad or broken or len(name) > _MOST_LETTERS:
        message = f"the name has more than {_MOST_LETTERS} letters"
        if bad or broken:
            message = f"the name holds {bad[1] if bad else 'a line break'}"
        raise InputError(Problem(message, "write the firm's name in one line", "--name"))


def _start() -> Path:
    return Path(__file__).resolve().parent / "start"


def _sources() -> list[Path]:
    return sorted(path for path in _start().rglob("*") if path.is_file())


def _adapted(source: Path, pack_id: str, firm: str) -> str:
    """Return a file of start/ with the id and the name of the firm in the place of those that stand there."""
    text = source.read_text(encoding="utf-8").replace(_ID, pack_id)
    if source.name == "pack.yaml":
        text = text.replace(f'made for: "{_VERSION}"', f'made for: "{__version__}"')
    if source.suffix == ".md":
        return text.replace(_NAME, firm)
    # Elsewhere the name stands between double quotes, where YAML and CSS read a backslash alike, or inside a list.
    quoted = json.dumps(firm, ensure_ascii=False)[1:-1]
    return text.replace(f"Prepared by {_NAME}]", json.dumps(f"Prepared by {firm}", ensure_ascii=False) + "]").replace(
        _NAME, quoted
    )


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
