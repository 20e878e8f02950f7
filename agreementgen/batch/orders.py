"""What goes to a worker and what comes back. All of it travels between processes and machines: plain data only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agreementgen.batch.items import Item
from agreementgen.errors import Problem

Tables = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Wanted:
    """What is asked of all deals alike: formats, layout, paper ("" for the deal's), packs, the pattern of names.

    `folders` gives each deal a folder of its own.
    """

    formats: tuple[str, ...] = ("docx", "pdf")
    layout: str = "auto"
    paper: str = ""
    packs: tuple[Path, ...] = ()
    names: str = "{kind}-{parties[1].short}-{effective}"
    folders: bool = False


@dataclass(frozen=True)
class Question:
    """Asks a worker to read and check a deal, and to name its documents."""

    item: Item
    wanted: Wanted


@dataclass(frozen=True)
class Reading:
    """What checking found. `stem` names the documents, `chart` says whether a RACI chart comes beside the agreement.

    `tables` were read beside the deal; `library` is the digest of the library with its `packs` ("id version").
    `trace` shows where the program itself went wrong.
    """

    item: Item
    problems: tuple[Problem, ...] = ()
    stem: str = ""
    chart: bool = False
    tables: Tables = ()
    library: str = ""
    packs: tuple[str, ...] = ()
    trace: str = ""


@dataclass(frozen=True)
class Order:
    """Asks a worker to build the documents of a deal that was checked.

    It must have the same library (by its digest) and `engines`: the program's version and those of its libraries.
    """

    item: Item
    wanted: Wanted
    stem: str
    tables: Tables
    library: str
    engines: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """The documents of a deal: `files` are (name, content).

    `pages` are those of the agreement with its schedules, `chart_pages` those of a chart beside it (0 for none),
    `points` the type size, `free` the share of the fullest page that is left (0 to 1), `proven` whether the page was
    laid out and not estimated, `seconds` how long it took. With `problems`, there are no files; `trace` then shows
    where the program itself went wrong.
    """

    item: Item
    files: tuple[tuple[str, bytes], ...] = ()
    pages: int = 0
    chart_pages: int = 0
    points: float = 0.0
    free: float = 0.0
    layout: str = ""
    proven: bool = True
    findings: tuple[Problem, ...] = ()
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    trace: str = ""
