"""The check of a pack's page: every layout, style sheet, drawing, picture and font of its folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from agreementgen.errors import InputError, Place, Problem
from agreementgen.language import layouts
from agreementgen.language.layouts import blanked
from agreementgen.library.snapshot import SourceFile
from agreementgen.page import drawings, pictures, styles
from agreementgen.page.markup import Page


def check_page(own: Mapping[str, SourceFile], layout: Mapping[str, SourceFile]) -> Iterator[Problem]:
    """Yield what is wrong with the files `own` of a pack's layout; `layout` are all files they may name."""
    texts: dict[str, tuple[str, str]] = {}
    mine = []
    for name, source in layout.items():
        if name.endswith((".html", ".css")):
            try:
                texts[name] = (source.name, source.text)
            except InputError as error:
                yield from (replace(p, hint=p.hint if "UTF-8" in p.message else "") for p in error.problems)
                continue
            if name in own:
                mine.append(name)
    pages = {name: text for name, text in texts.items() if name.endswith(".html")}
    found = list(layouts.check(pages, [name for name in mine if name in pages]))
    yield from found
    broken = {problem.place.file for problem in found}
    sheets = {name: text for name, text in texts.items() if name.endswith(".css")}
    yield from styles.check_styles(sheets, list(layout), [name for name in mine if name in sheets])
    for name in mine:
        if name in pages and pages[name][0] not in broken:
            yield from Page(blanked(pages[name][1]), pages[name][0], list(layout)).problems
    yield from _pictured(own)


def _pictured(own: Mapping[str, SourceFile]) -> Iterator[Problem]:
    pixels = 0
    for source in own.values():
        ending = source.name[-4:].lower()
        if ending == ".svg":
            yield from drawings.check_drawing(source.data, source.name)
        elif ending in (".png", ".jpg"):
            found, size = pictures.picture(source.data, source.name)
            yield from found
            pixels += size
            if pixels > pictures.MOST_PIXELS:
                message = f"the pictures have more than {pictures.MOST_PIXELS:,} pixels together"
                yield Problem(message, "save them smaller", "", Place(source.name))
                return
        elif ending in (".ttf", ".otf"):
            yield from pictures.font(source.data, source.name)
