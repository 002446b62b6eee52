"""A hospital is made once, with its first administrator, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.people.passwords import matches
from core.store import log
from core.store.open import open_server_store
from core.store.read import TxSource
from tests.admin_cli.conftest import Command, Said

PASSWORD, PIN = "inkono-umuriro-amazi", "418273"
WHO = ("--admin", "admin_1", "--name", "Ingabire Josiane")


def init(dusangire: Command, *more: str, lines: tuple[str, ...] = (PASSWORD, PIN)) -> Said:
    return dusangire("server", "init", *WHO, *more, lines=lines)


def test_a_hospital_is_made_with_its_first_administrator(dusangire: Command, machine: Path) -> None:
    from core.people.model import Credential, Grant

    assert init(dusangire).code == 0
    store = open_server_store(f"sqlite:///{machine / 'data' / 'hospital.db'}")
    with store.reading() as connection:
        source = TxSource(connection, whole=True)
        credential = source.rows(Credential, ["admin_1"])["admin_1"]
        grants = source.owned(Grant, "person_id", ["admin_1"])["admin_1"]
        practice = log.read_head(connection).practice
    store.close()
    assert matches(credential.password_hash, PASSWORD) and matches(credential.pin_hash, PIN)
    assert ([grant.role for grant in grants], practice) == (["admin"], False)


def test_practice_is_marked_for_good(dusangire: Command, machine: Path) -> None:
    assert init(dusangire, "--practice", "--json").json["practice"] is True
    store = open_server_store(f"sqlite:///{machine / 'data' / 'hospital.db'}")
    with store.reading() as connection:
        assert log.read_head(connection).practice
    store.close()


def test_no_secret_is_printed(dusangire: Command, machine: Path) -> None:
    said = init(dusangire)
    assert not any(secret in said.out + said.err for secret in (PASSWORD, PIN))


def test_a_second_init_changes_nothing(dusangire: Command, machine: Path) -> None:
    init(dusangire)
    before = (machine / "data" / "hospital.db").read_bytes()
    said = init(dusangire)
    assert (said.code, len(said.sentences)) == (2, 3)
    assert (machine / "data" / "hospital.db").read_bytes() == before


@pytest.mark.parametrize(
    "lines",
    [(), (PASSWORD,), ("short", PIN), ("aaaaaaaaaaaaaaaaaaaa", PIN), (PASSWORD, "123456"), (PASSWORD, "12")],
)
def test_weak_or_missing_secrets_make_nothing(dusangire: Command, machine: Path, lines: tuple[str, ...]) -> None:
    assert init(dusangire, lines=lines).code == 2
    assert list(machine.iterdir()) == []


def test_without_a_terminal_a_missing_name_is_asked_as_an_option(dusangire: Command, machine: Path) -> None:
    said = dusangire("server", "init", lines=(PASSWORD, PIN))
    assert said.code == 2 and "Full name" in said.err and list(machine.iterdir()) == []


def test_an_init_that_was_stopped_half_way_goes_on(dusangire: Command, machine: Path) -> None:
    from core.store import migrations

    (machine / "data").mkdir()
    store = open_server_store(f"sqlite:///{machine / 'data' / 'hospital.db'}")
    migrations.bring_up(store)  # killed before the first administrator
    store.close()
    assert init(dusangire).code == 0


def test_another_database_is_remembered_in_the_settings(dusangire: Command, machine: Path) -> None:
    address = f"sqlite:///{machine / 'elsewhere' / 'h.db'}"
    assert init(dusangire, "--database", address).code == 0
    assert [one["person"] for one in dusangire("people", "list", "--json").json] == ["admin_1"]


def test_another_folder_is_remembered_in_the_settings(dusangire: Command, machine: Path) -> None:
    assert init(dusangire, "--folder", str(machine / "elsewhere")).code == 0
    assert (machine / "elsewhere" / "hospital.db").exists()
    assert [one["person"] for one in dusangire("people", "list", "--json").json] == ["admin_1"]


def test_a_password_on_the_command_line_is_refused(dusangire: Command, machine: Path) -> None:
    said = init(dusangire, "--database", "postgresql+psycopg://u:secret@127.0.0.1:1/db")
    assert (said.code, len(said.sentences), "secret" in said.err, list(machine.iterdir())) == (2, 3, False, [])


@pytest.mark.parametrize(
    "address", ["nonsense", "mysql://u:secret@host/db", "postgresql+psycopg://u:secret@127.0.0.1:1/db"]
)
def test_a_database_that_cannot_be_opened_is_said_without_its_password(
    dusangire: Command, machine: Path, address: str
) -> None:
    (machine / "dusangire.toml").write_text(f'[server]\ndatabase_url = "{address}"\n')
    said = init(dusangire)
    assert (said.code, len(said.sentences), "secret" in said.err) == (2, 3, False)


def test_a_database_of_a_newer_version_is_left_untouched(dusangire: Command, hospital: Path) -> None:
    from sqlalchemy import text

    store = open_server_store(f"sqlite:///{hospital}")
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    said = dusangire("people", "list")
    assert (said.code, len(said.sentences)) == (2, 3)


def test_running_without_a_hospital_is_refused_at_once(dusangire: Command, machine: Path) -> None:
    said = dusangire("server", "run")
    assert said.code == 2 and "server init" in said.err
