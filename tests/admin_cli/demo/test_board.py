"""The launcher's 24 rows: what stands where, what is wrong and says so, and when a QR code is drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
import segno
from rich.text import Text

from admin_cli.demo.board import HALF, QR_ROWS, Shown, qr, rows
from admin_cli.demo.counted import Counted
from admin_cli.demo.journal import Happening
from consoles.kit.text import width_of
from core.words import LANGUAGES

PEOPLE = {
    "kitchen": ("cook 2", "246802"),
    "ward": ("runner 1", "135791"),
    "clinical": ("doctor", "975310"),
    "admin": ("admin 1", "864209"),
}
ADDRESS = "http://192.0.2.20:8080/B/7KQ4MD"
NOON = 43_200_000
WELL = Counted(acts=137, confirmed=136, refused=1)
SHOWN = Shown(
    clock="12:12",
    people=PEOPLE,
    address=ADDRESS,
    bed="A-015",
    birth_date="12 4 1974",
    hospital_number="DH-024539",
    happenings=(
        Happening(4, NOON + 718_000, "ordered", "A-015", "L-0412", "kitchen", 31),
        Happening(3, NOON + 700_000, "ready", "A-009", "L-0401", "ward", 117),
        Happening(2, NOON + 682_000, "delivered", "A-009", "L-0398", "kitchen"),
    ),
    counted=WELL,
)
FULLEST = replace(
    SHOWN,
    server_up=False,
    network_up=False,
    busy=True,
    happenings=tuple(Happening(n, NOON, "not_given", "ICU-004", "L-12345", "ward", 59_999) for n in range(9)),
    counted=Counted(acts=99_999, confirmed=90_000, refused=9_999, waiting=9_999, lost=9_999, twice=9_999),
    message="a message that is longer than the row of the screen on which it has to stand, by a good deal of words",
)


def said(shown: Shown) -> list[str]:
    return [row.plain for row in rows(shown)]


def looks(row: Text, words: str) -> set[str]:
    """The tokens in which these words are drawn."""
    begin = row.plain.index(words)
    return {str(span.style) for span in row.spans if span.start < begin + len(words) and span.end > begin}


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("wifi", [False, True])
@pytest.mark.parametrize("shown", [SHOWN, FULLEST], ids=["usual", "fullest"])
def test_there_are_24_rows_and_none_is_wider_than_80_cells(shown: Shown, language: str, *, wifi: bool) -> None:
    drawn = said(replace(shown, language=language, wifi=wifi))
    assert (len(drawn), [row for row in drawn if width_of(row) > 80]) == (24, [])


def test_the_first_row_says_what_it_is_and_what_is_up() -> None:
    first = said(SHOWN)[0]
    assert first.startswith(" DUSANGIRE   demo hospital, practice data")
    assert first.endswith("server UP   network UP   12:12")


def test_a_dead_server_and_a_cut_line_stand_out() -> None:
    first = rows(replace(SHOWN, server_up=False, network_up=False))[0]
    assert (looks(first, "server DOWN"), looks(first, "network CUT")) == ({"flag"}, {"flag"})


@pytest.mark.parametrize(
    "row, words",
    [
        (3, " OPEN A CONSOLE"),
        (4, "  1  kitchen   the wall"),
        (5, "  2  ward      handheld 40x20"),
        (6, "  3  clinical  patient cards"),
        (7, "  4  admin     the overview"),
        (8, " MAKE THINGS HAPPEN"),
        (9, "  x  cut the network       k  kill the server"),
        (10, "  b  busy lunch hour        t  five-minute tour"),
        (11, "  w  phones on this Wi-Fi  no, this machine only"),
        (12, "  a  all four side by side, in tmux"),
        (13, " WHAT JUST HAPPENED"),
        (14, " 12:11:58 A-015 ordered"),
        (15, " 12:11:40 L-0401 ready"),
        (16, " 12:11:22 A-009 given"),
        (18, " NOTHING LOST  137 acts = 136 confirmed + 1 refused"),
        (19, "               0 waiting   0 lost   0 done twice"),
        (24, " 1-4 open  x network  k server  b busy  t tour  w Wi-Fi  a all"),
    ],
)
def test_every_row_stands_at_its_place(row: int, words: str) -> None:
    assert " ".join(said(SHOWN)[row - 1].split()).startswith(" ".join(words.split()))
    assert said(SHOWN)[row - 1][: len(words) - len(words.lstrip())].isspace()


def test_who_works_where_and_with_which_pin_stands_in_two_columns() -> None:
    listed = said(SHOWN)[3:7]
    assert [(row[30:42].strip(), row[42:49].strip()) for row in listed] == list(PEOPLE.values())


def test_the_box_at_the_right_has_straight_edges_whatever_happened() -> None:
    drawn = said(replace(FULLEST, happenings=FULLEST.happenings[:4]))[2:17]
    assert {(width_of(row), row[49] in "+|", row[77] in "+|") for row in drawn} == {(78, True, True)}


def test_the_last_rows_say_who_may_open_the_page_and_where() -> None:
    drawn = said(SHOWN)
    assert drawn[17].endswith("192.0.2.20:8080/B/7KQ4MD")
    assert drawn[18].endswith("A-015 born 12 4 1974 DH-024539")


def test_a_change_is_told_with_the_time_it_took_or_that_it_is_still_on_its_way() -> None:
    drawn = said(SHOWN)
    assert ["31 ms" in drawn[13], "117 ms" in drawn[14], "on its way" in drawn[15]] == [True, True, True]


def test_the_clock_of_what_happened_is_the_hospitals() -> None:
    assert said(replace(SHOWN, offset_ms=2 * 3_600_000))[13].startswith(" 14:11:58")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_message_goes_on_in_the_rows_below_it(language: str) -> None:
    lines = said(replace(FULLEST, language=language))[20:23]
    assert " ".join(" ".join(lines).split()) == FULLEST.message


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sums_are_never_cut(language: str) -> None:
    drawn = said(replace(SHOWN, language=language))[17:19]
    assert [row for row in drawn if ".." in row] == []


# -- sums -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "counted",
    [
        Counted(acts=3, confirmed=2, refused=1, lost=1),
        Counted(acts=3, confirmed=2, refused=1, twice=1),
        Counted(acts=4, confirmed=2, refused=1),
    ],
    ids=["lost", "twice", "does not add up"],
)
def test_a_wrong_sum_is_said_in_reverse(counted: Counted) -> None:
    row = rows(replace(SHOWN, counted=counted))[17]
    assert "NOTHING LOST" not in row.plain
    assert looks(row, "DOES NOT ADD UP") == {"flag"}


def test_acts_that_wait_are_not_a_wrong_sum() -> None:
    drawn = said(replace(SHOWN, counted=Counted(acts=5, confirmed=2, refused=1, waiting=2)))
    assert (drawn[17].split("  ")[0], "2 waiting" in drawn[18]) == (" NOTHING LOST", True)


# -- the QR code ------------------------------------------------------------------------------------------------------


def modules(lines: list[str]) -> list[list[bool]]:
    """The dark modules that half blocks on a dark ground leave dark."""
    cells = {drawn: pair for pair, drawn in HALF.items()}
    grid: list[list[bool]] = []
    for line in lines:
        grid.append([cells[cell][0] for cell in line])
        grid.append([cells[cell][1] for cell in line])
    return grid


def test_a_qr_code_is_drawn_only_while_a_phone_can_reach_the_page() -> None:
    code = qr(ADDRESS)
    with_it, without = said(replace(SHOWN, wifi=True)), said(SHOWN)
    assert [row[49:] for row in with_it[2 : 2 + len(code)]] == code
    assert not any(set(row) & set("▀▄█") for row in without)
    assert "o opens the patient's" in " ".join(without)


def test_the_qr_code_holds_the_address_in_capitals_with_a_quiet_zone() -> None:
    wanted = segno.make(ADDRESS.upper(), error="l").matrix_iter(border=2)
    drawn = modules(qr(ADDRESS))
    assert drawn[: len(drawn) - 1] == [[bool(module) for module in row] for row in wanted]


def test_the_qr_code_fits_its_place() -> None:
    code = qr("http://192.168.100.200:65535/B/7KQ4MD")
    assert (len(code) <= QR_ROWS, {len(line) for line in code}) == (True, {29})
