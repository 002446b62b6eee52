"""Revisions from the models: `python -m core.store.migrations draft 0002 "beds have a window"`, or `... first`.

`first` writes 0001 afresh: only until the first release, after which 0001 never changes again.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

from core.store import migrations
from core.store.migrations import sketch
from core.store.open import open_server_store
from core.store.tables import SERVER

HERE = Path(__file__).parent
FIRST = '''"""The first schema."""

from __future__ import annotations

from core.store.migrations import sketch

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = {{
{tables}
}}

INDEXES = {{
{indexes}
}}


def upgrade() -> None:
    sketch.create(TABLES, INDEXES)
'''


def first() -> None:
    tables, indexes = sketch.of(SERVER)
    body = FIRST.format(tables=_lines(tables), indexes=_lines(indexes))
    (HERE / "versions" / "0001_first.py").write_text(body)


def _lines(words: dict[str, str]) -> str:
    lines = []
    for name, said in words.items():
        parts = textwrap.wrap(said, 80, break_on_hyphens=False)
        if len(parts) == 1 and len(name) + len(said) < 86:
            lines.append(f'    "{name}": "{said}",')
            continue
        lines.append(f'    "{name}": (')
        lines += [f'        "{part} "' for part in parts[:-1]]
        lines += [f'        "{parts[-1]}"', "    ),"]
    return "\n".join(lines)


def draft(revision: str, message: str) -> None:
    with TemporaryDirectory() as folder:
        store = open_server_store(f"sqlite:///{Path(folder) / 'empty.sqlite'}")
        migrations.bring_up(store)
        with store.writing() as connection:
            migrations.draft(connection, message, revision)
        store.close()


def main(arguments: list[str]) -> int:
    if arguments == ["first"]:
        first()
    elif len(arguments) == 3 and arguments[0] == "draft":
        draft(arguments[1], arguments[2])
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
