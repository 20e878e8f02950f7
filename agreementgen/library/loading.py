"""Reading a library from its folders: the one that comes with the program, or any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.library import Library
from agreementgen.library.pack import PACK_FILE, TRANSLATIONS_FILE, Pack
from agreementgen.library.snapshot import TEXT_ENDINGS, SourceFile, digest_of, home_folder, read_folder
from agreementgen.library.topics import Outline, Topic, read_outline, read_topic
from agreementgen.library.validation import validate_library


@dataclass(frozen=True)
class LibraryParts:
    """What the files of a library hold, before they are held against each other.

    `clauses` and `layout` are by path in their folders. `files` are all of them, by path in the library.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, ClauseText]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    files: Mapping[str, SourceFile]


@cache
def built_in_library() -> Library:
    """Return the library that comes with the program; raise PackError with every problem."""
    return ensure_valid(assemble_library(built_in_parts()), built_in_parts())


@cache
def built_in_parts() -> LibraryParts:
    """Return the parts of the library that comes with the program; raise PackError with every problem."""
    return _read_folders(home_folder() / "clauses", home_folder() / "templates")


@cache
def built_in_digest() -> str:
    """Return the digest of the library that comes with the program, without reading its texts: that takes long."""
    folders = {name: read_folder(home_folder() / name) for name in ("clauses", "templates")}
    return digest_of({f"{name}/{path}": file for name, files in folders.items() for path, file in files.items()})


def load_library(clauses: Path, templates: Path) -> Library:
    """Return the valid library of two folders; raise PackError with every problem."""
    parts = _read_folders(clauses, templates)
    return ensure_valid(assemble_library(parts), parts)


def _read_folders(clauses: Path, templates: Path) -> LibraryParts:
    problems: list[Problem] = []
    parts = read_parts(read_folder(clauses), read_folder(templates), problems)
    if problems:
        raise PackError(problems)
    return parts


def read_parts(
    clauses: Mapping[str, SourceFile], templates: Mapping[str, SourceFile], problems: list[Problem]
) -> LibraryParts:
    """Return what files hold, by path below `clauses/` and `templates/`; what cannot be read is added to `problems`."""
    topics: dict[str, Topic] = {}
    texts: dict[str, ClauseText] = {}
    for name, source in clauses.items():
        topic_id, _, file = name.rpartition("/")
        if file == "topic.yaml":
            topic = read_topic(topic_id, source, problems)
            if topic:
                topics[topic_id] = topic
        elif file.endswith(".md") and topic_id:
            clause = read_clause(topic_id, source, problems)
            if clause:
                texts[name] = clause
        elif file != "README.md":
            hint = "a topic is a folder with a topic.yaml and clauses (.md)"
            message = "this file belongs to no topic"
            problems.append(Problem(message, hint, place=Place(source.name), code="library-stray-file"))
    outlines: dict[str, Outline] = {}
    layout: dict[str, SourceFile] = {}
    for name, source in templates.items():
        if name.startswith("layout/"):
            layout[name.removeprefix("layout/")] = source
        elif "/" not in name and name.endswith(".yaml"):
            outline = read_outline(name.removesuffix(".yaml"), source, problems)
            if outline:
                outlines[outline.kind] = outline
        elif name != "README.md":
            hint = "an outline is a .yaml file here; what makes up the page is in the folder layout"
            message = "this file is no outline"
            problems.append(Problem(message, hint, place=Place(source.name), code="library-stray-file"))
    files = {f"clauses/{name}": source for name, source in clauses.items()}
    files |= {f"templates/{name}": source for name, source in templates.items()}
    return LibraryParts(topics, texts, outlines, layout, files)


def assemble_library(parts: LibraryParts, packs: tuple[Pack, ...] = ()) -> Library:
    """Return the library of `parts`, in its fixed order, not validated."""
    clauses: dict[str, tuple[ClauseText, ...]] = {}
    for _, clause in sorted(parts.clauses.items()):
        clauses[clause.topic] = (*clauses.get(clause.topic, ()), clause)
    outlines = dict(sorted(parts.outlines.items(), key=lambda item: (item[1].order, item[0])))
    topics = dict(sorted(parts.topics.items()))
    declarations = {
        f"{pack.id}/{name}": pack.files[name]
        for pack in packs
        for name in (PACK_FILE, TRANSLATIONS_FILE)
        if name in pack.files
    }
    digest = digest_of({**parts.files, **declarations})
    return Library(topics, clauses, outlines, parts.layout, digest, packs, parts.files)


def ensure_valid(library: Library, parts: LibraryParts) -> Library:
    """Return `library` if nothing is wrong with it; raise PackError with every problem."""
    problems = validate_parts(library, parts)
    if problems:
        raise PackError(problems)
    return library


def validate_parts(library: Library, parts: LibraryParts) -> list[Problem]:
    """Return what is wrong with the library that `parts` were assembled to."""
    texts = {file.name: file.text for file in parts.files.values() if file.name.endswith(TEXT_ENDINGS)}
    return validate_library(library, texts)
