"""The record of a build: what decided the words of its agreements, so that a later build can be held against it.

`--record` writes one, `--locked` compares with one before anything is written. The fields of these classes are the
names in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from agreementgen import __version__
from agreementgen.core import saving, values
from agreementgen.core.document import each_chart_text
from agreementgen.core.escaping import to_json_file
from agreementgen.core.opening import read_regular_file
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.deal import Answer
from agreementgen.library.library import PACK_FILE, TRANSLATIONS_FILE, Library
from agreementgen.library.topics import ClauseText
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import plain_text
from agreementgen.render.formats import library_versions
from agreementgen.sources import SourcedDeal

RECORD_VERSION = 1
MAX_RECORD_BYTES = 20_000_000
_RECORD_HINT = 'a record is what "agreementgen build --record FILE" wrote'
_RESTORE_HINT = "put it back as it was, or build without --locked"


@dataclass(frozen=True)
class PackMark:
    """A pack in use; `digest` is a SHA-256 over its files."""

    id: str
    version: str
    digest: str


@dataclass(frozen=True)
class ClauseMark:
    """A clause of an agreement: its version, a SHA-256 of its wording, and its file (with the pack's name in front)."""

    version: int
    sha256: str
    file: str


@dataclass(frozen=True)
class Provenance:
    """What one agreement was made of. All digests are SHA-256 in hex.

    `files` are its outline and layout, `questions` its topics and the heads of packs; `usual` the answers that nobody
    typed, by path, as they are printed; `words` a digest of all words of the documents; `documents` those of the
    finished files by name.
    """

    deal: str
    sha256: str
    tables: Mapping[str, str]
    kind: str
    library: str
    packs: tuple[PackMark, ...]
    clauses: Mapping[str, ClauseMark]
    files: Mapping[str, str]
    questions: Mapping[str, str]
    usual: Mapping[str, str]
    words: str
    documents: Mapping[str, str]
    pages_by: str = ""


@dataclass(frozen=True)
class BuildRecord:
    """A run of `build`: `options` are those that change documents, `libraries` the versions of what we stand on."""

    agreements: tuple[Provenance, ...]
    options: Mapping[str, str]
    program: str = __version__
    libraries: Mapping[str, str] = field(default_factory=library_versions)

    def to_json(self) -> bytes:
        """Return the record as JSON, its names in a fixed order."""
        fields = {"agreementgen record": RECORD_VERSION, **asdict(self)}
        return to_json_file(fields)


def trace_provenance(
    built: BuiltAgreement, library: Library, read: Mapping[str, str], documents: Mapping[str, bytes]
) -> Provenance:
    """Return what decided `built`.

    `read` are the digests of the files of the deal by name: first the deal file, then the tables it names.
    """
    deal, outline = built.deal, library.outline_of_deal(built.deal)
    (name, digest), *tables = read.items()
    pack_of_file = {file.name: pack.id for pack in library.packs for file in pack.files.values()}
    layout = {f"templates/layout/{file}": s for file, s in library.layout.items() if not file.startswith("built-in/")}
    files = {file: source for file, source in layout.items() if file in library.files}
    files[f"templates/{deal.kind}.yaml"] = library.files[f"templates/{deal.kind}.yaml"]
    topics = [f"clauses/{topic}/topic.yaml" for topic in outline.topics]
    questions = {file: library.files[file] for file in topics}
    for pack in library.packs:
        heads = [file for file in (PACK_FILE, TRANSLATIONS_FILE) if file in pack.files]
        questions |= {f"{pack.id}: {file}": pack.files[file] for file in heads}
    words = plain_text.write_text(built.fitted.document)
    if built.chart:
        words += "\n".join(each_chart_text(built.chart.document.chart))
    untyped = [answer for answer in deal.answers if not answer.typed]
    return Provenance(
        deal=Path(name).name,
        sha256=digest,
        tables=dict(sorted(tables)),
        kind=deal.kind,
        library=library.digest,
        packs=tuple(PackMark(pack.id, pack.version, pack.digest) for pack in library.packs),
        clauses={clause.id: _mark_clause(clause, pack_of_file) for clause in built.selection.clauses},
        files={file: files[file].digest for file in sorted(files)},
        questions={file: questions[file].digest for file in sorted(questions)},
        usual={a.path: _answer_in_words(a, deal.language) for a in untyped if not a.question.parts},
        words=saving.sha256_of(words.encode()),
        documents={file: saving.sha256_of(documents[file]) for file in sorted(documents)},
        pages_by=built.fitted.pages_by,
    )


def _mark_clause(clause: ClauseText, pack_of_file: Mapping[str, str]) -> ClauseMark:
    wording = (clause.id, clause.topic, clause.title, clause.position, clause.when.text, clause.body.text)
    file = clause.body.place.file
    if file in pack_of_file:
        file = f"{pack_of_file[file]}: {file.partition('/')[2]}"
    return ClauseMark(clause.version, saving.sha256_of(json.dumps(wording, ensure_ascii=False).encode()), file)


def _answer_in_words(answer: Answer, language: str) -> str:
    """Return an answer as it is printed, or as plain as it is where it has no words."""
    try:
        if isinstance(answer.value, bool) or answer.value is None:
            return {True: "yes", False: "no", None: "nothing"}[answer.value]
        if isinstance(answer.value, tuple):
            return ", ".join(values.format_value(value, language) for value in answer.value)
        return values.format_value(answer.value, language)
    except values.Unprintable:
        return str(answer.value)


# -- reading a record, and holding a build against it


def read_record(data: bytes, file: str) -> BuildRecord:
    """Return the record that `data` holds; raise InputError where it is none."""
    try:
        if len(data) > MAX_RECORD_BYTES:
            raise ValueError
        fields = json.loads(data)
        if fields.pop("agreementgen record") != RECORD_VERSION:
            raise ValueError
        agreements = tuple(_read_provenance(agreement) for agreement in fields["agreements"])
        options, libraries = _read_texts(fields["options"]), _read_texts(fields["libraries"])
        return BuildRecord(agreements, options, str(fields["program"]), libraries)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        message = "this is no record of a build"
        raise InputError(Problem(message, _RECORD_HINT, place=Place(file), code="record-unreadable")) from None


def _read_provenance(fields: Mapping[str, Any]) -> Provenance:
    clauses = {
        str(name): ClauseMark(int(mark["version"]), str(mark["sha256"]), str(mark["file"]))
        for name, mark in fields["clauses"].items()
    }
    return Provenance(
        deal=str(fields["deal"]),
        sha256=str(fields["sha256"]),
        tables=_read_texts(fields["tables"]),
        kind=str(fields["kind"]),
        library=str(fields["library"]),
        packs=tuple(PackMark(**_read_texts(pack)) for pack in fields["packs"]),
        clauses=clauses,
        files=_read_texts(fields["files"]),
        questions=_read_texts(fields["questions"]),
        usual=_read_texts(fields["usual"]),
        words=str(fields["words"]),
        documents=_read_texts(fields["documents"]),
        pages_by=str(fields.get("pages_by", "")),
    )


def _read_texts(fields: Mapping[object, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in fields.items()}


def find_differences(now: BuildRecord, then: BuildRecord, file: str) -> Iterator[Problem]:
    """Yield all by which the words of `now` may be others than those of the record `then`, which `file` holds."""
    place = Place(file)
    if now.program != then.program:
        message = f"this is agreementgen {now.program}, the record was made by {then.program}"
        yield _difference(message, f"install that one: pip install agreementgen=={then.program}", place)
    for name in ("layout", "paper"):
        ours, theirs = now.options.get(name, ""), then.options.get(name, "")
        if ours != theirs:
            hint = f"add --{name} {theirs}" if theirs else f"leave --{name} out"
            yield _difference(f'--{name} is "{ours}", in the record "{theirs}"', hint, place)
    recorded = {agreement.deal: agreement for agreement in then.agreements}
    for agreement in now.agreements:
        earlier = recorded.get(agreement.deal)
        if earlier is None:
            hint = "the record has " + ", ".join(recorded)
            yield _difference("the record has no such deal", hint, Place(agreement.deal))
            continue
        found = list(_compare_agreements(agreement, earlier))
        yield from found
        if agreement.words != earlier.words:
            yield from _explain_other_words(agreement, earlier, now, then, bool(found))


def _difference(message: str, hint: str, place: Place, field: str = "") -> Problem:
    return Problem(message, hint, field, place, code="record-differs")


def _compare_agreements(now: Provenance, then: Provenance) -> Iterator[Problem]:
    place = Place(now.deal)
    if now.sha256 != then.sha256:
        yield _difference("the deal file has changed", _RESTORE_HINT, place)
    yield from _compare_digests(now.tables, then.tables, "the table", place)
    ours, theirs = ({pack.id: pack for pack in provenance.packs} for provenance in (now, then))
    for name in dict.fromkeys((*theirs, *ours)):
        if name not in ours:
            hint = "name it with --pack, or in the deal file"
            yield _difference(f'the pack "{name}" {theirs[name].version} is missing', hint, place)
        elif name not in theirs:
            hint = "--pack none leaves out those of the settings"
            yield _difference(f'the pack "{name}" is not in the record', hint, place)
        elif ours[name].version != theirs[name].version:
            message = f'the pack "{name}" has version {ours[name].version}, in the record {theirs[name].version}'
            yield _difference(message, "take that version of the pack", place)
    if ours.keys() == theirs.keys() and list(ours) != list(theirs):
        yield _difference("the packs lie in another order", f"in the record: {', '.join(theirs)}", place)
    for name in dict.fromkeys((*then.clauses, *now.clauses)):
        clause, recorded = now.clauses.get(name), then.clauses.get(name)
        if clause is None:
            yield _difference(f'the clause "{name}" of the record is not in this agreement', "", place)
        elif recorded is None:
            yield _difference(f'the clause "{name}" ({clause.file}) is not in the record', "", place)
        elif clause.sha256 != recorded.sha256:
            versions = f"version {clause.version}, in the record {recorded.version}"
            if clause.version == recorded.version:
                versions = f"both are called version {clause.version}"
            yield _difference(f'the clause "{name}" ({clause.file}) has changed: {versions}', _RESTORE_HINT, place)
    yield from _compare_digests(now.files, then.files, "the file", place)
    for path in dict.fromkeys((*then.usual, *now.usual)):
        usual, was = now.usual.get(path, "not there"), then.usual.get(path, "not there")
        if usual != was:
            message = f"the usual answer is {usual}, in the record {was}"
            yield _difference(message, "type the one of the record into the deal file", place, path)


def _compare_digests(now: Mapping[str, str], then: Mapping[str, str], what: str, place: Place) -> Iterator[Problem]:
    for name in dict.fromkeys((*then, *now)):
        if now.get(name) != then.get(name):
            how = "is missing" if name not in now else "is not in the record" if name not in then else "has changed"
            yield _difference(f'{what} "{name}" {how}', _RESTORE_HINT, place)


def _explain_other_words(
    now: Provenance, then: Provenance, ours: BuildRecord, theirs: BuildRecord, explained: bool
) -> Iterator[Problem]:
    """Yield that the words differ, and what may be the reason where nothing else was found."""
    place = Place(now.deal)
    questions = list(_compare_digests(now.questions, then.questions, "the file", place))
    yield from questions
    if not (questions or explained):
        changes = [
            f"{name} {ours.libraries.get(name, 'none')} instead of {theirs.libraries.get(name, 'none')}"
            for name in dict.fromkeys((*theirs.libraries, *ours.libraries))
            if ours.libraries.get(name) != theirs.libraries.get(name)
        ]
        hint = "what is new: " + ", ".join(changes) if changes else ""
        yield _difference("the words differ from the record's", hint, place)


def find_other_bytes(now: BuildRecord, then: BuildRecord) -> Iterator[str]:
    """Yield the documents whose words are those of the record, and whose bytes are not (another font, say)."""
    recorded = {agreement.deal: agreement.documents for agreement in then.agreements}
    for agreement in now.agreements:
        for name, digest in agreement.documents.items():
            if recorded.get(agreement.deal, {}).get(name, digest) != digest:
                yield name


@dataclass(frozen=True)
class RecordOptions:
    """What the user asks of records: the files to write and to hold the build against, and what the latter holds.

    `options` are those of this build that change documents.
    """

    record: Path | None
    locked: Path | None
    earlier: BuildRecord | None
    options: Mapping[str, str]

    def make_record(
        self, made: Sequence[tuple[str, SourcedDeal, BuiltAgreement]], files: Mapping[str, bytes]
    ) -> BuildRecord | None:
        """Return the record of this build, None where nobody asks; raise InputError where it differs from the other.

        `made` are the deals with the stems of their documents, `files` all documents by name.
        """
        if self.record is None and self.earlier is None:
            return None
        agreements = []
        for stem, sourced, built in made:
            stems = (stem, f"{stem}-raci") if built.chart else (stem,)
            documents = {name: data for name, data in files.items() if name.rpartition(".")[0] in stems}
            agreements.append(trace_provenance(built, sourced.library, sourced.file_digests, documents))
        now = BuildRecord(tuple(agreements), self.options)
        if self.earlier and (problems := tuple(find_differences(now, self.earlier, str(self.locked)))):
            raise InputError(problems)
        return now

    def write(self, now: BuildRecord | None) -> None:
        if self.record and now:
            try:
                saving.replace_file(self.record, now.to_json())
            except InputError as error:
                message, hint = "the documents were written, their record was not", "run the same command again"
                missing = Problem(message, hint, place=Place(str(self.record)), code="folder-unwritable")
                raise saving.PartlyWritten([missing, *error.problems]) from None

    def list_remarks(self, now: BuildRecord | None) -> Iterator[str]:
        """Yield what the user should know of the two records."""
        if now and self.earlier:
            yield f"the words are those of {self.locked}"
            for name in find_other_bytes(now, self.earlier):
                yield f"warning: {name} has the words of the record, but not its bytes: other fonts or libraries"
        if now and self.record:
            yield f"record: {self.record}"


def open_record_options(
    record: Path | None, locked: Path | None, options: Mapping[str, str], force: bool
) -> RecordOptions:
    """Return what the user asks of records; raise InputError where one cannot be read, or would be written over."""
    earlier = load_record(locked) if locked else None
    if record and not force and record.exists():
        try:
            load_record(record)
        except InputError:
            message = "the file is there already, and it is no record"
            hint = "choose another name, or overwrite it with --force"
            raise InputError(Problem(message, hint, place=Place(str(record)), code="not-ours")) from None
    if record and not record.parent.is_dir():
        place = Place(str(record.parent))
        raise InputError(Problem("there is no such folder", "make it first", place=place, code="file-missing"))
    return RecordOptions(record, locked, earlier, options)


def load_record(path: Path) -> BuildRecord:
    """Return the record that the file `path` holds; raise InputError where it is none, or cannot be read."""
    try:
        return read_record(read_regular_file(path, MAX_RECORD_BYTES), str(path))
    except OSError as error:
        message = f"the record cannot be read: {error.strerror}"
        hint = "look whether it is there, and whether you may read it"
        raise InputError(Problem(message, hint, place=Place(str(path)), code="file-unreadable")) from None
