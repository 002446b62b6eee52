"""Finds, by reading the source, every code that is raised or told to people, and the arguments that come with it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("core", "sync", "consoles", "kitchen_tui", "ward_tui", "admin_cli")

# who raises a refusal, and which of the positional arguments is its code
REFUSALS = {"Refusal": 0, "StoreTrouble": 0, "WireError": 0, "Undecodable": 0, "Refused": 1, "PushRefused": 1}
TOLD_AS_TROUBLE = "trouble"  # a keyword: how a console stands
CASES = {"case": 0, "_case": 2, "note_if_unsafe": 2}
GIVEN_BY = {"note_if_unsafe": {"reason", "number"}}  # what such a function adds by itself
PAGES = ROOT / "sync" / "server" / "pages"  # their troubles are words of the page itself
# cases whose handler is an own row instead of tx.case, and codes that only judges give
MORE_CASES = ("problem_reported",)
_IN_TEMPLATE = re.compile(r"""\bt\.(page|say|word)\(['"]([a-z0-9_.]+)['"]\s*[,)]""")
NO_ARGUMENTS_OF_WORDS = ("about", "proto")


@dataclass(slots=True)
class Found:
    """One code: where it is given, and what is given with it."""

    places: list[str] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)
    open_ended: bool = False  # some place gives arguments that are not spelt out


def refusal_codes() -> dict[str, Found]:
    """Every refusal and trouble, by code."""
    found: dict[str, Found] = {}
    for path, call, scope in _calls():
        name = _name_of(call)
        if name in REFUSALS and len(call.args) > REFUSALS[name]:
            _note(found, _texts(call.args[REFUSALS[name]], scope), path, call)
        for keyword in call.keywords:
            if keyword.arg == TOLD_AS_TROUBLE and PAGES not in path.parents:
                _note(found, _texts(keyword.value, scope), path, None)
    for code in (*_values_of("core/people/access.py", _is_problem), *_values_of("sync/server/perform.py", _is_broken)):
        found.setdefault(code, Found(open_ended=True)).places.append("judged")
    for code in ("changed_meanwhile", "done_already", "store_rule"):
        found.setdefault(code, Found(open_ended=True)).places.append("sync/server/judge.py")
    return found


def case_codes() -> dict[str, Found]:
    """Every case that is opened, by code."""
    found: dict[str, Found] = {}
    for path, call, scope in _calls():
        name = _name_of(call)
        if name in CASES and len(call.args) > CASES[name]:
            _note(found, _texts(call.args[CASES[name]], scope), path, call)
    for code in MORE_CASES:
        found.setdefault(code, Found(open_ended=True)).places.append("core/orders/commands.py")
    return found


def _note(found: dict[str, Found], codes: Iterable[str], path: Path, call: ast.Call | None) -> None:
    for code in codes:
        one = found.setdefault(code, Found())
        one.places.append(str(path.relative_to(ROOT)))
        keywords = call.keywords if call is not None else []
        one.arguments.update(GIVEN_BY.get(_name_of(call), ()) if call is not None else ())
        one.arguments.update(word.arg for word in keywords if word.arg and word.arg not in NO_ARGUMENTS_OF_WORDS)
        one.open_ended = one.open_ended or call is None or any(word.arg is None for word in keywords)


@cache
def _calls() -> tuple[tuple[Path, ast.Call, ast.AST], ...]:
    """Every call of the source, with the function or module around it."""
    found: list[tuple[Path, ast.Call, ast.AST]] = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found += [(path, call, scope) for call, scope in _within(tree, tree)]
    return tuple(found)


def _within(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, scope
        inner = child if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) else scope
        yield from _within(child, inner)


def _texts(expression: ast.AST, scope: ast.AST) -> Iterator[str]:
    """The texts an expression may be: itself, either branch, a table's values, what a name was given."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        if expression.value:
            yield expression.value
    elif isinstance(expression, ast.IfExp):
        yield from _texts(expression.body, scope)
        yield from _texts(expression.orelse, scope)
    elif isinstance(expression, ast.BoolOp):
        for value in expression.values:
            yield from _texts(value, scope)
    elif isinstance(expression, ast.Call) and _name_of(expression) == "get":
        inner = expression.func.value if isinstance(expression.func, ast.Attribute) else None
        for value in (*(inner.values if isinstance(inner, ast.Dict) else ()), *expression.args[1:]):
            yield from _texts(value, scope)
    elif isinstance(expression, ast.Name):
        for node in ast.walk(scope):
            named = isinstance(node, ast.Assign) and any(_is_name(one, expression.id) for one in node.targets)
            if isinstance(node, ast.Assign) and named and not _is_name(node.value, expression.id):
                yield from _texts(node.value, scope)


def _values_of(file_name: str, wanted: object) -> Iterator[str]:
    tree = ast.parse((ROOT / file_name).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and callable(wanted) and wanted(node):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (text for value in values for text in _texts(value, tree))


def _is_problem(node: ast.Assign) -> bool:
    names = ("NOT_PERMITTED", "GRANT_ENDED", "GRANT_REVOKED", "PERSON_ENDED")
    return any(_is_name(target, name) for target in node.targets for name in names)


def _is_broken(node: ast.Assign) -> bool:
    return any(_is_name(target, "BROKEN_RULES") for target in node.targets)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _name_of(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


# -- words that screens ask for ----------------------------------------------------------------------------------------


def keys_asked_for() -> dict[str, list[str]]:
    """Every key that is spelt out where a word is wanted, with the files that want it. Keys of keys are `key.<id>`."""
    found: dict[str, list[str]] = {}
    for path, call, scope in _calls():
        for key in _keys_of(call, scope):
            found.setdefault(key, []).append(str(path.relative_to(ROOT)))
    for path in sorted((PAGES / "templates").glob("*.html")):
        for book, key in _IN_TEMPLATE.findall(path.read_text(encoding="utf-8")):
            prefix = {"page": "page.", "say": "portal.", "word": ""}[book]
            found.setdefault(f"{prefix}{key}", []).append(str(path.relative_to(ROOT)))
    return found


def _keys_of(call: ast.Call, scope: ast.AST) -> Iterator[str]:
    name, given = _name_of(call), call.args
    if name == "word" and given:
        yield from (text for text in _texts(given[0], scope) if "." in text)
    elif name == "key" and len(given) > 2:
        yield from (f"key.{text}" for text in _texts(given[2], scope))
    elif name == "digits" and len(given) > 1:
        yield from (f"key.{text}" for text in _texts(given[1], scope))
