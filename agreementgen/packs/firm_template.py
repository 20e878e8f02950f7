"""A firm's own Word file that is laid out as a template, completed with what the parts it places are written with.

Its text and its look stay as they are. A style of the firm that is named like one of ours and means something else
keeps its paragraphs under another name. Remarks in the margin would go out to clients, so they are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import lru_cache

from agreementgen.core.problems import Place, Problem, count_noun
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import PackageRefused, W, open_package
from agreementgen.packs.firm_styles import KEPT_STYLES, FirmStyles, as_document
from agreementgen.packs.word_dangers import find_dangers
from agreementgen.packs.word_file import lacks_styles
from agreementgen.render.docx_writer import STYLE_KINDS, XmlElement, open_word_file, word_file_bytes

_COMMENT_MARKS = ("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef")
# "Title" is Word's own, and nothing of ours is written in it where a firm lays out the page.
_OF_TEMPLATE = (*KEPT_STYLES, "Title")


@lru_cache(maxsize=8)
def complete_template(source: SourceFile, own: SourceFile) -> tuple[SourceFile, tuple[Problem, ...]]:
    """Return the template that a firm's Word file is used as, and a note on what was added to it or left out.

    `own` is our reference.docx. A file that has everything, or cannot be used, is returned as it is.
    """
    try:
        dangers = list(find_dangers(open_package(source.data)))
        if any(danger.is_program for danger in dangers) or not (dangers or lacks_styles(source.data)):
            return source, ()
        completion = _TemplateCompletion(
            open_word_file(SourceFile(source.name, as_document(source.data))), open_word_file(own)
        )
        completion.complete()
        made = SourceFile(source.name, word_file_bytes(completion.word))
        if any(find_dangers(open_package(made.data))):
            return source, ()
    except PackageRefused:
        return source, ()
    said = "; ".join(completion.each_change()) or "its lists were linked again"
    note = f"this Word file is used as a template ({said})"
    return made, (Problem(note, "", place=Place(source.name), code="word-adopted", severity="N"),)


class _TemplateCompletion(FirmStyles):
    """Adds to a template what it lacks."""

    def __init__(self, word: XmlElement, ours: XmlElement) -> None:
        self.left_out: list[str] = []
        self.give_page(word, ours)
        super().__init__(word, ours)

    @staticmethod
    def give_page(word: XmlElement, ours: XmlElement) -> None:
        """Give a file that says nothing of its page ours."""
        body, our_section = word.element.body, ours.element.body.sectPr
        section = body.find(f"{W}sectPr")
        if section is None:
            section = body.makeelement(f"{W}sectPr")
            body.append(section)
        for name in ("pgSz", "pgMar", "cols"):
            if section.find(f"{W}{name}") is None:
                section.append(deepcopy(our_section.find(f"{W}{name}")))

    def complete(self) -> None:
        self.untie()
        self.drop_comments()
        self.unbind_controls()
        self.keep_firm_styles()
        self.copy_styles(_OF_TEMPLATE)
        self.copy_lists()

    def each_change(self) -> Iterator[str]:
        if self.added:
            yield f"added: {count_noun(len(self.added), 'style')} and the list that numbers the clauses"
        if self.left_out:
            yield "left out: " + ", ".join(self.left_out)

    def drop_comments(self) -> None:
        part = self.word.part
        found = [
            key for key, relation in part.rels.items() if "comments" in relation.reltype.rsplit("/", 1)[-1].lower()
        ]
        for key in found:
            del part.rels[key]
        for name in _COMMENT_MARKS:
            for node in list(self.word.element.iter(f"{W}{name}")):
                node.getparent().remove(node)
        if found:
            self.left_out.append("its comments")

    def unbind_controls(self) -> None:
        """Let content controls keep the words they show, and no longer fetch others from data hidden in the file."""
        part = self.word.part
        found = list(self.word.element.iter(f"{W}dataBinding"))
        for node in found:
            node.getparent().remove(node)
        for key, relation in list(part.rels.items()):
            if relation.reltype.endswith(("/customXml", "/glossaryDocument")):
                del part.rels[key]
        if found:
            self.left_out.append("data hidden behind its fields")

    def keep_firm_styles(self) -> None:
        """Let the firm's paragraphs keep their styles where one of ours has the same name."""
        if self.is_ours:
            return
        for name in STYLE_KINDS:
            style = self.by_name.get(name)
            if style is not None and name not in _OF_TEMPLATE:
                style.find(f"{W}name").set(f"{W}val", f"{name} of the firm")
                del self.by_name[name]
