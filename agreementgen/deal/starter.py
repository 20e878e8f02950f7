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
    if off is None and not must and not _opens(question, form, path, depth):
        off = depth
    lines = _comment(question, depth, node_text(default) if question.type == "group" else "")
    match question.type:
        case "group":
            inner = [_question_lines(part, form, f"{path}.{part.key}", depth + 1, off) for part in question.of]
            return [*lines, _line(f"{question.key}:", depth, off), *(line for part in inner for line in part)]
        case "list of groups":
            return [*lines, *_groups(question, form, path, depth, off)]
        case "per party":
            shown = [f"  {name}: {_example(question.of[0])}" for name in ("First Party", "Second Party")]
            return [*lines, *(_line(text, depth, off) for text in (f"{question.key}:", *shown))]
        case "list":
            value = node_text(default) or f"[{question.of[0].example}]"
            return [*lines, _line(f"{question.key}: {value}", depth, off)]
        case "raci":
            shown = [
                "raci:",
                "  roles: {First Party lead: First Party, Second Party lead: Second Party}",
                "  tasks:",
                "    Hold the review meeting: {First Party lead: A/R, Second Party lead: R}",
            ]
            inner = [_question_lines(part, form, f"{path}.{part.key}", depth + 1, off) for part in question.of]
            return [*lines, *(_line(text, depth, off) for text in shown), *(line for part in inner for line in part)]
        case "shares":
            return [*lines, _line(f"{question.key}: {{First Party: 50%, Second Party: 50%}}", depth, off)]
    value = node_text(default) or ("" if off is None else _quoted(question.example))
    return [*lines, _line(f"{question.key}: {value}", depth, off)]


def _opens(question: Question, form: Form, path: str, depth: int) -> bool:
    """Return whether a group's own line stands open: a topic, or what holds something that must be answered."""
    if question.type != "group" or question.words or question.when:
        return False
    return depth == 0 or any(
        (part.needed == "yes" and not part.when and form.defaults.get(f"{path}.{part.key}", part.default) is None)
        for part in question.of
    )


def _groups(question: Question, form: Form, path: str, depth: int, off: int | None) -> list[str]:
    """Write two entries for the parties, one for any other list; the second without the explanations."""
    lines = [_line(f"{question.key}:", depth, off)]
    for number in range(2 if question.key == "parties" else 1):
        entry = [
            line for part in question.of for line in _question_lines(part, form, f"{path}.{part.key}", depth + 2, off)
        ]
        if number:
            entry = [line for line in entry if not line.strip().startswith("# ")]
        lines += [_line("-", depth + 1, off), *entry]
    return lines


def _example(question: Question) -> str:
    if question.type == "list":
        return f"[{question.of[0].example}]"
    if question.type == "group":
        return "{" + ", ".join(f"{part.key}: {_quoted(part.example)}" for part in question.of) + "}"
    return _quoted(question.example)


def _quoted(example: str) -> str:
    """Return an example as a YAML value that is safe inside braces, too."""
    return f'"{example}"' if any(sign in example for sign in ",:#{}[]&*") else example


def _line(text: str, depth: int, off: int | None) -> str:
    if off is None:
        return "  " * depth + text
    return "  " * off + "#" + "  " * (depth - off) + text


def _comment(question: Question, depth: int, usual: str) -> list[str]:
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    text = f"{prompt} {question.help}".strip()
    if usual:
        other = "no" if usual == "yes" else "yes"
        text += f' Usual: {usual}. Write "{question.key}: {other}", or open its lines to say more.'
    if question.choices:
        text += f" One of: {', '.join(question.choices)}."
    limits = question.limits
    if limits.least and limits.most and question.type not in ("list", "list of groups"):
        text += f" From {limits.least} to {limits.most}."
    if question.example and question.type not in ("choice", "yes/no"):
        text += f" Example: {question.example}"
    return textwrap.wrap(
        text, WIDTH - 2 * depth, initial_indent="  " * depth + "# ", subsequent_indent="  " * depth + "# "
    )
