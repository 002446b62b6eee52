"""Committed files name no machine, no registry and no way of working: they are true wherever they are read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.shape.tree import MADE, ROOT

# Spelled in pieces, or this file would be the first to be found.
HOSTS = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb." + "debian.org", "crates" + ".io")
FOLDERS = ("work", "root", "Users", "home/[a-z]+", "tmp/[a-z]+", "opt/(?!dusangire)[a-z]+")
FORBIDDEN = re.compile(
    "|".join(
        [
            *(re.escape(host) for host in HOSTS),
            *(rf"(?<![\w./~$}}*-])/{folder}/" for folder in FOLDERS),
            r"\b[Ii]ssue" + r" #?\d",
            "(?<!emit-)index" + "-url",
            r"\bTO" + r"DO\b|\bFIX" + r"ME\b|\bX" + r"XX\b",
        ]
    )
)
TEXT = frozenset(
    ["", *".css .csv .html .in .js .json .mako .md .py .raw .service .sh .sql .svg .tcss .toml .txt .yml".split()]
)
SECRET = (".db", ".sqlite", ".key", ".pem", ".p12")
LARGEST = 2_000_000
LEFT = ("snapshot_report.html",)  # by a failing test, to be looked at
CACHES = ("_cache", ".egg-info")


def committed() -> Iterator[Path]:
    """Files that git would take, as far as their folders tell: a copy of the tree without git is judged alike."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in MADE and not name.endswith(CACHES))
        yield from (Path(folder) / name for name in sorted(names) if name not in LEFT)


def test_no_committed_file_names_a_host_a_machine_or_how_we_work() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number} {hit.group()}"
        for path in committed()
        if path.suffix in TEXT and path.stat().st_size < LARGEST
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if (hit := FORBIDDEN.search(line))
    ]

    assert found == []


def test_no_database_and_no_key_lies_in_the_tree() -> None:
    assert [str(path.relative_to(ROOT)) for path in committed() if path.suffix in SECRET] == []
