"""Writes a list that is shown to a file a spreadsheet can open, and that no spreadsheet takes for a program."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "exports"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
AHEAD = timedelta(hours=2)  # the hospital's time, in the file's name


def write_sheet(folder: Path, name: str, at: int, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    """`exports/orders-2026-11-24-1212.csv` in the data folder, readable for its owner alone; a second one counts on.

    Raises OSError: then no half a file is left.
    """
    place = folder / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _free(place, f"{name}-{datetime.fromtimestamp(at / 1_000, UTC) + AHEAD:%Y-%m-%d-%H%M}")
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8-sig", newline=""
        ) as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([harmless(head) for head in heads])
            writer.writerows([[harmless(cell) for cell in row] for row in rows])
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def harmless(cell: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = cell.strip(" ")
    return f"'{text}" if text.startswith(FORMULA) else text


def _free(place: Path, stem: str) -> Path:
    path, count = place / f"{stem}.csv", 1
    while path.exists():
        count += 1
        path = place / f"{stem}-{count}.csv"
    return path
