"""A folder read once: the regular files of a library or pack, within limits, nothing outside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agreementgen.deal.yamlfile import decode
from agreementgen.errors import PackError, Place, Problem

ALLOWED = (".yaml", ".md", ".html", ".css", ".docx", ".ttf", ".otf", ".txt", ".png", ".svg", ".jpg")
MAX_FILE = 5_000_000
MAX_FILES = 2_000


@dataclass(frozen=True)
class SourceFile:
    """One file: `name` as it is told to people, `data` as it was read."""

    name: str
    data: bytes

    @property
    def text(self) -> str:
        return decode(self.data, self.name)


def digest_of(files: Iterable[SourceFile]) -> str:
    """Return a SHA-256 (hex) over the names and contents of `files`, whatever their order."""
    lines = sorted(f"{file.name}\0{hashlib.sha256(file.data).hexdigest()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def home() -> Path:
    """Return the folder that holds `clauses/` and `templates/`: the package's (wheel) or the clone's."""
    package = Path(__file__).resolve().parent.parent
    return package if (package / "clauses").is_dir() else package.parent


def read_folder(folder: Path) -> Mapping[str, SourceFile]:
    """Return the files below `folder` by their path with forward slashes; raise PackError for what is not allowed."""
    files: dict[str, SourceFile] = {}
    problems: list[Problem] = []
    if not folder.is_dir():
        raise PackError(Problem("the folder is not there", place=Place(str(folder))))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts):
            continue
        if path.is_symlink():
            problems.append(Problem("links are not followed", "put the file itself here", "", Place(str(path))))
        elif path.is_file():
            if path.suffix.lower() not in ALLOWED:
                problems.append(Problem("this kind of file is not read", "", "", Place(str(path))))
            elif path.stat().st_size > MAX_FILE:
                problems.append(Problem(f"the file is larger than {MAX_FILE:,} bytes", "", "", Place(str(path))))
            else:
                files[name] = SourceFile(f"{folder.name}/{name}", path.read_bytes())
    if len(files) > MAX_FILES:
        problems.append(Problem(f"the folder holds more than {MAX_FILES:,} files", "", "", Place(str(folder))))
    if problems:
        raise PackError(problems)
    return files
