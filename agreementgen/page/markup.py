"""The HTML of a layout: which tags there are, and where their addresses lead."""

from __future__ import annotations

import re
from collections.abc import Collection
from html.parser import HTMLParser

from agreementgen.deal.characters import shown
from agreementgen.errors import Place, Problem
from agreementgen.page.addresses import HOLE, why_not
from agreementgen.page.styles import IMAGES, Sheet

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
# Attributes that hold addresses of files; none but src of <img> and href of <link> is needed.
_ADDRESSES = ("src", "href", "data", "srcset", "poster", "background", "action", "formaction", "longdesc", "xlink:href")
_COUNTS = ("colspan", "rowspan", "span", "start", "value", "size", "cols", "rows", "width", "height")
_LINKS = re.compile(r"(?:https?://|mailto:|#)[^\s\"<>]*$", re.IGNORECASE)
_MOST_COUNT = 1_000
_MOST_MARKUP_DEPTH = 60


class Page(HTMLParser):
    """One HTML file; `text` has spaces where Jinja's tags stand, and HOLE where something is filled in."""

    def __init__(self, text: str, file: str, files: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.files = files
        self.problems: list[Problem] = []
        self.opened: list[str] = []
        self.style: Place | None = None
        for hole in re.finditer(rf"</?\s*{HOLE}", text):
            line = text.count("\n", 0, hole.start()) + 1
            place = Place(file, line, hole.start() - text.rfind("\n", 0, hole.start()))
            self.problems.append(Problem("the name of a tag cannot be filled in", "", "", place))
        self.feed(text)
        self.close()

    def problem(self, message: str, hint: str = "") -> None:
        line, column = self.getpos()
        self.problems.append(Problem(message, hint, "", Place(self.file, line, column + 1)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _REFUSED_TAGS:
            self.problem(f"<{tag}> is not allowed in layouts", _REFUSED_TAGS[tag])
            return
        said = {name: value or "" for name, value in attrs}
        for name, value in said.items():
            self.attribute(tag, name, value, said)
        if tag == "img" and not said.get("alt", "").strip():
            self.problem("<img> has no alt", 'readers who see no pictures need it: alt="Our logo"')
        if tag == "style":
            line, column = self.getpos()
            start = len(self.get_starttag_text() or "")
            self.style = Place(self.file, line, column + 1 + start)
        if tag not in _VOID:
            self.opened.append(tag)
            if len(self.opened) == _MOST_MARKUP_DEPTH + 1:
                self.problem(f"tags are nested more than {_MOST_MARKUP_DEPTH} levels deep")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.style = None
        if tag in self.opened:
            del self.opened[len(self.opened) - 1 - self.opened[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self.style is not None:
            self.problems += Sheet(data, self.style, "", self.files).whole().problems

    def attribute(self, tag: str, name: str, value: str, said: dict[str, str]) -> None:
        if name == "style":
            # Where a value stands within its tag is not told: the tag's own place is.
            for problem in Sheet(value, Place(self.file), "", self.files).declarations().problems:
                self.problem(problem.message, problem.hint)
        elif name == "http-equiv":
            self.problem("http-equiv is not allowed in layouts", "a page goes nowhere by itself")
        elif name == "rel" and tag != "link" and "attachment" in value.lower():
            self.problem("a layout attaches no files")
        elif name.startswith("on"):
            self.problem(f"{name} is not allowed in layouts", "a layout runs nothing")
        elif name in _COUNTS and value.strip().isdecimal() and int(value.strip()[:9]) > _MOST_COUNT:
            self.problem(f"{name} is larger than {_MOST_COUNT:,}")
        elif name in _ADDRESSES:
            self.address(tag, name, value, said)

    def address(self, tag: str, name: str, value: str, said: dict[str, str]) -> None:
        if tag == "a" and name == "href":
            if not _LINKS.match(value.strip()) or HOLE in value:
                hint = "write a link out: https://, mailto: or #"
                self.problem(f'a link leads to "{shown(value.replace(HOLE, "..."))}"', hint)
        elif tag == "link" and name == "href":
            if said.get("rel", "").strip().lower() != "stylesheet":
                self.problem("<link> is for style sheets only in layouts")
            elif reason := why_not(value, "", self.files, (".css",)):
                self.problem(*reason)
        elif tag == "img" and name == "src":
            if reason := why_not(value, "", self.files, IMAGES):
                self.problem(*reason)
        else:
            self.problem(f"{name} is not allowed in <{tag}>", "use <img> for a picture, <link> for a style sheet")


_VOID = ("area", "br", "col", "hr", "img", "link", "meta", "wbr")
