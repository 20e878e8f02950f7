"""Headers and footers of a firm's Word file: what they say, and how they follow the paper.

Lengths in twips (1/20 pt).
"""

from __future__ import annotations

import re
from typing import Any

from agreementgen.word import runs
from agreementgen.word.package import W

_FOOTER = re.compile(r"\{\{\s*footer\s*\}\}")
# How far a tab or a table may be from the edge of the text and still be meant to stand there.
_NEAR = 60


def say(container: Any, footer: str) -> None:
    """Put the agreement's footer where {{ footer }} stands."""
    for paragraph in runs.paragraphs(container):
        runs.replace(paragraph, _FOOTER, lambda _: footer)


def widen(container: Any, drawn: int, width: int) -> None:
    """Move what stands at the right edge or in the middle of a text `drawn` wide to those of one `width` wide."""
    if drawn == width:
        return
    for tab in container.iter(f"{W}tab"):
        position = tab.get(f"{W}pos")
        if position and position.isdigit():
            if abs(int(position) - drawn) < _NEAR:
                tab.set(f"{W}pos", str(width))
            elif abs(int(position) - drawn / 2) < _NEAR:
                tab.set(f"{W}pos", str(width // 2))
    for table in container.iter(f"{W}tbl"):
        columns = list(table.iter(f"{W}gridCol"))
        if abs(sum(_width(column) for column in columns) - drawn) < _NEAR * 4:
            told = [node for node in table.iter(f"{W}tcW", f"{W}tblW") if node.get(f"{W}type") == "dxa"]
            for node in (*columns, *told):
                node.set(f"{W}w", str(round(_width(node) * width / drawn)))


def _width(node: Any) -> int:
    text = node.get(f"{W}w", "")
    return int(text) if text.isdigit() else 0
