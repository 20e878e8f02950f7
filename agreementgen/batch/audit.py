"""Reads the documents in a folder again, and holds them against what was written down when they were made.

A batch's list says which bytes each document has, a record says it of a build, and every command keeps a list of what
it wrote. Nothing is changed, and nothing is believed more than it was written for: see `audit_folder`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from agreementgen.batch.folder import Journal, find_running_batch, stays_inside
from agreementgen.batch.report import MANIFEST_FILES
from agreementgen.core.opening import is_same_file, read_regular_file
from agreementgen.core.problems import InputError, Place, Problem, count_noun
from agreementgen.core.saving import DIGESTS_FILE, read_digests, sha256_of
from agreementgen.record import load_record
from agreementgen.render.formats import AGREEMENT_FORMATS

# No document comes near it.
_MAX_DOCUMENT_BYTES = 200_000_000
_MAX_MANIFEST_BYTES = 400_000_000
# So many files are looked at in a folder that may hold anything.
_MAX_FILES = 500_000
# What systems leave behind in folders that people have looked at.
_NOBODYS = ("thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Audit:
    """What an audit found. `against` are the files that say what should be there, `documents` counts what they name."""

    folder: Path
    against: tuple[str, ...]
    documents: int
    findings: tuple[Problem, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Expected:
    """What should stand in the folder: the SHA-256s (hex) of each document by its path.

    The last one that was written comes first; the others are of versions that it replaced. `of_batch` says that
    nothing else should be in the folder.
    """

    digests: Mapping[str, tuple[str, ...]]
    against: tuple[str, ...]
    of_batch: bool
    findings: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()


def audit_folder(folder: Path, records: Sequence[Path] = ()) -> Audit:
    """Return how the documents in `folder` differ from what `records`, its batch or its own list say of them.

    A record is kept elsewhere and counts most; then the list of a batch, unless its journal knows another one. Raise
    InputError where nothing there says what the documents were, or where that cannot be read.
    """
    if not folder.is_dir():
        hint = "name the folder with the documents"
        raise InputError(Problem("there is no such folder", hint, place=Place(str(folder)), code="file-missing"))
    if process := find_running_batch(folder):
        message = f"a batch is writing into this folder: process {process}"
        raise InputError(Problem(message, "wait until it has ended", place=Place(str(folder)), code="busy"))
    expected = _gather_expected(folder, records)
    return Audit(
        folder, expected.against, len(expected.digests), (*expected.findings, *_compare(folder, expected, records)),
        expected.remarks,
    )  # fmt: skip


def _gather_expected(folder: Path, records: Sequence[Path]) -> _Expected:
    remarks: list[str] = []
    own = {name: tuple(reversed(known)) for name, known in read_digests(folder, remarks.append).items() if known}
    against = [DIGESTS_FILE] if own else []
    batch = _read_batch(folder)
    if batch:
        own |= batch.digests
        against[:0] = batch.against
    recorded: dict[str, tuple[str, ...]] = {}
    for path in records:
        for agreement in load_record(path).agreements:
            recorded |= {name: (digest,) for name, digest in agreement.documents.items() if stays_inside(name)}
    if not recorded and not own:
        hint = 'name the record of the build with --record, or audit what "agreementgen batch" has written'
        message = "nothing here says which documents belong into this folder"
        raise InputError(Problem(message, hint, place=Place(str(folder)), code="file-missing"))
    return _Expected(
        own | recorded,
        (*map(str, records), *against),
        batch is not None,
        batch.findings if batch else (),
        (*remarks, *(batch.remarks if batch else ())),
    )


def _read_batch(folder: Path) -> _Expected | None:
    """Return what the batch of a folder says of its documents, None where there was none."""
    manifest = folder / MANIFEST_FILES[-1]
    remarks: list[str] = []
    try:
        journal = Journal(folder, remarks.append)
    except OSError as error:
        raise _unreadable(Path(error.filename or folder), error.strerror or str(error)) from None
    if not journal.finished and not os.path.lexists(manifest):
        return None
    digests: dict[str, tuple[str, ...]] = {}
    for name in MANIFEST_FILES:
        if versions := journal.known_digests.get(name):
            digests[name] = tuple(reversed(versions))
    known = digests.get(manifest.name, ())
    try:
        data = read_regular_file(manifest, _MAX_MANIFEST_BYTES, follow=False)
        sound = not known or sha256_of(data) == known[0]
    except OSError as error:
        if not known:
            raise _unreadable(manifest, error.strerror or str(error)) from None
        sound = False
    if sound:
        listed = _read_manifest(data, manifest)
        against = manifest.name
    else:
        # The comparison says that the list is missing or changed; what it says of documents is not believed.
        listed = {file.path: file.sha256 for deal in journal.finished.values() for file in deal.files}
        against = journal.path.relative_to(folder).as_posix()
    for path, digest in listed.items():
        earlier = (one for one in reversed(journal.known_digests.get(path, ())) if one != digest)
        digests[path] = (digest, *earlier)
    return _Expected(digests, (against,), True, remarks=tuple(remarks))


def _read_manifest(data: bytes, path: Path) -> dict[str, str]:
    """Return the SHA-256s of the documents that a batch's list names, by path; raise InputError."""
    listed: dict[str, str] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            for file in json.loads(line)["files"]:
                name, digest = file["name"], file["sha256"]
                if not (isinstance(name, str) and isinstance(digest, str) and stays_inside(name)):
                    raise ValueError
                listed[name] = digest
        except (ValueError, TypeError, LookupError, RecursionError):
            raise _unreadable(path, "this line is none of a batch's list", number) from None
    return listed


def _unreadable(path: Path, why: str, line: int = 0) -> InputError:
    hint = "take the folder from a copy, or run the batch again"
    return InputError(Problem(why, hint, place=Place(str(path), line, 1 if line else 0), code="file-unreadable"))


# -- the comparison


def _compare(folder: Path, expected: _Expected, records: Sequence[Path]) -> Iterator[Problem]:
    there = set(_walk(folder))
    foreign = sorted(path for path in there - expected.digests.keys() if _is_foreign(folder, path, expected, records))
    missing = {known[0]: path for path, known in expected.digests.items() if path not in there}
    # Foreign files are read only where one of them may be a document that is missing.
    moved = {path: missing[digest] for path in foreign if missing and (digest := _digest_at(folder, path)) in missing}
    owners = {known[0]: path for path, known in expected.digests.items()}
    for path in sorted(expected.digests):
        if path in there:
            yield from _compare_document(folder, path, expected.digests[path], owners)
        elif path not in moved.values():
            hint = "look for it, or let the command that made it run again"
            yield _finding(folder, path, "this document is missing", hint, "document-missing")
    for path in foreign:
        if path in moved:
            hint = f'give it back its name "{moved[path]}"'
            yield _finding(folder, path, f'this is "{moved[path]}" under another name', hint, "document-renamed")
        else:
            hint = "it may be somebody's own, or a fake: look who put it there, and move it away"
            yield _finding(folder, path, "this file is not one that was written here", hint, "document-foreign")


def _compare_document(folder: Path, path: str, known: tuple[str, ...], owners: Mapping[str, str]) -> Iterator[Problem]:
    digest = _digest_at(folder, path)
    if digest == known[0]:
        return
    hint = "take it from a copy, or move it away and let the command that made it run again"
    if digest in known:
        message = "this is an earlier version of the document, not the last one that was written"
    elif digest in owners:
        message = f'this holds what belongs into "{owners[digest]}"'
    elif len(digest) == len(known[0]):
        message = "this document has changed since it was written"
    else:
        message = f"this document cannot be read: {digest}"
    yield _finding(folder, path, message, hint, "document-changed")


def _finding(folder: Path, path: str, message: str, hint: str, code: str) -> Problem:
    return Problem(message, hint, place=Place(str(folder / path)), code=code)


def _digest_at(folder: Path, path: str) -> str:
    """Return the SHA-256 (hex) of what stands at `path`, or why it cannot be read."""
    target = folder / path
    try:
        data = read_regular_file(target, _MAX_DOCUMENT_BYTES, within=folder, follow=False)
    except OSError as error:
        return error.strerror or str(error)
    if len(data) > _MAX_DOCUMENT_BYTES:
        return f"it is larger than {_MAX_DOCUMENT_BYTES:,} bytes"
    return sha256_of(data)


def _is_foreign(folder: Path, path: str, expected: _Expected, records: Sequence[Path]) -> bool:
    """Return whether a file that nobody named is worth a word.

    In the folder of a batch every file is. A build writes into any folder, beside deal files and much else: there only
    what looks like an agreement is.
    """
    name = PurePosixPath(path).name.lower()
    if name.startswith(".") or name in _NOBODYS or any(is_same_file(folder / path, record) for record in records):
        return False
    if expected.of_batch:
        return path not in MANIFEST_FILES
    return "/" not in path and name.rpartition(".")[2] in AGREEMENT_FORMATS


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below `folder`, whatever they are; links to folders are followed nowhere."""
    count = 0
    for here, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        for name in (*names, *links):
            count += 1
            if count > _MAX_FILES:
                message = f"there are more than {count_noun(_MAX_FILES, 'file')} in this folder"
                raise InputError(
                    Problem(message, "audit a folder of documents", place=Place(str(folder)), code="file-too-large")
                )
            yield (Path(here) / name).relative_to(folder).as_posix()


def _refuse_folder(error: OSError) -> None:
    raise _unreadable(Path(error.filename), error.strerror or str(error))
