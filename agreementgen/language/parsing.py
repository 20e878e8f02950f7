"""From the text of a clause to Jinja's syntax tree; what is not readable is said with its place, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError, nodes
from jinja2.parser import Parser

from agreementgen.deal.characters import first_forbidden
from agreementgen.errors import PackError, Place, Problem, nearest
from agreementgen.language import work
from agreementgen.language.environment import environment
from agreementgen.language.tokens import Token, Tokens

MAX_LENGTH = 20_000
TAGS = ("if", "elif", "else", "endif", "for", "endfor")
LISTED = "docs/clauses.md lists what is"


@dataclass(frozen=True)
class Parsed:
    """A readable text: its tree, and where its words stand."""

    tree: nodes.Node
    tokens: Tokens


def at(start: Place, line: int, column: int = 1) -> Place:
    """Return the place of a line and column of a text that begins at `start`."""
    if line <= 1:
        return Place(start.file, start.line, start.column + column - 1)
    return Place(start.file, start.line + line - 1, column)


def parse(source: str, place: Place) -> Parsed:
    """Return the syntax tree of a text; raise PackError at `place` plus the line and column inside the text."""
    _check_characters(source, place)
    try:
        tokens = Tokens(source)
    except (TemplateSyntaxError, RecursionError) as error:
        raise PackError(_unreadable(error, source, None, place)) from None
    work.spend(len(tokens.all))
    problems = _tag_problems(tokens, place)
    if problems:
        raise PackError(problems)
    try:
        return Parsed(environment().parse(source), tokens)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise PackError(_unreadable(error, source, tokens, place)) from None


def parse_expression(source: str, place: Place) -> Parsed:
    """The same for one condition; it is an expression and nothing behind it."""
    _check_characters(source, place)
    tokens = None
    try:
        tokens = Tokens(source, "variable")
        work.spend(len(tokens.all))
        parser = Parser(environment(), source, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError(f"got {parser.stream.current.value!r}", parser.stream.current.lineno)
    except (TemplateSyntaxError, RecursionError, ValueError) as error:
        raise PackError(_unreadable(error, source, tokens, place)) from None
    return Parsed(tree, tokens)


def _check_characters(source: str, place: Place) -> None:
    if len(source) > MAX_LENGTH:
        raise PackError(Problem(f"the text has more than {MAX_LENGTH:,} characters", place=place))
    for number, line in enumerate(source.split("\n"), 1):
        bad = first_forbidden(line)
        if bad:
            where = at(place, number, bad[0] + 1)
            raise PackError(Problem(f"the text holds {bad[1]}", "delete it and type the word again", "", where))


def _tag_problems(tokens: Tokens, place: Place) -> list[Problem]:
    """Refuse every tag that is not ours, and those that are not closed or close nothing."""
    problems: list[Problem] = []
    opened: list[Token] = []

    def problem(token: Token, message: str, hint: str) -> None:
        problems.append(Problem(message, hint, "", at(place, token.line, token.column)))

    problems += (
        Problem("{% raw %} is not allowed in clauses", LISTED, "", at(place, token.line, token.column))
        for token in tokens.all
        if token.kind == "raw_begin"
    )
    for token in tokens.tags():
        match token.text:
            case "if" | "for":
                opened.append(token)
            case "endif" | "endfor" | "elif" | "else":
                ends = {"endif": ("if",), "elif": ("if",), "endfor": ("for",), "else": ("if", "for")}[token.text]
                if not opened:
                    problem(token, f"{{% {token.text} %}} has no {{% {ends[0]} %}} before it", "")
                elif opened[-1].text not in ends:
                    line = at(place, opened[-1].line).line
                    problem(token, f"{{% {token.text} %}} stands inside the {opened[-1].text} of line {line}", "")
                    return problems
                elif token.text.startswith("end"):
                    opened.pop()
            case _ if token.kind == "name":
                problem(token, f'"{token.text}" is not allowed in clauses', nearest(token.text, TAGS))
    for token in opened:
        problem(token, f"this {token.text} is never closed", f"add {{% end{token.text} %}} where it ends")
    return problems


def _unreadable(error: Exception, source: str, tokens: Tokens | None, place: Place) -> Problem:
    lines = source.split("\n")
    if isinstance(error, RecursionError):
        longest = max(range(len(lines)), key=lambda index: len(lines[index]))
        return Problem("the text is nested too deeply", place=at(place, longest + 1, 1))
    if not isinstance(error, TemplateSyntaxError):
        figure = re.search(r"\d{1000,}", source)
        index = figure.start() if figure else 0
        where = at(place, source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index))
        return Problem("the text holds a number with too many digits", place=where)
    said, line = str(error.message), error.lineno
    if character := re.fullmatch(r"unexpected char (.+) at (\d+)", said):
        index = int(character[2])
        column = index - source.rfind("\n", 0, index)
        return Problem(f"{character[1]} means nothing inside a tag", "", "", at(place, line, column))
    if "Missing end of comment" in said:
        line = source.count("\n", 0, source.rfind("{#")) + 1
        return Problem(
            "this comment is never closed", "add #} where it ends", "", at(place, line, _last(lines, line, "{#"))
        )
    if "Missing end of raw" in said:
        return Problem("{% raw %} is not allowed in clauses", LISTED, "", at(place, line, _last(lines, line, "{%")))
    if "unexpected end of template" in said.lower():
        sign = max(("{{", "{%"), key=source.rfind)
        line = source.count("\n", 0, max(0, source.rfind(sign))) + 1
        hint = "close it with " + {"{{": "}}", "{%": "%}"}[sign] if sign in source else ""
        return Problem("the text ends inside a tag", hint, "", at(place, line, _last(lines, line, sign)))
    got = re.search(r"(?:got|unexpected) '(.+)'$", said)
    if got and not tokens:
        # A bracket closed too often. The signs of tags are closed rightly, or the text would have ended there.
        lone = re.search(r"(?<![}%#])[)\]}](?![}%#])|[)\]}]", lines[line - 1])
        return Problem(f'"{got[1]}" is not expected here', "", "", at(place, line, lone.start() + 1 if lone else 1))
    if got and tokens:
        token = tokens.claim(line, (got[1],)) or tokens.quoted(line, got[1])
        if token:
            return Problem(f'"{got[1]}" is not expected here', "", "", at(place, token.line, token.column))
    closing = (
        next((t for t in tokens.all if t.line == line and t.kind in ("variable_end", "block_end")), None)
        if tokens
        else None
    )
    if closing and "got 'end of" in said:
        return Problem(f"something is missing before {closing.text}", "", "", at(place, closing.line, closing.column))
    return Problem(f"the tag is not readable: {said}", "", "", at(place, line, _last(lines, line, "{")))


def _last(lines: list[str], line: int, sign: str) -> int:
    return max(1, lines[line - 1].rfind(sign) + 1) if line <= len(lines) else 1
