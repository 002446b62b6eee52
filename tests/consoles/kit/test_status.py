"""The chip says how this console stands, the gravest first, and is never shortened to save something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consoles.kit.status import TopLine, chips
from consoles.kit.text import words
from sync.client.standing import Standing

NOON = 1_795_515_120_000  # 12:12 in Kigali
MINUTE = 60_000
LIVE = Standing(enrolled=True, live=True, last_contact_at=NOON, silent_ms=0, rules_age_ms=0)


def first(standing: Standing | None, *, locked: bool = False, width: int = 80) -> str:
    return chips(standing, now=NOON, locked=locked, language="en", width=width)[0].text


@pytest.mark.parametrize(
    ("standing", "wide", "narrow"),
    [
        (LIVE, "LIVE 12:12", "LIVE 12:12"),
        (replace(LIVE, waiting=3), "SENDING 3", "SENDING 3"),
        (
            replace(LIVE, live=False, silent_ms=12 * MINUTE, waiting=14),
            "OFFLINE 12 min, 14 to send",
            "OFF 12m, 14 to send",
        ),
        (replace(LIVE, live=False, rules_age_ms=250 * MINUTE, rules_too_old=True), "RULES 4 h OLD", "RULES 4h OLD"),
        (replace(LIVE, clock_ahead_ms=7 * MINUTE), "CLOCK +7 min", "CLOCK +7 min"),
        (replace(LIVE, refused=2), "REFUSED 2", "REFUSED 2"),
    ],
)
def test_each_state_has_its_words_at_both_widths(standing: Standing, wide: str, narrow: str) -> None:
    assert (first(standing), first(standing, width=40)) == (wide, narrow)


def test_a_locked_console_says_so_while_nothing_graver_is_wrong() -> None:
    assert (first(LIVE, locked=True), first(replace(LIVE, refused=1), locked=True)) == ("LOCKED", "REFUSED 1")


def test_old_rules_are_shown_before_anything_else() -> None:
    worst = replace(
        LIVE, live=False, refused=2, clock_ahead_ms=7 * MINUTE, rules_age_ms=300 * MINUTE, rules_too_old=True
    )
    said = chips(worst, now=NOON, locked=True, language="en")
    assert [chip.code for chip in said] == ["rules_old", "clock", "offline", "refused", "locked"]


def test_seconds_are_shown_only_where_there_is_room() -> None:
    assert first(LIVE, width=132) == "LIVE 12:12:00"


def test_before_the_store_is_open_the_chip_says_so() -> None:
    assert first(None) == "OPENING"


def test_the_top_line_gives_up_its_counts_before_it_shortens_the_chip() -> None:
    line = TopLine()
    line._left = (words("KITCHEN"), words("LUNCH"))
    line._between = (words("to cook 14"), words("cooking 5"), words("ready 3"))
    line._chip = words("OFFLINE 12 min, 14 to send")
    row = line._row(60).plain
    assert row == " KITCHEN  LUNCH         ready 3  OFFLINE 12 min, 14 to send "
