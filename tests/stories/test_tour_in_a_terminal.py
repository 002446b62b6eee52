"""The demo as a visitor meets it: the launcher and a console in a real terminal, the patient's page on a real phone."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser, expect

from admin_cli.demo import spine
from admin_cli.demo.glass import Glass
from admin_cli.demo.hands import pin_of
from admin_cli.demo.hospital import prepare
from admin_cli.demo.walk import Walk
from core.settings import HOME
from tests.stories import visitor
from tests.stories.terminal import Terminal

pytestmark = pytest.mark.story
WALL = (80, 24)
ENDED_SECONDS = 60.0
PAGE = re.compile(r"page (\d) of (\d)")


# -- the launcher -----------------------------------------------------------------------------------------------------


def test_the_launcher_opens_cuts_kills_and_leaves_nothing_running(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    environment = {"TMPDIR": str(room), "LANG": "C.UTF-8", "DUSANGIRE_LANGUAGE": "en"}
    with Terminal([sys.executable, "-m", "admin_cli.main", "demo", "--port", "0"], environment, size=WALL) as terminal:
        terminal.wait_for("OPEN A CONSOLE", "server UP", "network UP", "NOTHING LOST", "A-015 born")
        assert len(started_in(room)) >= 2  # the launcher and its server, or the last line below would prove nothing

        terminal.press("1")
        sign_in(terminal, "cook 2", "cook_2")
        terminal.wait_for("KITCHEN", "LIVE")
        terminal.press("Escape")
        terminal.wait_for("OPEN A CONSOLE", "network UP")

        for key, gone, back in (("x", "network CUT", "network UP"), ("k", "server DOWN", "server UP")):
            terminal.press(key)
            terminal.wait_for(gone)
            terminal.press(key)
            terminal.wait_for(back)

        terminal.press("q")
        terminal.wait_for("Nothing is left running.", "ended 0")
        assert (started_in(room), list(room.iterdir())) == ([], [])


@pytest.mark.parametrize("console", ["", "1"])
def test_a_window_that_is_closed_ends_the_demo_with_all_that_it_started(tmp_path: Path, console: str) -> None:
    room = tmp_path / "room"
    room.mkdir()
    environment = {"TMPDIR": str(room), "LANG": "C.UTF-8", "DUSANGIRE_LANGUAGE": "en"}
    with Terminal([sys.executable, "-m", "admin_cli.main", "demo", "--port", "0"], environment, size=WALL) as terminal:
        terminal.wait_for("OPEN A CONSOLE", "server UP")
        if console:
            terminal.press(console)
            terminal.wait_for("KITCHEN")
        assert len(started_in(room)) >= 2
    ends = time.monotonic() + ENDED_SECONDS
    while (left := started_in(room)) or any(room.iterdir()):
        assert time.monotonic() < ends, left or [str(file) for file in room.rglob("*")]
        time.sleep(0.1)


# -- a phone and a wall -----------------------------------------------------------------------------------------------


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    """A demo hospital whose kitchen is enrolled, and nobody at work yet."""
    hospital = prepare(tmp_path, now=time.time_ns() // 1_000_000)
    walking = Walk(hospital)
    try:
        hospital.start_server()
        hospital.enrol("kitchen")
        yield walking
    finally:
        walking.close()
        hospital.close()


@pytest.fixture
def wall(walk: Walk) -> Iterator[Terminal]:
    """The kitchen's console in a terminal, with cook 2 before it."""
    environment = {HOME: walk.hospital.environment_of("kitchen")[HOME], "LANG": "C.UTF-8"}
    with Terminal([sys.executable, "-m", "admin_cli.demo.console", "kitchen"], environment, size=WALL) as terminal:
        sign_in(terminal, "cook 2", "cook_2")
        terminal.wait_for("KITCHEN", "LIVE")
        yield terminal


@pytest.fixture
def browser() -> Iterator[Browser]:
    with visitor.chromium() as running:
        yield running


def test_a_patient_orders_on_a_phone_and_the_wall_shows_it(walk: Walk, wall: Terminal, browser: Browser) -> None:
    page = visitor.phone(browser, walk.hospital.url)
    visitor.sign_in(page, walk)
    visitor.open_menu(page)
    isombe = page.locator(f"#dish-{visitor.ISOMBE}")
    expect(isombe).to_have_class(re.compile("block"))
    expect(isombe).to_contain_text("contains peanut, and you have a peanut allergy")

    number = visitor.order(page, visitor.BEANS, visitor.RICE)

    text = turn_to(wall, number)
    assert [flag for flag in ("[!] ALLERGY", "PEANUT", "[=] DIABETIC") if flag not in text] == []


def test_an_order_outlives_a_cut_line_and_a_killed_server(walk: Walk, wall: Terminal, browser: Browser) -> None:
    page = visitor.phone(browser, walk.hospital.url)
    visitor.sign_in(page, walk)
    walk.hospital.line.cut()
    wall.wait_for("OFFLINE")
    visitor.open_menu(page)
    number = visitor.order(page, visitor.BEANS, visitor.RICE)
    expect(page.locator("#truth-words")).to_have_text("Live")
    walk.hospital.kill_server()
    expect(page.locator("#truth-words")).to_contain_text("Your order is safe.")

    walk.hospital.start_server()
    walk.hospital.line.join()
    wall.wait_for("LIVE")
    turn_to(wall, number)
    wall.press(spine.digit_of(cast("Glass", wall), number))
    wall.press("Enter")

    expect(page.locator(".steps .now")).to_contain_text("Being prepared")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)


# -- what these stories do --------------------------------------------------------------------------------------------


def sign_in(wall: Terminal, display: str, person_id: str) -> None:
    wall.wait_until(lambda text: "KITCHEN" in text and "LOCKED" in text.split("\n")[0], "the wall is not open")
    wall.press("F10")
    offered = wall.wait_for("Who is acting", display)
    tile = re.search(rf"(\d)\s+{display}", offered)
    assert tile, offered
    wall.press(tile[1])
    wall.wait_for("PIN")
    wall.press(*pin_of(person_id))
    wall.wait_until(lambda text: display in text.split("\n")[1], "nobody is signed in")


def turn_to(wall: Terminal, number: str) -> str:
    """Turns the wall's pages, forward and then back, until the ticket is on one; what stands there then."""
    at, last = _page(wall.wait_for("KITCHEN"))
    there_and_back = [*range(at + 1, last + 1), *range(last - 1, 0, -1)]
    for place in there_and_back:
        if number in wall.text():
            break
        wall.press("+" if place > at else "-")
        wall.wait_for(f"page {place} of")
        at = place
    return wall.wait_for(number)


def _page(text: str) -> tuple[int, int]:
    found = PAGE.search(text)
    return (int(found[1]), int(found[2])) if found else (1, 1)


def started_in(room: Path) -> list[str]:
    """The command lines of all processes that were told to keep their temporary files there."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            told = (process / "environ").read_bytes().split(b"\0")
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it has ended, or is another person's
        if os.fsencode(f"TMPDIR={room}") in told:
            found.append(line)
    return found
