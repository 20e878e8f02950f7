"""Records of builds on disk: `--record` writes one, `--locked` holds a build against one before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agreementgen.errors import InputError, Place, Problem
from agreementgen.inputs import Sourced
from agreementgen.pipeline import Built
from agreementgen.provenance import MAX_BYTES, Record, differences, other_bytes, provenance, read_record
from agreementgen.write import save


@dataclass(frozen=True)
class Records:
    """The record to be written and the one to be held against, where there are any; `options` of this build."""

    record: Path | None
    locked: Path | None
    before: Record | None
    options: Mapping[str, str]

    def held_against(self, made: Sequence[tuple[str, Sourced, Built]], files: Mapping[str, bytes]) -> Record | None:
        """Return the record of this build, None where nobody asks; raise InputError where it differs from the other.

        `made` are the deals with the stems of their documents, `files` all documents by name.
        """
        if self.record is None and self.before is None:
            return None
        found = []
        for stem, sourced, built in made:
            own = (stem, f"{stem}-raci" if built.chart else stem)
            documents = {name: data for name, data in files.items() if name.rpartition(".")[0] in own}
            found.append(provenance(built, sourced.library, sourced.read, documents))
        now = Record(tuple(found), self.options)
        if self.before is not None:
            problems = tuple(differences(now, self.before, str(self.locked)))
            if problems:
                raise InputError(problems)
        return now

    def write(self, now: Record | None) -> None:
        if self.record is not None and now is not None:
            save.replace(self.record, now.written())

    def remarks(self, now: Record | None) -> Iterator[str]:
        """Yield what the user should know of the two records."""
        if now is None:
            return
        if self.before is not None:
            yield f"the words are those of {self.locked}"
            for name in other_bytes(now, self.before):
                yield f"warning: {name} has the words of the record, but not its bytes: other fonts or libraries"
        if self.record is not None:
            yield f"record: {self.record}"


def begin(record: Path | None, locked: Path | None, options: Mapping[str, str], force: bool) -> Records:
    """Return what the user asks of records; raise InputError where one cannot be read, or would be written over."""
    before = read_record(_bytes(locked), str(locked)) if locked else None
    if record is not None and not force and record.exists():
        try:
            read_record(_bytes(record), str(record))
        except InputError:
            message = "the file is there already, and it is no record"
            hint = "choose another name, or overwrite it with --force"
            raise InputError(Problem(message, hint, "", Place(str(record)))) from None
    if record is not None and not record.parent.is_dir():
        raise InputError(Problem("there is no such folder", "make it first", "", Place(str(record.parent))))
    return Records(record, locked, before, options)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        hint = "look whether it is there, and whether you may read it"
        raise InputError(Problem(f"the record cannot be read: {error.strerror}", hint, "", Place(str(path)))) from None
