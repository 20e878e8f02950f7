"""What a spreadsheet shows for a number: 0.1 with the format 0% is "10%", 2110 with 00000 is "02110".

Only what a format says in a way we fully understand counts; any other number is shown as its digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

# Spreadsheets keep 15 digits of a number; what comes after them is noise.
DIGITS = 15


@dataclass(frozen=True)
class Shown:
    """The text for a number. `bare` where it is a number and nothing else; `exact` False where it shows less than the
    cell holds, which is `held`.
    """

    text: str
    bare: bool = True
    exact: bool = True
    held: str = ""


_TOKENS = re.compile(
    r"""
      "(?P<quoted>[^"]*)"
    | \\(?P<escaped>.)
    | _.(?P<gap>)
    | \*.(?P<fill>)
    | \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<color>black|blue|cyan|green|magenta|red|white|yellow|color\ ?[0-9]{1,2})\]
    | (?P<general>general)
    | (?P<digits>[0\#?.,]+)
    | (?P<percent>%)
    | (?P<literal>[-$+():\ !^&'~{}<>=]|[^\x00-\x7f])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"([#?0,]*[#?0])?(?:\.([#?0]*))?")


def number(value: int | float, code: str) -> Shown:
    """Return what a cell with the number format `code` shows."""
    held = Decimal(repr(value)) if isinstance(value, int) else Decimal(f"{value:.{DIGITS}g}")
    bare = Shown(_plain(held))
    parts = _tokens(_section(code, held < 0))
    if parts is None:
        return bare
    patterns = [text for name, text in parts if name in ("digits", "general")]
    if len(patterns) > 1:
        return _patterned(held, parts) or bare
    if not patterns:
        return bare
    # A section of its own for negative numbers says the sign itself.
    size = abs(held) if held < 0 and _sections(code) > 1 else held
    percent = sum(name == "percent" for name, _ in parts)
    size = size.scaleb(2 * percent)
    found = _digits(size, patterns[0])
    if found is None:
        return bare
    said = "".join(found if name in ("digits", "general") else text for name, text in parts).strip()
    said = re.sub(r"\s+", " ", said)
    if held < 0 and not re.search(r"[-(]", said):
        return bare  # minus numbers that show in red only
    exact = Decimal(found.replace(",", "")) == size
    padded = patterns[0].partition(".")[0].count("0") > 1
    more = padded or re.sub(r"\s+", "", said) != found
    whole = "" if exact else "".join(
        _plain(size) if name in ("digits", "general") else text for name, text in parts
    ).strip()  # fmt: skip
    return Shown(said, not more, exact, whole)


def moment(value: date | datetime | time | timedelta, code: str) -> str:
    """Return a day as 2026-12-01, with the time of day only where the cell shows one."""
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if not isinstance(value, datetime):
        return value.isoformat()
    plain = re.sub(r'"[^"]*"|\\.|\[\$[^\]]*\]', "", code).lower()
    if value.time() == time() or not re.search("[hs]", plain):
        return value.date().isoformat()
    return value.isoformat(" ", "minutes")


def _sections(code: str) -> int:
    return len(re.findall(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)) + 1


def _section(code: str, negative: bool) -> str:
    """Return the part of a format for positive or for negative numbers.

    Zero is shown like positive numbers: a section of its own mostly says "-", which has another meaning in a table.
    """
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)
    return parts[1] if negative and len(parts) > 1 else parts[0]


def _tokens(section: str) -> list[tuple[str, str]] | None:
    """Return the parts of a format by kind, with what each shows; None where it says anything else."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(section):
        match = _TOKENS.match(section, at)
        if match is None:
            return None
        name = str(match.lastgroup)
        text = {"gap": " ", "fill": "", "color": "", "percent": "%"}.get(name, match[name])
        found.append((name, text))
        at = match.end()
    return found


def _digits(size: Decimal, pattern: str) -> str | None:
    """Return a number as `pattern` ("#,##0.00", "00000", "General") shows it; None for patterns that scale it."""
    if pattern.lower() == "general":
        return _plain(size)
    match = _NUMBER.fullmatch(pattern)
    if match is None:
        return None
    before, after = match[1] or "", match[2] or ""
    rounded = size.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP)
    sign, whole, decimals = re.fullmatch(r"(-?)([0-9]*)\.?([0-9]*)", f"{rounded:f}").groups()  # type: ignore[union-attr]
    kept = after.rstrip("#?")
    while len(decimals) > len(kept) and decimals.endswith("0"):
        decimals = decimals[:-1]
    whole = whole.zfill(before.count("0"))
    if "," in before:
        whole = re.sub(r"(?<=[0-9])(?=(?:[0-9]{3})+$)", ",", whole)
    return f"{sign}{whole}" + (f".{decimals}" if decimals else "")


def _patterned(held: Decimal, parts: list[tuple[str, str]]) -> Shown | None:
    """Return a number spread over a pattern such as 00000-0000; None where its digits do not fit it."""
    if held < 0 or held != held.to_integral_value() or any(name in ("percent", "general") for name, _ in parts):
        return None
    if any(not set(text) <= {"0"} for name, text in parts if name == "digits"):
        return None
    room = sum(len(text) for name, text in parts if name == "digits")
    digits = str(int(held)).zfill(room)
    if len(digits) > room:
        return None
    said = ""
    for name, text in parts:
        if name == "digits":
            said, digits = said + digits[: len(text)], digits[len(text) :]
        else:
            said += text
    return Shown(said.strip(), bare=False)


def _plain(value: Decimal) -> str:
    """Return all digits of a number, without zeros at the end and without an exponent."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
