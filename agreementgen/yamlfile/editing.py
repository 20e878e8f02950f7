"""Cutting the text of a deal file at the marks of its YAML nodes, and writing YAML in the gap.

Changing one answer in the text of a deal file; every other character stays as it was.

The text is cut at the marks of PyYAML's nodes, so comments, order, quotes and spacing of all other answers survive.
After each change the new text is read back; where the cut did not do what was meant (a form of YAML that nobody
foresaw), the smallest group around it is written anew.

Answers kept aside: comments at the end of a deal file, for answers that do not apply now and may again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

AnswerPath = tuple[str, ...]
_INDENT_STEP = 2
_LINE_WIDTH = 100


def quote_scalar(value: str, flow: bool = False) -> str:
    """Return `value` as YAML that reads back as the same text: plain where it can be, else in quotes."""
    quoted = json.dumps(value, ensure_ascii=False)
    safe = value.strip() == value and value.isprintable() and value.lower() not in ("", "~", "null")
    if not safe or (flow and any(sign in value for sign in ",[]{}")):
        return quoted
    try:
        node = compose_nodes(f"- {value}" if not flow else f"[{value}]")
        return value if node is not None and value_of_node(node) == [value] and " #" not in value else quoted
    except Exception:
        return quoted


# -- nodes


def compose_nodes(text: str) -> Any:
    import yaml

    # The loader in Python: its marks count characters, and its errors are exceptions whatever the text.
    return yaml.compose(text, Loader=yaml.BaseLoader)


def value_of_node(node: Any) -> Any:
    match node.id:
        case "mapping":
            return {key.value.strip(): value_of_node(value) for key, value in node.value}
        case "sequence":
            return [value_of_node(item) for item in node.value]
    return None if _is_empty(node) else node.value


def _is_empty(node: Any) -> bool:
    return node.id == "scalar" and (
        not node.value.strip() or (not node.style and node.value in ("~", "null", "Null", "NULL"))
    )


def _end_of(node: Any) -> int:
    """Return where the last character of a node stands (blocks end at their last answer, not at the next one)."""
    if node.id == "scalar" or node.flow_style:
        return int(node.end_mark.index)
    last: Sequence[Any] = [part for item in node.value for part in (item if isinstance(item, tuple) else (item,))]
    return max([int(node.start_mark.index), *(_end_of(part) for part in last)])


def _nodes_along(root: Any, path: AnswerPath) -> list[Any]:
    """Return the nodes along `path` as far as they exist, the root first; mapping entries as (key, value)."""
    found: list[Any] = [(None, root)]
    for part in path:
        node = found[-1][1]
        entry: Any = None
        if node.id == "mapping":
            entry = next(((key, value) for key, value in node.value if key.value.strip() == part), None)
        elif node.id == "sequence" and part.isdigit() and 0 < int(part) <= len(node.value):
            entry = (None, node.value[int(part) - 1])
        if entry is None:
            break
        found.append(entry)
    return found


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _line_end(text: str, index: int) -> int:
    """Return the place behind the line break that ends the line of `index` (or the end of the text)."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


def _end_of_last_line(text: str, node: Any) -> int:
    end = _end_of(node)
    # A text in the form of a block ends behind its own line break.
    return end if end and text[end - 1 : end] == "\n" else _line_end(text, end)


# -- writing


def _block_lines(value: Any, indent: int) -> list[str]:
    """Return a list or dictionary as lines in block form."""
    pad = " " * indent
    lines: list[str] = []
    if isinstance(value, dict):
        for key, said in value.items():
            lines += _entry_lines(key, said, indent)
    else:
        for said in value:
            inner = _block_lines(said, indent + _INDENT_STEP) if isinstance(said, (dict, list)) and said else []
            if inner:
                lines += [f"{pad}- {inner[0].lstrip()}", *inner[1:]]
            else:
                lines.append(f"{pad}- {write_inline(said, False)}")
    return lines


def _entry_lines(key: str, value: Any, indent: int) -> list[str]:
    pad, name = " " * indent, quote_scalar(key, flow=True)
    if isinstance(value, (dict, list)) and value:
        return [f"{pad}{name}:", *_block_lines(value, indent + _INDENT_STEP)]
    return [f"{pad}{name}:" if value is None else f"{pad}{name}: {write_inline(value, False)}"]


def write_inline(value: Any, inside: bool = True) -> str:
    """Return a value as YAML in one line: "{a: b, c: [d, e]}"; `inside` brackets a text needs more quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quote_scalar(k, True)}: {write_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(write_inline(item) for item in value) + "]"
    return "" if value is None else quote_scalar(value, inside)


def _join_lines(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _nest_value(path: AnswerPath, value: Any) -> Any:
    for part in reversed(path):
        value = [value] if part.isdigit() else {part: value}
    return value


def write_value(text: str, path: AnswerPath, value: Any, order: Sequence[str]) -> str:
    root = compose_nodes(text)
    if root is None or _is_empty(root):
        return _end_with_newline(text) + _join_lines(_block_lines(_nest_value(path, value), 0))
    found = _nodes_along(root, path)
    key, node = found[-1]
    rest = path[len(found) - 1 :]
    flow = any(getattr(part, "flow_style", False) for _, part in found[:-1])
    if rest and node.id == "mapping" and node.value:
        return _insert_entry(text, node, rest, value, order, top=len(found) == 1)
    if rest and node.id == "sequence" and node.value:
        return _append_item(text, node, _nest_value(rest[1:], value))
    value = _nest_value(rest, value)
    if not isinstance(value, (dict, list)) and node.id == "scalar" and node.style not in ("|", ">"):
        said = write_inline(value, flow)
        return _replace_span(text, int(node.start_mark.index), int(node.end_mark.index), said)
    if flow or (node.id != "scalar" and node.flow_style and _fits_line(text, node, value)):
        return _replace_span(text, int(node.start_mark.index), _end_of(node), write_inline(value))
    return rewrite_value(text, path[: len(found) - 1], value) if key is not None else _raise()


def _raise() -> str:
    raise LookupError


def _fits_line(text: str, node: Any, value: Any) -> bool:
    return int(node.start_mark.column) + len(write_inline(value)) <= _LINE_WIDTH


def _replace_span(text: str, start: int, end: int, said: str) -> str:
    before = text[:start]
    # An empty answer stands right behind its colon.
    space = " " if before.endswith((":", "-")) and said else ""
    return before + space + said + text[end:]


def _insert_entry(text: str, node: Any, path: AnswerPath, value: Any, order: Sequence[str], top: bool) -> str:
    """Add the entry path[0] to a mapping that has entries, behind those that come before it in `order`."""
    said = _nest_value(path[1:], value)
    names = [key.value.strip() for key, _ in node.value]
    earlier = set(order[: order.index(path[0])]) if path[0] in order else set(names)
    before = max((index for index, name in enumerate(names) if name in earlier), default=-1)
    if node.flow_style:
        entry = f"{quote_scalar(path[0], True)}: {write_inline(said)}"
        if before < 0:
            start = int(node.value[0][0].start_mark.index)
            return text[:start] + entry + ", " + text[start:]
        end = _end_of(node.value[before][1])
        return text[:end] + ", " + entry + text[end:]
    lines = _entry_lines(path[0], said, int(node.value[0][0].start_mark.column))
    if before < 0 and top:
        start = _line_start(text, int(node.value[0][0].start_mark.index))
    elif before < 0:
        # The first name of a list's entry stands behind its dash: the new one goes behind it.
        start = _end_of_last_line(text, node.value[0][1])
    else:
        start = _end_of_last_line(text, node.value[before][1])
    new = _join_lines(lines)
    if top and isinstance(said, (dict, list)):
        new = ("\n" if before >= 0 else "") + new
    head = _end_with_newline(text[:start]) if start == len(text) else text[:start]
    return head + new + text[start:]


def _end_with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _append_item(text: str, node: Any, value: Any) -> str:
    if node.flow_style:
        end = _end_of(node.value[-1])
        return text[:end] + ", " + write_inline(value) + text[end:]
    start = _end_of_last_line(text, node.value[-1])
    new = _join_lines(_block_lines([value], int(node.start_mark.column)))
    head = _end_with_newline(text[:start]) if start == len(text) else text[:start]
    return head + new + text[start:]


def rewrite_value(text: str, path: AnswerPath, value: Any) -> str:
    """Write the whole answer at `path` again, in block form where its surroundings are."""
    if not path:
        return _join_lines(_block_lines(value, 0))
    root = compose_nodes(text)
    found = _nodes_along(root, path)
    if len(found) <= len(path):
        return _raise()
    key, node = found[-1]
    if any(getattr(part, "flow_style", False) for _, part in found[:-1]):
        return _replace_span(text, int(node.start_mark.index), _end_of(node), write_inline(value))
    if key is None:
        indent = int(found[-2][1].start_mark.column)
        start, end = _line_start(text, int(node.start_mark.index)), _end_of_last_line(text, node)
        return text[:start] + _join_lines(_block_lines([value], indent)) + text[end:]
    start, end = text.index(":", int(key.end_mark.index)) + 1, _end_of_last_line(text, node)
    # A comment behind the colon belongs to the name, not to the old answer.
    line = text[start : _line_end(text, start)].rstrip("\n")
    comment = line.rstrip() if line.lstrip().startswith("#") else ""
    if not (isinstance(value, (dict, list)) and value):
        return text[:start] + _space_before(write_inline(value, False)) + comment + "\n" + text[end:]
    lines = _block_lines(value, int(key.start_mark.column) + _INDENT_STEP)
    return text[:start] + comment + "\n" + _join_lines(lines) + text[end:]


def _space_before(said: str) -> str:
    return f" {said}" if said else ""


def cut_value(text: str, path: AnswerPath) -> str:
    found = _nodes_along(compose_nodes(text), path)
    (_, around), (key, node) = found[-2], found[-1]
    parts = [part if isinstance(part, tuple) else (None, part) for part in around.value]
    index = next(i for i, part in enumerate(parts) if part[1] is node)
    if around.flow_style:
        first = [int((name or said).start_mark.index) for name, said in parts]
        if index + 1 < len(parts):
            return text[: first[index]] + text[first[index + 1] :]
        return text[: _end_of(parts[index - 1][1])] + text[_end_of(node) :] if index else _raise()
    if index == 0 and key is not None and text[_line_start(text, _start_of(key)) : _start_of(key)].strip():
        # The name behind a dash: the next one takes its place.
        return text[: _start_of(key)] + text[_start_of(parts[1][0]) :]
    return text[: _line_start(text, _start_of(key or node))] + text[_end_of_last_line(text, node) :]


def _start_of(node: Any) -> int:
    return int(node.start_mark.index)


def move_item(text: str, path: AnswerPath, number: int, to: int) -> str:
    node = _nodes_along(compose_nodes(text), path)[-1][1]
    if node.flow_style:
        spans = [(_start_of(item), _end_of(item)) for item in node.value]
        pieces = [text[start:end] for start, end in spans]
        pieces.insert(to - 1, pieces.pop(number - 1))
        for (start, end), piece in reversed(list(zip(spans, pieces, strict=True))):
            text = text[:start] + piece + text[end:]
        return text
    starts = [_start_of_comments(text, _line_start(text, _start_of(node)), " " * int(node.start_mark.column) + "#")]
    for item in node.value:
        starts.append(_end_of_last_line(text, item))
    text = _end_with_newline(text)
    starts[-1] = min(starts[-1] + 1, len(text)) if starts[-1] == len(text) - 1 else starts[-1]
    chunks = [text[start:end] for start, end in pairwise(starts)]
    chunks.insert(to - 1, chunks.pop(number - 1))
    return text[: starts[0]] + "".join(chunks) + text[starts[-1] :]


def _start_of_comments(text: str, start: int, sign: str) -> int:
    """Return where the comments begin that stand right above `start` and belong to it."""
    while start and text.startswith(sign, _line_start(text, start - 1)):
        start = _line_start(text, start - 1)
    return start


def rename_key(text: str, path: AnswerPath, name: str) -> str:
    found = _nodes_along(compose_nodes(text), path)
    key = found[-1][0]
    flow = any(getattr(part, "flow_style", False) for _, part in found[:-1])
    return text[: _start_of(key)] + quote_scalar(name, flow or ":" in name) + text[int(key.end_mark.index) :]


def answers_in_text(text: str) -> dict[str, Any]:
    """Return what a deal file says as texts, lists and dictionaries; what is empty is None."""
    node = compose_nodes(text)
    return {} if node is None else value_of_node(node)


def set_answer(text: str, path: AnswerPath, value: Any, order: Sequence[str] = ()) -> str:
    """Return `text` with `value` (texts, lists, dictionaries) as the answer at `path`.

    The number of a list's entry counts from 1; one past the last adds an entry. A name that is new stands behind
    those that come before it in `order`.
    """
    if isinstance(value, str) and not value.strip():
        value = None
    meant = _with_value(answers_in_text(text), path, value)
    return _change_checked(text, meant, path, lambda: write_value(text, path, value, order))


def drop_answer(text: str, path: AnswerPath) -> str:
    """Return `text` without the answer at `path`, and without the groups that it leaves empty."""
    before = answers_in_text(text)
    found = before
    for depth in range(len(path) - 1, 0, -1):
        # A group (or list) whose last answer goes, goes with it.
        around = value_at(before, path[:depth])
        if isinstance(around, (dict, list)) and len(around) == 1:
            path = path[:depth]
        else:
            break
    meant = _without_value(found, path)
    return _change_checked(text, meant, path, lambda: cut_value(text, path))


def move_entry(text: str, path: AnswerPath, number: int, to: int) -> str:
    """Return `text` with entry `number` of the list at `path` moved to place `to`; its comments go with it."""
    items = list(value_at(answers_in_text(text), path))
    items.insert(to - 1, items.pop(number - 1))
    meant = _with_value(answers_in_text(text), path, items)
    return _change_checked(text, meant, path, lambda: move_item(text, path, number, to))


def rename_entry(text: str, path: AnswerPath, name: str) -> str:
    """Return `text` with the last name of `path` (a party's short name) written as `name`."""
    around = value_at(answers_in_text(text), path[:-1])
    renamed = {name if key == path[-1] else key: value for key, value in around.items()}
    meant = _with_value(answers_in_text(text), path[:-1], renamed) if path[:-1] else renamed
    return _change_checked(text, meant, path[:-1] or path, lambda: rename_key(text, path, name))


# -- what is meant


def value_at(found: Any, path: AnswerPath) -> Any:
    """Return what stands at `path` in lists and dictionaries, None where nothing does; lists count from 1."""
    for part in path:
        if isinstance(found, list):
            found = found[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return found


def _with_value(found: Any, path: AnswerPath, value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(found, list) or (not isinstance(found, dict) and first.isdigit()):
        items = list(found) if isinstance(found, list) else []
        index = int(first) - 1
        items[index:] = [_with_value(items[index] if index < len(items) else None, rest, value), *items[index + 1 :]]
        return items
    group = dict(found) if isinstance(found, dict) else {}
    return {**group, first: _with_value(group.get(first), rest, value)}


def _without_value(found: Any, path: AnswerPath) -> Any:
    first, rest = path[0], path[1:]
    if isinstance(found, list):
        index = int(first) - 1
        return [*found[:index], *([_without_value(found[index], rest)] if rest else []), *found[index + 1 :]]
    return {
        key: _without_value(value, rest) if key == first else value
        for key, value in found.items()
        if rest or key != first
    }


def _change_checked(text: str, meant: Any, path: AnswerPath, change: Callable[[], str | None]) -> str:
    """Return the changed text where it says what is meant; else write the groups around it anew, inside out."""
    for depth in range(len(path), -1, -1):
        try:
            found = change() if depth == len(path) else rewrite_value(text, path[:depth], value_at(meant, path[:depth]))
            if found is not None and answers_in_text(found) == meant:
                return found
        except Exception:
            continue
    raise AssertionError(f"the answer at {'.'.join(path)} could not be written")


_KEPT_HEADING = "# Kept aside: these answers do not apply now. They come back if they do."
_KEPT_MARK = "#~ "


def read_kept_answers(text: str) -> dict[AnswerPath, Any]:
    """Return the answers kept aside at the end of a deal file, by path."""
    found: dict[AnswerPath, Any] = {}
    for line in text.split("\n"):
        name, sign, said = line.removeprefix(_KEPT_MARK).partition(" = ")
        if line.startswith(_KEPT_MARK) and sign:
            try:
                found[tuple(name.split(" / "))] = json.loads(said)
            except ValueError:
                continue
    return found


def write_kept_answers(text: str, answers: dict[AnswerPath, Any]) -> str:
    """Return `text` with these answers kept aside, as comments behind its last line, and no others."""
    lines = [line for line in text.split("\n") if line != _KEPT_HEADING and not line.startswith(_KEPT_MARK)]
    body = "\n".join(lines)
    if not answers:
        return body if body == text else body.rstrip("\n") + "\n"
    said = [
        f"{_KEPT_MARK}{' / '.join(path)} = {json.dumps(value, ensure_ascii=False)}" for path, value in answers.items()
    ]
    return body.rstrip("\n") + "\n\n" + "\n".join([_KEPT_HEADING, *said]) + "\n"
