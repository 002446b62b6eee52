"""The source files as the shape tests see them: read, never imported."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("core", "sync", "consoles", "kitchen_tui", "ward_tui", "admin_cli")
MADE = (".git", ".venv", ".locks", ".hypothesis", "__pycache__", "build", "dist")  # by tools: not ours to judge


@dataclass(frozen=True)
class Module:
    """One Python file. `name` is its dotted name, of a package that of the folder."""

    path: Path
    name: str
    text: str
    body: ast.Module

    @property
    def where(self) -> str:
        return str(self.path.relative_to(ROOT))

    def at(self, node: ast.AST) -> str:
        return f"{self.where}:{getattr(node, 'lineno', 1)}"

    def walk(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        return (node for node in ast.walk(self.body) if isinstance(node, kinds))


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file of these folders, sorted."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(_module(path) for path in paths if "__pycache__" not in path.relative_to(ROOT).parts)


def product() -> tuple[Module, ...]:
    return modules(*PRODUCT)


def everything() -> tuple[Module, ...]:
    return modules(*PRODUCT, "tests")


def named(*names: str) -> tuple[Module, ...]:
    """Modules by their dotted names; a package stands for all that is in it."""
    return tuple(
        module
        for module in product()
        if any(module.name == name or module.name.startswith(f"{name}.") for name in names)
    )


def imported(module: Module) -> Iterator[tuple[str, str]]:
    """Full names that a module imports anywhere, with the place: `from a import b` gives a and a.b."""
    for node in module.walk(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.Import):
            yield from ((alias.name, module.at(node)) for alias in node.names)
        elif node.module:
            yield node.module, module.at(node)
            yield from ((f"{node.module}.{alias.name}", module.at(node)) for alias in node.names)


@cache
def settings() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def contract(words: str) -> dict[str, Any]:
    """The import contract whose name begins with these words."""
    found: list[dict[str, Any]] = settings()["tool"]["importlinter"]["contracts"]
    return next(entry for entry in found if entry["name"].startswith(words))


def _module(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text()
    return Module(path, name, text, ast.parse(text, str(path)))
