"""Changes one answer in the text of a deal file; every other character stays as it was.

The text is cut at the places where PyYAML's nodes begin and end, so comments, order, quotes and spacing of all other
answers survive. After each change the new text is read back; where the cut did not do what was meant (a form of YAML
that nobody foresaw), the smallest group around it is written anew.

Answers that do not apply now, and may again, are kept as comments at the end of the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from agreementgen.yamlfile.nodes import NULL_WORDS

# The names, and numbers of entries in lists (from 1), that lead to an answer.
AnswerPath = tuple[str, ...]
# Texts, None for what is empty, lists and dictionaries. Sequence and Mapping, so that list[str] is one, too.
Value = str | Sequence["Value"] | Mapping[str, "Value"] | None
_INDENT_STEP = 2
_LINE_WIDTH = 100


# -- writing values

# Of such texts no parser need be asked: letters, digits, and signs that mean nothing behind them, in brackets either.
_MEANS_ITSELF = re.compile(r"[A-Za-z0-9$(](?:[A-Za-z0-9.;'/()&$%@+-]| (?=[^ #])|:(?=[A-Za-z0-9/]))*+")
# A comma ends a text in brackets alone.
_MEANS_ITSELF_OUTSIDE = re.compile(_MEANS_ITSELF.pattern.replace(".;", ".,;"))


@lru_cache(maxsize=2_048)
def quote_scalar(value: str, flow: bool = False) -> str:
    """Return `value` as YAML that reads back as the same text: plain where it can be, else in double quotes.

    With `flow` it is safe inside brackets, too.
    """
    means_itself = _MEANS_ITSELF if flow else _MEANS_ITSELF_OUTSIDE
    if means_itself.fullmatch(value) and value[-1] != " " and value.lower() not in NULL_WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    safe = value.strip() == value and value.isprintable() and value.lower() not in ("", "~", "null")
    if not safe or " #" in value or (flow and any(sign in value for sign in ",[]{}")):
        return quoted
    try:
        found = _parse(f"[{value}]" if flow else f"- {value}")
        return value if found is not None and found.value == [value] else quoted
    except Exception:
        return quoted


def write_inline(value: Value, flow: bool = True) -> str:
    """Return `value` in one line, as in "{a: b, c: [d, e]}"; without `flow`, a text is quoted as outside brackets."""
    if isinstance(value, str):
        return quote_scalar(value, flow)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quote_scalar(key, True)}: {write_inline(part)}" for key, part in value.items()) + "}"
    return "" if value is None else "[" + ", ".join(map(write_inline, value)) + "]"


def _block_lines(value: Value, indent: int) -> list[str]:
    """Return a list or dictionary as lines in block form."""
    if isinstance(value, Mapping):
        return [line for key, part in value.items() for line in _entry_lines(key, part, indent)]
    lines: list[str] = []
    pad = " " * indent
    for item in value or ():
        first, *rest = _block_lines(item, indent + _INDENT_STEP) if _is_filled(item) else [write_inline(item, False)]
        lines += [f"{pad}- {first.lstrip()}", *rest]
    return lines


def _entry_lines(key: str, value: Value, indent: int) -> list[str]:
    name = " " * indent + quote_scalar(key, flow=True)
    if _is_filled(value):
        return [f"{name}:", *_block_lines(value, indent + _INDENT_STEP)]
    return [f"{name}:" if value is None else f"{name}: {write_inline(value, False)}"]


def _is_filled(value: Value) -> bool:
    """Return whether `value` is a list or dictionary that holds anything."""
    return bool(value) and not isinstance(value, str)


def _join_lines(lines: Iterable[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _end_with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


# -- finding values


@dataclass(frozen=True)
class _Span:
    """A value in the text, from the character `start` to before `end`, both from 0; blocks end at their last answer.

    `inline` is a group or list in brackets. The entries of a list have no name; those of a text are None.
    """

    start: int
    end: int
    column: int
    text: str = ""
    style: str = ""
    inline: bool = False
    is_list: bool = False
    entries: tuple[_Entry, ...] | None = None

    @property
    def value(self) -> Any:
        if self.entries is None:
            empty = not self.text.strip() or (not self.style and self.text in NULL_WORDS)
            return None if empty else self.text
        if self.is_list:
            return [part.value for _, part in self.entries]
        return {name.text.strip(): part.value for name, part in self.entries if name}


_Entry = tuple[_Span | None, _Span]


@lru_cache(maxsize=16)
def _parse(text: str) -> _Span | None:
    """Return what stands in a text. One answer asks for the same text many times."""
    import yaml

    # The loader in Python: its marks count characters, and its errors are exceptions whatever the text.
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    return None if root is None else _span_of(root)


def _span_of(node: Any) -> _Span:
    start, end, column = node.start_mark.index, node.end_mark.index, node.start_mark.column
    if node.id == "scalar":
        return _Span(start, end, column, node.value, node.style or "")
    entries: tuple[_Entry, ...]
    if node.id == "mapping":
        entries = tuple((_span_of(name), _span_of(value)) for name, value in node.value)
    else:
        entries = tuple((None, _span_of(item)) for item in node.value)
    if not node.flow_style:
        end = max([start, *(part.end for entry in entries for part in entry if part)])
    return _Span(start, end, column, "", "", bool(node.flow_style), node.id == "sequence", entries)


def _parse_filled(text: str) -> _Span:
    root = _parse(text)
    if root is None:
        raise LookupError("the file is empty")
    return root


def _entries_along(root: _Span, path: AnswerPath) -> list[_Entry]:
    """Return the entries along `path` as far as they exist, the root (without a name) first."""
    found: list[_Entry] = [(None, root)]
    for part in path:
        entries = found[-1][1].entries or ()
        if found[-1][1].is_list:
            entry = entries[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(entries) else None
        else:
            entry = next((entry for entry in entries if entry[0] and entry[0].text.strip() == part), None)
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


def _end_of_last_line(text: str, span: _Span) -> int:
    # A text in the form of a block ends behind its own line break.
    return span.end if text[: span.end].endswith("\n") else _line_end(text, span.end)


def _start_of_comments(text: str, start: int, sign: str) -> int:
    """Return where the comments begin that stand right above `start` and belong to it."""
    while start and text.startswith(sign, _line_start(text, start - 1)):
        start = _line_start(text, start - 1)
    return start


# -- cutting and writing, without a look at what comes out


def _write_value(text: str, path: AnswerPath, value: Value, order: Sequence[str]) -> str:
    root = _parse(text)
    if root is None or root.value is None:
        return _end_with_newline(text) + _join_lines(_block_lines(_nest_value(path, value), 0))
    found = _entries_along(root, path)
    name, span = found[-1]
    rest = path[len(found) - 1 :]
    inline = any(around.inline for _, around in found[:-1])
    if rest and span.entries:
        if span.is_list:
            return _append_item(text, span, _nest_value(rest[1:], value))
        return _insert_entry(text, span, rest, value, order, top=len(found) == 1)
    value = _nest_value(rest, value)
    if (value is None or isinstance(value, str)) and span.entries is None and span.style not in ("|", ">"):
        return _replace_span(text, span, write_inline(value, inline))
    if inline or (span.inline and span.column + len(write_inline(value)) <= _LINE_WIDTH):
        return _replace_span(text, span, write_inline(value))
    if name is None:
        raise LookupError("an entry of a list has no name to be written behind")
    return _rewrite_value(text, path[: len(found) - 1], value)


def _nest_value(path: AnswerPath, value: Value) -> Value:
    for part in reversed(path):
        value = [value] if part.isdigit() else {part: value}
    return value


def _replace_span(text: str, span: _Span, written: str) -> str:
    before = text[: span.start]
    # An empty answer stands right behind its colon.
    space = " " if before.endswith((":", "-")) and written else ""
    return before + space + written + text[span.end :]


def _insert_entry(text: str, group: _Span, path: AnswerPath, value: Value, order: Sequence[str], top: bool) -> str:
    """Add the entry path[0] to a group that has entries, behind those that come before it in `order`."""
    value = _nest_value(path[1:], value)
    entries = [(name, part) for name, part in group.entries or () if name]
    names = [name.text.strip() for name, _ in entries]
    earlier = set(order[: order.index(path[0])]) if path[0] in order else set(names)
    before = max((index for index, name in enumerate(names) if name in earlier), default=-1)
    first = entries[0][0]
    if group.inline:
        entry = f"{quote_scalar(path[0], True)}: {write_inline(value)}"
        if before < 0:
            return text[: first.start] + entry + ", " + text[first.start :]
        end = entries[before][1].end
        return text[:end] + ", " + entry + text[end:]
    new = _join_lines(_entry_lines(path[0], value, first.column))
    if before < 0 and top:
        start = _line_start(text, first.start)
    else:
        # The first name of a list's entry stands behind its dash: a new one goes behind it, never before.
        start = _end_of_last_line(text, entries[max(before, 0)][1])
    if top and before >= 0 and isinstance(value, Sequence | Mapping) and not isinstance(value, str):
        new = "\n" + new
    return _insert_lines(text, start, new)


def _append_item(text: str, items: _Span, value: Value) -> str:
    last = (items.entries or ())[-1][1]
    if items.inline:
        return text[: last.end] + ", " + write_inline(value) + text[last.end :]
    return _insert_lines(text, _end_of_last_line(text, last), _join_lines(_block_lines([value], items.column)))


def _insert_lines(text: str, start: int, lines: str) -> str:
    before = _end_with_newline(text) if start == len(text) else text[:start]
    return before + lines + text[start:]


def _rewrite_value(text: str, path: AnswerPath, value: Value) -> str:
    """Write the whole answer at `path` again, in block form where its surroundings are."""
    if not path:
        return _join_lines(_block_lines(value, 0))
    found = _entries_along(_parse_filled(text), path)
    if len(found) <= len(path):
        raise LookupError("there is no answer to be written again")
    name, span = found[-1]
    if any(around.inline for _, around in found[:-1]):
        return _replace_span(text, span, write_inline(value))
    end = _end_of_last_line(text, span)
    if name is None:
        start, indent = _line_start(text, span.start), found[-2][1].column
        return text[:start] + _join_lines(_block_lines([value], indent)) + text[end:]
    start = text.index(":", name.end) + 1
    # A comment behind the colon belongs to the name, not to the old answer.
    line = text[start : _line_end(text, start)].rstrip("\n")
    comment = line.rstrip() if line.lstrip().startswith("#") else ""
    if _is_filled(value):
        lines = _join_lines(_block_lines(value, name.column + _INDENT_STEP))
        return text[:start] + comment + "\n" + lines + text[end:]
    written = write_inline(value, False)
    return text[:start] + (f" {written}" if written else "") + comment + "\n" + text[end:]


def _cut_value(text: str, path: AnswerPath) -> str:
    found = _entries_along(_parse_filled(text), path)
    (_, around), (name, span) = found[-2], found[-1]
    entries = around.entries or ()
    index = next(number for number, entry in enumerate(entries) if entry[1] is span)
    first = name or span
    if around.inline:
        if index + 1 < len(entries):
            after = entries[index + 1][0] or entries[index + 1][1]
            return text[: first.start] + text[after.start :]
        if index == 0:
            raise LookupError("brackets that hold nothing else")
        return text[: entries[index - 1][1].end] + text[span.end :]
    line = _line_start(text, first.start)
    if index == 0 and name and text[line : name.start].strip():
        # The name behind a dash: the next one takes its place.
        after = entries[1][0] or entries[1][1]
        return text[: name.start] + text[after.start :]
    return text[:line] + text[_end_of_last_line(text, span) :]


def _move_item(text: str, path: AnswerPath, number: int, to: int) -> str:
    items = _entries_along(_parse_filled(text), path)[-1][1]
    spans = [span for _, span in items.entries or ()]
    if items.inline:
        pieces = [text[span.start : span.end] for span in spans]
        pieces.insert(to - 1, pieces.pop(number - 1))
        for span, piece in reversed(list(zip(spans, pieces, strict=True))):
            text = text[: span.start] + piece + text[span.end :]
        return text
    starts = [_start_of_comments(text, _line_start(text, items.start), " " * items.column + "#")]
    starts += [_end_of_last_line(text, span) for span in spans]
    text = _end_with_newline(text)
    starts[-1] = min(starts[-1] + 1, len(text)) if starts[-1] == len(text) - 1 else starts[-1]
    chunks = [text[start:end] for start, end in pairwise(starts)]
    chunks.insert(to - 1, chunks.pop(number - 1))
    return text[: starts[0]] + "".join(chunks) + text[starts[-1] :]


def _rename_key(text: str, path: AnswerPath, new: str) -> str:
    found = _entries_along(_parse_filled(text), path)
    name = found[-1][0]
    if name is None:
        raise LookupError("an entry of a list has no name")
    inline = any(around.inline for _, around in found[:-1])
    return text[: name.start] + quote_scalar(new, inline or ":" in new) + text[name.end :]


# -- changing answers


def write_answers(answers: Mapping[str, Value]) -> str:
    """Return a new deal file that says `answers`, and nothing else."""
    return _join_lines(_block_lines(answers, 0))


def answers_in_text(text: str) -> dict[str, Any]:
    """Return what a deal file says as texts, lists and dictionaries; what is empty is None."""
    root = _parse(text)
    return {} if root is None else root.value


def set_answer(text: str, path: AnswerPath, value: Value, order: Sequence[str] = ()) -> str:
    """Return `text` with `value` as the answer at `path`.

    The number of a list's entry counts from 1; one past the last adds an entry. A name that is new stands behind
    those that come before it in `order`.
    """
    if isinstance(value, str) and not value.strip():
        value = None
    meant = with_value(answers_in_text(text), path, value)
    return _change_checked(text, meant, path, lambda: _write_value(text, path, value, order))


def drop_answer(text: str, path: AnswerPath) -> str:
    """Return `text` without the answer at `path`, and without the groups that it leaves empty."""
    before = answers_in_text(text)
    path = path_to_drop(before, path)
    return _change_checked(text, without_value(before, path), path, lambda: _cut_value(text, path))


def path_to_drop(answers: object, path: AnswerPath) -> AnswerPath:
    """Return what goes with the answer at `path`: a group (or list) whose last answer goes, goes with it."""
    for depth in range(len(path) - 1, 0, -1):
        around = value_at(answers, path[:depth])
        if not isinstance(around, (dict, list)) or len(around) != 1:
            break
        path = path[:depth]
    return path


def move_entry(text: str, path: AnswerPath, number: int, to: int) -> str:
    """Return `text` with entry `number` of the list at `path` moved to place `to`; its comments go with it."""
    before = answers_in_text(text)
    items = list(value_at(before, path))
    items.insert(to - 1, items.pop(number - 1))
    return _change_checked(text, with_value(before, path, items), path, lambda: _move_item(text, path, number, to))


def rename_entry(text: str, path: AnswerPath, name: str) -> str:
    """Return `text` with the last name of `path` (a party's short name) written as `name`."""
    before = answers_in_text(text)
    around = value_at(before, path[:-1])
    renamed = {name if key == path[-1] else key: value for key, value in around.items()}
    meant = with_value(before, path[:-1], renamed)
    return _change_checked(text, meant, path[:-1] or path, lambda: _rename_key(text, path, name))


def value_at(answers: object, path: AnswerPath) -> Any:
    """Return what stands at `path` in lists and dictionaries, None where nothing does; lists count from 1."""
    for part in path:
        if isinstance(answers, list):
            answers = answers[int(part) - 1] if part.isdigit() and 0 < int(part) <= len(answers) else None
        else:
            answers = answers.get(part) if isinstance(answers, dict) else None
    return answers


def with_value(answers: object, path: AnswerPath, value: Value) -> Any:
    """Return `answers` with `value` at `path`, as `set_answer` changes a text."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(answers, list) or (not isinstance(answers, dict) and first.isdigit()):
        items = list(answers) if isinstance(answers, list) else []
        index = int(first) - 1
        items[index:] = [with_value(items[index] if index < len(items) else None, rest, value), *items[index + 1 :]]
        return items
    group = dict(answers) if isinstance(answers, dict) else {}
    return {**group, first: with_value(group.get(first), rest, value)}


def without_value(answers: Any, path: AnswerPath) -> Any:
    """Return `answers` without what stands at `path`."""
    first, rest = path[0], path[1:]
    if isinstance(answers, list):
        index = int(first) - 1
        return [*answers[:index], *([without_value(answers[index], rest)] if rest else []), *answers[index + 1 :]]
    return {
        key: without_value(value, rest) if key == first else value
        for key, value in answers.items()
        if rest or key != first
    }


def _change_checked(text: str, meant: Value, path: AnswerPath, change: Callable[[], str]) -> str:
    """Return the changed text where it says what is meant; else write the groups around it anew, inside out."""
    for depth in range(len(path), -1, -1):
        try:
            around = path[:depth]
            found = change() if depth == len(path) else _rewrite_value(text, around, value_at(meant, around))
            if answers_in_text(found) == meant:
                return found
        except Exception:
            continue
    raise AssertionError(f"the answer at {'.'.join(path)} could not be written")


# -- answers kept for later

_KEPT_HEADING = "# Kept aside: these answers do not apply now. They come back if they do."
_KEPT_MARK = "#~ "


def read_kept_answers(text: str) -> dict[AnswerPath, Any]:
    """Return the answers kept aside at the end of a deal file, by path."""
    found: dict[AnswerPath, Any] = {}
    for line in text.split("\n"):
        path, sign, value = line.removeprefix(_KEPT_MARK).partition(" = ")
        if line.startswith(_KEPT_MARK) and sign:
            try:
                found[tuple(path.split(" / "))] = json.loads(value)
            except ValueError:
                continue
    return found


def write_kept_answers(text: str, answers: Mapping[AnswerPath, object]) -> str:
    """Return `text` with these answers kept aside, as comments behind its last line, and no others."""
    lines = [line for line in text.split("\n") if line != _KEPT_HEADING and not line.startswith(_KEPT_MARK)]
    body = "\n".join(lines)
    if not answers:
        return body if body == text else body.rstrip("\n") + "\n"
    kept = [
        f"{_KEPT_MARK}{' / '.join(path)} = {json.dumps(value, ensure_ascii=False)}" for path, value in answers.items()
    ]
    return body.rstrip("\n") + "\n\n" + "\n".join([_KEPT_HEADING, *kept]) + "\n"
