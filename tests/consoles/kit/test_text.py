"""No text from data can steer a terminal, whichever widget shows it; and none is read as markup."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from consoles.kit.text import REPLACED, cut, fitted, joined, padded, safe, sides, width_of, words, wrapped
from tests.consoles.kit.nineteen import HOSTILE, ONE_AT_A_TIME

ROOT = Path(__file__).parents[3]
SECONDS = 20
STEERING = (b"\x1b]52", "\u202e".encode(), "\u200b".encode(), "\x9b".encode())


def drawn(widget: str, text: str = HOSTILE) -> bytes:
    """Every byte that a process wrote to a terminal of its own while it showed one widget."""
    main, other = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "COLUMNS": "100", "LINES": "30"}
    program = Path(__file__).with_name("nineteen.py")
    shown = subprocess.Popen(
        [sys.executable, str(program), widget, text],
        stdin=other,
        stdout=other,
        stderr=other,
        env=environment,
        close_fds=True,
    )
    os.close(other)
    written = bytearray()
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main], [], [], 0.1)
        if ready:
            try:
                written += os.read(main, 65_536)
            except OSError:
                break
        elif shown.poll() is not None:
            break
    shown.wait(SECONDS)
    os.close(main)
    return bytes(written)


@pytest.mark.parametrize("widget", ONE_AT_A_TIME)
def test_no_widget_lets_an_escape_of_the_data_through(widget: str) -> None:
    written = drawn(widget)
    assert b"SOMBE" in written, "the text itself must be seen"
    assert [code for code in STEERING if code in written] == []


def test_what_looks_like_markup_is_shown_as_it_was_written() -> None:
    assert b"[@click=app.boom]press[/] [/nope]" in drawn("static", "[@click=app.boom]press[/] [/nope]")


def test_an_unseen_character_is_replaced_by_one_that_is_seen() -> None:
    assert (
        safe("a\x1bb\u202ec\u200bd\x9be\ufe0f\n")
        == f"a{REPLACED}b{REPLACED}c{REPLACED}d{REPLACED}e{REPLACED}{REPLACED}"
    )


def test_letters_of_other_languages_are_left_as_they_are() -> None:
    assert safe("Ngw'ino, déjeuner, 食べる") == "Ngw'ino, déjeuner, 食べる"


def test_a_cut_text_ends_in_two_dots_and_fits() -> None:
    assert (cut("Inyama y'inkoko", 10), cut("食べる食べる", 7), cut("short", 10)) == ("Inyama y..", "食べ..", "short")


def test_padding_counts_cells_and_not_letters() -> None:
    assert [width_of(padded(text, 8)) for text in ("食べる", "abc", "Inyama y'inkoko")] == [8, 8, 8]


def test_a_line_keeps_its_looks_when_it_is_cut() -> None:
    line = fitted(joined(words("abcdef", "flag"), words("ghijkl", "late")), 8)
    assert (line.plain, {str(span.style) for span in line.spans} >= {"flag"}) == ("abcdef..", True)


def test_the_right_end_of_a_line_stays_whole() -> None:
    assert sides(words("a long left side"), words("LIVE"), 12).plain == "a long..LIVE"


def test_words_wrap_between_them_and_the_rest_is_told() -> None:
    assert wrapped("one two three four", 9) == ["one two", "three", "four"]
    assert wrapped("one two three four five", 9, most=2) == ["one two", "three f.."]
