"""The PDF, by WeasyPrint: a Document as HTML, the layout of its pages, and the finished file (tagged, PDF/UA-1).

What goes wrong with a page is the mistake of a pack, if any of the layout is its own; how much work a page may be is
limited. The fit knows of a layout no more than `LaidOutPages`, so another one may take the place of WeasyPrint's.

The only home of weasyprint, imported on first use: it takes half a second, and needs Pango on the machine.
"""

from __future__ import annotations

import atexit
import ctypes.util
import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote

from agreementgen.core.document import (
    Chart,
    ChartDocument,
    Document,
    Table,
    name_parties,
    text_of_document,
)
from agreementgen.core.escaping import silence_library
from agreementgen.core.problems import AgreementError, LayoutError, PackError, Place, Problem
from agreementgen.core.words import ENGLISH, PrintedWords
from agreementgen.language.environment import BudgetExceeded, limit_steps, spend_steps
from agreementgen.language.layouts import fill_layout
from agreementgen.library.files import SourceFile
from agreementgen.library.loading import built_in_parts
from agreementgen.render.carrying import carry_in_pdf
from agreementgen.render.flow_page import FlowDocument
from agreementgen.render.house_style import house_style_sheet
from agreementgen.render.lettering import letters_of_layout
from agreementgen.render.measures import PAPER_SIZES, Sizes, has_our_page
from agreementgen.render.page_boxes import (
    POINTS_PER_PIXEL,
    Box,
    count_agreement_pages,
    each_signing_place,
    free_height_of,
    has_even_columns,
    is_anything_shown,
    list_page_starts,
    read_drawn_text,
)
from agreementgen.render.page_text import column_height, text_at
from agreementgen.render.signing import SigningPlace

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from weasyprint import CSS, HTML
    from weasyprint import Document as Rendering
    from weasyprint.formatting_structure import boxes
    from weasyprint.urls import URLFetcher, URLFetcherResponse

# Boxes are laid out, and copied each time, about 3 times for each "<" of a page; nested flex boxes and columns do it
# twice as often with each level, without end.
_BASE_BOXES, _BOXES_PER_TAG = 3_000, 10
_WIDE_SPAN = re.compile(r"span\s*=\s*[\"']?\s*\d{4}", re.IGNORECASE)
# Text between tags; what people typed stands there, and has no brackets of its own.
_BETWEEN_TAGS = re.compile(r">[^<>]*<")
_FLOW_FILES = ("flow.html", "flow.css")
_OUR_FOLDERS = ("templates/", "agreementgen/render/")


def place_to_blame(layout: Mapping[str, SourceFile]) -> Place:
    """Return the file to name for what is wrong with a page: a pack's, where a pack has any of its own."""
    pages = [source.name for name, source in layout.items() if name.endswith((".html", ".css"))]
    usual = layout["agreement.html"].name if "agreement.html" in layout else pages[0]
    return Place(next((name for name in pages if not name.startswith(_OUR_FOLDERS)), usual))


@contextmanager
def blame_layout(place: Place) -> Iterator[None]:
    """Raise PackError at `place` for whatever a pack's layout makes the library of pages stumble over.

    With a layout of ours it is a mistake of ours, and shows its traceback.
    """
    try:
        yield
    except AgreementError:
        raise
    except Exception as error:
        if place.file.startswith(_OUR_FOLDERS):
            raise
        said = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        hint = "take back what was changed last in its HTML or CSS"
        raise PackError(
            Problem(f"the layout cannot be laid out: {said}", hint, "", place, code="layout-fails")
        ) from error


@contextmanager
def limit_boxes(html: str, place: Place) -> Iterator[None]:
    """Raise PackError at `place` where laying `html` out takes far more work than its length tells."""
    if _has_wide_span(html):
        message = "a cell or column of the layout spans more than 999 others"
        raise PackError(Problem(message, "", "", place, code="layout-too-large"))
    try:
        with limit_steps(_BASE_BOXES + _BOXES_PER_TAG * html.count("<")), blame_layout(place):
            yield
    except BudgetExceeded as error:
        raise _too_many_boxes(error, place) from None
    except PackError as error:
        if isinstance(error.__cause__, BudgetExceeded):
            raise _too_many_boxes(error.__cause__, place) from None
        if isinstance(error.__cause__, RecursionError):
            message = "the tags of the layout are nested too deeply"
            raise PackError(Problem(message, "", "", place, code="layout-too-deep")) from None
        raise


class _SpanReader(HTMLParser):
    """Looks whether a tag has an attribute of a cell or column that spans more than 999 others."""

    found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = self.found or any(_WIDE_SPAN.search(f"{name}={value}") for name, value in attrs if value)


def _has_wide_span(html: str) -> bool:
    """Return whether a cell spans too many; a length in the text ("a span = 1200 m") is none.

    Two ways to read tags, because nobody knows how a page of tricks with quotes is read.
    """
    if not _WIDE_SPAN.search(html):
        return False
    if _WIDE_SPAN.search(_BETWEEN_TAGS.sub("><", html)):
        return True
    reader = _SpanReader()
    reader.feed(html)
    return reader.found


def _too_many_boxes(error: BudgetExceeded, place: Place) -> PackError:
    message = f"the layout takes too long: its boxes were laid out more than {error.limit:,} times"
    hint = "do not nest flex boxes, grids and columns, and leave the size of the paper alone"
    return PackError(Problem(message, hint, "", place, code="layout-too-slow"))


def document_html(document: Document, layout: Mapping[str, SourceFile]) -> str:
    """Return the whole page; sizes and paper come with `document_style_sheet`."""
    names = name_parties(document)
    return fill_layout(html_files(layout), "agreement.html", document=document, names=names)


def chart_html(document: ChartDocument, layout: Mapping[str, SourceFile]) -> str:
    """Return the page of a chart that stands alone."""
    return fill_layout(html_files(layout), "raci.html", document=document)


def html_files(layout: Mapping[str, SourceFile]) -> dict[str, tuple[str, str]]:
    """Return the HTML files of a layout by name, each with the name it is told by and its text."""
    return {name: (source.name, source.text) for name, source in layout.items() if name.endswith(".html")}


def chart_style_sheet(document: ChartDocument) -> str:
    """Return the style sheet with the paper of a chart that stands alone."""
    landscape = document.chart.arrangement is not None and document.chart.arrangement.landscape
    return (
        page_rule("@page", document.paper, landscape)
        + ":root { --body: 9pt; --line: 10.35pt }"
        + page_words_rule(document.words)
    )


def page_words_rule(words: PrintedWords) -> str:
    """Return the rule that prints the number of a page in another language; "" in English, which style sheets have."""
    if words.page == ENGLISH.page:
        return ""
    before, between, after = (text.replace('"', "").replace("\\", "") for text in words.page_pieces())
    return f' .pages::after {{ content: "{before}" counter(page) "{between}" counter(pages) "{after}" }}'


def page_rule(name: str, paper: str, landscape: bool = False) -> str:
    """Return the rule that gives pages their paper."""
    width, height = PAPER_SIZES[paper]
    if landscape:
        width, height = height, width
    return f"{name} {{ size: {width}pt {height}pt }}\n"


def document_style_sheet(document: Document, sizes: Sizes, columns: float = 0.0) -> str:
    """Return the style sheet with what the fit has chosen; it stands behind the layout's own.

    `columns` is the height of the two columns of clauses in points, where it is known; balancing them takes several
    layouts.
    """
    charts = [schedule.chart for schedule in document.schedules if schedule.chart]
    pages = page_rule("@page", document.paper, False) + page_words_rule(document.words)
    for chart in charts:
        pages += page_rule("@page chart", document.paper, bool(chart.arrangement and chart.arrangement.landscape))
    chosen = (
        f"--body: {sizes.body}pt; --line: {sizes.line_height}pt; --label: {sizes.label_share:.1%}; "
        f"--gap: {sizes.clause_gap}pt; --signing: {sizes.signing_room}pt; "
    )
    if columns:
        # A paragraph at the foot of a column needs room for the space below it; the signatures take it back. (A margin
        # of the columns would do the same, and have WeasyPrint lay them out twice.)
        below = sizes.clause_gap + 0.01
        above = sizes.signatures_gap - (0 if document.apart else below)
        chosen += f"--columns: {columns + below:.4f}pt; --columns-fill: auto; --signatures: {above:.4f}pt"
    else:
        chosen += f"--columns: auto; --columns-fill: balance; --signatures: {sizes.signatures_gap}pt"
    return f"{pages}:root {{ {chosen} }}"


# Relative addresses in a layout are resolved against this one; nothing is ever asked of a network.
_BASE_URL = "http://layout.invalid/"


class PangoMissing(Exception):
    """WeasyPrint's libraries (Pango and what it needs) are not on this machine."""


@cache
def _load_weasyprint() -> ModuleType:
    if sys.platform == "darwin":
        # Where Homebrew puts Pango; ctypes looks there only when told.
        os.environ.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    try:
        with silence_library(), _skip_library_search():
            weasyprint = import_module("weasyprint")
    except OSError as error:
        raise PangoMissing(str(error).split("\n")[0]) from None
    # Their own handler would print what we collect and judge below.
    for handler in tuple(weasyprint.LOGGER.handlers):
        weasyprint.LOGGER.removeHandler(handler)
    weasyprint.LOGGER.propagate = False
    # The font subsetter remarks on dates inside font files; that is nobody's concern here.
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    _count_box_copies()
    return weasyprint


def _count_box_copies() -> None:
    """Count the boxes that WeasyPrint copies: it has no limit of its own, and each layout of a box copies it."""
    from weasyprint.formatting_structure.boxes import Box

    copy = Box.copy

    def counted(self: boxes.Box) -> boxes.Box:
        spend_steps(1)
        return copy(self)

    Box.copy = counted


# WeasyPrint's libraries as Linux names them.
_LINUX_LIBRARIES = (
    "libgobject-2.0.so.0", "libpango-1.0.so.0", "libharfbuzz.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1",
    "libpangoft2-1.0.so.0",
)  # fmt: skip


def system_library_versions() -> dict[str, str]:
    """Return the versions of Pango and HarfBuzz, which break the lines of PDFs, without importing WeasyPrint.

    Empty on other systems than Linux, where they are found under names that the loader does not know.
    """
    functions = {
        "HarfBuzz": ("libharfbuzz.so.0", "hb_version_string"),
        "Pango": ("libpango-1.0.so.0", "pango_version_string"),
    }
    found = {}
    for name, (file, function) in functions.items() if sys.platform == "linux" else ():
        with suppress(OSError):
            version = getattr(ctypes.CDLL(file), function)
            version.restype = ctypes.c_char_p
            found[name] = version().decode()
    return found


@contextmanager
def _skip_library_search() -> Iterator[None]:
    """Spare WeasyPrint the search for its libraries under the names of other systems, where the loader knows them all.

    Python's search starts ldconfig, a compiler and a linker for each name, dozens of processes in all.
    """
    search = ctypes.util.find_library
    if sys.platform == "linux" and all(_can_load(name) for name in _LINUX_LIBRARIES):
        ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = search


def _can_load(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


@cache
def is_available() -> bool:
    """Return whether PDFs can be made on this machine."""
    try:
        _load_weasyprint()
    except PangoMissing:
        return False
    return True


@dataclass(frozen=True)
class LaidOutPages:
    """The pages of a document at one size.

    `agreement_pages` are the pages up to the last that holds anything but schedules; `free_height` is what is left at
    the foot of the fullest of them, in points; `layout_count` is how many layouts it took. `page_starts` says of each
    schedule whether a page begins with it; `text_height` is that of the first page
    between its margins.
    """

    agreement_pages: int
    pages: int
    free_height: float
    layout_count: int
    rendering: Rendering
    messages: _WeasyPrintMessages
    page_starts: tuple[bool, ...] = ()
    text_height: float = 0.0
    engine = "weasyprint"

    def read_text(self) -> str:
        """Return the text of the pages as they are drawn, without what stands in their margins."""
        return "".join(map(read_drawn_text, _boxes_of(self.rendering)))

    @property
    def signing_places(self) -> tuple[SigningPlace, ...]:
        """Where the page has its lines to sign, as far as it has the classes of ours."""
        return tuple(each_signing_place(_boxes_of(self.rendering)))

    def write_pdf(self, carried: str = "") -> bytes:
        """Return the file, with the deal `carried` in it; raise LayoutError that names what no font can print."""
        return carry_in_pdf(write_pdf(self), carried) if carried else write_pdf(self)


def _boxes_of(rendering: Rendering) -> list[Box]:
    return [page._page_box for page in rendering.pages]


class _WeasyPrintMessages(logging.Handler):
    """Collects what WeasyPrint logs: a stray warning is an error of ours, not something to scroll by."""

    def __init__(self, place: Place | None = None) -> None:
        super().__init__(logging.WARNING)
        self.place = place or Place()
        self.missing_glyphs: list[str] = []
        self.other_messages: list[str] = []
        self.blocked_urls: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        glyph = re.search(r'unsupported by fonts: "(.+)"', message)
        if glyph:
            self.missing_glyphs.append(glyph[1])
        else:
            self.other_messages.append(message)


def lay_out(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes) -> LaidOutPages:
    """Lay `document` out; raise PackError for a layout that asks for a file it does not have."""
    html = document_html(document, layout)
    with blame_layout(place_to_blame(layout)):
        return _lay_out_html(html, document, layout, sizes)


def _lay_out_html(html: str, document: Document, layout: Mapping[str, SourceFile], sizes: Sizes) -> LaidOutPages:
    foreseen = _foresee_column_height(document, layout, sizes)
    layout_count = 0
    for height in dict.fromkeys((foreseen, 0.0)):
        layout_count += 1
        rendering, messages = _render(html, document_style_sheet(document, sizes, height), layout)
        pages = _boxes_of(rendering)
        if has_even_columns(pages, sizes):
            break
    if not is_anything_shown(pages):
        raise ValueError("nothing is on its pages")
    first = count_agreement_pages(pages)
    free = min(free_height_of(page) for page in pages[:first])
    starts = list_page_starts(pages)
    if len(starts) != len(document.schedules):  # a firm's page may show them in some other way
        starts = (True,) * len(document.schedules)
    height = pages[0].height * POINTS_PER_PIXEL
    return LaidOutPages(first, len(pages), free, layout_count, rendering, messages, starts, height)


def _foresee_column_height(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes) -> float:
    """Return the height of the columns of clauses on our own page; 0 where it is another's, or would be a guess."""
    letters = letters_of_layout(layout)
    blocks = (block for clause in document.clauses for block in clause.blocks)
    has_tables = any(isinstance(block, Table | Chart) for block in blocks)
    if has_tables or not has_our_page(layout) or not letters.cover(text_of_document(document).replace("\n", " ")):
        return 0.0
    return column_height(text_at(document, letters, sizes).columns, sizes)


def lay_out_chart(document: ChartDocument, layout: Mapping[str, SourceFile]) -> LaidOutPages:
    """Lay a chart out that stands alone; raise PackError like lay_out."""
    return _lay_out_page(chart_html(document, layout), chart_style_sheet(document), layout)


def lay_out_flow(document: FlowDocument) -> LaidOutPages:
    """Lay out a document that flows, by the HTML and style sheet beside this module."""
    layout = _flow_layout()
    html = fill_layout(html_files(layout), "flow.html", page=document)
    margins = " ".join(f"{length}pt" for length in document.margins)
    return _lay_out_page(html, page_rule("@page", document.paper) + f"@page {{ margin: {margins} }}", layout)


@cache
def _flow_layout() -> dict[str, SourceFile]:
    folder = Path(__file__).parent
    own = {name: SourceFile(f"agreementgen/render/{name}", (folder / name).read_bytes()) for name in _FLOW_FILES}
    return own | {name: file for name, file in built_in_parts().layout.items() if name.startswith("fonts/")}


def _lay_out_page(html: str, sheet: str, layout: Mapping[str, SourceFile]) -> LaidOutPages:
    """Lay a document out that is no agreement; `sheet` is added to the style sheets of `layout` that it links to."""
    rendering, messages = _render(html, sheet, layout)
    pages = len(rendering.pages)
    return LaidOutPages(pages, pages, 0.0, 1, rendering, messages)


def _render(html: str, sheet: str, layout: Mapping[str, SourceFile]) -> tuple[Rendering, _WeasyPrintMessages]:
    weasyprint = _load_weasyprint()
    messages = _WeasyPrintMessages(place_to_blame(layout))
    fetcher = _make_fetcher(layout, messages)
    with _collect_messages(weasyprint, messages), limit_boxes(html, messages.place):
        prepared = _prepare_layout(tuple(layout.items()))
        page = _html_class()(string=html, base_url=_BASE_URL, url_fetcher=fetcher)
        names = _take_out_sheet_links(page.etree_element, layout)
        page.short = prepared.needs_no_special_rules and "<style" not in html and not _SPECIAL_STYLE.search(html)
        sheet += house_style_sheet(layout)
        extra = weasyprint.CSS(string=sheet, url_fetcher=fetcher, base_url=_BASE_URL, font_config=prepared.fonts)
        sheets = [*map(prepared.sheet, names), extra]
        rendering = page.render(stylesheets=sheets, font_config=prepared.fonts)
    _raise_for_messages(messages)
    return rendering, messages


def _raise_for_messages(messages: _WeasyPrintMessages) -> None:
    """Raise PackError for what a layout must not do: asking for files it does not have, CSS nobody understands."""
    if messages.blocked_urls:
        hint = "put the file beside the layout"
        raise PackError(
            Problem(
                f'the layout asks for "{url}", which is not in its folder',
                hint,
                "",
                messages.place,
                code="file-missing",
            )
            for url in sorted(set(messages.blocked_urls))
        )
    if messages.other_messages:
        raise PackError(
            Problem(f"the layout has a problem: {text}", "", "", messages.place, code="layout-style-sheet")
            for text in dict.fromkeys(messages.other_messages)
        )


def write_pdf(laid: LaidOutPages) -> bytes:
    """Return the PDF; raise LayoutError that names every character no font on this machine can print."""
    weasyprint = _load_weasyprint()
    with _collect_messages(weasyprint, laid.messages), blame_layout(laid.messages.place):
        data = laid.rendering.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    missing = sorted(set("".join(laid.messages.missing_glyphs)))
    if missing:
        raise MissingGlyphs(missing)
    _raise_for_messages(laid.messages)
    return bytes(data)


class MissingGlyphs(LayoutError):
    """Characters that no font of this machine has; the pipeline adds the facts they come from."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = characters
        super().__init__(
            Problem(f'no font has "{char}" (U+{ord(char):04X})', code="font-lacks-character") for char in characters
        )


class _PreparedLayout:
    """What is the same for all documents of a layout: its fonts and style sheets, read once.

    `plain` says that no sheet needs the rules for footnotes and list items of WeasyPrint's own sheet.
    """

    def __init__(self, layout: Mapping[str, SourceFile]) -> None:
        from weasyprint.text.fonts import FontConfiguration

        self.layout = layout
        self.fonts = FontConfiguration()
        self.needs_no_special_rules = not any(
            re.search(_SPECIAL_RULES, layout[name].text) for name in layout if name.endswith(".css")
        )
        self.sheets: dict[str, CSS] = {}

    def sheet(self, name: str) -> CSS:
        """Return a style sheet of the layout; raise PackError for what is wrong in it."""
        if name not in self.sheets:
            weasyprint, messages = _load_weasyprint(), _WeasyPrintMessages(Place(self.layout[name].name))
            text, fetcher = self.layout[name].text, _make_fetcher(self.layout, messages)
            with _collect_messages(weasyprint, messages):
                css = weasyprint.CSS(
                    string=text, url_fetcher=fetcher, base_url=_BASE_URL + name, font_config=self.fonts
                )
            _raise_for_messages(messages)
            self.sheets[name] = css
        return self.sheets[name]


@lru_cache(maxsize=8)
def _prepare_layout(files: tuple[tuple[str, SourceFile], ...]) -> _PreparedLayout:
    return _PreparedLayout(dict(files))


_SPECIAL_RULES = "footnote|note-|list-item|marker"
_SPECIAL_STYLE = re.compile(rf"style\s*=[^>]*(?:{_SPECIAL_RULES})", re.IGNORECASE)

# WeasyPrint copies fonts into a folder, which goes when the configuration does. At the end of a process it would stay.
atexit.register(lambda: _prepare_layout.cache_clear())


def _take_out_sheet_links(root: Element, layout: Mapping[str, SourceFile]) -> list[str]:
    """Take plain links to sheets of the layout out of a page and return their names, so that nothing is read twice."""
    links = [(parent, child) for parent in root.iter("head") for child in parent if child.tag == "link"]
    plain = [child for _, child in links if set(child.keys()) == {"rel", "href"} and child.get("rel") == "stylesheet"]
    names = [child.get("href", "") for child in plain]
    # In any other order than "links, then the program's sheet" taking out would change which rule wins.
    if len(names) != len(links) or not layout.keys() >= set(names) or next(root.iter("style"), None) is not None:
        return []
    for parent, child in links:
        parent.remove(child)
    return names


@cache
def _html_class() -> type[HTML]:
    weasyprint = _load_weasyprint()

    class Page(weasyprint.HTML):  # type: ignore[misc, name-defined]
        """A page with the part of WeasyPrint's own sheet that it needs: the rest matches every element, for nothing."""

        short = False

        def _ua_stylesheets(self, *args: object, **more: object) -> list[CSS]:
            found = super()._ua_stylesheets(*args, **more)
            return [_short_user_agent_sheet(), *found[1:]] if self.short else found

    return Page


@cache
def _short_user_agent_sheet() -> CSS:
    from weasyprint import CSS, html

    rules = re.sub(r"(?m)^(::(footnote|note)-|@counter-style).*$", "", html.UA)
    return CSS(string=rules.replace("\n::marker {", "\nli::marker {"))


def _make_fetcher(layout: Mapping[str, SourceFile], messages: _WeasyPrintMessages) -> URLFetcher:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class LayoutFetcher(URLFetcher):  # type: ignore[misc]
        """Serves the files of the layout and nothing else."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            name = unquote(url.removeprefix(_BASE_URL))
            if not url.startswith(_BASE_URL) or name not in layout:
                messages.blocked_urls.append(url)
                raise ValueError(f"{url} is not in the layout's folder")
            return URLFetcherResponse(url, layout[name].data, {"Content-Type": _mime_type_of(name)})

    return LayoutFetcher()


def _mime_type_of(name: str) -> str:
    kinds = {"css": "text/css", "ttf": "font/ttf", "otf": "font/otf", "png": "image/png", "svg": "image/svg+xml"}
    kinds["jpg"] = "image/jpeg"
    return kinds.get(name.rsplit(".", 1)[-1], "application/octet-stream")


class _collect_messages:
    def __init__(self, weasyprint: ModuleType, messages: _WeasyPrintMessages) -> None:
        self.logger = weasyprint.LOGGER
        self.messages = messages

    def __enter__(self) -> None:
        self.logger.addHandler(self.messages)

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self.messages)
