"""What of a pack was proven and found without fault, so that after an edit only what the edit touches is proven again.

Kept beside the program (`core.kept`): digests of all that a part of a proof depends on, with what it counted. Nothing
of a pack is kept, and nothing that a pack says of itself is believed: its files are read and hashed each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from agreementgen.core.kept import recall, remember
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_digest

_NAME = "proven-packs"
# Some packs with all their clauses; the oldest go.
_MOST_PARTS = 5_000
_UNPROVEN = ("samples/", "tests/", "templates/layout/", "README", "LICENSE", "CHANGELOG")

Counts = tuple[int, ...]


class ProofMemory:
    """What was proven of a library before. `again` is what is proven anew: it may hold parts that were kept."""

    def __init__(self, library: Library, thorough: bool) -> None:
        self.proven: dict[str, Counts] = dict(recall(_NAME, built_in_digest()) or {})
        clauses: dict[str, SourceFile] = {}
        others: list[str] = [str(thorough)]
        for number, pack in enumerate(library.packs):
            for path, source in sorted(pack.files.items()):
                if path.startswith(_UNPROVEN):
                    continue
                if path.startswith("clauses/") and path.endswith(".md"):
                    clauses[f"{number}/{path}"] = source
                else:
                    others.append(f"{number}/{path} {source.digest}")
        self.clauses: Mapping[str, SourceFile] = clauses
        self.files_by_name = {source.name: source for source in clauses.values()}
        # Which clauses an agreement has is decided by what stands above their texts.
        heads = [f"{path} {_digest(source.data.partition(_END_OF_HEAD)[0])}" for path, source in clauses.items()]
        self.base = "\n".join([*others, *heads])

    def key_of_clause(self, file: str) -> str:
        """Return the key of a clause by the name of its file."""
        source = self.files_by_name.get(file)
        return self._key("clause", file, source.digest if source else "")

    def key_of_row(self, topic: str, row: str) -> str:
        return self._key("row", topic, row)

    def key_of_kind(self, kind: str, topics: Iterable[str], each_answer: bool) -> str:
        """Return the key of the whole agreements of a kind, which hold the clauses of `topics`."""
        wanted = set(topics)
        texts = (
            f"{path} {source.digest}"
            for path, source in self.clauses.items()
            if PurePosixPath(path).parent.name in wanted
        )
        return self._key("kind", kind, str(each_answer), *texts)

    def _key(self, *words: str) -> str:
        return _digest("\0".join([*words, self.base]).encode())

    def note(self, found: Mapping[str, Counts]) -> None:
        """Keep what was proven now, where anything can be kept."""
        if found:
            proven = {key: counts for key, counts in self.proven.items() if key not in found} | dict(found)
            self.proven = dict(list(proven.items())[-_MOST_PARTS:])
            remember(_NAME, built_in_digest(), self.proven)


_END_OF_HEAD = b"\n---\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
