"""A store with no room: by a limit of its own pages, or on a file system that something else has filled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from core.store.open import Store

FILLER = "filler"
PIECE = b"x" * 4096


@contextmanager
def limited(store: Store, *, more_pages: int) -> Iterator[None]:
    """This store may grow by so many pages only. On the writer's own connection: a page limit is a connection's."""
    with store.writing() as connection:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        before = int(connection.execute(text("PRAGMA max_page_count")).scalar_one())
        connection.execute(text(f"PRAGMA max_page_count = {pages + more_pages}"))
    try:
        yield
    finally:
        with store.writing() as connection:
            connection.execute(text(f"PRAGMA max_page_count = {before}"))


@contextmanager
def filled(folder: Path, *, but: int) -> Iterator[None]:
    """Something else fills the file system that this folder lies on; so many bytes are left."""
    filler = folder / FILLER
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(PIECE)
        except OSError:
            pass  # that is all there was
        os.truncate(filler, max(0, filler.stat().st_size - but))
    try:
        yield
    finally:
        filler.unlink()
