"""Changing one answer in the text of a deal file; every other character stays as it was.

The text is cut at the marks of PyYAML's nodes, so comments, order, quotes and spacing of all other answers survive.
After each change the new text is read back; where the cut did not do what was meant (a form of YAML that nobody
foresaw), the smallest group around it is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agreementgen.deal import cutting

Path = tuple[str, ...]


def data(text: str) -> dict[str, Any]:
    """Return what a deal file says as texts, lists and dictionaries; what is empty is None."""
    node = cutting.compose(text)
    return {} if node is None else cutting.plain(node)


def set_answer(text: str, path: Path, value: Any, order: Sequence[str] = ()) -> str:
    """Return `text` with `value` (texts, lists, dictionaries) as the answer at `path`.

    The number of a list's entry counts from 1; one past the last adds an entry. A name that is new stands behind
    those that come before it in `order`.
    """
    if isinstance(value, str) and not value.strip():
        value = None
    meant = _with(data(text), path, value)
    return _checked(text, meant, path, lambda: cutting.write_value(text, path, value, order))


def drop_answer(text: str, path: Path) -> str:
    """Return `text` without the answer at `path`, and without the groups that it leaves empty."""
    before = data(text)
    found = before
    for depth in range(len(path) - 1, 0, -1):
        # A group (or list) whose last answer goes, goes with it.
        around = value_at(before, path[:depth])
        if isinstance(around, (dict, list)) and len(around) == 1:
            path = path[:depth]
        else:
            break
    meant = _without(found, path)
    return _checked(text, meant, path, lambda: cutting.cut_value(text, path))


def move_entry(text: str, path: Path, number: int, to: int) -> str:
    """Return `text` with entry `number` of the list at `path` moved to place `to`; its comments go with it."""
    items = list(value_at(data(text), path))
    items.insert(to - 1, items.pop(number - 1))
    meant = _with(data(text), path, items)
    return _checked(text, meant, path, lambda: cutting.move_item(text, path, number, to))


def rename_entry(text: str, path: Path, name: str) -> str:
    """Return `text` with the last name of `path` (a party's short name) written as `name`."""
    around = value_at(data(text), path[:-1])
    renamed = {name if key == path[-1] else key: value for key, value in around.items()}
    meant = _with(data(text), path[:-1], renamed) if path[:-1] else renamed
    return _checked(text, meant, path[:-1] or path, lambda: cutting.rename_key(text, path, name))


# -- what is meant


def value_at(found: Any, path: Path) -> Any:
    """Return what stands at `path` in lists and dictionaries, None where nothing does; lists count from 1."""
    for part in path:
        if isinstance(found, list):
            found = found[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def _with(found: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(found, list) or (not isinstance(found, dict) and first.isdigit()):
        items = list(found) if isinstance(found, list) else []
        index = int(first) - 1
        items[index:] = [_with(items[index] if index < len(items) else None, rest, value), *items[index + 1 :]]
        return items
    group = dict(found) if isinstance(found, dict) else {}
    return {**group, first: _with(group.get(first), rest, value)}


def _without(found: Any, path: Path) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(found, list):
        index = int(first) - 1
        return [*found[:index], *([_without(found[index], rest)] if rest else []), *found[index + 1 :]]
    return {
        key: _without(value, rest) if key == first else value for key, value in found.items() if rest or key != first
    }


def _checked(text: str, meant: Any, path: Path, change: Callable[[], str | None]) -> str:
    """Return the changed text where it says what is meant; else write the groups around it anew, inside out."""
    for depth in range(len(path), -1, -1):
        try:
            found = change() if depth == len(path) else cutting.anew(text, path[:depth], value_at(meant, path[:depth]))
            if found is not None and data(found) == meant:
                return found
        except Exception:
            continue
    raise AssertionError(f"the answer at {'.'.join(path)} could not be written")
