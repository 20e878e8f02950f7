"""The numbered lists of Word files: those of our styles, new ones like them, and lists inside the items of a list."""

from __future__ import annotations

from agreementgen.ooxml import W
from agreementgen.render.docx_writer import BULLET_STYLE, CLAUSE_STYLE, ITEM_STYLE, XmlElement


def start_list_at(word: XmlElement, number: int, level: int = 0) -> str:
    """Return the id of a new list like that of the clauses, which begins at `number` on a level."""
    numbering = word.part.numbering_part.element
    old = list_of_style(word, CLAUSE_STYLE)
    (abstract,) = (num.abstractNumId.val for num in numbering.num_lst if str(num.numId) == old)
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=level).add_startOverride(number)
    return str(made.numId)


def list_of_style(word: XmlElement, name: str) -> str:
    """Return the id of the list that a style of ours takes its numbers from."""
    style = word.styles[name]
    path = f"{W}pPr/{W}numPr/{W}numId"
    while style.element.find(path) is None:
        style = style.base_style
    return str(style.element.find(path).get(f"{W}val"))


# The level of each kind of list inside an item: the style whose list it is in, its format, its sign.
INNER_LEVELS = {"number": (ITEM_STYLE, 2, "lowerRoman", "(%3)"), "point": (BULLET_STYLE, 1, "bullet", "–")}
_INNER_INDENT, _INNER_HANGING = 680, 400


def add_inner_levels(word: XmlElement) -> None:
    """Give the lists of clauses the levels for lists inside an item; files of firms have none, or others."""
    numbering = word.part.numbering_part.element
    for style, level, form, text in INNER_LEVELS.values():
        number = list_of_style(word, style)
        (abstract_id,) = (str(num.abstractNumId.val) for num in numbering.num_lst if str(num.numId) == number)
        abstract = next(
            node for node in numbering.findall(f"{W}abstractNum") if node.get(f"{W}abstractNumId") == abstract_id
        )
        kind = abstract.find(f"{W}multiLevelType")
        if kind is not None:
            kind.set(f"{W}val", "multilevel")
        levels = abstract.findall(f"{W}lvl")
        for old in [node for node in levels if node.get(f"{W}ilvl") == str(level)]:
            abstract.remove(old)
        made = abstract.makeelement(f"{W}lvl", {f"{W}ilvl": str(level)})
        for name, value in (("start", "1"), ("numFmt", form), ("lvlText", text), ("lvlJc", "left")):
            made.append(made.makeelement(f"{W}{name}", {f"{W}val": value}))
        properties = made.makeelement(f"{W}pPr")
        properties.append(
            made.makeelement(f"{W}ind", {f"{W}left": str(_INNER_INDENT), f"{W}hanging": str(_INNER_HANGING)})
        )
        made.append(properties)
        before = [node for node in abstract.findall(f"{W}lvl") if int(node.get(f"{W}ilvl", "0")) < level]
        before[-1].addnext(made)
