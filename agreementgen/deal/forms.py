"""The JSON Schema of deal files, from the questions: editors complete and check with it while one types.

It is a help for typing. What counts is `agreementgen check`: limits on lengths of time, conditions between
answers and the names of parties cannot be said in a schema.

The annotated starter file: every question of a kind of agreement as YAML with comments.

What must be answered stands as an empty line to fill in; everything else is commented out with its default.

The reference of deal files in docs/deal-files: every question with its type, its default and what it is about.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agreementgen.deal.deal import Form
from agreementgen.deal.question_types import PERCENT, ChoiceType, YesNoType, words_for_schema
from agreementgen.deal.questions import Question, Schema, Structure
from agreementgen.language.conditions import read_condition
from agreementgen.yamlfile.editing import write_inline
from agreementgen.yamlfile.nodes import Node, ScalarNode

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def make_schema(form: Form, title: str) -> Schema:
    """Return the schema of the deal files of one kind of agreement."""
    root = _group_schema(form.questions, form, "")
    left_out = next((question.parts[0].choices or {} for question in form.questions if question.key == "leave out"), {})
    unless = [_required_unless_left_out(key) for key in root.get("required", ()) if key in left_out]
    if unless:
        root["required"] = [key for key in root["required"] if key not in left_out]
        root["allOf"] = unless
    return {"$schema": SCHEMA_DIALECT, "title": f"Deal file: {title}", **root}


def _required_unless_left_out(key: str) -> Schema:
    """Return the rule that a topic is answered, or left out by a deal's list of topics (or its only one)."""
    named = {"anyOf": [{"const": key}, {"type": "array", "contains": {"const": key}}]}
    return {"anyOf": [{"required": [key]}, {"required": ["leave out"], "properties": {"leave out": named}}]}


def _group_schema(questions: tuple[Question, ...], form: Form, path: str) -> Schema:
    properties = {}
    required = []
    groups = {question.key for question in questions if question.is_group}
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        properties[question.key] = _question_schema(question, form, here, has_second=f"second {question.key}" in groups)
        default = form.defaults.get(here, question.default)
        if question.needed == "yes" and not question.when and default is None:
            required.append(question.key)
    # A topic's name with nothing behind it (as in the starter file) is no answer, and no error.
    found: Schema = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _question_schema(question: Question, form: Form, path: str, has_second: bool = False) -> Schema:
    """Return the schema of one question; `has_second`: a second one stands beside it, and a list of two is both."""
    found: Schema = {"title": question.prompt} if question.prompt else {}
    if question.help:
        found["description"] = question.help
    default = form.defaults.get(path, question.default)
    if isinstance(default, ScalarNode):
        found["default"] = default.text
    if question.example:
        found["examples"] = [question.example]
    value = _value_schema(question, form, path)
    spellings = [{"enum": words_for_schema(list(question.words))}, value] if question.words else [value]
    if question.by_party:
        spellings.append({"type": "object", "additionalProperties": value})
    if has_second:
        spellings.append({"type": "array", "items": value, "minItems": 1, "maxItems": 2})
    return found | ({"anyOf": spellings} if len(spellings) > 1 else value)


def _value_schema(question: Question, form: Form, path: str) -> Schema:
    match question.structure:
        case Structure.GROUP:
            return _group_schema(question.parts, form, path)
        case Structure.GROUPS:
            least, most = question.limits.least, question.limits.most
            if question.key == "parties":
                least, most = str(form.party_limits[0]), str(form.party_limits[1])
            found: Schema = {"type": "array", "items": _group_schema(question.parts, form, path)}
            return found | ({"minItems": int(least)} if least else {}) | ({"maxItems": int(most)} if most else {})
        case Structure.LIST:
            item = _question_schema(question.parts[0], form, path)
            return {"anyOf": [{"type": "array", "items": item}, item]}
        case Structure.PER_PARTY:
            return {"type": "object", "additionalProperties": _question_schema(question.parts[0], form, path)}
        case Structure.SHARES:
            return {"type": "object", "additionalProperties": PERCENT.json_schema(question)}
        case Structure.MATRIX:
            return {"anyOf": [{"type": "string", "pattern": _TABLE_NAME}, _matrix_schema(question, form, path)]}
        case Structure.SCALAR:
            return question.type.json_schema(question)


# A table beside the deal file, and perhaps a sheet of it.
_TABLE_NAME = r"\.(csv|xlsx)(#.+)?$"


def _matrix_schema(question: Question, form: Form, path: str) -> Schema:
    line = {"type": ["string", "null"]}
    role = {"type": "object", "properties": {"party": line, "person": line}, "additionalProperties": False}
    letters = {"type": "object", "additionalProperties": line}
    duties = {"anyOf": [line, {"type": "array", "items": line}]}
    task = {
        "type": "object",
        "properties": {"letters": letters, "due": line, "phase": line, "carries out": duties},
        "additionalProperties": line,
    }
    found = _group_schema(question.parts, form, path)
    found["properties"] |= {
        "roles": {"title": "Who works on it", "type": "object", "additionalProperties": {"anyOf": [line, role]}},
        "tasks": {"title": "What is to be done", "type": "object", "additionalProperties": task},
        "table": {"title": "A table instead of tasks", "type": "string", "pattern": _TABLE_NAME},
        "letters": {"title": "What marks of the table mean", **letters},
    }
    return found


def write_node_inline(node: Node | None) -> str:
    """Return a default as one line of YAML, for references and starters."""
    if node is None:
        return ""
    if isinstance(node, ScalarNode):
        return node.text
    items = getattr(node, "items", ())
    return "[" + ", ".join(write_node_inline(item) for item in items) + "]"


COMMENT_WIDTH = 100
_INTRO = """\
# {title}: a deal file to fill in.
#
# Lines behind # are comments. Fill in the open lines; take the # away from a line to give another answer than
# the usual one it shows. "agreementgen check FILE" tells what is missing or wrong, "agreementgen build FILE"
# writes the agreement. agreementgen is no substitute for an attorney: have a lawyer read what you sign.
"""


def make_starter(form: Form, title: str) -> str:
    """Return the starter file of one kind of agreement."""
    lines = [_INTRO.format(title=title)]
    for question in form.questions:
        found = _question_lines(question, form, question.key, 0, None)
        lines += [*found, ""] if found else []
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _question_lines(question: Question, form: Form, path: str, depth: int, off: int | None) -> list[str]:
    """Return the lines of one question; `off` is the depth at which its lines are commented out, None for not."""
    if question.key == "agreement":
        return [f"agreement: {form.kind}"]
    if not question.asked:
        return []
    default = form.defaults.get(path, question.default)
    must = question.needed == "yes" and not question.when and default is None
    if off is None and not must and not _stands_open(question, form, path, depth):
        off = depth
    lines = _comment_lines(question, depth, write_node_inline(default) if question.is_group else "")
    match question.structure:
        case Structure.GROUP:
            inner = [_question_lines(part, form, f"{path}.{part.key}", depth + 1, off) for part in question.parts]
            return [*lines, _indent_line(f"{question.key}:", depth, off), *(line for part in inner for line in part)]
        case Structure.GROUPS:
            return [*lines, *_list_lines(question, form, path, depth, off)]
        case Structure.PER_PARTY:
            shown = [f"  {name}: {_example_text(question.parts[0])}" for name in ("First Party", "Second Party")]
            return [*lines, *(_indent_line(text, depth, off) for text in (f"{question.key}:", *shown))]
        case Structure.LIST:
            value = write_node_inline(default) or f"[{question.parts[0].example}]"
            return [*lines, _indent_line(f"{question.key}: {value}", depth, off)]
        case Structure.MATRIX:
            shown = [
                "raci:",
                "  roles: {First Party lead: First Party, Second Party lead: Second Party}",
                "  tasks:",
                "    Hold the review meeting: {First Party lead: A/R, Second Party lead: R}",
            ]
            inner = [_question_lines(part, form, f"{path}.{part.key}", depth + 1, off) for part in question.parts]
            return [
                *lines,
                *(_indent_line(text, depth, off) for text in shown),
                *(line for part in inner for line in part),
            ]
        case Structure.SHARES:
            return [*lines, _indent_line(f"{question.key}: {{First Party: 50%, Second Party: 50%}}", depth, off)]
    value = write_node_inline(default) or ("" if off is None else write_inline(question.example or None))
    return [*lines, _indent_line(f"{question.key}: {value}", depth, off)]


def _stands_open(question: Question, form: Form, path: str, depth: int) -> bool:
    """Return whether a group's own line stands open: a topic, or what holds something that must be answered."""
    if not question.is_group or question.words or question.when:
        return False
    return depth == 0 or any(
        (part.needed == "yes" and not part.when and form.defaults.get(f"{path}.{part.key}", part.default) is None)
        for part in question.parts
    )


def _list_lines(question: Question, form: Form, path: str, depth: int, off: int | None) -> list[str]:
    """Write two entries for the parties, one for any other list; the second without the explanations."""
    lines = [_indent_line(f"{question.key}:", depth, off)]
    for number in range(2 if question.key == "parties" else 1):
        entry = [
            line
            for part in question.parts
            for line in _question_lines(part, form, f"{path}.{part.key}", depth + 2, off)
        ]
        if number:
            entry = [line for line in entry if not line.strip().startswith("# ")]
        lines += [_indent_line("-", depth + 1, off), *entry]
    return lines


def _example_text(question: Question) -> str:
    if question.structure is Structure.LIST:
        return f"[{question.parts[0].example}]"
    if question.is_group:
        return write_inline({part.key: part.example for part in question.parts})
    return write_inline(question.example)


def _indent_line(text: str, depth: int, off: int | None) -> str:
    if off is None:
        return "  " * depth + text
    return "  " * off + "#" + "  " * (depth - off) + text


def _comment_lines(question: Question, depth: int, usual: str) -> list[str]:
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    text = f"{prompt} {question.help}".strip()
    if usual:
        other = "no" if usual == "yes" else "yes"
        text += f' Usual: {usual}. Write "{question.key}: {other}", or open its lines to say more.'
    if question.choices:
        text += f" One of: {', '.join(question.choices)}."
    for case in question.other_defaults:
        where = read_condition(case.when).in_words(lambda names: (".".join(names).replace("_", " "), ""))
        text += f" Where {where}, {write_node_inline(case.node)} is usual."
    if question.structure not in (Structure.LIST, Structure.GROUPS) and (said := question.describe_range()):
        text += f" {said}"
    if question.example and not isinstance(question.type, ChoiceType | YesNoType):
        text += f" Example: {question.example}"
    return textwrap.wrap(
        text, COMMENT_WIDTH - 2 * depth, initial_indent="  " * depth + "# ", subsequent_indent="  " * depth + "# "
    )


# -- the reference of deal files (docs/deal-files/)

_INTRODUCTION = """\
# Deal files: {title}

Generated from the questions in `clauses/`. A deal file is YAML; names stand before the colon, and what has a
default may be left out. Lengths of time always have a unit (`90 days`), percentages a sign (`10%`), amounts
may have a currency (`$5,000`, `5000 USD`; without one the deal's `currency` counts). Parties are called by
their short names. Where a value begins with a sign or holds ` #` or `: `, put it in double quotes.
"""

# What a question of type raci reads besides the parts that its topic declares.
_MATRIX_ROWS = [
    "| `roles` | for each role: a party or `outside` |  | Who works on it? With a person: "
    "`SEO lead: {party: Bay Rank, person: Lee Okafor}`. |",
    "| `tasks` | for each task: a letter (`R`, `A`, `A/R`, `C`, `I`) for each role |  | What is to be done? "
    "With more to say: `Send the report: {letters: {SEO lead: A/R}, due: 2027-01-10, phase: Every month, "
    "carries out: Reports monthly}`. |",
    "| `table` | text |  | A .csv or .xlsx file beside the deal file, instead of roles and tasks. "
    "Example: `tasks.csv`. |",
]


@dataclass(frozen=True)
class ReferenceTopic:
    """A topic of the reference: its title, what it is about, its question, whose parts may stand at the top."""

    title: str
    about: str
    question: Question
    at_top: bool


def make_reference(title: str, sections: Iterable[ReferenceTopic], defaults: Mapping[str, Node]) -> str:
    """Return every fact of one kind of agreement as Markdown tables, topic by topic; `defaults` are its own."""
    lines = [_INTRODUCTION.format(title=title)]
    for section in sections:
        question = section.question
        if question.is_group and not question.parts:
            continue
        where = "at the top of the file" if section.at_top else f"`{question.key}:`"
        lines += [f"## {section.title} ({where})", "", f"{section.about}.", ""]
        if question.help:
            lines += [question.help, ""]
        lines += ["| name | type | default | what it says |", "| --- | --- | --- | --- |"]
        if question.is_group:
            lines += _describe_questions(question.parts, "", defaults, "" if section.at_top else question.key)
        else:
            lines += [_describe_question(question, question.key, defaults, question.key)]
            lines += _MATRIX_ROWS if question.structure is Structure.MATRIX else []
            lines += _describe_questions(question.inner_questions, "", defaults, question.key)
        lines.append("")
    return "\n".join(lines)


def _describe_questions(
    questions: tuple[Question, ...], prefix: str, defaults: Mapping[str, Node], path: str
) -> list[str]:
    lines = []
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        lines.append(_describe_question(question, prefix + question.key, defaults, here))
        lines += _describe_questions(question.inner_questions, f"{prefix}{question.key}.", defaults, here)
    return lines


def _describe_question(question: Question, name: str, defaults: Mapping[str, Node], path: str) -> str:
    default = write_node_inline(defaults.get(path, question.default))
    must = "needed" if question.needed == "yes" and not default else ""
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    says = [prompt, question.help, f"Example: `{question.example}`." if question.example else ""]
    if question.when:
        says.append(f"Asked when `{question.when}`.")
    if not question.printed and "not printed" not in question.help.lower():
        says.append("It is not printed.")
    usual = must or (f"`{default}`" if default else "")
    for other in question.other_defaults:
        says.append(f"`{write_node_inline(other.node)}` is usual when `{other.when}`.")
    return f"| `{name}` | {_describe_type(question)} | {usual} | {' '.join(filter(None, says))} |"


def _describe_type(question: Question) -> str:
    kind = question.type.name
    if question.choices:
        kind = " / ".join(f"`{word}`" for word in question.choices)
    elif question.type.item_label:
        kind = question.type.item_label + _describe_type(question.parts[0])
    if question.words:
        kind += " or " + " / ".join(f"`{word}`" for word in question.words)
    limits = question.limits
    if question.usual_least or question.usual_most:
        least, most = question.usual_range
        kind += f", usually {least} to {most}, in no case beyond {limits.least} to {limits.most}"
    elif limits.least and limits.most:
        kind += f", {limits.least} to {limits.most}"
    elif limits.most:
        kind += f", at most {limits.most}"
    if limits.words:
        kind += f", at most {limits.words} words"
    if limits.characters:
        kind += f", at most {limits.characters} characters"
    return kind
