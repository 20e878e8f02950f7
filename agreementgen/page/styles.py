"""Style sheets: what they ask for is in the layout's folder, and nothing in them grows without end.

The only home of tinycss2, the parser that WeasyPrint uses too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from agreementgen.deal.characters import shown
from agreementgen.errors import Place, Problem
from agreementgen.page.addresses import named, why_not

MAX_LETTERS = 200_000
IMAGES = (".png", ".jpg", ".svg")
FONTS = (".ttf", ".otf")
_AT_RULES = ("page", "font-face", "media", "import", "supports")
_MARGINS = ("top", "bottom", "left", "right")
# These take little room in a file and much on a page, or ask for files in a way of their own.
_REFUSED_PROPERTIES = (
    "repeating-linear-gradient", "repeating-radial-gradient", "repeating-conic-gradient", "image", "image-set",
    "-webkit-image-set", "cross-fade", "src", "symbols", "expression", "paint", "env",
)  # fmt: skip
# Wide tabs take Pango for ever; the others lead out of the page.
_PROPERTIES = ("tab-size", "-weasy-link", "link", "-weasy-anchor", "image-resolution")
_MOST_NUMBER = 20_000
_MOST_NESTED = 20


class Sheet:
    """One style sheet, or a part of one in a page. `imports` are the sheets it imports, by name, each time it does."""

    def __init__(self, text: str, start: Place, beside: str, files: Collection[str]) -> None:
        self.start = start
        self.beside = beside
        self.files = files
        self.imports: list[str] = []
        self.problems: list[Problem] = []
        if len(text) > MAX_LETTERS:
            self.problem(None, f"the style sheet has more than {MAX_LETTERS:,} letters")
            return
        self.text = text

    def whole(self) -> Sheet:
        """Check a whole style sheet."""
        import tinycss2

        for rule in tinycss2.parse_stylesheet(self.text, skip_comments=True, skip_whitespace=True):
            self.rule(rule)
        return self

    def declarations(self) -> Sheet:
        """Check what stands in a style attribute."""
        import tinycss2

        self.block(tinycss2.parse_component_value_list(self.text))
        return self

    def problem(self, node: Any, message: str, hint: str = "") -> None:
        line, column = (node.source_line, node.source_column) if node is not None else (1, 1)
        place = Place(self.start.file, line, column)
        if self.start.line:
            column += self.start.column - 1 if line == 1 else 0
            place = Place(self.start.file, self.start.line + line - 1, column)
        self.problems.append(Problem(message, hint, "", place))

    def rule(self, rule: Any) -> None:
        if rule.type == "error":
            self.problem(rule, f"the style sheet is not readable: {rule.message}")
        elif rule.type == "qualified-rule":
            self.tokens(rule.prelude, 0)
            self.block(rule.content)
        elif rule.type == "at-rule":
            self.at_rule(rule)

    def at_rule(self, rule: Any) -> None:
        word = rule.lower_at_keyword
        if word not in _AT_RULES and not word.startswith(_MARGINS):
            self.problem(rule, f'"@{shown(word)}" is not known in layouts')
            return
        if word == "import":
            self.imported(rule)
            return
        self.tokens(rule.prelude, 0)
        if rule.content is not None and word in ("media", "supports"):
            import tinycss2

            for inner in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
                self.rule(inner)
        elif rule.content is not None:
            self.block(rule.content, font=word == "font-face")

    def imported(self, rule: Any) -> None:
        first = next((token for token in rule.prelude if token.type not in ("whitespace", "comment")), None)
        address = _address(first) if first is not None else None
        if first is not None and first.type == "string":
            address = first.value
        if address is None:
            self.problem(rule, "@import names a style sheet in quotes")
            return
        self.asked(first, address, (".css",))
        name = named(address, self.beside)
        if name in self.files:
            self.imports.append(str(name))

    def block(self, content: Any, font: bool = False) -> None:
        import tinycss2

        for part in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            if part.type == "declaration":
                if part.name.startswith("--") and _count(part.value, "var") > 1:
                    hint = "names that use two others double at each step"
                    self.problem(part, f'"{shown(part.name)}" uses more than one other name', hint)
                    continue
                if part.lower_name in _PROPERTIES:
                    self.problem(part, f'"{part.lower_name}" is not allowed in layouts')
                    continue
                self.tokens(part.value, 0, FONTS if font else IMAGES)
            elif part.type == "error":
                self.problem(part, f"the style sheet is not readable: {part.message}")
            else:
                self.rule(part)

    def tokens(self, tokens: Any, depth: int, endings: tuple[str, ...] = IMAGES) -> None:
        if depth > _MOST_NESTED:
            self.problem(tokens[0] if tokens else None, f"brackets are nested more than {_MOST_NESTED} levels deep")
            return
        for token in tokens or ():
            address = _address(token)
            if address is not None:
                self.asked(token, address, endings)
            elif token.type == "error":
                self.problem(token, f"the style sheet is not readable: {token.message}")
            elif token.type == "function":
                if token.lower_name in _REFUSED_PROPERTIES:
                    self.problem(token, f"{token.lower_name}() is not allowed in layouts")
                elif token.lower_name == "local":
                    hint = "a font of the machine is another one on the next: put the file into the layout's folder"
                    self.problem(token, "local() is not allowed in layouts", hint)
                else:
                    self.tokens(token.arguments, depth + 1, endings)
            elif token.type == "ident" and token.lower_value == "footnote":
                self.problem(token, "footnotes are not allowed in layouts", "their place is looked for again and again")
            elif token.type in ("number", "dimension", "percentage") and abs(token.value) > _MOST_NUMBER:
                self.problem(token, f"a number is larger than {_MOST_NUMBER:,}")
            elif token.type in ("() block", "[] block", "{} block"):
                self.tokens(token.content, depth + 1, endings)

    def asked(self, token: Any, address: str, endings: tuple[str, ...]) -> None:
        reason = why_not(address, self.beside, self.files, endings)
        if reason:
            self.problem(token, *reason)


def _address(token: Any) -> str | None:
    """Return the address of `url(x)` or `url("x")`."""
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        first = next((part for part in token.arguments if part.type == "string"), None)
        return str(first.value) if first is not None else ""
    return None


def _count(tokens: Any, name: str) -> int:
    """Return how often a function is used, at whatever depth (up to the most that is allowed)."""
    found, waiting = 0, list(tokens or ())
    while waiting:
        token = waiting.pop()
        inner = token.arguments if token.type == "function" else getattr(token, "content", None)
        found += token.type == "function" and token.lower_name == name
        waiting += inner if isinstance(inner, list) else []
    return found


def check_styles(texts: dict[str, tuple[str, str]], files: Collection[str], mine: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the sheets in `mine`; `texts` has all sheets by name, each with its file and text."""
    sheets = {}
    for name, (file, text) in texts.items():
        try:
            sheets[name] = Sheet(text, Place(file), name, files)
            if not sheets[name].problems:
                sheets[name].whole()
        except RecursionError:
            sheets[name].problem(None, "brackets are nested too deeply")
        if name in mine:
            yield from sheets[name].problems
    for name in mine:
        if _imports(sheets, name) > _MOST_IMPORTS:
            message = f"style sheets are imported more than {_MOST_IMPORTS} times, or by themselves"
            yield Problem(message, "", "", Place(texts[name][0], 1, 1))


_MOST_IMPORTS = 20


def _imports(sheets: dict[str, Sheet], name: str) -> int:
    """Return how many sheets are read for one, counted up to one more than is allowed."""
    count, waiting = 0, [name]
    while waiting and count <= _MOST_IMPORTS + 1:
        count += 1
        waiting += sheets[waiting.pop()].imports
    return count - 1
