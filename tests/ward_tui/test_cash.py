"""Cash at the bed: notes, change, what is missing, and large figures."""

from __future__ import annotations

import pytest

from consoles.kit.testing import pressed
from core.payments.commands import PutOnAccount, TakeCash
from tests.ward_tui.ward import Ward, flat
from ward_tui.large import ROWS, large
from ward_tui.screens.cash import CashSheet


@pytest.mark.parametrize(
    ("notes", "change"), [([], 0), ([2], 500), ([1], 3_500), ([3, 4], 0), ([3], -500), ([4, 4, 4, 5], 100)]
)
def test_what_goes_back_is_what_was_given_less_what_is_due(notes: list[int], change: int) -> None:
    sheet = CashSheet(number="L-0412", due_francs=1_500)
    sheet.paint = lambda: None  # type: ignore[method-assign]  # no terminal here
    for note in notes:
        sheet.action_note(note)
    assert sheet.change == change


def test_large_figures_are_five_rows_and_every_sign_has_one_width() -> None:
    rows = large("1,234,567,890")
    assert len(rows) == ROWS
    assert len({len(row) for row in rows}) == 1
    assert large("") == ("",) * ROWS


async def test_too_little_is_not_taken_and_says_what_is_missing(w: Ward) -> None:
    w.out("A-001", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c", "3", "enter")
        assert "500 RWF missing" in w.screen() and "Add notes, or n: no cash now." in flat(w.screen())
        assert w.app.seen.performed == []
        await pressed(pilot, "4", "enter")
        assert w.app.seen.performed[-1].francs == 1_500


async def test_notes_can_be_wiped_and_counted_again(w: Ward) -> None:
    w.out("A-001", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c", "1", "backspace")
        assert "EXACTLY 1,500 RWF" in w.screen()


async def test_coins_count_too(w: Ward) -> None:
    w.out("A-001", "umuceri", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c", *"55555", "enter")
        assert [type(one) for one in w.app.seen.performed] == [TakeCash]


async def test_no_cash_now_goes_on_the_account(w: Ward) -> None:
    w.out("A-001", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c", "n")
        assert [type(one) for one in w.app.seen.performed] == [PutOnAccount]
        assert "L-0412 on account, tray stays" in w.screen()


async def test_a_finger_counts_notes(w: Ward) -> None:
    w.out("A-001", method="cash")
    async with w.shown() as pilot:
        await pressed(pilot, "c")
        await pilot.click("#sheet", offset=(13, 11))
        await pilot.pause()
        assert "2,000 RWF" in w.screen()
