"""Getting a process ready: everything slow is loaded, and one agreement built, before the first deal comes.

The fork server of a batch does this first (see `preload`), so that all workers share what it loaded.
"""

from __future__ import annotations

import contextlib
import gc
from functools import cache

# Cyclic garbage is cleared away after so many deals instead of in the middle of a layout.
COLLECT = 10
_SAMPLE = "samples/minimal.yaml"


@cache
def ready() -> None:
    """Load the library, the writers and their fonts, in a process that does nothing else.

    What is there then is never looked at again by the collector of garbage.
    """
    from agreementgen import pipeline
    from agreementgen.library.library import built_in
    from agreementgen.library.snapshot import home
    from agreementgen.write import pdf

    library = built_in()
    data = (home() / _SAMPLE).read_bytes()
    formats = ("docx", "pdf", "txt") if pdf.available() else ("docx", "txt")
    pipeline.build(pipeline.read(data, _SAMPLE, library), library, formats)
    gc.collect()
    gc.freeze()
    gc.disable()  # `count` clears away


_deals = 0


def count() -> None:
    """Count a deal; clear garbage away now and then, where `ready` has taken that over from the collector."""
    global _deals
    _deals += 1
    if _deals % COLLECT == 0 and not gc.isenabled():
        gc.collect()


def ready_or_not() -> None:
    """Get ready as far as possible: what is wrong here shows again, with its place, in the work itself."""
    with contextlib.suppress(Exception):
        ready()
