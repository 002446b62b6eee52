"""audit verify: a whole log is told so, and one that somebody has written in is told where."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from core.store.open import open_server_store
from tests.admin_cli.conftest import Command


def rewritten(hospital: Path, statement: str) -> None:
    store = open_server_store(f"sqlite:///{hospital}")
    with store.writing() as connection:
        connection.execute(text(statement))
    store.close()


def test_a_log_that_nobody_wrote_in_is_whole_and_is_counted(dusangire: Command, hospital: Path) -> None:
    told = dusangire("audit", "verify", "--json").json

    assert (told["whole"], told["acts"]) == (True, told["seq"]) and told["acts"] > 100
    assert "Whole: " in dusangire("audit", "verify").out


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE op SET actor_id = 'nobody' WHERE commit_seq = 40", "seal"),
        ("UPDATE op SET body_hash = x'00' WHERE commit_seq = 40", "op_body"),
        ("DELETE FROM op WHERE commit_seq = 40", "op"),
        ("UPDATE op_body SET body = x'00' WHERE op_id = (SELECT op_id FROM op WHERE commit_seq = 40)", "op_body"),
    ],
)
def test_the_first_place_that_somebody_wrote_in_is_told(
    dusangire: Command, hospital: Path, statement: str, where: str
) -> None:
    rewritten(hospital, statement)
    said = dusangire("audit", "verify", "--json")

    assert (said.code, said.json) == (2, {"whole": False, "where": where, "number": 40})
    assert len(dusangire("audit", "verify").sentences) == 3
