"""The annotated starter file: every question of a kind of agreement as YAML with comments.

What must be answered stands as an empty line to fill in; everything else is commented out with its default.
"""

from __future__ import annotations

import textwrap

from agreementgen.deal.questions import Question
from agreementgen.deal.reading import Form
from agreementgen.deal.schema import node_text

WIDTH = 100
_INTRO = """\
# {title}: a deal file to fill in.
#
# Lines behind # are comments. Fill in the open lines; take the # away from a line to give another answer than
# the usual one it shows. "agreementgen check FILE" tells what is missing or wrong, "agreementgen build FILE"
# writes the agreement. agreementgen is no substitute for an attorney: have a lawyer read what you sign.
"""


def starter(form: Form, title: str) -> str:
    """Return the starter file of one kind of agreement."""
    lines = [_INTRO.format(title=title)]
    for question in form.questions:
        lines += _question(question, form, question.key, 0, commented=False)
        lines.append("")
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def _question(question: Question, form: Form, path: str, depth: int, commented: bool) -> list[str]:
    if question.key == "agreement":
        return [f"agreement: {form.kind}"]
    default = form.defaults.get(path, question.default)
    must = question.needed == "yes" and not question.when and default is None
    off = commented or not must
    lines = _comment(question, depth)
    match question.type:
        case "group" if question.words is None:
            inner = [
                line
                for part in question.of
                for line in _question(part, form, f"{path}.{part.key}", depth + 1, off and depth > 0)
            ]
            opened = any(line.strip() and not line.strip().startswith("#") for line in inner)
            return [*lines, _line(f"{question.key}:", depth, not opened), *inner]
        case "group":
            head = _line(f"{question.key}: {node_text(default) or 'no'}", depth, True)
            inner = [
                line for part in question.of for line in _question(part, form, f"{path}.{part.key}", depth + 1, True)
            ]
            return [*lines, head, *inner]
        case "list of groups":
            return [*lines, *_groups(question, form, path, depth, off)]
        case "per party":
            shown = [f"{question.key}:"]
            shown += [f"  {name}: {_example(question.of[0], 4)}" for name in ("First Party", "Second Party")]
            return [*lines, *(_line(text, depth, off) for text in shown)]
        case "list":
            value = node_text(default) or f"[{question.of[0].example}]"
            return [*lines, _line(f"{question.key}: {value}", depth, off)]
        case "shares":
            return [*lines, _line(f"{question.key}: {{First Party: 50%, Second Party: 50%}}", depth, off)]
    value = node_text(default) or ("" if must and not commented else question.example)
    return [*lines, _line(f"{question.key}: {value}", depth, off)]


def _groups(question: Question, form: Form, path: str, depth: int, off: bool) -> list[str]:
    """Write two entries for the parties, one for any other list; the second without the explanations."""
    lines = [_line(f"{question.key}:", depth, off)]
    for number in range(2 if question.key == "parties" else 1):
        entry = [line for part in question.of for line in _question(part, form, f"{path}.{part.key}", depth + 2, off)]
        if number:
            entry = [
                line
                for line in entry
                if not line.strip().startswith("# ") or ":" not in line or line.strip()[2:3] == " "
            ]
            entry = [line for line in entry if not line.strip().startswith("#")]
        lines.append(_line("-", depth + 1, off))
        lines += entry
    return lines


def _example(question: Question, indent: int) -> str:
    if question.type == "list":
        return f"[{question.of[0].example}]"
    if question.type == "group":
        return "{" + ", ".join(f"{part.key}: {part.example}" for part in question.of) + "}"
    return question.example


def _line(text: str, depth: int, off: bool) -> str:
    return "  " * depth + ("#" if off else "") + text


def _comment(question: Question, depth: int) -> list[str]:
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    text = f"{prompt} {question.help}".strip()
    if question.choices:
        text += f" One of: {', '.join(question.choices)}."
    elif question.type not in ("group", "list of groups", "per party", "list", "shares", "text"):
        limits = question.limits
        if limits.least and limits.most:
            text += f" From {limits.least} to {limits.most}."
    if question.example and question.type in (
        "text",
        "region",
        "money",
        "percent",
        "duration",
        "date",
        "email",
        "party",
    ):
        text += f" Example: {question.example}"
    return textwrap.wrap(
        text, WIDTH - 2 * depth, initial_indent="  " * depth + "# ", subsequent_indent="  " * depth + "# "
    )
