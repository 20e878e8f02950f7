"""The HTML and the style sheets of a layout: which tags and rules there are, and where their addresses lead.

Each address names a file of the layout's own folder and is written out; nothing grows without end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, TypeAlias
from urllib.parse import unquote, urljoin

from agreementgen.core.problems import Place, Problem, quote_text, suggest_nearest

# Stands where a layout fills something in.
HOLE = "\ue000"
PICTURE_ENDINGS = (".png", ".jpg", ".svg")
FONT_ENDINGS = (".ttf", ".otf")

# -- addresses

# Relative addresses are resolved against this one, which nobody has.
_BASE = "http://layout.invalid/"


def file_at_address(address: str, beside: str = "") -> str | None:
    """Return the file that `address` names in a file `beside` it, None for an address of elsewhere."""
    try:
        whole = urljoin(_BASE + beside, address.strip())
    except ValueError:
        return None
    if not whole.startswith(_BASE) or ":" in address or address.strip().startswith(("/", "\\")):
        return None
    return unquote(whole.removeprefix(_BASE))


def explain_unusable_address(
    address: str, beside: str, files: Collection[str], endings: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return message and hint where `address`, in the file `beside`, is not one of `files` with one of `endings`."""
    quoted = _quote(address)
    if HOLE in address:
        return f'the address "{quoted}" is not written out', "an address cannot be filled in"
    name = file_at_address(address, beside)
    if name is None:
        what = "holds its data itself" if address.strip().lower().startswith("data:") else "leads elsewhere"
        return f'the address "{quoted}" {what}', "put the file into the layout's folder, and name it"
    if name not in files:
        return f'"{quoted}" is not in the layout\'s folder', suggest_nearest(name, files) or "put the file there"
    if not name.lower().endswith(endings):
        return f'"{quoted}" cannot be used here', f"its name should end with {' or '.join(endings)}"
    return None


def _quote(address: str) -> str:
    return quote_text(address.replace(HOLE, "..."))


# -- style sheets (the only home of tinycss2, the parser that WeasyPrint uses too)

# A node of tinycss2, or the list of those inside one; the library has no types.
CssNode: TypeAlias = Any

MAX_STYLE_LETTERS = 200_000
_AT_RULES = ("page", "font-face", "media", "import", "supports")
_MARGIN_BOXES = ("top", "bottom", "left", "right")
# These take little room in a file and much on a page, or ask for files in a way of their own.
_REFUSED_FUNCTIONS = (
    "repeating-linear-gradient", "repeating-radial-gradient", "repeating-conic-gradient", "image", "image-set",
    "-webkit-image-set", "cross-fade", "src", "symbols", "expression", "paint", "env",
)  # fmt: skip
# Wide tabs take Pango for ever; the others lead out of the page.
_REFUSED_PROPERTIES = ("tab-size", "-weasy-link", "link", "-weasy-anchor", "image-resolution")
_MAX_NUMBER = 20_000
_WORDS_OF_CSS = ("inherit", "initial", "unset", "revert")
# What CSS calls a kind of font rather than a font: a machine has its own for each.
_KINDS_OF_FONTS = ("serif", "sans-serif", "monospace", "cursive", "fantasy")
_FACE = re.compile(r"@font-face\s*\{[^}]*?font-family\s*:\s*[\"']?([^;\"'}]+)", re.IGNORECASE)
_MAX_BRACKETS = 20
_MAX_IMPORTS = 20


def check_style_sheets(
    texts: Mapping[str, tuple[str, str]], files: Collection[str], own: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with the sheets in `own`; `texts` has all sheets by name, each with its file and text."""
    sheets = {}
    families = families_of_sheets(text for _, text in texts.values())
    for name, (file, text) in texts.items():
        sheets[name] = StyleSheet(text, Place(file), name, files, families)
        try:
            sheets[name].check_sheet()
        except RecursionError:
            sheets[name].add_problem(None, "brackets are nested too deeply", code="layout-too-deep")
        if name in own:
            yield from sheets[name].problems
    for name in own:
        if _count_imports(sheets, name) > _MAX_IMPORTS:
            message = f"style sheets are imported more than {_MAX_IMPORTS} times, or by themselves"
            yield Problem(message, place=Place(texts[name][0], 1, 1), code="layout-uses-itself")


def families_of_sheets(texts: Iterable[str]) -> frozenset[str]:
    """Return the families of fonts that style sheets bring along, in small letters."""
    return frozenset(found[1].strip().casefold() for text in texts for found in _FACE.finditer(text))


def _count_imports(sheets: Mapping[str, StyleSheet], name: str) -> int:
    """Return how many sheets are read for one, counted up to one more than is allowed."""
    count, waiting = 0, [name]
    while waiting and count <= _MAX_IMPORTS + 1:
        count += 1
        waiting += sheets[waiting.pop()].imports
    return count - 1


class StyleSheet:
    """One style sheet, or a part of one in a page. `imports` are the sheets it imports, by name, each time it does.

    `beside` is its name in the layout's folder, which its addresses start from; `files` are those that it may name, and
    `families` the fonts (None: not looked at).
    """

    def __init__(
        self, text: str, start: Place, beside: str, files: Collection[str], families: Collection[str] | None = None
    ) -> None:
        self.text = text
        self.start = start
        self.beside = beside
        self.files = files
        self.families = families
        self.imports: list[str] = []
        self.problems: list[Problem] = []

    def check_sheet(self) -> StyleSheet:
        """Check a whole style sheet."""
        import tinycss2

        if self._is_short():
            for rule in tinycss2.parse_stylesheet(self.text, skip_comments=True, skip_whitespace=True):
                self._check_rule(rule)
        return self

    def check_declarations(self) -> StyleSheet:
        """Check what stands in a style attribute."""
        import tinycss2

        if self._is_short():
            self._check_block(tinycss2.parse_component_value_list(self.text))
        return self

    def add_problem(self, node: CssNode, message: str, hint: str = "", *, code: str = "layout-not-allowed") -> None:
        """Note a problem at a node of tinycss2, None for the beginning of the sheet."""
        line, column = (node.source_line, node.source_column) if node is not None else (1, 1)
        place = Place(self.start.file, line, column)
        if self.start.line:
            column += self.start.column - 1 if line == 1 else 0
            place = Place(self.start.file, self.start.line + line - 1, column)
        self.problems.append(Problem(message, hint, place=place, code=code))

    def _is_short(self) -> bool:
        if len(self.text) <= MAX_STYLE_LETTERS:
            return True
        message = f"the style sheet has more than {MAX_STYLE_LETTERS:,} letters"
        self.add_problem(None, message, code="layout-too-large")
        return False

    def _refuse_unreadable(self, error: CssNode) -> None:
        self.add_problem(error, f"the style sheet is not readable: {error.message}", code="layout-unreadable")

    def _check_rule(self, rule: CssNode) -> None:
        if rule.type == "error":
            self._refuse_unreadable(rule)
        elif rule.type == "qualified-rule":
            self._check_tokens(rule.prelude)
            self._check_block(rule.content)
        elif rule.type == "at-rule":
            self._check_at_rule(rule)

    def _check_at_rule(self, rule: CssNode) -> None:
        word = rule.lower_at_keyword
        if word not in _AT_RULES and not word.startswith(_MARGIN_BOXES):
            self.add_problem(rule, f'"@{quote_text(word)}" is not known in layouts')
            return
        if word == "import":
            self._check_import(rule)
            return
        self._check_tokens(rule.prelude)
        if rule.content is not None and word in ("media", "supports"):
            import tinycss2

            for inner in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
                self._check_rule(inner)
        elif rule.content is not None:
            self._check_block(rule.content, FONT_ENDINGS if word == "font-face" else PICTURE_ENDINGS)

    def _check_fonts(self, name: str, value: CssNode) -> None:
        """Check that the fonts of a declaration come with the layout; what each machine has stands behind one only."""
        tokens = [token for token in value if token.type not in ("whitespace", "comment")]
        if name == "font":
            # The family stands behind the size and, with a stroke, the height of a line.
            sizes = [at for at, token in enumerate(tokens) if token.type in ("dimension", "percentage")]
            tokens = tokens[sizes[-1] + 1 :] if sizes else []
        names: list[tuple[CssNode, str]] = []
        begins = True
        for token in tokens:
            if token.type == "literal" and token.value == ",":
                begins = True
            elif token.type not in ("ident", "string"):
                return  # a name of their own, var(), is checked where it is set
            elif begins:
                names.append((token, token.value))
                begins = False
            else:
                names[-1] = (names[-1][0], f"{names[-1][1]} {token.value}")
        if self.families is None or (len(names) == 1 and names[0][1].casefold() in _WORDS_OF_CSS):
            return
        for number, (token, family) in enumerate(names):
            if family.casefold() not in self.families and not (number and family.casefold() in _KINDS_OF_FONTS):
                message = f'the font "{quote_text(family)}" does not come with the layout'
                hint = (
                    'put its files into the layout\'s folder and name them with @font-face; "Agreement Sans" is there'
                )
                self.add_problem(token, message, hint, code="layout-font")

    def _check_import(self, rule: CssNode) -> None:
        first = next((token for token in rule.prelude if token.type not in ("whitespace", "comment")), None)
        address = None
        if first is not None:
            address = first.value if first.type == "string" else _address_in(first)
        if address is None:
            self.add_problem(rule, "@import names a style sheet in quotes")
            return
        self._check_address(first, address, (".css",))
        name = file_at_address(address, self.beside)
        if name in self.files:
            self.imports.append(str(name))

    def _check_block(self, content: CssNode, endings: tuple[str, ...] = PICTURE_ENDINGS) -> None:
        import tinycss2

        for part in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            if part.type == "error":
                self._refuse_unreadable(part)
            elif part.type != "declaration":
                self._check_rule(part)
            elif part.name.startswith("--") and _count_uses(part.value, "var") > 1:
                hint = "names that use two others double at each step"
                self.add_problem(part, f'"{quote_text(part.name)}" uses more than one other name', hint)
            elif part.lower_name in _REFUSED_PROPERTIES:
                self.add_problem(part, f'"{part.lower_name}" is not allowed in layouts')
            else:
                self._check_tokens(part.value, endings)
                if part.lower_name in ("font", "font-family") and endings != FONT_ENDINGS:
                    self._check_fonts(part.lower_name, part.value)

    def _check_tokens(self, tokens: CssNode, endings: tuple[str, ...] = PICTURE_ENDINGS, depth: int = 0) -> None:
        """Check the tokens of a value, whose addresses lead to files with one of `endings`."""
        if depth > _MAX_BRACKETS:
            message = f"brackets are nested more than {_MAX_BRACKETS} levels deep"
            self.add_problem(tokens[0] if tokens else None, message, code="layout-too-deep")
            return
        for token in tokens or ():
            address = _address_in(token)
            if address is not None:
                self._check_address(token, address, endings)
            elif token.type == "error":
                self._refuse_unreadable(token)
            elif token.type == "function" and token.lower_name in _REFUSED_FUNCTIONS:
                self.add_problem(token, f"{token.lower_name}() is not allowed in layouts")
            elif token.type == "function" and token.lower_name == "local":
                hint = "a font of the machine is another one on the next: put the file into the layout's folder"
                self.add_problem(token, "local() is not allowed in layouts", hint)
            elif token.type == "function":
                self._check_tokens(token.arguments, endings, depth + 1)
            elif token.type == "ident" and token.lower_value == "footnote":
                hint = "their place is looked for again and again"
                self.add_problem(token, "footnotes are not allowed in layouts", hint)
            elif token.type in ("number", "dimension", "percentage") and abs(token.value) > _MAX_NUMBER:
                self.add_problem(token, f"a number is larger than {_MAX_NUMBER:,}", code="out-of-limits")
            elif token.type in ("() block", "[] block", "{} block"):
                self._check_tokens(token.content, endings, depth + 1)

    def _check_address(self, token: CssNode, address: str, endings: tuple[str, ...]) -> None:
        reason = explain_unusable_address(address, self.beside, self.files, endings)
        if reason:
            self.add_problem(token, *reason, code="layout-address")


def _address_in(token: CssNode) -> str | None:
    """Return the address of `url(x)` or `url("x")`."""
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        first = next((part for part in token.arguments if part.type == "string"), None)
        return str(first.value) if first is not None else ""
    return None


def _count_uses(tokens: CssNode, name: str) -> int:
    """Return how often a function is used, at whatever depth."""
    count, waiting = 0, list(tokens or ())
    while waiting:
        token = waiting.pop()
        inner = token.arguments if token.type == "function" else getattr(token, "content", None)
        count += token.type == "function" and token.lower_name == name
        waiting += inner if isinstance(inner, list) else []
    return count


# -- HTML

_REFUSED_TAGS = {
    "script": "a layout runs nothing",
    "object": "use <img>",
    "embed": "use <img>",
    "iframe": "a page holds no other page",
    "frame": "a page holds no other page",
    "applet": "a layout runs nothing",
    "base": "addresses are meant from the layout's folder",
    "svg": "save the drawing as an .svg file beside the layout, and use <img>",
    "math": "formulas are not printed",
    "video": "a page does not move",
    "audio": "a page makes no sound",
    "source": "name one picture",
    "picture": "name one picture",
    "form": "a page has nothing to fill in",
    "input": "a page has nothing to fill in",
}
_VOID_TAGS = ("area", "br", "col", "hr", "img", "link", "meta", "wbr")
# Attributes that hold addresses of files; none but src of <img> and href of <link> is needed.
_ADDRESS_ATTRIBUTES = (
    "src", "href", "data", "srcset", "poster", "background", "action", "formaction", "longdesc", "xlink:href",
)  # fmt: skip
_NUMBER_ATTRIBUTES = ("colspan", "rowspan", "span", "start", "value", "size", "cols", "rows", "width", "height")
_LINK = re.compile(r"(?:https?://|mailto:|#)[^\s\"<>]*$", re.IGNORECASE)
_MAX_ATTRIBUTE_NUMBER = 1_000
_MAX_MARKUP_DEPTH = 60


def check_markup(text: str, file: str, files: Collection[str]) -> list[Problem]:
    """Return what is wrong with an HTML file; `text` has spaces where Jinja's tags stand, HOLE where they print."""
    reader = _MarkupReader(file, files)
    for hole in re.finditer(rf"</?\s*{HOLE}", text):
        line = text.count("\n", 0, hole.start()) + 1
        place = Place(file, line, hole.start() - text.rfind("\n", 0, hole.start()))
        problem = Problem("the name of a tag cannot be filled in", place=place, code="layout-not-allowed")
        reader.problems.append(problem)
    reader.feed(text)
    reader.close()
    return reader.problems


class _MarkupReader(HTMLParser):
    """Goes through the tags of one HTML file; `style_place` is where the text of a <style> begins, inside of one."""

    def __init__(self, file: str, files: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.files = files
        self.problems: list[Problem] = []
        self.open_tags: list[str] = []
        self.style_place: Place | None = None

    def add_problem(self, message: str, hint: str = "", *, code: str = "layout-not-allowed") -> None:
        line, column = self.getpos()
        self.problems.append(Problem(message, hint, place=Place(self.file, line, column + 1), code=code))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _REFUSED_TAGS:
            self.add_problem(f"<{tag}> is not allowed in layouts", _REFUSED_TAGS[tag])
            return
        attributes = {name: value or "" for name, value in attrs}
        for name, value in attributes.items():
            self.check_attribute(tag, name, value, attributes)
        if tag == "img" and not attributes.get("alt", "").strip():
            hint = 'readers who see no pictures need it: alt="Our logo"'
            self.add_problem("<img> has no alt", hint, code="missing")
        if tag == "style":
            line, column = self.getpos()
            length = len(self.get_starttag_text() or "")
            self.style_place = Place(self.file, line, column + 1 + length)
        if tag not in _VOID_TAGS:
            self.open_tags.append(tag)
            if len(self.open_tags) == _MAX_MARKUP_DEPTH + 1:
                message = f"tags are nested more than {_MAX_MARKUP_DEPTH} levels deep"
                self.add_problem(message, code="layout-too-deep")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.style_place = None
        if tag in self.open_tags:
            del self.open_tags[len(self.open_tags) - 1 - self.open_tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self.style_place is not None:
            self.problems += StyleSheet(data, self.style_place, "", self.files).check_sheet().problems

    def check_attribute(self, tag: str, name: str, value: str, attributes: Mapping[str, str]) -> None:
        number = value.strip()
        if name == "style":
            # Where a value stands within its tag is not told: the tag's own place is.
            for problem in StyleSheet(value, Place(self.file), "", self.files).check_declarations().problems:
                self.add_problem(problem.message, problem.hint, code=problem.code)
        elif name == "http-equiv":
            self.add_problem("http-equiv is not allowed in layouts", "a page goes nowhere by itself")
        elif name == "rel" and tag != "link" and "attachment" in value.lower():
            self.add_problem("a layout attaches no files")
        elif name.startswith("on"):
            self.add_problem(f"{name} is not allowed in layouts", "a layout runs nothing")
        elif name in _NUMBER_ATTRIBUTES and number.isdecimal() and int(number[:9]) > _MAX_ATTRIBUTE_NUMBER:
            self.add_problem(f"{name} is larger than {_MAX_ATTRIBUTE_NUMBER:,}", code="out-of-limits")
        elif name in _ADDRESS_ATTRIBUTES:
            self.check_address(tag, name, value, attributes)

    def check_address(self, tag: str, name: str, value: str, attributes: Mapping[str, str]) -> None:
        match tag, name:
            case "a", "href":
                if not _LINK.match(value.strip()) or HOLE in value:
                    hint = "write a link out: https://, mailto: or #"
                    self.add_problem(f'a link leads to "{_quote(value)}"', hint, code="layout-address")
            case "link", "href" if attributes.get("rel", "").strip().lower() != "stylesheet":
                self.add_problem("<link> is for style sheets only in layouts")
            case ("link", "href") | ("img", "src"):
                endings = (".css",) if tag == "link" else PICTURE_ENDINGS
                if reason := explain_unusable_address(value, "", self.files, endings):
                    self.add_problem(*reason, code="layout-address")
            case _:
                hint = "use <img> for a picture, <link> for a style sheet"
                self.add_problem(f"{name} is not allowed in <{tag}>", hint)
