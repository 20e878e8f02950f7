"""Drawings (SVG): shapes and text only, complete in themselves, and not larger than they look."""

from __future__ import annotations

import re
from collections import defaultdict
from xml.parsers import expat

from agreementgen.deal.characters import shown
from agreementgen.errors import Place, Problem
from agreementgen.page.styles import Sheet

MAX_BYTES = 500_000
_MOST_ELEMENTS = 10_000
_MOST_DRAWING_DEPTH = 40
# What is drawn when every <use>, pattern and marker is put in where it is named.
_MOST_DRAWN = 50_000
_REFUSED_ATTRIBUTES = (
    "script", "foreignobject", "iframe", "image", "feimage", "a", "audio", "video", "handler", "listener", "set",
    "animate", "animatemotion", "animatetransform", "animatecolor", "mpath", "filter", "mask",
)  # fmt: skip
_NAMED = re.compile(r"url\(\s*[\"']?\s*#([^\s\"')]*)")


class _Wrong(Exception):
    pass


class _Drawing:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.ProcessingInstructionHandler = self.instruction
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.data
        self.elements = 0
        self.place = 1, 1
        self.inside: list[str] = []
        self.ids: list[str] = []
        self.styles: list[str] = []
        # For each id: how many elements are below it, and which ids are named there.
        self.sizes: dict[str, int] = defaultdict(int)
        self.names: dict[str, list[str]] = defaultdict(list)

    def here(self) -> None:
        self.place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def doctype(self, *_: object) -> None:
        self.here()
        raise _Wrong("a DOCTYPE is not allowed")

    def instruction(self, *_: object) -> None:
        self.here()
        raise _Wrong("an instruction (<?...?>) is not allowed")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.here()
        name = tag.rpartition(" ")[2].lower()
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise _Wrong(f"it has more than {_MOST_ELEMENTS:,} elements")
        if len(self.inside) >= _MOST_DRAWING_DEPTH:
            raise _Wrong(f"its elements are nested more than {_MOST_DRAWING_DEPTH} levels deep")
        if name in _REFUSED_ATTRIBUTES:
            raise _Wrong(f"<{shown(name)}> is not allowed")
        if not self.inside and name != "svg":
            raise _Wrong("it is no drawing: <svg> does not stand first")
        self.inside.append(name)
        own = attributes.get("id", "")
        self.ids.append(own)
        around = {identity for identity in self.ids if identity} | {""}
        for identity in around:
            self.sizes[identity] += 1
        for key, value in attributes.items():
            for target in self.attribute(key.rpartition(" ")[2].lower(), value):
                for identity in around - ({own} if target == own else set()):
                    self.names[identity].append(target)

    def attribute(self, name: str, value: str) -> list[str]:
        """Return the ids that an attribute names."""
        if name.startswith("on"):
            raise _Wrong(f"{shown(name)} is not allowed")
        if name == "base":
            raise _Wrong("xml:base is not allowed")
        if name in ("href", "src"):
            if not value.strip().startswith("#"):
                raise _Wrong(f'the address "{shown(value)}" leads elsewhere')
            return [value.strip()[1:]]
        if name == "style" or "url" in value.lower() or "\\" in value:
            self.sheet(value if name == "style" else f"x: {value}", declarations=True)
        return _NAMED.findall(value)

    def end(self, tag: str) -> None:
        name = self.inside.pop()
        self.ids.pop()
        if name == "style":
            self.sheet("".join(self.styles), declarations=False)
            self.styles.clear()

    def data(self, text: str) -> None:
        if self.inside and self.inside[-1] == "style":
            self.styles.append(text)

    def sheet(self, text: str, declarations: bool) -> None:
        # Names within the drawing are all that may be named.
        inner = _NAMED.sub("none(", text)
        sheet = Sheet(inner, Place("", 1, 1), "", ())
        for problem in (sheet.declarations() if declarations else sheet.whole()).problems if not sheet.problems else ():
            raise _Wrong(problem.message)
        if not declarations and _NAMED.search(text):
            raise _Wrong("its style sheet names parts of the drawing: name them in attributes")

    def drawn(self) -> int:
        """Return how many elements are drawn; raise for parts that contain themselves."""
        known: dict[str, int] = {}

        def size(identity: str, above: tuple[str, ...]) -> int:
            if identity in above:
                raise _Wrong(f'"#{shown(identity)}" is drawn inside itself')
            if len(above) > _MOST_DRAWING_DEPTH:
                raise _Wrong(f"its parts name each other more than {_MOST_DRAWING_DEPTH} times")
            if identity not in known:
                inner = (size(name, (*above, identity)) for name in self.names.get(identity, ()))
                known[identity] = min(self.sizes.get(identity, 0) + sum(inner), _MOST_DRAWN + 1)
            return known[identity]

        return size("", ())


def check_drawing(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a drawing: at most one problem, with its line where there is one."""
    if len(data) > MAX_BYTES:
        return [Problem(f"the drawing has more than {MAX_BYTES:,} bytes", "simplify it", "", Place(file))]
    drawing = _Drawing()
    try:
        drawing.parser.Parse(data, True)
        if drawing.drawn() > _MOST_DRAWN:
            raise _Wrong(f"more than {_MOST_DRAWN:,} elements are drawn")
    except _Wrong as error:
        place = Place(file, *drawing.place)
        hint = "save it as plain SVG, with all text and pictures turned into shapes"
        return [Problem(f"the drawing cannot be used: {error}", hint, "", place)]
    except (expat.ExpatError, RecursionError, ValueError) as error:
        place = Place(file, drawing.parser.CurrentLineNumber, drawing.parser.CurrentColumnNumber + 1)
        said = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "it is nested too deeply"
        return [Problem(f"the drawing is not readable: {said}", "", "", place)]
    return []
