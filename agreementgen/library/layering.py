"""The library with packs laid over it. Whole files replace whole files; questions change as `pack.yaml` says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from agreementgen.errors import PackError, Problem, nearest
from agreementgen.library.changing import changed
from agreementgen.library.library import Library, Parts, assembled, built_in, built_in_parts, checked, read_parts
from agreementgen.library.outlines import Outline
from agreementgen.library.packs import Pack, read_pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.page import checking as page
from agreementgen.word.linting import Linted, lint
from agreementgen.word.template import REFERENCE, Names, lint_template, misnamed, shape_of

# Under this name in front of their own, our layouts are still there when a pack replaces them:
# {% extends "built-in/agreement.html" %}, @import "built-in/agreement.css".
BUILT_IN = "built-in/"
# Under these names the writers find the fonts by which the fit measures.
FACES = {"regular": "face/regular", "bold": "face/bold"}


def opened(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library with the packs in these folders laid over it, the last on top.

    Raise PackError with every problem of their files, or else with every problem of the whole.
    """
    folders = _each_once(packs)
    if not folders:
        return built_in()
    read: list[Pack] = []
    problems: list[Problem] = []
    for folder in folders:
        try:
            read.append(read_pack(folder))
        except PackError as error:
            problems += error.problems
    if problems:
        raise PackError(problems)
    return _Opened.of(tuple(read))


class _Opened:
    """Packs that were opened before: looking through a whole library takes a good part of a second."""

    def __init__(self, packs: tuple[Pack, ...]) -> None:
        self.packs = packs
        self.key = tuple((str(pack.folder), pack.digest) for pack in packs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Opened) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @staticmethod
    def of(packs: tuple[Pack, ...]) -> Library:
        return _layered(_Opened(packs))


@lru_cache(maxsize=8)
def _layered(opened: _Opened) -> Library:
    problems: list[Problem] = []
    parts = built_in_parts()
    for pack in opened.packs:
        parts = _over(parts, pack, problems)
    if problems:
        raise PackError(problems)
    library = assembled(parts, opened.packs)
    problems += (p for pack in opened.packs for linted in word_files(pack, library) for p in linted.problems)
    try:
        checked(library, parts)
    except PackError as error:
        problems += error.problems
    if problems:
        raise PackError(problems)
    return library


def word_files(pack: Pack, library: Library) -> Iterator[Linted]:
    """Yield what there is to say about each Word file of a pack, in a library in which the pack lies."""
    names = names_of(library)
    for name, source in pack.part("templates/layout").items():
        if not name.lower().endswith(".docx"):
            continue
        stray = misnamed(source.name, names)
        if stray:
            yield Linted((stray,))
        elif name == REFERENCE:
            yield lint(source.data, source.name)
        else:
            yield lint_template(source.data, source.name, names)


def names_of(library: Library) -> Names:
    """Return what Word templates may name in a library."""
    topics = library.topics.values()
    return Names(
        facts=shape_of(library.shape()),
        topics=frozenset(library.clauses),
        rows=frozenset(row.id for topic in topics for row in topic.rows),
        schedules=frozenset(schedule.id for topic in topics for schedule in topic.schedules)
        | {topic.question.key for topic in topics if topic.question.type == "raci"},
        kinds=frozenset(library.outlines),
    )


def _each_once(packs: Iterable[Path]) -> list[Path]:
    """Return the folders, each where it is named last."""
    found: dict[Path, Path] = {}
    for folder in packs:
        found.pop(folder.resolve(), None)
        found[folder.resolve()] = folder
    return list(found.values())


def _over(parts: Parts, pack: Pack, problems: list[Problem]) -> Parts:
    """Return `parts` with a pack laid over them."""
    own = read_parts(pack.part("clauses"), pack.part("templates"), problems)
    ids = {clause.id for clause in own.clauses.values()}
    kept = {name: clause for name, clause in parts.clauses.items() if clause.id not in ids}
    clauses = kept | dict(own.clauses)
    known = {clause.id: name for name, clause in clauses.items()}
    for off in pack.switched_off:
        if off.name in known:
            clauses.pop(known[off.name], None)
        else:
            hint = nearest(off.name, known)
            problems.append(Problem(f'"{off.name}" is not a clause', hint, "switched off", off.place))
    gone = set(parts.clauses) | set(own.clauses)
    files = {name: file for name, file in {**parts.files, **own.files}.items() if not _dropped(name, gone, clauses)}
    outlines = _offered(pack, {**parts.outlines, **own.outlines}, problems)
    found = changed(pack, {**parts.topics, **own.topics}, outlines)
    problems += found.problems
    layout = dict(_layout(parts, own))
    for word, face in (pack.faces or {}).items():
        if face.name in layout:
            layout[FACES[word]] = layout[face.name]
        else:
            hint = nearest(face.name, layout) or "put it into templates/layout"
            problems.append(Problem(f'the font "{face.name}" ({word}) is not in the layout', hint, "faces", face.place))
    problems += page.check_page(own.layout, layout)
    return Parts(found.topics, clauses, found.outlines, layout, files)


def _dropped(name: str, known: set[str], left: Mapping[str, object]) -> bool:
    """Return whether a file holds a clause that is not used any more."""
    clause = name.removeprefix("clauses/")
    return name != clause and clause in known and clause not in left


def _offered(pack: Pack, outlines: Mapping[str, Outline], problems: list[Problem]) -> dict[str, Outline]:
    """Return the kinds of agreement, those that a pack does not offer marked so: clauses may still speak of them."""
    for kind in pack.kinds:
        if kind.name not in outlines:
            hint = nearest(kind.name, outlines)
            problems.append(Problem(f'"{kind.name}" is not a kind of agreement', hint, "kinds", kind.place))
    names = [kind.name for kind in pack.kinds] or list(outlines)
    return {kind: replace(outline, offered=outline.offered and kind in names) for kind, outline in outlines.items()}


def _layout(parts: Parts, own: Parts) -> Iterator[tuple[str, SourceFile]]:
    """Yield the files of the layout, a pack's over the others, and ours that it replaces under a second name."""
    yield from parts.layout.items()
    yield from own.layout.items()
    for name, source in built_in_parts().layout.items() if own.layout else ():
        yield BUILT_IN + name, source
