"""Texts as code that runs. What the built-in library's texts were compiled to is kept for the next start.

To compile the texts of one agreement takes longer than to draft it.
"""

from __future__ import annotations

import atexit
import marshal
import re
from functools import cache
from types import CodeType

from jinja2.environment import Template

from agreementgen.core.kept import recall, remember
from agreementgen.language.environment import clause_environment

_NAME = "built-in-texts"
_TAG_LINE = re.compile(r"^[ \t]*\{%(-?)(\s*)(\w+)((?:[^%]|%(?!\}))*?)([-+]?%\})[ \t]*\n", re.MULTILINE)


class _KeptCode:
    """The code of `texts`, marshalled, by text: that of earlier runs and of this one, which saves what it adds."""

    def __init__(self) -> None:
        self.texts: frozenset[str] = frozenset()
        self.code: dict[str, bytes] = {}
        self.is_changed = False
        self.digest = ""

    def note(self, source: str, code: CodeType) -> None:
        """Remember the code of a text, if it is one of those that are kept."""
        if source in self.texts:
            self.code[source] = marshal.dumps(code)
            self.is_changed = True

    def save(self) -> None:
        if self.is_changed:
            remember(_NAME, self.digest, self.code)


_kept = _KeptCode()


def keep_code_of(texts: frozenset[str], digest: str) -> None:
    """From now on keep the code of these texts, of a library of `digest`, and of no others.

    A pack's own texts belong to a firm, and are not to lie about in our folder.
    """
    _kept.texts, _kept.digest = texts, digest
    _kept.code = recall(_NAME, digest) or {}
    atexit.register(_kept.save)


@cache
def compile_text(source: str) -> Template:
    """Return the template of a text that was checked."""
    environment = clause_environment()
    if source in _kept.code:
        code = marshal.loads(_kept.code[source])
    else:
        code = environment.compile(absorb_line_breaks(source))
        _kept.note(source, code)
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def absorb_line_breaks(source: str) -> str:
    """Return a text in which tags that stand alone in their lines leave nothing behind.

    Their line breaks move into the tags: neither do paragraphs break there, nor do line numbers change. (Jinja's
    trim_blocks would also join words. So would "{%-", which takes away the break before it, and an else behind
    an if that did not stand alone: hence the space.)
    """
    return _TAG_LINE.sub(_absorb_line_break, source)


def _absorb_line_break(tag: re.Match[str]) -> str:
    dash, space, word, rest, end = tag.groups()
    if word in ("if", "for"):
        dash = ""
    behind = " " if dash or word in ("elif", "else") else ""
    return f"{{%{dash}{space}{word}{rest}\n{end}{behind}"
