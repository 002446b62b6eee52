"""F2: both texts of an edit side by side, what waits on a stick, and errors with their number on the list."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from consoles.kit.testing import glass, pressed
from core.cases.errors import CloseTrouble, NoteTrouble
from core.cases.model import number_of
from core.kernel.case import UnreadOutcome
from core.kernel.tx import Tx
from core.kernel.values import MINUTE_MS
from core.menu.commands import SetService
from core.menu.model import Service
from core.store import queue
from sync import ferry
from tests import given
from tests.consoles.admin import office
from tests.consoles.admin.conftest import Arrive, Office
from tests.consoles.admin.office import app_of, screen_of, sign_in, text_of, typed
from tests.consoles.house import SERVER_SEED


def lunch_until(tx: Tx, minutes: int) -> SetService:
    """The lunch of today, ending so many minutes later than it stands."""
    row = tx.get(Service, given.LUNCH)
    columns = {name: getattr(row, name) for name in SetService.model_fields if name != "service_id"}
    return SetService(service_id=row.id, **{**columns, "ends_at": row.ends_at + minutes * MINUTE_MS})


async def pressed_here(pilot: Pilot[None], command: SetService, expect: int) -> str:
    door = app_of(pilot).store.door
    assert door is not None
    pressed_act = await app_of(pilot).store.run(lambda: door.perform(command, expect=expect))
    return pressed_act.op_id.hex()


async def waiting_acts(pilot: Pilot[None]) -> list[tuple[str, int]]:
    """(kind, expected version) of what waits here, oldest first."""
    from sync.wire import decode_op

    door = app_of(pilot).store.door
    assert door is not None
    rows = await app_of(pilot).store.run(lambda: door.read(lambda db: queue.queue_listing(db, 50)))
    acts = [decode_op(bytes(row.body)) for row in reversed(rows)]
    return [(act.kind, act.expect) for act in acts]


def superseded(tx: Tx, op_id: str) -> None:
    row = UnreadOutcome(
        id=op_id,
        device_id="device-admin-1",
        kind=SetService.name,
        entity=given.LUNCH,
        outcome="superseded",
        code="changed_meanwhile",
        detail='{"version":2}',
        actor_id="admin_1",
        supervisor_id="admin_1",
        judged_at=office.NOW,
    )
    office.add(tx, row, at=office.NOW)


async def test_of_two_edits_both_are_shown_side_by_side_and_one_is_kept(
    admin: Office, tx: Tx, arrive: Arrive
) -> None:
    async with admin().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        before = tx.get(Service, given.LUNCH).version
        mine = await pressed_here(pilot, lunch_until(tx, 30), before)
        given.perform(tx, lunch_until(tx, 10), by=given.ADMIN, at=office.NOW)
        superseded(tx, mine)
        arrive(app_of(pilot))
        await pressed(pilot, "f2")
        assert "CHOOSE" in text_of(pilot) and "Enter = read both, keep one" in text_of(pilot)
        await pressed(pilot, "enter")
        box = "\n".join(glass(app_of(pilot)))
        theirs = tx.get(Service, given.LUNCH)
        assert "YOURS" in box and "THE OTHER" in box and "ends at" in box
        await pressed(pilot, "2")

        assert await waiting_acts(pilot) == [
            (SetService.name, before),
            (SetService.name, theirs.version),
            ("cases.acknowledge_outcome", 0),
        ]


async def test_keeping_the_other_text_only_says_that_it_was_read(admin: Office, tx: Tx, arrive: Arrive) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        mine = await pressed_here(pilot, lunch_until(tx, 30), tx.get(Service, given.LUNCH).version)
        given.perform(tx, lunch_until(tx, 10), by=given.ADMIN, at=office.NOW)
        superseded(tx, mine)
        arrive(app_of(pilot))
        await pressed(pilot, "f2", "enter", "1")

        assert [kind for kind, _ in await waiting_acts(pilot)] == [SetService.name, "cases.acknowledge_outcome"]


async def test_c_writes_what_waits_into_a_file_and_says_so(admin: Office, tx: Tx, tmp_path: Path) -> None:
    stick = tmp_path / "s"
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed_here(pilot, lunch_until(tx, 30), 1)
        await pressed(pilot, "f2", "c", "2")
        app_of(pilot).screen.query_one("Input").value = str(stick)  # type: ignore[attr-defined]  # one line of words
        await pressed(pilot, "enter")
        told = " ".join(text_of(pilot).replace("|", " ").split())  # where the lines break hangs on the folder's name

        (written,) = stick.iterdir()
        assert "One act is in" in told and "It still waits here." in told
        assert len(ferry.opened(written.read_bytes(), SERVER_SEED).segment.ops) == 1


async def test_with_nothing_waiting_c_says_so_and_writes_nothing(admin: Office, tx: Tx, tmp_path: Path) -> None:
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "f2", "c", "1")

        assert "Nothing waits to be sent from this console." in text_of(pilot)


async def test_an_error_stands_on_the_list_with_its_number_until_somebody_says_what_was_done(
    admin: Office, tx: Tx
) -> None:
    where = "sync.client.rebase:take"
    note = NoteTrouble(
        device_id="device-handheld-1",
        code="sync_trouble",
        where=where,
        first_at=office.ORDERED,
        last_at=office.NOW,
        total=7,
    )
    given.perform(tx, note, by=given.SYSTEM, at=office.NOW)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        assert number_of("sync_trouble", where) in text_of(pilot) and "7 times" in text_of(pilot)
        await pressed(pilot, "8")
        listed = text_of(pilot)
        assert "handheld 1: Sending and receiving stumbled" in listed and number_of("sync_trouble", where) in listed
        await pressed(pilot, "e")
        assert where in text_of(pilot)
        await pressed(pilot, "escape", "enter", "1")
        await typed(pilot, "restarted it")
        assert [type(command) for command in screen_of(pilot).performed] == [CloseTrouble]


async def test_an_edit_made_on_another_console_shows_what_stands_and_where_the_other_text_is(
    admin: Office, tx: Tx
) -> None:
    superseded(tx, "ab" * 16)
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "f2", "enter")
        box = text_of(pilot)

        assert "The text is on the console where it was written" in box and "Keep yours" not in box


async def test_a_case_is_called_by_what_it_is_about_and_never_by_its_code(admin: Office, tx: Tx) -> None:
    stay = given.stay(tx, bed="A-031")
    office.case_of(tx, "texture_conflict", about=stay, levels="4 6")
    office.case_of(tx, "grant_revoked", command="orders.mark_ready")
    office.case_of(tx, "rows_mended", device="handheld 7", audience="ward:A")
    async with admin().run_test(size=(120, 36)) as pilot:
        await sign_in(pilot)
        await pressed(pilot, "f2")
        named = [line.partition(" CASE ")[2].strip() for line in glass(app_of(pilot)) if " CASE " in line]

        assert [name.partition("  ")[0] for name in named] == ["A-031", "READY", "handheld 7"]
