"""Packs: what a law firm lays over the library. `pack.yaml` says who it is from and what it changes of questions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agreementgen import __version__
from agreementgen.core.characters import quote_text
from agreementgen.core.problems import PackError, Place, Problem, suggest_nearest
from agreementgen.deal.questions import Limits
from agreementgen.library.declarations import Fields, PlacedText, read_declarations
from agreementgen.library.snapshot import SourceFile, digest_of, read_folder
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

PACK_FILE, TRANSLATIONS_FILE = "pack.yaml", "translations.yaml"
# Files of a pack that do not change any document.
FILES_BESIDE = (PACK_FILE, TRANSLATIONS_FILE, "based-on.yaml", "README.md", "CHANGELOG.md", "LICENSE.txt")
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
class Translation:
    """The prompts of a pack in its language: of `questions` by path, and titles of `topics` by id."""

    changes: tuple[QuestionChange, ...] = ()
    titles: tuple[tuple[PlacedText, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Pack:
    """One pack as it was read. `files` are its files by path inside `folder`.

    Packs are equal where they lie in one folder and make the same documents: `digest`, a SHA-256, leaves out the files
    in samples/ and tests/.

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
    switched_off: tuple[PlacedText, ...] = ()
    kinds: tuple[PlacedText, ...] = ()
    changes: tuple[QuestionChange, ...] = ()
    translation: Translation = Translation()
    faces: Mapping[str, PlacedText] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pack) and (str(self.folder), self.digest) == (str(other.folder), other.digest)

    def __hash__(self) -> int:
        return hash((str(self.folder), self.digest))

    @property
    def declaration(self) -> SourceFile:
        return self.files[PACK_FILE]

    def files_below(self, folder: str) -> dict[str, SourceFile]:
        """Return the files below one of its folders, by their path there."""
        head = folder + "/"
        return {name.removeprefix(head): file for name, file in self.files.items() if name.startswith(head)}


def read_pack(folder: Path) -> Pack:
    """Return the pack in `folder`; raise PackError with every problem of its own two files and its tree."""
    where = Place(str(folder))
    if not folder.is_dir():
        hint = "name the folder that holds the pack's pack.yaml"
        raise PackError(Problem("there is no such folder", hint, place=where, code="file-missing"))
    # Some other folder: its files, which may be anything, are nobody's mistakes.
    files = read_folder(folder) if os.path.lexists(folder / PACK_FILE) else {}
    if PACK_FILE not in files:
        hint = 'a pack is a folder with a pack.yaml; "agreementgen pack new" makes one'
        message = "there is no pack.yaml in this folder"
        raise PackError(Problem(message, hint, place=where, code="pack-no-declaration"))
    problems = list(_find_strays(files))
    pack = read_declarations(files[PACK_FILE], partial(_read_pack, folder, files), problems)
    if pack is None or problems:
        raise PackError(problems)
    return pack


def _find_strays(files: Mapping[str, SourceFile]) -> Iterator[Problem]:
    for name, source in files.items():
        top, inside, _ = name.partition("/")
        if not (inside and top in PACK_FOLDERS) and name not in FILES_BESIDE:
            hint = suggest_nearest(top, (*PACK_FOLDERS, *FILES_BESIDE))
            hint = hint or f"a pack has the folders {', '.join(PACK_FOLDERS)}"
            yield Problem("this file has no place in a pack", hint, place=Place(source.name), code="pack-stray-file")


def _read_pack(folder: Path, files: Mapping[str, SourceFile], fields: Fields) -> Pack:
    pack = Pack(
        id=fields.read_text("id"),
        name=fields.read_text("name"),
        version=fields.read_text("version"),
        made_for=fields.read_text("made for"),
        contact=fields.read_text("contact", ""),
        footer=fields.read_text("footer", ""),
        language=fields.read_text("language", ""),
        folder=folder,
        files=files,
        digest=digest_of({n: file for n, file in files.items() if n.partition("/")[0] not in ("samples", "tests")}),
        switched_off=fields.read_placed_texts("switched off"),
        kinds=fields.read_placed_texts("kinds"),
        changes=_read_changes(fields),
        translation=_read_translations(files, fields.problems),
        faces=fields.read_group("faces", _read_faces, "faces"),
    )
    _check_values(pack, fields)
    return pack


def _check_values(pack: Pack, fields: Fields) -> None:
    def refuse(key: str, message: str, hint: str, code: str = "unreadable") -> None:
        fields.add_problem(message, hint, fields.place_of(key), code=code)

    if pack.id and not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", pack.id):
        hint = "use small letters, figures and hyphens, as in acme-law"
        refuse("id", f'"{quote_text(pack.id)}" cannot be the id of a pack', hint)
    for key, text in (("version", pack.version), ("made for", pack.made_for)):
        if text and _version_numbers(text) is None:
            refuse(key, f'"{quote_text(text)}" is not a version', "write it like 1.2")
    made_for, ours = _version_numbers(pack.made_for), _version_numbers(__version__)
    if made_for and ours and made_for > ours:
        message = f"the pack was made for version {pack.made_for} of agreementgen, and this is {__version__}"
        refuse("made for", message, "update agreementgen", "pack-too-new")
    if pack.language and not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", pack.language):
        refuse("language", f'"{quote_text(pack.language)}" is not a language', "write it like de or en-GB")


def _version_numbers(version: str) -> tuple[int, ...] | None:
    """Return the four numbers of "1.2.3" (1, 2, 3, 0); None where it is no version."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", version):
        return None
    numbers = [int(number) for number in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _read_faces(fields: Fields) -> Mapping[str, PlacedText]:
    return {word: fields.read_placed_text(word) for word in ("regular", "bold")}


def _read_changes(fields: Fields) -> tuple[QuestionChange, ...]:
    groups = fields.each_named_group("questions", "a group of what changes, as in {default: 30 days}")
    return tuple(fields.inside(node, name.text).read_by(partial(_read_change, name)) for name, node in groups)


def _read_change(name: ScalarNode, fields: Fields) -> QuestionChange:
    return QuestionChange(
        path=name.text,
        place=name.place,
        prompt=fields.read_text("prompt", ""),
        help=fields.read_text("help", ""),
        example=fields.read_text("example", ""),
        default=fields.find_node("default"),
        limits=fields.read_limits(),
        choices=_read_choices(fields),
        required=fields.read_flag("required", False),
        hidden=fields.read_flag("hidden", False),
    )


def _read_choices(fields: Fields) -> Mapping[str, str] | None:
    """Return the choices that are left; "" where their words stay."""
    if isinstance(fields.find_node("choices"), SequenceNode):
        return dict.fromkeys(fields.read_texts("choices"), "")
    return fields.read_words("choices")


def _read_translations(files: Mapping[str, SourceFile], problems: list[Problem]) -> Translation:
    source = files.get(TRANSLATIONS_FILE)
    translation = read_declarations(source, _read_translation, problems) if source else None
    return translation or Translation()


def _read_translation(fields: Fields) -> Translation:
    changes = _read_changes(fields)
    for change in changes:
        if change.default or change.limits != NO_LIMITS or change.required or change.hidden:
            message = "a translation changes words only: prompt, help, example and choices"
            hint = "say the rest in pack.yaml"
            fields.problems.append(Problem(message, hint, change.path, change.place, code="not-applicable"))
    places = fields.places_in("topics")
    titles = fields.read_words("topics") or {}
    return Translation(changes, tuple((PlacedText(name, places[name]), title) for name, title in titles.items()))
