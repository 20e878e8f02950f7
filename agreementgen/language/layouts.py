"""Layouts: HTML written in full Jinja by whoever designs the page; it sees the finished Document as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, DictLoader, StrictUndefined, TemplateError
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agreementgen.errors import PackError, Place, Problem

# What a page needs besides its document; the rest of Jinja's own functions make text out of nothing.
_FUNCTIONS = ("range", "namespace", "cycler", "joiner")


class _LayoutEnvironment(ImmutableSandboxedEnvironment):
    """Looks keys up before attributes: a dictionary with a key "items" has also a method of that name."""

    # The sandbox stops long loops but not these, of which a few signs run for hours or fill the memory.
    intercepted_binops = frozenset(["**", "*", "%"])

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or not all(isinstance(side, (int, float)) for side in (left, right)):
            raise SecurityError(f"{operator} is for small numbers only")
        return super().call_binop(context, operator, left, right)


class _Compiled(BytecodeCache):
    """Keeps compiled layouts in memory, of which compiling is the slowest part.

    Each document gets an environment of its own all the same: what a layout remembers must not reach the next one.
    """

    MOST = 64

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self.codes) >= self.MOST:
            self.codes.clear()
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


def letter(index: int) -> str:
    """Return "(a)" for 1, "(z)" for 26, "(aa)" for 27, as Word numbers its lists."""
    return f"({chr(ord('a') + (index - 1) % 26) * ((index - 1) // 26 + 1)})"


def render_layout(files: Mapping[str, str], name: str, **context: Any) -> str:
    """Return the layout `name` of `files` filled with `context`: everything is escaped, nothing undefined passes."""
    environment = _LayoutEnvironment(
        loader=DictLoader(dict(files)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        bytecode_cache=_COMPILED,
    )
    environment.globals = {function: environment.globals[function] for function in _FUNCTIONS} | {"letter": letter}
    try:
        return environment.get_template(name).render(**context)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        where = Place(f"templates/layout/{name}", _line(error), 1)
        raise PackError(Problem(f"the layout cannot be filled in: {error}", "", "", where)) from error


def _line(error: BaseException) -> int:
    """Return the line of the layout in which `error` arose: Jinja gives the frames of a template its lines."""
    line = getattr(error, "lineno", 0) or 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
