"""Pictures of the docs: each that is named is there, light enough, and fetches nothing from anywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pictures import FOLDER, MOST_BYTES, NAMESPACE, on_its_own

ROOT = Path(__file__).resolve().parents[3]
NAMED = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")  # with words for whoever does not see it
FACE = """
    @font-face {
        font-family: "Fira Code";
        src: url("https://fonts.invalid/FiraCode-Regular.woff2") format("woff2");
    }
"""
STYLE = f"<style>{FACE}{FACE}\n.m {{ font-family: Fira Code, monospace; }}\n</style>"
DRAWN = f"<svg {NAMESPACE}>\n    <!-- see https://drawn.invalid -->\n{STYLE}</svg>\n"


def named() -> set[Path]:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {(page.parent / where).resolve() for page in pages for where in NAMED.findall(page.read_text())}


def test_every_picture_that_a_page_names_is_there() -> None:
    assert named() != set()
    assert [str(path) for path in sorted(named()) if not path.is_file()] == []


def test_no_picture_is_heavy_or_points_to_another_machine() -> None:
    taken = sorted(FOLDER.iterdir())
    assert [path.name for path in taken if path.stat().st_size > MOST_BYTES] == []
    drawn = {path.name: path.read_text().replace(NAMESPACE, "") for path in taken if path.suffix == ".svg"}
    assert [name for name, text in drawn.items() if "://" in text or "@font-face" in text] == []


def test_fonts_and_remarks_from_elsewhere_are_taken_out_of_a_drawing() -> None:
    left = on_its_own(DRAWN)
    assert [word for word in ("invalid", "@font-face", "Fira Code, monospace") if word in left] == []
    assert (NAMESPACE in left, "monospace; }" in left) == (True, True)


def test_a_drawing_that_still_points_elsewhere_is_not_kept() -> None:
    with pytest.raises(ValueError, match="points outside: .*https://seen.invalid"):
        on_its_own(f'<svg {NAMESPACE}><image href="https://seen.invalid/a.png"/></svg>')
