"""Files are named after moments and things of the ward, and each opens with what it decides or shows."""

from __future__ import annotations

import ast

from tests.shape.tree import everything, product

LAYERS = frozenset(
    "util utils helper helpers common misc base service manager managers repository repositories controller "
    "controllers dao dto adapter adapters factory factories impl types constants lib shared interfaces".split()
)
LAYER_ENDINGS = ("Manager", "Helper", "Helpers", "Util", "Utils", "Repository", "Controller", "Factory", "Impl")
SENTENCE_ENDS = (".", ":", "?", "!")


def test_no_file_or_folder_is_named_after_a_layer() -> None:
    assert [module.where for module in everything() if LAYERS & set(module.name.split("."))] == []


def test_no_class_is_named_after_a_layer() -> None:
    named = [
        f"{module.at(node)} {node.name}"
        for module in product()
        for node in module.walk(ast.ClassDef)
        if node.name.endswith(LAYER_ENDINGS)
    ]

    assert named == []


def test_every_module_opens_with_a_sentence() -> None:
    """A file of tests need not: its tests are sentences."""
    silent = [module for module in everything() if not _opens_with_a_sentence(module.body)]

    assert [module.where for module in silent if not module.path.name.startswith("test_")] == []


def _opens_with_a_sentence(body: ast.Module) -> bool:
    said = ast.get_docstring(body)
    if said is None:
        return False
    first = " ".join(said.split("\n\n")[0].split())
    return first.endswith(SENTENCE_ENDS) and len(first.split()) > 2
