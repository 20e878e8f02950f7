"""What a user wants always: `config.yaml` in the system's folder for settings, or where AGREEMENTGEN_CONFIG says."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from agreementgen.deal.yamlfile import decode, read
from agreementgen.errors import InputError, Place, Problem
from agreementgen.library.definitions import Fields

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
