"""Answers kept aside: comments at the end of a deal file, for answers that do not apply now and may again."""

from __future__ import annotations

import json
from typing import Any

Path = tuple[str, ...]
_KEPT = "# Kept aside: these answers do not apply now. They come back if they do."
_MARK = "#~ "


def kept(text: str) -> dict[Path, Any]:
    """Return the answers kept aside at the end of a deal file, by path."""
    found: dict[Path, Any] = {}
    for line in text.split("\n"):
        name, sign, said = line.removeprefix(_MARK).partition(" = ")
        if line.startswith(_MARK) and sign:
            try:
                found[tuple(name.split(" / "))] = json.loads(said)
            except ValueError:
                continue
    return found


def with_kept(text: str, answers: dict[Path, Any]) -> str:
    """Return `text` with these answers kept aside, as comments behind its last line, and no others."""
    lines = [line for line in text.split("\n") if line != _KEPT and not line.startswith(_MARK)]
    body = "\n".join(lines)
    if not answers:
        return body if body == text else body.rstrip("\n") + "\n"
    said = [f"{_MARK}{' / '.join(path)} = {json.dumps(value, ensure_ascii=False)}" for path, value in answers.items()]
    return body.rstrip("\n") + "\n\n" + "\n".join([_KEPT, *said]) + "\n"
