"""The deals of a batch, before anybody reads what they say: where each comes from, and what decides its documents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agreementgen.deal.yamlfile import YamlText, decode, read


@dataclass(frozen=True)
class Item:
    """One deal. `name` is unique in a batch and stays from run to run; `stem` is a short name for its documents.

    `source` is what problems without a place of their own name; `folder` holds the tables beside the deal. An Item
    travels to other processes: it holds bytes and texts only.
    """

    name: str
    stem: str
    source: str
    folder: Path
    data: bytes

    @property
    def digest(self) -> str:
        """Return a SHA-256 (hex) of all that was typed for this deal (not of the tables beside it)."""
        return hashlib.sha256(self.data).hexdigest()

    def answers(self) -> YamlText:
        """Return what was typed, with its places; raise InputError with every problem."""
        return read(decode(self.data, self.source), self.source, go_on=True)


def gather(sources: Sequence[str]) -> tuple[Item, ...]:
    """Return the deals of files, folders and tables, in a fixed order; raise InputError with every problem."""
    return tuple(
        Item(Path(source).as_posix(), Path(source).stem, source, Path(source).parent, Path(source).read_bytes())
        for source in sources
    )
