"""The deal file that a finished document carries. A stranger's document is looked through like any deal file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agreementgen import ooxml, pipeline
from agreementgen.core.opening import read_regular_file
from agreementgen.core.problems import InputError, Place, Problem, count_noun
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import POSITION_BY_TOPIC
from agreementgen.deal.reader import node_as_data
from agreementgen.draft.carried_deal import FORM
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library
from agreementgen.ooxml import W
from agreementgen.render.carrying import MAX_PDF_BYTES, FoundDeal, NothingCarried, find_deal
from agreementgen.render.signing import FoundSignatures, find_signatures
from agreementgen.sources import SourcedDeal, open_library
from agreementgen.yamlfile.editing import write_answers
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, read_yaml

DOCUMENT_SUFFIXES = (".docx", ".pdf")


@dataclass(frozen=True)
class RecoveredDeal:
    """A deal out of a document: the text of its file, the deal that it says, and what one should know of it.

    `is_unchanged` says whether the document is as it was sent; None where nothing tells. `signatures` are those of a
    PDF.
    """

    text: str
    deal: Deal
    library: Library
    is_unchanged: bool | None
    remarks: tuple[Problem, ...]
    signatures: FoundSignatures | None = None


def read_document(name: str) -> bytes:
    """Return the bytes of a Word file or PDF; raise InputError."""
    path, place = Path(name), Place(name)
    if path.suffix.lower() not in DOCUMENT_SUFFIXES:
        message, hint = "this is no Word file and no PDF", "name the .docx or .pdf that was built or came back"
        raise InputError(Problem(message, hint, "", place, code="file-unreadable"))
    try:
        data = read_regular_file(path, MAX_PDF_BYTES)
    except FileNotFoundError:
        hint = "look at the name and the folder"
        raise InputError(Problem("there is no such file", hint, "", place, code="file-missing")) from None
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        hint = "look whether it is there, and whether you may read it"
        raise InputError(Problem(message, hint, "", place, code="file-unreadable")) from None
    if len(data) > MAX_PDF_BYTES:
        message = f"the file is larger than {MAX_PDF_BYTES:,} bytes"
        raise InputError(Problem(message, "is this the right file?", "", place, code="file-too-large"))
    return data


def recover_deal(name: str, packs: tuple[Path, ...] = ()) -> RecoveredDeal:
    """Return the deal that a document carries; raise InputError where it carries none, or one that cannot be read."""
    place = Place(name)
    data = read_document(name)
    try:
        found = find_deal(data)
    except NothingCarried as error:
        hint = "take your own deal file, or compare it with the Word file; --no-data leaves the deal out"
        raise InputError(
            Problem(f"there is no deal in this document: {error}", hint, "", place, code="no-deal")
        ) from None
    if not found.text:
        message = f"the deal got lost when another program saved this file; its digest was {found.digest[:16]}"
        hint = "take the file as it was sent, or your own deal file"
        raise InputError(Problem(message, hint, "", place, code="no-deal"))
    signatures = find_signatures(data) if data.startswith(b"%PDF") else None
    return replace(_read_carried(found, name, packs), signatures=signatures)


def refuse_another_deal(data: bytes, name: str, sourced: SourcedDeal, title: str = "") -> None:
    """Raise InputError where a Word file or PDF is that of another deal than `sourced`, whose agreement has `title`.

    It is where its kind is another, or none of its parties is one of the deal's; a party that was renamed leaves it the
    same deal. What the file carries tells, as nobody edits it; without it the words of a Word file do.
    """
    own = sourced.deal
    kind, texts = _find_carried_kind_and_parties(data) or _find_printed_kind_and_parties(data, sourced.library, title)
    if kind and kind != own.kind:
        message = f"this file is that of another deal: the kind of its agreement is {kind}, not {own.kind}"
    elif texts and not any(_squash(party.name) in text for party in own.parties for text in texts):
        names = " or ".join(party.name for party in own.parties)
        message = f"this file is that of another deal: it is not between {names} and others"
    else:
        return
    hint = "name the file that came back, and the deal file that it was built of"
    raise InputError(Problem(message, hint, "", Place(name), code="other-deal"))


def _find_carried_kind_and_parties(data: bytes) -> tuple[str, list[str]] | None:
    """Return the kind of the deal in a document, and all that is said of its parties; None where it cannot be read."""
    try:
        deal = read_yaml(find_deal(data).text, "").root.get("deal")
    except (NothingCarried, InputError):
        return None
    if not isinstance(deal, MappingNode):
        return None
    return deal.text_of("agreement"), [_squash(text) for text in _each_scalar(deal.get("parties"))]


def _find_printed_kind_and_parties(data: bytes, library: Library, title: str) -> tuple[str, list[str]]:
    """Return the kind whose title a Word file begins with, "" for `title` or another of its own, and its paragraphs."""
    if data.startswith(b"%PDF"):
        return "", []
    package = ooxml.open_package(data)
    body = package.read_part(ooxml.name_of_main_part(package))
    paragraphs = ("".join(text.text or "" for text in node.iter(f"{W}t")) for node in body.iter(f"{W}p"))
    texts = [_squash(text) for text in paragraphs if text.strip()]
    first = texts[0] if texts and not texts[0].startswith(_squash(title)) else ""
    kinds = library.offered_outlines.items()
    return next((kind for kind, outline in kinds if first.startswith(_squash(outline.title))), ""), texts


def _squash(text: str) -> str:
    return " ".join(text.replace("\u2011", "-").replace("\u2019", "'").split()).casefold()


def _each_scalar(node: Node | None) -> Iterator[str]:
    if isinstance(node, ScalarNode):
        yield node.text
    for inner in node.items if isinstance(node, SequenceNode) else ():
        yield from _each_scalar(inner)
    for _, inner in node if isinstance(node, MappingNode) else ():
        yield from _each_scalar(inner)


def carry_and_recover(sourced: SourcedDeal) -> SourcedDeal:
    """Return a deal as its own documents would give it back: without what they do not show."""
    carried = pipeline.build(sourced.deal, sourced.library, ("docx",)).carried
    if carried is None:
        return sourced
    found = _read_carried(FoundDeal(carried.text, carried.digest, None), sourced.name, ())
    return replace(sourced, deal=found.deal)


def describe_signatures(found: FoundSignatures | None) -> str:
    """Return in a sentence whether a PDF is signed, and what the signatures cover; "" where there is nothing to say."""
    if found is None:
        return ""
    if not found.count and found.covers_all is None:
        return "it has more form fields than are looked at: whether it is signed cannot be told here"
    if not (found.count or found.waiting):
        return ""
    waiting = f"; {count_noun(found.waiting, 'field')} to sign still empty" if found.waiting else ""
    if not found.count:
        return f"not signed yet{waiting}"
    signed = count_noun(found.count, "digital signature")
    if found.is_intact is False:
        return f"{signed}, and the signed bytes were CHANGED since: do not rely on it{waiting}"
    covers = {
        True: "covering the whole file",
        False: "and something was added behind the last one",
        None: "and it cannot be told whether the whole file is covered",
    }[found.covers_all]
    told = "" if found.is_intact else "; whether the signed bytes were changed cannot be told here"
    return f"{signed}, {covers}{told}{waiting}; your PDF reader tells whose they are"


def _read_carried(found: FoundDeal, name: str, packs: tuple[Path, ...]) -> RecoveredDeal:
    source = f"{name} (the deal in it)"
    root = read_yaml(found.text, source).root
    inner = root.get("deal")
    if root.text_of("carried") != FORM or not isinstance(inner, MappingNode):
        message = "the deal in this document has a form that this program does not know"
        hint = "it was made by a newer agreementgen, or by hand"
        raise InputError(Problem(message, hint, "", Place(name), code="no-deal"))
    library = open_library(packs)
    answers = node_as_data(inner)
    wanted = list(_each_text(root.get("clauses")))
    deal = _read(answers, source, library)
    positions = _positions_of(wanted, deal, library)
    if positions:
        answers[POSITION_BY_TOPIC] = positions
        deal = _read(answers, source, library)
    remarks = list(_review(deal, library, wanted, list(_each_text(root.get("packs"))), name))
    return RecoveredDeal(write_answers(answers), deal, library, found.is_unchanged, tuple(remarks))


def _read(answers: dict[str, Any], source: str, library: Library) -> Deal:
    return pipeline.read(write_answers(answers).encode(), source, library)


def _each_text(node: Node | None) -> Iterator[str]:
    if isinstance(node, SequenceNode):
        yield from (item.text.strip() for item in node.items if isinstance(item, ScalarNode))


def _positions_of(wanted: list[str], deal: Deal, library: Library) -> dict[str, str]:
    """Return the position by topic of the clauses that stand in the text, where it is not the one that is usual."""
    usual = {clause.topic: clause for clause in _selected(deal, library)}
    known = {clause.id: clause for clause in library.each_clause()}
    found = (known[clause_id] for clause_id in wanted if clause_id in known)
    return {
        clause.topic: clause.position
        for clause in found
        if clause.position not in ("balanced", "short")
        and (clause.topic not in usual or usual[clause.topic].id != clause.id)
    }


def _selected(deal: Deal, library: Library) -> tuple[Any, ...]:
    return select_clauses(deal, library, library.outline_of_deal(deal), deal.facts["wording"] == "short").clauses


def _review(deal: Deal, library: Library, wanted: list[str], packs: list[str], name: str) -> Iterator[Problem]:
    """Yield what would be otherwise in an agreement that is built of the deal now."""
    place = Place(name)
    here = {f"{pack.id} {pack.version}" for pack in library.packs}
    for pack in packs:
        if pack not in here:
            message = f"the document was made with the pack {pack}, which is not in use here"
            yield Problem(message, "name its folder with --pack", "", place, code="other-library", severity="W")
    outline = library.outline_of_deal(deal)
    made = {c.id for short in (False, True) for c in select_clauses(deal, library, outline, short).clauses}
    missing = [clause_id for clause_id in wanted if clause_id not in made]
    if missing:
        message = f"the document has clauses that the deal does not get here: {', '.join(missing[:8])}"
        hint = "they come from a pack, or from another version of the library"
        yield Problem(message, hint, "", place, code="other-library", severity="W")
