"""The messages of the questionnaire, found in the program itself, and written down for translators (gettext).

Every text with words in it that the questionnaire is made of is a message, and so is what is wrong with an answer. They
are taken from the program's own modules when they are asked for, so no list of them can be out of date.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agreementgen.library.library import Pack
from agreementgen.library.messages import MESSAGES_FILE, each_translation, read_catalog

_HOLE = re.compile(r"\{\w+\}")

_PACKAGE = Path(__file__).resolve().parent.parent
# Where all texts are messages, and where those that say what is wrong with an answer are.
_SAID = ("interview/*.py",)
_REFUSING = (
    "core/values.py",
    "core/places.py",
    "deal/answers.py",
    "deal/question_types.py",
    "deal/reader.py",
    "deal/signatories.py",
)
_REFUSALS = ("Unreadable", "Problem")
_NAMES_OF_TEXTS = ("message", "hint")
# A message has a word with a capital in front, or two words; beside what is filled in, one is enough. Backslashes stand
# in patterns, and what ends with a line break is written into files.
_WORDS = re.compile(r"[A-Z][a-z]+|[a-z]{2,}[ ,:;-]+[a-z]")
_WORD_BESIDE_HOLE = re.compile(r"(?<![\w.])[a-z]{2,}(?![\w.])")
_CODE = re.compile(r"\\|\n$|^class:|^\s|[^>]\s$|\{\{|\}\}|^[a-z{}_\d.-]*$|^GmbH$")


@dataclass(frozen=True)
class FoundMessage:
    """A message, and where it stands: the module and its line."""

    text: str
    module: str
    line: int


@cache
def list_messages() -> tuple[FoundMessage, ...]:
    """Return every message once, in the order of the modules."""
    found: dict[str, FoundMessage] = {}
    for patterns, collect in ((_SAID, _each_text), (_REFUSING, _each_refusal)):
        for pattern in patterns:
            for path in sorted(_PACKAGE.glob(pattern)):
                tree = ast.parse(path.read_text(encoding="utf-8"))
                for node in collect(tree):
                    text = _message_of(node)
                    if _is_message(text):
                        # The same words around other names are the same message.
                        module = path.relative_to(_PACKAGE).as_posix()
                        found.setdefault(_HOLE.sub("{}", text), FoundMessage(text, module, node.lineno))
    return tuple(found.values())


def _is_message(text: str) -> bool:
    words = _WORDS.search(_HOLE.sub("", text)) or (
        _HOLE.search(text) and _WORD_BESIDE_HOLE.search(_HOLE.sub(" ", text))
    )
    return bool(words) and not _CODE.search(text)


def _each_text(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield the texts of a module, without what is written for its readers and what is a part of another text."""
    silent: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Module() | ast.FunctionDef() | ast.ClassDef() if ast.get_docstring(node, clean=False) is not None:
                silent.add(id(node.body[0].value))  # type: ignore[attr-defined]
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"))) | ast.Compare() | ast.Assert():
                silent.update(id(inner) for inner in ast.walk(node) if isinstance(inner, ast.Constant))
            case ast.JoinedStr():
                silent.update(id(part) for part in node.values if isinstance(part, ast.Constant))
            case ast.BinOp() if _is_text(node):
                silent.update(id(side) for side in (node.left, node.right) if _is_text(side))
    for node in ast.walk(tree):
        if _is_text(node) and id(node) not in silent:
            yield node  # type: ignore[misc]


def _is_text(node: ast.AST) -> bool:
    """Return whether a node is a text, or texts joined with "+"."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _is_text(left) or _is_text(right)
    return False


def _each_refusal(tree: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield the texts that are told with what is refused, or kept for that under one of the usual names."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _REFUSALS:
                yield from (text for part in node.args for text in _each_text(part))
            case ast.Assign(targets=[ast.Name(id=name)]) if name in _NAMES_OF_TEXTS:
                yield from _each_text(node.value)


def _message_of(node: ast.expr) -> str:
    """Return a text with a name in braces for each thing that is filled in."""
    text, taken = "", []  # type: ignore[var-annotated]
    for part in _each_part(node):
        if isinstance(part, str):
            # Braces of its own would be read as names.
            text += part.replace("{", "{{").replace("}", "}}")
            continue
        name = _name_of(part)
        while name in taken:
            name = f"{name.rstrip('0123456789')}{len(taken) + 1}"
        taken.append(name)
        text += f"{{{name}}}"
    return text


def _each_part(node: ast.expr) -> Iterator[str | ast.expr]:
    """Yield what a text is made of: words, and what is filled in."""
    match node:
        case ast.Constant(value=str(words)):
            yield words
        case ast.JoinedStr(values=values):
            for part in values:
                yield from _each_part(part)
        case ast.FormattedValue(value=value):
            yield value
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is_text(node):
            yield from _each_part(left)
            yield from _each_part(right)
        case _:
            yield node


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name.strip("_").lower() or "value"
        case ast.Subscript(value=value):
            return _name_of(value)
    return "value"


def translations_of(pack: Pack) -> dict[str, str]:
    """Return what a pack says for each message that it translates; raise PackError where its file cannot be read."""
    source = pack.files.get(MESSAGES_FILE)
    return {message: says for message, says, _ in each_translation(source) if says} if source else {}


def write_messages(pack: Pack) -> bytes:
    """Return a pack's `messages.po` with every message of the program; what it has translated stays.

    What the program does not say any more stays at its end, as programs for such files have it. Raise PackError where
    the file that is there cannot be read.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    wanted = Catalog(charset="utf-8")
    for found in list_messages():
        wanted.add(found.text, locations=[(found.module, found.line)])
    catalog = Catalog(
        locale=pack.language.replace("-", "_") or None,
        header_comment=f"# What the questionnaire says, for {pack.name}. What is empty is said in English.",
        project=pack.name, version=pack.version, msgid_bugs_address=pack.contact, last_translator=pack.contact,
        language_team=pack.name, charset="utf-8", fuzzy=False,
    )  # fmt: skip
    source = pack.files.get(MESSAGES_FILE)
    for entry in read_catalog(source) if source else ():
        if entry.id:
            catalog.add(entry.id, entry.string, flags=entry.flags, user_comments=entry.user_comments)
    catalog.update(wanted, no_fuzzy_matching=True)
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, include_lineno=False)
    return buffer.getvalue()
