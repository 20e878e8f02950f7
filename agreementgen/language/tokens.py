"""Where the words inside the tags of a text stand: Jinja's syntax tree knows lines only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from agreementgen.language.environment import environment

_SILENT = ("whitespace", "data", "comment_begin", "comment", "comment_end")


@dataclass(frozen=True)
class Token:
    """A word, sign or text in quotes; line and column count from 1."""

    kind: str
    text: str
    line: int
    column: int


class Tokens:
    """The tokens of a text, in order; raise jinja2.TemplateSyntaxError where it cannot be cut into any.

    A place that was claimed is not found again: of two `{{ x }}` in one line each has its own.
    """

    def __init__(self, source: str, state: Literal["variable"] | None = None) -> None:
        found: list[Token] = []
        position, line = 0, 1
        for _, kind, text in environment().lexer.tokeniter(source, None, None, state):
            # "-%}" takes away the spaces behind it: the pieces are the source with gaps.
            start = source.index(text, position)
            line += source.count("\n", position, start)
            if kind not in _SILENT:
                found.append(Token(kind, text.rstrip(), line, start - source.rfind("\n", 0, start)))
            line += text.count("\n")
            position = start + len(text)
        self.all = tuple(found)
        self.waiting: dict[tuple[int, str], list[int]] = defaultdict(list)
        for index, token in enumerate(found):
            self.waiting[token.line, token.text].append(index)

    def tags(self) -> list[Token]:
        """Return the first word of every {% tag %}."""
        pairs = zip(self.all, self.all[1:], strict=False)
        return [second for first, second in pairs if first.kind in ("block_begin", "raw_begin")]

    def claim(self, line: int, words: tuple[str, ...], before: str = "", after: str = "") -> Token | None:
        """Return where `words` stand in `line`, with `before` and `after` around them (any token but a dot for "")."""
        waiting = self.waiting[line, words[0]]
        for index in waiting:
            end = index + len(words)
            if tuple(token.text for token in self.all[index:end]) != words:
                continue
            ahead = self.all[index - 1].text if index else ""
            behind = self.all[end].text if end < len(self.all) else ""
            if (ahead == before if before else ahead != ".") and (behind == after if after else behind != "."):
                waiting.remove(index)
                return self.all[index]
        return None

    def quoted(self, line: int, text: str) -> Token | None:
        """Return where `text` stands in quotes in `line` (or, with backslashes, may stand)."""
        spellings = [f"'{text}'", f'"{text}"']
        spellings += [t.text for t in self.all if t.line == line and t.kind == "string" and "\\" in t.text]
        return next((token for spelling in spellings if (token := self.claim(line, (spelling,)))), None)
