"""Every problem has a code, and docs/problems.md lists every code with what it means."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Set
from pathlib import Path

ROOT = Path(__file__).parent.parent
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "agreementgen").rglob("*.py"))}
# Rules of checks have numbers: M for RACI charts, P for packs.
RULE = re.compile(r"[MP][0-9]{2}")
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def documented() -> list[str]:
    return re.findall(r"(?m)^\| `([^`]+)` \|", (ROOT / "docs" / "problems.md").read_text(encoding="utf-8"))


def documented_rules() -> set[str]:
    """Return the rules that the pages on RACI charts and on packs list."""
    pages = [(ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("raci.md", "packs.md")]
    return {rule for page in pages for rule in re.findall(r"(?m)^\| `?([MP][0-9]{2})`? \|", page)}


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def texts(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that an expression can be, as far as it says them itself."""
    if isinstance(node, ast.Constant) and CODE.fullmatch(str(node.value)):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))


def code_positions(tree: ast.AST) -> set[tuple[str, int]]:
    """Return the functions and classes of a module with the position at which each takes a code, -1 for none."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [name.arg for name in node.args.args if name.arg != "self"]
        elif isinstance(node, ast.ClassDef):
            fields = [part.target for part in node.body if isinstance(part, ast.AnnAssign)]
            names = [field.id for field in fields if isinstance(field, ast.Name)]
        else:
            continue
        found.add((node.name, names.index("code") if "code" in names else -1))
    return found


EVERYWHERE = {found for tree in TREES.values() for found in code_positions(tree)}
TIMES = Counter(name for name, _ in EVERYWHERE)


def positions_in(tree: ast.AST) -> set[tuple[str, int]]:
    """Return the same for what a module calls: its own functions, and others' of which there is one kind."""
    return code_positions(tree) | {(name, at) for name, at in EVERYWHERE if TIMES[name] == 1}


def codes_of(tree: ast.AST, positions: Set[tuple[str, int]]) -> Iterator[str]:
    """Yield the codes that a module gives: in calls, as the usual value of a parameter or field, and rules' numbers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from texts(node.value)
        elif isinstance(node, ast.Call):
            for number, argument in enumerate(node.args):
                yield from texts(argument) if (called(node), number) in positions else ()
        elif isinstance(node, ast.arguments):
            usual = [
                *zip(reversed(node.args), reversed(node.defaults), strict=False),
                *zip(node.kwonlyargs, node.kw_defaults, strict=True),
            ]
            for name, value in usual:
                yield from texts(value) if name.arg == "code" else ()
        elif isinstance(node, ast.AnnAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from texts(node.value) if "code" in [getattr(target, "id", "") for target in targets] else ()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and RULE.fullmatch(node.value):
            yield node.value


def test_the_table_lists_the_codes_that_are_given_and_no_others() -> None:
    given = {code for tree in TREES.values() for code in codes_of(tree, positions_in(tree))}
    rules = {code for code in given if RULE.fullmatch(code)}
    listed = documented()
    assert rules == documented_rules()
    assert sorted(given - rules - set(listed)) == [], "not in docs/problems.md"
    assert sorted(set(listed) - given) == [], "in docs/problems.md only"
    assert listed == sorted(set(listed))
    assert [code for code in listed if not CODE.fullmatch(code)] == []


def test_every_problem_has_a_code() -> None:
    without = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        if called(node) == "Problem" and not any(word.arg in ("code", None) for word in node.keywords)
    ]
    assert without == []
