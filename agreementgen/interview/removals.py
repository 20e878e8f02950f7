"""What was removed from a deal, kept aside in its file: it can be brought back, also after leaving and going on.

It stands among the answers kept aside, under `removed` and the path of its list: a party, a duty or a contribution with
what went with it, and a RACI chart as it was before something was taken out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agreementgen.deal.reader import FactPath
from agreementgen.yamlfile import editing
from agreementgen.yamlfile.editing import Value

_REMOVED = "removed"
_ENTRY, _WITH_IT = "entry", "with it"
# Of older ones nobody remembers what they said.
_MOST_KEPT = 5
_BETWEEN = " / "


@dataclass(frozen=True)
class Removed:
    """What was taken out of the list at `path`, and what went with it: answers by their paths."""

    path: FactPath
    entry: Value
    with_it: Mapping[FactPath, Value]


def keep_removed(text: str, path: FactPath, entry: Value, with_it: Mapping[FactPath, Value]) -> str:
    """Return `text` with an entry of the list at `path` kept aside."""
    kept = editing.read_kept_answers(text)
    said = {_ENTRY: entry, _WITH_IT: {_BETWEEN.join(at): value for at, value in with_it.items()}}
    kept[_key_of(path)] = [*_list_removed(kept, path), said][-_MOST_KEPT:]
    return editing.write_kept_answers(text, kept)


def find_last_removed(text: str, path: FactPath) -> Removed | None:
    """Return what was last taken out of the list at `path` and is not back yet."""
    removed = _list_removed(editing.read_kept_answers(text), path)
    if not removed:
        return None
    with_it = {tuple(at.split(_BETWEEN)): value for at, value in removed[-1][_WITH_IT].items()}
    return Removed(path, removed[-1][_ENTRY], with_it)


def forget_last_removed(text: str, path: FactPath) -> str:
    """Return `text` without what was last taken out of the list at `path`: it is back."""
    kept = editing.read_kept_answers(text)
    removed = _list_removed(kept, path)[:-1]
    kept.pop(_key_of(path), None)
    return editing.write_kept_answers(text, kept | ({_key_of(path): removed} if removed else {}))


def _key_of(path: FactPath) -> FactPath:
    return (_REMOVED, *path)


def _list_removed(kept: Mapping[FactPath, Value], path: FactPath) -> list[dict[str, Any]]:
    """Return what stands there, as far as nobody changed its form with an editor."""
    found = kept.get(_key_of(path))
    entries = found if isinstance(found, list) else []
    return [one for one in entries if isinstance(one, dict) and _ENTRY in one and isinstance(one.get(_WITH_IT), dict)]
