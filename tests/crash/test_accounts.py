"""The accounts can be wrong: whatever is taken away, added or altered behind the back of both ends is named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import text

from core.store.open import Store, open_server_store, open_store
from core.wards.commands import OpenStay
from sync.protocol import Outcome
from tests.crash.accounts import Accounts, settle_accounts
from tests.sync.client.hospital import enrolled, ward_a

ACTS = 6


@dataclass(frozen=True, slots=True)
class Ends:
    """A console that has pressed, sent, and heard of everything; and its server."""

    console: Store
    server: Store


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of both, closed."""
    folder = tmp_path_factory.mktemp("well")
    hospital = ward_a(folder)
    console = enrolled(hospital, folder)
    for count in range(ACTS):
        console.press(OpenStay(stay_id=f"stay-{count}", ward_id="A", full_name="Somebody"))
    console.sync()
    for store in (console.store, hospital.store):
        store.checkpoint()
        store.close()
    return console.where.store_file, folder / "hospital.db"


@pytest.fixture
def ends(well: tuple[Path, Path], tmp_path: Path) -> Iterator[Ends]:
    """Copies that a test may alter."""
    console, server = (Path(shutil.copy(file, tmp_path)) for file in well)
    opened = Ends(open_store(console, None), open_server_store(f"sqlite:///{server}"))
    yield opened
    opened.console.close()
    opened.server.close()


def accounts(ends: Ends, *, saved: Sequence[str] = (), acknowledged: Sequence[Outcome] = ()) -> Accounts:
    return settle_accounts({"console": ends.console}, ends.server, saved=saved, acknowledged=acknowledged)


def change(store: Store, statement: str) -> None:
    with store.writing() as connection:
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        connection.execute(text(statement))


def ids(ends: Ends) -> list[str]:
    with ends.console.reading() as connection:
        return [bytes(op_id).hex() for op_id in connection.execute(text("SELECT op_id FROM op")).scalars()]


def outcomes(ends: Ends) -> list[Outcome]:
    with ends.server.reading() as connection:
        rows = connection.execute(
            text("SELECT op_id, dseq, outcome, code, detail, commit_seq FROM op WHERE origin = 'device'")
        )
        return [Outcome(bytes(row.op_id), *row[1:]) for row in rows]


def test_when_all_is_well_nothing_is_named(ends: Ends) -> None:
    done = accounts(ends, saved=ids(ends), acknowledged=outcomes(ends))
    assert (done.troubles, done.acts, done.applied, done.refused) == ([], ACTS, ACTS, 0)
    assert (done.saved, done.acknowledged, done.rows > ACTS) == (ACTS, ACTS, True)
    assert "6 acts = 6 confirmed + 0 refused" in done.sentence


@pytest.mark.parametrize(
    ("where", "statement", "named"),
    [
        ("console", "DELETE FROM op WHERE dseq = 6", "were told as saved and are in no console"),
        ("console", "DELETE FROM op WHERE dseq = 3", "the acts of console have a gap"),
        ("console", "UPDATE op SET body = x'00' WHERE dseq = 2", "acts have other bytes in the log"),
        ("console", "UPDATE outcome SET commit_seq = commit_seq + 1", "verdicts differ between console and log"),
        ("console", "DELETE FROM outcome", "acts have no verdict on their console"),
        ("console", "UPDATE this_device SET answered_dseq = 4", "acts still wait on console"),
        ("console", "DELETE FROM stay WHERE id = 'stay-1'", "rows of stay differ on console"),
        ("console", "UPDATE stay SET version = version + 1", "rows of stay differ on console"),
        ("server", "DELETE FROM stay WHERE id = 'stay-1'", "rows of stay differ on console"),
        ("server", "UPDATE op_body SET body = x'00'", "bodies are not what their hash says"),
        ("server", "DELETE FROM op WHERE dseq = 4", "acts never reached the log"),
        ("server", "DELETE FROM op WHERE dseq = 4", "numbers of the log are not one act's"),
        ("server", "DELETE FROM op WHERE dseq = 4", "acts were told as judged and are not in the log"),
        ("server", "UPDATE op SET outcome = 'rejected' WHERE dseq = 4", "were told another verdict than the log's"),
        ("server", "UPDATE incarnation SET head_hash = x'00'", "the chain of console ends elsewhere"),
    ],
)
def test_what_was_altered_is_named(ends: Ends, where: str, statement: str, named: str) -> None:
    saved, acknowledged = ids(ends), outcomes(ends)
    change(getattr(ends, where), statement)
    assert named in "; ".join(accounts(ends, saved=saved, acknowledged=acknowledged).troubles)


def test_an_act_of_which_two_verdicts_were_told_is_named(ends: Ends) -> None:
    first, *rest = outcomes(ends)
    other = msgspec.structs.replace(first, commit_seq=first.commit_seq + 100)
    troubles = accounts(ends, acknowledged=[first, other, *rest]).troubles
    assert "another verdict" in "; ".join(troubles)


def test_a_press_that_never_returned_owes_nothing_and_one_that_returned_does(ends: Ends) -> None:
    assert accounts(ends, saved=ids(ends)[:2]).troubles == []
    assert "in no console" in "; ".join(accounts(ends, saved=[*ids(ends), "00" * 16]).troubles)
