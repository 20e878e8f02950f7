"""The JSON Schema of deal files, from the questions: editors complete and check with it while one types.

It is a help for typing. What counts is `agreementgen check`: limits on lengths of time, conditions between
answers and the names of parties cannot be said in a schema.
"""

from __future__ import annotations

from typing import Any

from agreementgen.deal.questions import Question
from agreementgen.deal.reading import Form
from agreementgen.deal.yamlfile import Node, ScalarNode

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PATTERNS = {
    "percent": r"^[0-9.,]+ ?(%|per ?cent)$",
    "duration": r"^([0-9,]+|[A-Za-z]+)[ -]?(h|hours?|days?|weeks?|months?|years?)$",
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
}


def schema(form: Form, title: str) -> dict[str, Any]:
    """Return the schema of the deal files of one kind of agreement."""
    root = _group(form.questions, form, "")
    left_out = next((question.of[0].choices or {} for question in form.questions if question.key == "leave out"), {})
    unless = [_unless_left_out(key) for key in root.get("required", ()) if key in left_out]
    if unless:
        root["required"] = [key for key in root["required"] if key not in left_out]
        root["allOf"] = unless
    return {"$schema": DRAFT, "title": f"Deal file: {title}", **root}


def _unless_left_out(key: str) -> dict[str, Any]:
    """Return the rule that a topic is answered, or left out by a deal's list of topics (or its only one)."""
    named = {"anyOf": [{"const": key}, {"type": "array", "contains": {"const": key}}]}
    return {"anyOf": [{"required": [key]}, {"required": ["leave out"], "properties": {"leave out": named}}]}


def _group(questions: tuple[Question, ...], form: Form, path: str) -> dict[str, Any]:
    properties = {}
    required = []
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        properties[question.key] = _question_schema(question, form, here)
        default = form.defaults.get(here, question.default)
        if question.needed == "yes" and not question.when and default is None:
            required.append(question.key)
    # A topic's name with nothing behind it (as in the starter file) is no answer, and no error.
    found: dict[str, Any] = {"type": ["object", "null"], "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _question_schema(question: Question, form: Form, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"title": question.prompt} if question.prompt else {}
    if question.help:
        found["description"] = question.help
    default = form.defaults.get(path, question.default)
    if isinstance(default, ScalarNode):
        found["default"] = default.text
    if question.example:
        found["examples"] = [question.example]
    value = _type(question, form, path)
    if question.words:
        return found | {"anyOf": [{"enum": _words(list(question.words))}, value]}
    return found | value


def _words(words: list[str]) -> list[Any]:
    """Return `words` as an editor's YAML reader sees them: an unquoted yes may be a boolean to it."""
    both = [True for word in words if word == "yes"] + [False for word in words if word == "no"]
    return [*words, *both]


def _type(question: Question, form: Form, path: str) -> dict[str, Any]:
    match question.type:
        case "group":
            return _group(question.of, form, path)
        case "list of groups":
            least, most = question.limits.least, question.limits.most
            if question.key == "parties":
                least, most = str(form.parties[0]), str(form.parties[1])
            found: dict[str, Any] = {"type": "array", "items": _group(question.of, form, path)}
            return found | ({"minItems": int(least)} if least else {}) | ({"maxItems": int(most)} if most else {})
        case "list":
            item = _question_schema(question.of[0], form, path)
            return {"anyOf": [{"type": "array", "items": item}, item]}
        case "per party":
            return {"type": "object", "additionalProperties": _question_schema(question.of[0], form, path)}
        case "shares":
            return {"type": "object", "additionalProperties": _typed("percent")}
        case "raci":
            return {"anyOf": [{"type": "string", "pattern": r"\.(csv|xlsx)$"}, _matrix(question, form, path)]}
        case "choice":
            return {"enum": _words(list(question.choices or {}))}
        case "text":
            limit = question.limits.characters
            return _typed("text") | ({"maxLength": limit} if limit else {})
    return _typed(question.type)


def _matrix(question: Question, form: Form, path: str) -> dict[str, Any]:
    line = {"type": ["string", "null"]}
    role = {"type": "object", "properties": {"party": line, "person": line}, "additionalProperties": False}
    letters = {"type": "object", "additionalProperties": line}
    duties = {"anyOf": [line, {"type": "array", "items": line}]}
    task = {
        "type": "object",
        "properties": {"letters": letters, "due": line, "phase": line, "carries out": duties},
        "additionalProperties": line,
    }
    found = _group(question.of, form, path)
    found["properties"] |= {
        "roles": {"title": "Who works on it", "type": "object", "additionalProperties": {"anyOf": [line, role]}},
        "tasks": {"title": "What is to be done", "type": "object", "additionalProperties": task},
        "table": {"title": "A table instead of roles and tasks", "type": "string", "pattern": r"\.(csv|xlsx)$"},
    }
    return found


def _typed(kind: str) -> dict[str, Any]:
    match kind:
        case "yes/no":
            return {"enum": ["yes", "no", True, False]}
        case "integer":
            return {"type": ["integer", "string"]}
        case "number" | "money" | "percent or money" | "text":
            return {"type": ["string", "number"]}
    found: dict[str, Any] = {"type": "string"}
    return found | ({"pattern": _PATTERNS[kind]} if kind in _PATTERNS else {})


def node_text(node: Node | None) -> str:
    """Return a default as one line of YAML, for references and starters."""
    if node is None:
        return ""
    if isinstance(node, ScalarNode):
        return node.text
    items = getattr(node, "items", ())
    return "[" + ", ".join(node_text(item) for item in items) + "]"
