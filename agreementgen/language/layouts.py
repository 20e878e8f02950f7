"""Layouts: HTML written in full Jinja by whoever designs the page; it sees the finished Document as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import DictLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.errors import PackError, Place, Problem


class _LayoutEnvironment(ImmutableSandboxedEnvironment):
    """Looks keys up before attributes: a dictionary with a key "items" has also a method of that name."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def render_layout(files: Mapping[str, str], name: str, **context: Any) -> str:
    """Return the layout `name` of `files` filled with `context`: everything is escaped, nothing undefined passes."""
    environment = _LayoutEnvironment(
        loader=DictLoader(dict(files)), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["letter"] = lambda index: f"({chr(ord('a') + index - 1)})"
    try:
        return environment.get_template(name).render(**context)
    except TemplateError as error:
        line = getattr(error, "lineno", 0) or 0
        raise PackError(Problem(f"the layout cannot be filled in: {error}", "", "", Place(name, line, 1))) from error
