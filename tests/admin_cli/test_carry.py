"""sync export, import and explain at a console that has worked without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from admin_cli import carry
from core.wards.commands import OpenStay
from tests.admin_cli.conftest import Command
from tests.sync.client.hospital import Console, Hospital, enrolled, ward_a


@pytest.fixture
def central(tmp_path: Path) -> Hospital:
    (tmp_path / "central").mkdir()
    return ward_a(tmp_path / "central")


@pytest.fixture
def console(machine: Path, central: Hospital) -> Console:
    """This machine is a console; one act waits on it."""
    (machine / "dusangire.toml").write_text("[console]\nplain_store = true\n")
    made = enrolled(central, machine, "data")
    made.link.down = True
    made.press(OpenStay(stay_id="stay-1", ward_id="A", full_name="Patient 1"))
    return made


def test_a_queue_is_written_by_one_machine_and_taken_in_by_another(
    dusangire: Command, console: Console, central: Hospital, machine: Path
) -> None:
    told = dusangire("sync", "export", machine / "queue.ferry", "--json").json
    data = Path(told["file"]).read_bytes()
    first, second = (carry.take_in_here(central.store, data) for _ in range(2))

    assert (told["acts"], told["bytes"], console.waiting) == (1, len(data), 1)
    assert (first.name, first.fresh, second.fresh, second.acts) == ("data", 1, 0, 1)


def test_a_folder_gets_a_file_that_tells_whose_it_is(dusangire: Command, console: Console, machine: Path) -> None:
    (machine / "stick").mkdir()
    said = dusangire("sync", "export", machine / "stick")
    (written,) = (machine / "stick").iterdir()

    assert written.name.startswith("data-") and "dusangire sync import" in said.out and "still wait here" in said.out


def test_what_is_no_carried_queue_is_refused_in_three_sentences(
    dusangire: Command, console: Console, machine: Path
) -> None:
    (machine / "letter.txt").write_text("a letter")
    for file in ("letter.txt", "nowhere.ferry"):
        said = dusangire("sync", "import", machine / file)
        assert (said.code, len(said.sentences)) == (2, 3)


def test_a_console_without_a_line_passes_nothing_on(dusangire: Command, console: Console, machine: Path) -> None:
    told = dusangire("sync", "export", machine / "queue.ferry", "--json").json
    said = dusangire("sync", "import", told["file"])

    assert (said.code, "does not reach the server" in said.sentences[0]) == (2, True)


def test_an_act_that_waits_is_explained_at_its_console(dusangire: Command, console: Console) -> None:
    (act,) = dusangire("sync", "log", "--json").json
    life = dusangire("sync", "explain", act["op_id"][-12:], "--json").json

    assert (life["at_centre"], life["outcome"], life["device"], life["class"]) == (False, "", "data", "fact")
    assert "not yet, or no answer has come" in dusangire("sync", "explain", act["op_id"]).out


def test_the_log_of_a_console_calls_meals_and_people_by_their_names(dusangire: Command, console: Console) -> None:
    (act,) = dusangire("sync", "log", "--json").json
    (shown,) = [line for line in dusangire("sync", "log").out.splitlines() if act["op_id"][-12:] in line]
    assert [word for word in (" A ", "nurse 1") if word not in shown] == []
    assert [code for code in (act["entity"], act["actor_id"]) if code in shown] == []
