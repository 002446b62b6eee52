"""Bar, help and commands read one registry of keys."""

from __future__ import annotations

from consoles.kit.keybar import KeyBar, digits, key, registry

KEYS = registry(
    [
        *digits("choose", "kitchen.choose"),
        key("enter", "next_step", "kitchen.next_step"),
        key("full_stop", "see", "kitchen.seen"),
    ]
)


def test_nine_digits_are_one_key() -> None:
    assert KEYS["kitchen.choose"].shown == "1-9"


def test_keys_are_shown_as_they_are_engraved() -> None:
    assert [known.shown for known in KEYS.values()] == ["1-9", "Enter", "."]


def test_a_wide_screen_has_room_for_fuller_words() -> None:
    known = KEYS["kitchen.next_step"]
    assert (known.label("en", 80), known.label("en", 132)) == ("start/ready", "start / ready")


def test_rows_change_with_the_width() -> None:
    bar = KeyBar({0: ("kitchen.next_step",), 60: ("kitchen.choose", "kitchen.seen")}, KEYS)
    assert [len(bar.rows_at(width)) for width in (40, 59, 60, 132)] == [1, 1, 2, 2]
