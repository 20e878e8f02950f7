"""Packs: what a law firm lays over the library. `pack.yaml` says who it is from and what it changes of questions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agreementgen import __version__
from agreementgen.core.characters import quote_text
from agreementgen.core.problems import InputError, PackError, Place, Problem, suggest_nearest
from agreementgen.deal.questions import Limits
from agreementgen.library.declarations import Fields
from agreementgen.library.snapshot import SourceFile, digest_of, read_folder
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, read_yaml

PACK_FILE, TRANSLATIONS_FILE = "pack.yaml", "translations.yaml"
# Files of a pack that do not change any document.
FILES_AT_TOP = (PACK_FILE, TRANSLATIONS_FILE, "based-on.yaml", "README.md", "CHANGELOG.md", "LICENSE.txt")
NO_LIMITS = Limits()
PACK_FOLDERS = ("clauses", "templates", "samples", "tests")


@dataclass(frozen=True)
class QuestionChange:
    """What a pack changes of one question; what is empty or None stays. `path` is that in a deal file.

    `choices` are the ones left, with other words for those that have any. `limits` may only be narrower.
    """

    path: str
    place: Place
    prompt: str = ""
    help: str = ""
    example: str = ""
    default: Node | None = None
    limits: Limits = NO_LIMITS
    choices: Mapping[str, str] | None = None
    required: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class PlacedName:
    """A name in a list, and where it stands."""

    name: str
    place: Place


@dataclass(frozen=True)
class Translation:
    """The prompts of a pack in its language: of `questions` by path, and titles of `topics` by id."""

    changes: tuple[QuestionChange, ...] = ()
    titles: tuple[tuple[PlacedName, str], ...] = ()


@dataclass(frozen=True)
class Pack:
    """One pack as it was read. `files` are its files by path inside `folder`.

    `made_for` is the version of the program it was made for. `switched_off` are ids of clauses that are not used;
    `kinds` the kinds of agreement it offers (none: all). `faces` name the font files of its text ("regular", "bold")
    in `templates/layout`, by which the fit measures. `language` is that of its prompts, "" for ours.
    """

    id: str
    name: str
    version: str
    made_for: str
    contact: str
    footer: str
    language: str
    folder: Path
    files: Mapping[str, SourceFile]
    digest: str
    switched_off: tuple[PlacedName, ...] = ()
    kinds: tuple[PlacedName, ...] = ()
    changes: tuple[QuestionChange, ...] = ()
    translation: Translation = Translation()
    faces: Mapping[str, PlacedName] | None = None

    @property
    def declaration(self) -> SourceFile:
        return self.files[PACK_FILE]

    def files_below(self, folder: str) -> dict[str, SourceFile]:
        """Return the files below one of its folders, by their path there."""
        head = folder + "/"
        return {name.removeprefix(head): file for name, file in self.files.items() if name.startswith(head)}


def read_pack(folder: Path) -> Pack:
    """Return the pack in `folder`; raise PackError with every problem of its own two files and its tree."""
    if not folder.is_dir():
        hint = "name the folder that holds the pack's pack.yaml"
        raise PackError(Problem("there is no such folder", hint, "", Place(str(folder))))
    none = Problem(
        "there is no pack.yaml in this folder",
        'a pack is a folder with a pack.yaml; "agreementgen pack new" makes one',
        "",
        Place(str(folder)),
    )
    # Some other folder: its files, which may be anything, are nobody's mistakes.
    if not os.path.lexists(folder / PACK_FILE):
        raise PackError(none)
    files = read_folder(folder)
    if PACK_FILE not in files:
        raise PackError(none)
    problems = list(_find_strays(files))
    try:
        root = read_yaml(files[PACK_FILE].text, files[PACK_FILE].name).root
    except InputError as error:
        raise PackError((*problems, *error.problems)) from None
    fields = Fields(root, problems, "")
    pack = Pack(
        id=fields.text("id"),
        name=fields.text("name"),
        version=fields.text("version"),
        made_for=fields.text("made for"),
        contact=fields.text("contact", ""),
        footer=fields.text("footer", ""),
        language=fields.text("language", ""),
        folder=folder,
        files=files,
        digest=digest_of({n: file for n, file in files.items() if n.partition("/")[0] not in ("samples", "tests")}),
        switched_off=_names(fields, "switched off"),
        kinds=_names(fields, "kinds"),
        changes=tuple(_changes(fields, "questions")),
        translation=_translation(files, problems),
        faces=_faces(fields),
    )
    _check_values(pack, fields)
    fields.refuse_unknown_keys()
    if problems:
        raise PackError(problems)
    return pack


def _find_strays(files: Mapping[str, SourceFile]) -> Iterator[Problem]:
    for name, source in files.items():
        top, inside, _ = name.partition("/")
        if not (inside and top in PACK_FOLDERS) and name not in FILES_AT_TOP:
            hint = (
                suggest_nearest(top, (*PACK_FOLDERS, *FILES_AT_TOP))
                or f"a pack has the folders {', '.join(PACK_FOLDERS)}"
            )
            yield Problem("this file has no place in a pack", hint, "", Place(source.name))


def _names(fields: Fields, key: str) -> tuple[PlacedName, ...]:
    places = fields.places_of(key)
    return tuple(PlacedName(name, places[name]) for name in fields.texts(key))


def _check_values(pack: Pack, fields: Fields) -> None:
    if pack.id and not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", pack.id):
        hint = "use small letters, figures and hyphens, as in acme-law"
        fields.add_problem(f'"{quote_text(pack.id)}" cannot be the id of a pack', hint, fields.place_of("id"))
    for key, text in (("version", pack.version), ("made for", pack.made_for)):
        if text and _version_numbers(text) is None:
            fields.add_problem(f'"{quote_text(text)}" is not a version', "write it like 1.2", fields.place_of(key))
    made_for, ours = _version_numbers(pack.made_for), _version_numbers(__version__)
    if made_for and ours and made_for > ours:
        message = f"the pack was made for version {pack.made_for} of agreementgen, and this is {__version__}"
        fields.add_problem(message, "update agreementgen", fields.place_of("made for"))
    if pack.language and not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", pack.language):
        fields.add_problem(
            f'"{quote_text(pack.language)}" is not a language', "write it like de or en-GB", fields.place_of("language")
        )


def _version_numbers(version: str) -> tuple[int, ...] | None:
    """Return the numbers of "1.2.3"; None where it is no version."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", version):
        return None
    found = [int(number) for number in version.split(".")]
    return tuple(found + [0] * (4 - len(found)))


def _faces(fields: Fields) -> Mapping[str, PlacedName] | None:
    node = fields.mapping("faces")
    if node is None:
        return None
    said = Fields(node, fields.problems, "faces")
    found = {word: PlacedName(said.text(word), said.place_of(word)) for word in ("regular", "bold")}
    said.refuse_unknown_keys()
    return found


def _changes(fields: Fields, key: str) -> Iterator[QuestionChange]:
    for name, node in fields.mapping(key) or ():
        if not isinstance(node, MappingNode):
            fields.add_problem(
                f'"{name.text}" must be a group of what changes, as in {{default: 30 days}}', "", name.place
            )
            continue
        said = Fields(node, fields.problems, name.text)
        yield QuestionChange(
            path=name.text,
            place=name.place,
            prompt=said.text("prompt", ""),
            help=said.text("help", ""),
            example=said.text("example", ""),
            default=said.raw("default"),
            limits=Limits(said.whole("characters"), said.whole("words"), said.text("least", ""), said.text("most", "")),
            choices=_choices(said),
            required=said.flag("required", False),
            hidden=said.flag("hidden", False),
        )
        said.refuse_unknown_keys()


def _choices(said: Fields) -> Mapping[str, str] | None:
    """Return the choices that are left; "" where their words stay."""
    node = said.raw("choices")
    if isinstance(node, SequenceNode):
        return dict.fromkeys(said.texts("choices"), "")
    if isinstance(node, ScalarNode):
        said.add_problem('"choices" must list words', place=node.place)
        return None
    return said.words("choices")


def _translation(files: Mapping[str, SourceFile], problems: list[Problem]) -> Translation:
    if TRANSLATIONS_FILE not in files:
        return Translation()
    try:
        root = read_yaml(files[TRANSLATIONS_FILE].text, files[TRANSLATIONS_FILE].name).root
    except InputError as error:
        problems += error.problems
        return Translation()
    fields = Fields(root, problems, "")
    changes = tuple(_changes(fields, "questions"))
    for change in changes:
        if change.default or change.limits != NO_LIMITS or change.required or change.hidden:
            message = "a translation changes words only: prompt, help, example and choices"
            problems.append(Problem(message, "say the rest in pack.yaml", change.path, change.place))
    titles = fields.words("topics") or {}
    places = fields.places_of("topics")
    fields.refuse_unknown_keys()
    return Translation(changes, tuple((PlacedName(name, places[name]), title) for name, title in titles.items()))
