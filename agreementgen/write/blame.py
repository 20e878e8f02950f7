"""Whose mistake it is when a page cannot be laid out: the pack's, if any of the layout is its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from agreementgen.errors import AgreementError, PackError, Place, Problem
from agreementgen.language import work
from agreementgen.library.snapshot import SourceFile

# Boxes are laid out, and copied each time, about 3 times for each "<" of a page; nested flex boxes and columns do it
# twice as often with each level, without end.
_BOXES, _BOXES_FOR_EACH = 4_000, 15
_WIDE = re.compile(r"span\s*=\s*[\"']?\s*\d{4}", re.IGNORECASE)
_OURS = "templates/"


def blamed(layout: Mapping[str, SourceFile]) -> Place:
    """Return the file to name for what is wrong with a page: a pack's, where a pack has any of its own."""
    pages = [source.name for name, source in layout.items() if name.endswith((".html", ".css"))]
    return Place(next((name for name in pages if not name.startswith(_OURS)), layout["agreement.html"].name))


@contextmanager
def blaming(place: Place) -> Iterator[None]:
    """Raise PackError at `place` for whatever a pack's layout makes the library of pages stumble over.

    With a layout of ours it is a mistake of ours, and shows its traceback.
    """
    try:
        yield
    except AgreementError:
        raise
    except Exception as error:
        if place.file.startswith(_OURS):
            raise
        said = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        hint = "take back what was changed last in its HTML or CSS"
        raise PackError(Problem(f"the layout cannot be laid out: {said}", hint, "", place)) from error


@contextmanager
def bounded(html: str, place: Place) -> Iterator[None]:
    """Raise PackError at `place` where laying `html` out takes far more work than its length tells."""
    if _WIDE.search(html):
        raise PackError(Problem("a cell or column of the layout spans more than 999 others", "", "", place))
    try:
        with work.limited(_BOXES + _BOXES_FOR_EACH * html.count("<")), blaming(place):
            yield
    except work.Overworked as error:
        raise _overworked(error, place) from None
    except PackError as error:
        if isinstance(error.__cause__, work.Overworked):
            raise _overworked(error.__cause__, place) from None
        if isinstance(error.__cause__, RecursionError):
            raise PackError(Problem("the tags of the layout are nested too deeply", "", "", place)) from None
        raise


def _overworked(error: work.Overworked, place: Place) -> PackError:
    message = f"the layout takes too long: its boxes were laid out more than {error.most:,} times"
    hint = "do not nest flex boxes, grids and columns, and leave the size of the paper alone"
    return PackError(Problem(message, hint, "", place))
