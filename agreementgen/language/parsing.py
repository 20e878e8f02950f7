"""From the text of a clause to Jinja's syntax tree, and where its words stand: the tree knows lines only.

What is not readable is said with its place, in plain words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jinja2 import TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from agreementgen.core.problems import PackError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.language.environment import clause_environment, spend_steps

# What is refused, and the sign or word that shows where it stands.
REFUSED_NODES: dict[type[nodes.Node], tuple[str, str]] = {
    nodes.Call: ("a call", "("),
    nodes.Getitem: ("indexing with []", "["),
    nodes.Dict: ("a dictionary", "{"),
    nodes.List: ("a list of anything but constants", "["),
    nodes.Tuple: ("a list of anything but constants", "("),
    nodes.Concat: ("joining with ~", "~"),
    nodes.Mul: ("calculating with *", "*"),
    nodes.Pow: ("calculating with **", "**"),
    nodes.Mod: ("calculating with %", "%"),
    nodes.Div: ("calculating with /", "/"),
    nodes.FloorDiv: ("calculating with //", "//"),
    nodes.Add: ("calculating with +", "+"),
    nodes.Sub: ("calculating with -", "-"),
    nodes.Neg: ("a minus sign", "-"),
    nodes.Pos: ("a plus sign", "+"),
}
# The sign or word that shows where a condition stands.
CONDITION_SIGNS = {"eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not"}
CONDITION_SIGNS |= {"And": "and", "Not": "not", "Test": "is"}


def path_of(node: nodes.Node) -> list[str] | None:
    """Return ["a", "b", "c"] of `a.b.c`, None of anything else."""
    parts: list[str] = []
    while isinstance(node, nodes.Getattr):
        parts.append(node.attr)
        node = node.node
    return [node.name, *reversed(parts)] if isinstance(node, nodes.Name) else None


def function_name_of(node: nodes.Call) -> str:
    """Return the name of a function that is called by its name."""
    return node.node.name if isinstance(node.node, nodes.Name) else ""


def is_constant(node: nodes.Const | nodes.Tuple | nodes.List) -> bool:
    """Return whether `node` is a constant or a list of nothing else."""
    return isinstance(node, nodes.Const) or all(isinstance(item, nodes.Const) for item in node.items)


def each_constant(node: nodes.Node) -> Iterator[nodes.Const]:
    """Yield `node`, or the items of a list, where they are constants."""
    for item in node.items if isinstance(node, (nodes.List, nodes.Tuple)) else [node]:
        if isinstance(item, nodes.Const):
            yield item


_SILENT_TOKENS = ("whitespace", "data", "comment_begin", "comment", "comment_end")


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
        # As Jinja's parser takes them: cutting a text is half the work of parsing it, and done once.
        self.for_parser = tuple(clause_environment().lexer.tokeniter(source, None, None, state))
        for _, kind, text in self.for_parser:
            # "-%}" takes away the spaces behind it: the pieces are the source with gaps.
            start = source.index(text, position)
            line += source.count("\n", position, start)
            if kind not in _SILENT_TOKENS:
                found.append(Token(kind, text.rstrip(), line, start - source.rfind("\n", 0, start)))
            line += text.count("\n")
            position = start + len(text)
        self.in_order = tuple(found)
        self.unclaimed: dict[tuple[int, str], list[int]] = defaultdict(list)
        for index, token in enumerate(found):
            self.unclaimed[token.line, token.text].append(index)

    def list_tag_words(self) -> list[Token]:
        """Return the first word of every {% tag %}."""
        pairs = zip(self.in_order, self.in_order[1:], strict=False)
        return [second for first, second in pairs if first.kind in ("block_begin", "raw_begin")]

    def claim(self, line: int, words: tuple[str, ...], before: str = "", after: str = "") -> Token | None:
        """Return where `words` stand in `line`, with `before` and `after` around them (any token but a dot for "")."""
        waiting = self.unclaimed[line, words[0]]
        for index in waiting:
            end = index + len(words)
            if tuple(token.text for token in self.in_order[index:end]) != words:
                continue
            ahead = self.in_order[index - 1].text if index else ""
            behind = self.in_order[end].text if end < len(self.in_order) else ""
            if (ahead == before if before else ahead != ".") and (behind == after if after else behind != "."):
                waiting.remove(index)
                return self.in_order[index]
        return None

    def claim_quoted(self, line: int, text: str) -> Token | None:
        """Return where `text` stands in quotes in `line` (or, with backslashes, may stand)."""
        spellings = [f"'{text}'", f'"{text}"']
        spellings += [t.text for t in self.in_order if t.line == line and t.kind == "string" and "\\" in t.text]
        return next((token for spelling in spellings if (token := self.claim(line, (spelling,)))), None)


MAX_TEXT_LENGTH = 20_000
TAGS = ("if", "elif", "else", "endif", "for", "endfor")
ALLOWED_HINT = "docs/clauses.md lists what is"


@dataclass(frozen=True)
class ParsedText:
    """A readable text: its tree, and where its words stand."""

    tree: nodes.Node
    tokens: Tokens


def place_in_text(start: Place, line: int, column: int = 1) -> Place:
    """Return the place of a line and column of a text that begins at `start`."""
    if line <= 1:
        return Place(start.file, start.line, start.column + column - 1)
    return Place(start.file, start.line + line - 1, column)


def parse_text(source: str, place: Place) -> ParsedText:
    """Return the syntax tree of a text; raise PackError at `place` plus the line and column inside the text."""
    _check_characters(source, place)
    try:
        tokens = Tokens(source)
    except (TemplateSyntaxError, RecursionError) as error:
        raise PackError(_explain_syntax_error(error, source, None, place)) from None
    spend_steps(len(tokens.in_order))
    problems = _find_tag_problems(tokens, place)
    if problems:
        raise PackError(problems)
    try:
        return ParsedText(_parser_of(tokens).parse(), tokens)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise PackError(_explain_syntax_error(error, source, tokens, place)) from None


def _parser_of(tokens: Tokens) -> Parser:
    environment = clause_environment()
    parser = Parser(environment, "")
    parser.stream = TokenStream(environment.lexer.wrap(tokens.for_parser), None, None)
    return parser


def parse_expression(source: str) -> nodes.Expr:
    """Return the tree of one expression with nothing behind it; raise jinja2.TemplateSyntaxError."""
    return _parse_expression(Tokens(source, "variable"))


def _parse_expression(tokens: Tokens) -> nodes.Expr:
    parser = _parser_of(tokens)
    tree = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError(f"got {parser.stream.current.value!r}", parser.stream.current.lineno)
    return tree


def parse_condition(source: str, place: Place) -> ParsedText:
    """The same for one condition; it is an expression and nothing behind it."""
    _check_characters(source, place)
    tokens = None
    try:
        tokens = Tokens(source, "variable")
        spend_steps(len(tokens.in_order))
        tree = _parse_expression(tokens)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise PackError(_explain_syntax_error(error, source, tokens, place)) from None
    return ParsedText(tree, tokens)


def _check_characters(source: str, place: Place) -> None:
    if len(source) > MAX_TEXT_LENGTH:
        message = f"the text has more than {MAX_TEXT_LENGTH:,} characters"
        raise PackError(Problem(message, place=place, code="clause-too-large"))
    for number, line in enumerate(source.split("\n"), 1):
        bad = find_forbidden_character(line)
        if bad:
            where = place_in_text(place, number, bad[0] + 1)
            hint = "delete it and type the word again"
            raise PackError(Problem(f"the text holds {bad[1]}", hint, place=where, code="forbidden-character"))


def _syntax_problem(place: Place, message: str, hint: str = "") -> Problem:
    return Problem(message, hint, place=place, code="clause-syntax")


def _raw_problem(place: Place) -> Problem:
    return Problem("{% raw %} is not allowed in clauses", ALLOWED_HINT, place=place, code="clause-not-allowed")


def _find_tag_problems(tokens: Tokens, place: Place) -> list[Problem]:
    """Refuse every tag that is not ours, and those that are not closed or close nothing."""

    def place_of(token: Token) -> Place:
        return place_in_text(place, token.line, token.column)

    problems = [_raw_problem(place_of(token)) for token in tokens.in_order if token.kind == "raw_begin"]
    open_tags: list[Token] = []
    for token in tokens.list_tag_words():
        match token.text:
            case "if" | "for":
                open_tags.append(token)
            case "endif" | "endfor" | "elif" | "else":
                ends = {"endif": ("if",), "elif": ("if",), "endfor": ("for",), "else": ("if", "for")}[token.text]
                if not open_tags:
                    message = f"{{% {token.text} %}} has no {{% {ends[0]} %}} before it"
                    problems.append(_syntax_problem(place_of(token), message))
                elif open_tags[-1].text not in ends:
                    line = place_of(open_tags[-1]).line
                    message = f"{{% {token.text} %}} stands inside the {open_tags[-1].text} of line {line}"
                    return [*problems, _syntax_problem(place_of(token), message)]
                elif token.text.startswith("end"):
                    open_tags.pop()
            case _ if token.kind == "name":
                message, hint = f'"{token.text}" is not allowed in clauses', suggest_nearest(token.text, TAGS)
                problems.append(Problem(message, hint, place=place_of(token), code="unknown-name"))
    for token in open_tags:
        hint = f"add {{% end{token.text} %}} where it ends"
        problems.append(_syntax_problem(place_of(token), f"this {token.text} is never closed", hint))
    return problems


# What people write who want to count days: {{ effective + 30 days }}.
_SUM = re.compile(r"\{\{\s*([a-z][\w.]*)\s*([+-])\s*(\d+ [a-z]+)\s*\}\}")


def _hint_on_sum(line: str) -> str:
    """Return how to count days from a date where a line tries to, "" where it does not."""
    found = _SUM.search(line)
    return f"write {{{{ {found[1]}|{'plus' if found[2] == '+' else 'minus'}('{found[3]}') }}}}" if found else ""


def _explain_syntax_error(error: Exception, source: str, tokens: Tokens | None, place: Place) -> Problem:
    """Return what Jinja says in plain words, at its place; `tokens` is None for a text that has no readable ones."""
    lines = source.split("\n")

    def place_of_index(index: int) -> Place:
        line = source.count("\n", 0, index) + 1
        return place_in_text(place, line, index - source.rfind("\n", 0, index))

    def place_of_last(sign: str, line: int) -> Place:
        column = lines[line - 1].rfind(sign) + 1 if line <= len(lines) else 1
        return place_in_text(place, line, max(1, column))

    if isinstance(error, RecursionError):
        longest = max(range(len(lines)), key=lambda index: len(lines[index]))
        where = place_in_text(place, longest + 1)
        return Problem("the text is nested too deeply", place=where, code="clause-too-large")
    if not isinstance(error, TemplateSyntaxError):
        figure = re.search(r"\d{1000,}", source)
        where = place_of_index(figure.start() if figure else 0)
        return Problem("the text holds a number with too many digits", place=where, code="clause-too-large")
    message, line = str(error.message), error.lineno
    if character := re.fullmatch(r"unexpected char (.+) at (\d+)", message):
        index = int(character[2])
        where = place_in_text(place, line, index - source.rfind("\n", 0, index))
        return _syntax_problem(where, f"{character[1]} means nothing inside a tag")
    if "Missing end of comment" in message:
        where = place_of_last("{#", source.count("\n", 0, source.rfind("{#")) + 1)
        return _syntax_problem(where, "this comment is never closed", "add #} where it ends")
    if "Missing end of raw" in message:
        return _raw_problem(place_of_last("{%", line))
    if "unexpected end of template" in message.lower():
        sign = max(("{{", "{%"), key=source.rfind)
        hint = "close it with " + {"{{": "}}", "{%": "%}"}[sign] if sign in source else ""
        where = place_of_last(sign, source.count("\n", 0, max(0, source.rfind(sign))) + 1)
        return _syntax_problem(where, "the text ends inside a tag", hint)
    got = re.search(r"(?:got|unexpected) '(.+)'$", message)
    if got and not tokens:
        # A bracket closed too often. The signs of tags are closed rightly, or the text would have ended there.
        lone = re.search(r"(?<![}%#])[)\]}](?![}%#])|[)\]}]", lines[line - 1])
        where = place_in_text(place, line, lone.start() + 1 if lone else 1)
        return _syntax_problem(where, f'"{got[1]}" is not expected here')
    if tokens:
        token = (tokens.claim(line, (got[1],)) or tokens.claim_quoted(line, got[1])) if got else None
        if got and token:
            where = place_in_text(place, token.line, token.column)
            return _syntax_problem(where, f'"{got[1]}" is not expected here', _hint_on_sum(lines[line - 1]))
        closing = (t for t in tokens.in_order if t.line == line and t.kind in ("variable_end", "block_end"))
        if "got 'end of" in message and (token := next(closing, None)):
            where = place_in_text(place, token.line, token.column)
            return _syntax_problem(where, f"something is missing before {token.text}")
    return _syntax_problem(place_of_last("{", line), f"the tag is not readable: {message}")
