"""The names of documents: made from a deal's facts by a pattern, and good on Windows, macOS and Linux alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.batch.items import slug
from agreementgen.errors import InputError, Place, Problem, nearest

OPTION = Place("--names")
# In bytes of UTF-8. With "-raci.xlsx" it stays below what any file system takes (143 bytes on encrypted Linux folders).
LONGEST = 100
# Windows keeps these for devices, with any ending and in any case.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_FIELD = re.compile(r"\{([^{}]*)\}")
# {parties[1].short} counts from 0, {parties.2.short} from 1, as messages do.
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_HINT = "name facts, as in {kind}-{parties[1].short}-{effective}; {deal} is the deal file's or row's own name"


@dataclass(frozen=True)
class Pattern:
    """A pattern taken apart: literal texts, and paths of facts."""

    text: str
    parts: tuple[str | tuple[str | int, ...], ...]

    def stem(self, kind: str, deal: str, facts: Mapping[str, Any]) -> str:
        """Return the name, without an ending, of a deal's documents; raise InputError where it names no such fact.

        A fact that is not given leaves nothing behind, nor two hyphens in a row.
        """
        own = {"kind": kind, "deal": deal}
        found = "".join(part if isinstance(part, str) else slug(_value(part, facts, own)) for part in self.parts)
        found = re.sub(r"([-_ .])[-_ .]*(?=[-_ .])", "", found)
        return safe(found) or safe(slug(deal)) or "deal"


def pattern(text: str) -> Pattern:
    """Return a pattern; raise InputError where it cannot name files."""
    problems = []
    literal = _FIELD.sub("", text)
    if "{" in literal or "}" in literal:
        problems.append(Problem(f'a brace is left over in "{text}"', _HINT, "", OPTION))
    bad = _FORBIDDEN.search(literal)
    if bad:
        hint = "for a folder a deal add --folders" if bad[0] in "/\\" else "take a hyphen"
        problems.append(Problem(f'"{bad[0]}" cannot stand in the name of a file', hint, "", OPTION))
    if not _FIELD.search(text):
        problems.append(Problem("all documents would have the same name", _HINT, "", OPTION))
    parts: list[str | tuple[str | int, ...]] = []
    end = 0
    for match in _FIELD.finditer(text):
        path = tuple(_steps(match[1].strip()))
        if not path:
            problems.append(Problem(f'"{match[0]}" is not the path of a fact', _HINT, "", OPTION))
        parts += [text[end : match.start()], path]
        end = match.end()
    if problems:
        raise InputError(problems)
    return Pattern(text, (*parts, text[end:]))


def safe(name: str) -> str:
    """Return a name that every system takes and keeps as it is; "" where nothing of it is left."""
    plain = unicodedata.normalize("NFC", _FORBIDDEN.sub("-", name))
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    plain = plain.strip("-_. ")
    if len(plain.encode()) > LONGEST:
        # What was cut off still tells two names apart.
        mark = hashlib.sha256(plain.encode()).hexdigest()[:8]
        plain = plain.encode()[: LONGEST - 9].decode(errors="ignore").rstrip("-_. ") + f"-{mark}"
    return f"{plain}-agreement" if _DEVICES.fullmatch(plain) else plain


def folded(path: str) -> str:
    """Return what two names have in common where a file system takes them for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def files_of(stem: str, formats: Iterable[str], chart: bool, folders: bool) -> tuple[str, ...]:
    """Return the paths of a deal's documents below the folder of the batch, with forward slashes."""
    inside = f"{stem}/" if folders else ""
    names = [f"{inside}{stem}.{kind}" for kind in formats if kind in AGREEMENT]
    return (*names, *(f"{inside}{stem}-raci.{kind}" for kind in formats if chart and kind in CHART))


# The formats of the agreement, and of a chart beside it.
AGREEMENT = ("docx", "pdf", "txt")
CHART = ("docx", "pdf", "xlsx", "csv")


def _steps(text: str) -> Iterator[str | int]:
    """Yield the steps of a path: names, and indexes from 0; nothing where it is none."""
    end = 0
    found: list[str | int] = []
    for step in _STEP.finditer(text):
        if step.start() != end:
            return
        end = step.end()
        number = step[2] or step[1]
        if not (number.isdecimal() and number.isascii()):
            found.append(number.strip())
        elif step[2] or int(number):
            found.append(int(number) - (not step[2]))
        else:
            return  # there is no party 0
    if end == len(text):
        yield from found


def _value(path: tuple[str | int, ...], facts: Mapping[str, Any], own: Mapping[str, str]) -> str:
    """Return a fact as text. Only entries of dictionaries and tuples are looked up, never attributes."""
    if len(path) == 1 and path[0] in own:
        return own[str(path[0])]
    here: Any = facts
    for step in path:
        if here is None:
            return ""
        if isinstance(step, int) and isinstance(here, tuple):
            if not 0 <= step < len(here):
                return ""
            here = here[step]
        elif isinstance(step, str) and isinstance(here, Mapping) and step.replace(" ", "_") in here:
            here = here[step.replace(" ", "_")]
        else:
            known = [str(key) for key in here] if isinstance(here, Mapping) else []
            hint = nearest(str(step), [*known, *own]) or _HINT
            raise InputError(
                Problem(f'the pattern names "{_shown(path)}", which is no fact of this deal', hint, "", OPTION)
            )
    match here:
        case None:
            return ""
        case bool():
            return "yes" if here else "no"
        case date():
            return here.isoformat()
        case str() | int() | Decimal():
            return str(here)
        case tuple() | Mapping():
            message = f'the pattern names "{_shown(path)}", which is several facts'
            raise InputError(Problem(message, f"name one of them; {_HINT}", "", OPTION))
    return str(getattr(here, "name", "") or here)


def _shown(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
