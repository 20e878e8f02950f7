"""Layouts: HTML with a part of Jinja, by whoever designs the page; they see the finished Document as plain data.

Allowed is enough to design a page, and nothing that makes much of little: facts of the document, if, for, set, blocks,
extends, macros and their import, the filters below, + and - and * with numbers, `letter`, `range`, `namespace`,
`super`, `loop`. Refused: include, calls of anything else, methods, joining and formatting of texts, lists but of
constants, and `safe`, which lets facts become tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from types import CodeType

from jinja2 import BytecodeCache, FunctionLoader, StrictUndefined, TemplateError, nodes, pass_context
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, TemplateReference
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import Namespace

from agreementgen.core.document import Run, Runs, item_letter
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.typography import join_ranges, keep_together
from agreementgen.language.environment import (
    LETTERS_PER_STEP,
    BudgetExceeded,
    Sandbox,
    find_template_line,
    limit_steps,
    spend_steps,
    steps_for_text,
)

LAYOUT_FUNCTIONS = ("letter", "range", "namespace", "super", "caller")
LAYOUT_FILTERS = (
    "batch", "length", "count", "list", "first", "last", "join", "lower", "upper", "title", "capitalize", "trim",
    "replace", "selectattr", "rejectattr", "select", "reject", "map", "sort", "unique", "reverse", "e", "escape", "int",
    "abs", "min", "max",
)  # fmt: skip
LAYOUT_TESTS = (
    "defined", "undefined", "none", "odd", "even", "in", "equalto", "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<",
    "<=", ">", ">=", "string", "number",
)  # fmt: skip
MAX_LAYOUT_DEPTH = 60
MAX_LAYOUT_NODES = 20_000
_ALLOWED_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.NSRef, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.For, nodes.Macro, nodes.CallBlock, nodes.Call, nodes.Keyword, nodes.Block, nodes.Extends, nodes.FromImport,
    nodes.Import, nodes.Assign, nodes.AssignBlock, nodes.With, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Test,
    nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Add, nodes.Sub, nodes.Mul, nodes.Neg,
    nodes.Tuple, nodes.List,
)  # fmt: skip
_NODE_NAMES: Mapping[type[nodes.Node], str] = {
    nodes.Include: "include (write a macro and import it, or extend a layout)",
    nodes.Concat: "joining with ~ (write the two side by side)",
    nodes.Pow: "calculating with **",
    nodes.Div: "calculating with /",
    nodes.FloorDiv: "calculating with //",
    nodes.Mod: "calculating with %",
    nodes.Dict: "a dictionary",
    nodes.FilterBlock: "a filter around a block",
    nodes.ScopedEvalContextModifier: "autoescape",
    nodes.Slice: "a slice",
}


def each_disallowed(tree: nodes.Template, files: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """Yield line and message of everything a layout may not use; `files` are the layouts it may extend or import."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    imported = {node.target for node in tree.find_all(nodes.Import)} if _is_shallow(tree) else set()
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        if depth > MAX_LAYOUT_DEPTH:
            yield node.lineno, f"tags and brackets are nested more than {MAX_LAYOUT_DEPTH} levels deep"
            return
        if seen > MAX_LAYOUT_NODES:
            yield node.lineno, f"more than {MAX_LAYOUT_NODES:,} words inside tags"
            return
        message = _explain_disallowed(node, files, imported)
        if message:
            yield node.lineno, message
            continue
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]


def _is_shallow(tree: nodes.Template) -> bool:
    """Return whether a tree can be walked by functions that call themselves."""
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_LAYOUT_DEPTH:
            return False
        waiting += [(child, depth + 1) for child in node.iter_child_nodes()]
    return True


def _explain_disallowed(node: nodes.Node, files: Mapping[str, object], imported: set[str]) -> str:
    """Return why a node alone may not stand in a layout, "" where it may."""
    if not isinstance(node, _ALLOWED_NODES):
        what = _NODE_NAMES.get(type(node), type(node).__name__.lower())
        return f"{what} is not allowed in layouts"
    match node:
        case nodes.For(recursive=True):
            return "a loop that calls itself is not allowed in layouts"
        case nodes.Filter(name="safe"):
            return "safe is not allowed in layouts: what was typed into a deal is text, and never HTML"
        case nodes.Filter() if node.name not in LAYOUT_FILTERS:
            return f'"{node.name}" is not a filter of layouts'
        case nodes.Test() if node.name not in LAYOUT_TESTS:
            return f'"{node.name}" is not a test of layouts'
        case nodes.Tuple(ctx="store"):
            return ""  # the targets of {% for a, b in ... %}
        case nodes.Tuple() | nodes.List() if not all(isinstance(item, nodes.Const) for item in node.items):
            return "a list is written of constants only in layouts"
        case nodes.Getattr() if node.attr.startswith("_"):
            return f'"{node.attr}" is not a fact'
        case nodes.Extends() | nodes.FromImport() | nodes.Import():
            return _explain_not_usable(node.template, files)
        case nodes.Call() if not _is_callable(node.node, imported):
            return "only macros and " + ", ".join(f"{name}()" for name in LAYOUT_FUNCTIONS) + " can be called"
        case nodes.Call() if node.dyn_args or node.dyn_kwargs:
            return "a call with * is not allowed in layouts"
    return ""


def _explain_not_usable(name: nodes.Node, files: Mapping[str, object]) -> str:
    """Return why a layout cannot be extended or imported, "" where it can."""
    if not isinstance(name, nodes.Const) or not isinstance(name.value, str):
        return "the name of another layout is written out, in quotes"
    return "" if name.value in files else f'"{name.value}" is not one of the layouts here'


def _is_callable(node: nodes.Node, imported: set[str]) -> bool:
    """Return whether a name may be called: a macro's own, or one behind an import, self or loop."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.node.name in {*imported, "self"} or (node.node.name == "loop" and node.attr in ("cycle", "changed"))
    return isinstance(node, nodes.Name)


def find_cycle(trees: Mapping[str, nodes.Template]) -> str:
    """Return the name of a layout that extends or imports itself, by whatever way; "" where none does."""
    uses = {name: set(_each_used_layout(tree)) for name, tree in trees.items()}
    for start in uses:
        reached: set[str] = set()
        waiting = list(uses[start])
        while waiting:
            name = waiting.pop()
            if name == start:
                return start
            if name not in reached:
                reached.add(name)
                waiting += uses.get(name, ())
    return ""


def _each_used_layout(tree: nodes.Template) -> Iterator[str]:
    for kind in (nodes.Extends, nodes.FromImport, nodes.Import):
        for node in tree.find_all(kind):
            template = getattr(node, "template", None)
            if isinstance(template, nodes.Const):
                yield str(template.value)


MAX_LAYOUT_LENGTH = 200_000
# A page of HTML; the largest of the samples has 40,000 letters.
MAX_PAGE_LENGTH = 2_000_000
MAX_LAYOUT_STEPS = 400_000
_MAX_NUMBER = 100_000
_MAX_BATCH = 100
_MAX_RANGE = 1_000

# The layouts by name: each with the name of its file as it is told to people, and its text.
LayoutFiles = Mapping[str, tuple[str, str]]


class _LayoutEnvironment(Sandbox):
    """Looks facts up in dictionaries and lists only, calls macros only, calculates with small numbers only.

    Layouts are checked when they are loaded, and once more before they are compiled.
    """

    def __init__(self, files: LayoutFiles) -> None:
        super().__init__(
            _FILTERS,
            _TESTS,
            {"letter": item_letter, "range": _limited_range, "namespace": Namespace},
            loader=FunctionLoader(lambda name: (files[name][1], files[name][0], None) if name in files else None),
            autoescape=True,
            finalize=_finalize,
            trim_blocks=True,
            bytecode_cache=_COMPILED_LAYOUTS,
        )
        self.files = files

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for line, message in each_disallowed(tree, self.files):
            raise TemplateSyntaxError(message, line, name, filename)
        return tree

    def parse_checked(self, name: str) -> nodes.Template:
        """Return the tree of a layout; raise PackError with all that is wrong with it alone."""
        shown, text = self.files[name]

        def problem(message: str, code: str, line: int = 1) -> Problem:
            return Problem(message, place=Place(shown, line, 1), code=code)

        if len(text) > MAX_LAYOUT_LENGTH:
            message = f"the layout has more than {MAX_LAYOUT_LENGTH:,} letters"
            raise PackError(Problem(message, place=Place(shown), code="layout-too-large"))
        try:
            # Jinja's own parser, without the check that raises at the first mistake.
            tree = super()._parse(text, name, shown)
        except RecursionError:
            raise PackError(problem("tags or brackets are nested too deeply", "layout-too-deep")) from None
        except (TemplateError, ValueError) as error:
            reason = getattr(error, "message", None) or "a number has too many digits"
            line = find_template_line(error, (shown,))[1] or 1
            raise PackError(problem(f"the layout is not readable: {reason}", "layout-unreadable", line)) from None
        found = [problem(message, "layout-not-allowed", line) for line, message in each_disallowed(tree, self.files)]
        if found:
            raise PackError(found)
        return tree

    def getattr(self, obj: object, attribute: str) -> object:
        undefined = super().getattr(obj, attribute)
        if attribute.startswith("_"):
            return undefined
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, (LoopContext, Namespace, TemplateModule)):
            return getattr(obj, attribute, undefined)
        return obj[attribute] if isinstance(obj, TemplateReference) else undefined

    def getitem(self, obj: object, argument: object) -> object:
        with suppress(LookupError, TypeError):
            if isinstance(obj, dict):
                return obj[argument]
            if isinstance(obj, list) and isinstance(argument, int):
                return obj[argument]
        return super().getitem(obj, argument)

    def is_safe_callable(self, obj: object) -> bool:
        bound = getattr(obj, "__self__", None)
        if isinstance(bound, (LoopContext, Context)):
            return getattr(obj, "__name__", "") in ("cycle", "changed", "super")
        return isinstance(obj, (Macro, BlockReference)) or obj in (item_letter, _limited_range, Namespace)

    def call(__self, __context: Context, __obj: object, *args: object, **named: object) -> object:  # noqa: N805
        spend_steps(1)
        return super().call(__context, __obj, *args, **named)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        sides = all(isinstance(side, (int, float)) and abs(side) <= _MAX_NUMBER for side in (left, right))
        if operator not in ("+", "-", "*") or not sides:
            raise SecurityError(f"{operator} is for numbers up to {_MAX_NUMBER:,} only")
        return super().call_binop(context, operator, left, right)


def _finalize(value: object) -> str | float:
    if isinstance(value, str):
        spend_steps(steps_for_text(value))
        return value
    if isinstance(value, StrictUndefined):
        return str(value)  # raises UndefinedError
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MAX_NUMBER:
        return value
    raise SecurityError(f"this cannot be printed: {type(value).__name__}")


def _limited_range(*limits: int) -> range:
    found = range(*limits)
    if len(found) > _MAX_RANGE:
        raise SecurityError(f"range is for up to {_MAX_RANGE:,} numbers")
    return found


# -- filters that could make much of little; each says first what it will make


@pass_context
def _filter_batch(context: Context, values: Iterable[object], size: int) -> Iterator[list[object]]:
    if not 0 < size <= _MAX_BATCH:
        raise SecurityError(f"batch takes 1 to {_MAX_BATCH}")
    items = _counted_list(values)
    return iter([items[start : start + size] for start in range(0, len(items), size)])


@pass_context
def _filter_join(context: Context, values: Iterable[object], between: str = "") -> str:
    items = [str(_finalize(value)) for value in _counted_list(values)]
    spend_steps(len(items) * steps_for_text(str(between)))
    return str(between).join(items)


@pass_context
def _filter_replace(context: Context, text: object, old: str, new: str) -> str:
    found, old, new = str(_finalize(text)), str(old), str(new)
    if not old:
        raise SecurityError("replace takes a text to look for")
    spend_steps(1 + len(found) // LETTERS_PER_STEP + found.count(old) * len(new) // LETTERS_PER_STEP)
    return found.replace(old, new)


def _count_steps(apply: Callable[..., object]) -> Callable[..., object]:
    """Return a filter of Jinja's that says what it goes through."""
    # Some filters of Jinja's take its environment or context before the value.
    position = 1 if hasattr(apply, "jinja_pass_arg") else 0

    @wraps(apply)
    def counted(*arguments: object, **named: object) -> object:
        value = arguments[position]
        if isinstance(value, str):
            spend_steps(steps_for_text(value))
        else:
            spend_steps(1 + len(value) if isinstance(value, Sized) else 1)
        return apply(*arguments, **named)

    return counted


def _counted_list(values: Iterable[object]) -> list[object]:
    items = list(values)
    spend_steps(len(items))
    return items


@pass_context
def _filter_list(context: Context, values: Iterable[object]) -> list[object]:
    return _counted_list(values)


class _CompiledLayouts(BytecodeCache):
    """Keeps compiled layouts in memory, of which compiling is the slowest part.

    Each document gets an environment of its own all the same: what a layout remembers must not reach the next one.
    """

    MAX_CODES = 64

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self.codes) >= self.MAX_CODES:
            self.codes.clear()
        if bucket.code is not None:
            self.codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED_LAYOUTS = _CompiledLayouts()
_FILTERS: Mapping[str, Callable[..., object]] = {
    **{name: _count_steps(JINJA_FILTERS[name]) for name in LAYOUT_FILTERS},
    "batch": _filter_batch,
    "join": _filter_join,
    "replace": _filter_replace,
    "list": _filter_list,
}
_TESTS: Mapping[str, object] = {name: JINJA_TESTS[name] for name in LAYOUT_TESTS}


def fill_layout(files: LayoutFiles, name: str, **context: object) -> str:
    """Return the layout `name` of `files` filled with `context`: everything is escaped, nothing undefined passes.

    It sees no objects of ours: a dataclass becomes a dictionary, see plain_data.

    Raise PackError for what cannot be filled in, and for what takes too many steps or makes too long a page.
    """
    seen = {key: plain_data(value) if is_dataclass(value) else value for key, value in context.items()}
    try:
        with limit_steps(MAX_LAYOUT_STEPS):
            page = _LayoutEnvironment(files).get_template(name).render(**seen)
    except RecursionError as error:
        raise _unfilled_error(files, name, error, "it uses itself without end") from None
    except _FILLING_ERRORS as error:
        raise _unfilled_error(files, name, error, str(error)) from error
    if len(page) > MAX_PAGE_LENGTH:
        raise _unfilled_error(files, name, ValueError(), f"its page has more than {MAX_PAGE_LENGTH:,} letters")
    return page


def plain_data(value: object) -> object:
    """Return dataclasses as dictionaries with their name as "kind", and texts with the spaces of good typography."""
    if is_dataclass(value) and not isinstance(value, type):
        plain = {field.name: plain_data(getattr(value, field.name)) for field in fields(value)}
        for name, member in vars(type(value)).items():
            if isinstance(member, property):
                plain[name] = plain_data(getattr(value, name))
        return plain | {"kind": type(value).__name__}
    if isinstance(value, tuple):
        if value and all(isinstance(item, Run) for item in value):
            value = _move_spaces(value)
        return [plain_data(item) for item in value]
    return join_ranges(keep_together(value)) if isinstance(value, str) else value


def _move_spaces(runs: Runs) -> Runs:
    """Return `runs` with the space between two at the beginning of the second.

    Why: WeasyPrint breaks a run too early where it fits a line but the space at its end does not.
    """
    found, space = [], ""
    for run in runs:
        text = space + run.text
        space = " " if text.endswith(" ") and run is not runs[-1] else ""
        found.append(replace(run, text=text.removesuffix(" ") if space else text))
    return tuple(found)


_FILLING_ERRORS = (
    TemplateError,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    BudgetExceeded,
)


def each_layout_problem(files: LayoutFiles, mine: Iterable[str]) -> Iterator[Problem]:
    """Yield what is wrong with the layouts named in `mine`, as far as can be told without a document."""
    environment = _LayoutEnvironment(files)
    trees: dict[str, nodes.Template] = {}
    for name in mine:
        try:
            trees[name] = environment.parse_checked(name)
        except PackError as error:
            yield from error.problems
    looping = find_cycle(trees)
    if looping:
        yield Problem(
            "the layout uses itself without end", place=Place(files[looping][0], 1, 1), code="layout-uses-itself"
        )


def _unfilled_error(files: LayoutFiles, name: str, error: BaseException, message: str) -> PackError:
    file, line = find_template_line(error, [shown for shown, _ in files.values()])
    place = Place(file or getattr(error, "filename", None) or files[name][0], line, 1)
    return PackError(Problem(f"the layout cannot be filled in: {message}", place=place, code="layout-cannot-fill"))


def blank_tags(text: str) -> str:
    """Return the HTML of a readable layout: spaces for Jinja's tags, U+E000 where something is filled in."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lexer = _LayoutEnvironment({}).lexer
    found: list[str] = []
    position = 0
    for _, kind, piece in lexer.tokeniter(text, None):
        start = text.index(piece, position)
        found.append(_blank(text[position:start]))
        if kind == "data":
            found.append(piece)
        elif kind == "variable_begin":
            found.append("\ue000" + _blank(piece[1:]))
        else:
            found.append(_blank(piece))
        position = start + len(piece)
    return "".join(found) + _blank(text[position:])


def _blank(text: str) -> str:
    return "".join(char if char == "\n" else " " for char in text)
