"""Words fit where the screens have room for them, in every language (screens.md §2.4, §2.6, §6, §7)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

import pytest

from core.kernel.text import cells
from core.words import LANGUAGES, flag_words, state_words, word


@dataclass(frozen=True, slots=True)
class Bar:
    """The keys of one bar of the mock-ups: `shown id`, apart by `|`."""

    room: int
    rows: int
    gap: int
    keys: str


KITCHEN = (
    "1-9 kitchen.choose|Enter kitchen.next_step|Space kitchen.tick|. kitchen.seen|u kit.undo|r kitchen.recall|"
    "a kitchen.all_day|i kitchen.issue|o kitchen.out_of_stock|n kitchen.note|e kitchen.why|p kitchen.label|"
    "v kitchen.view|+ kitchen.next_page|? kit.help"
)
HANDHELD = "w ward.way|i ward.issue|c ward.cash|F2 kit.sync|? kit.help"
CLINICAL = (
    "d clinical.diet_order|m clinical.nil_by_mouth|h clinical.hold_trays|a clinical.allergy|o clinical.order_meal|"
    "r clinical.recommend|n clinical.note|f clinical.follow_up|? kit.help"
)
ADMIN = (
    "Tab admin.next_box|Enter admin.open|e admin.why|o admin.override_wide|x admin.export|/ admin.find_wide|"
    "F2 kit.sync|F10 kit.who|? kit.help"
)
SYNC = "Enter kit.open|e kit.why|c kit.stick|Esc kit.back|? kit.help"
BARS = {
    "kitchen": Bar(room=78, rows=2, gap=2, keys=KITCHEN),
    "handheld": Bar(room=39, rows=1, gap=1, keys=HANDHELD),
    "clinical": Bar(room=118, rows=1, gap=2, keys=CLINICAL),
    "admin": Bar(room=118, rows=1, gap=2, keys=ADMIN),
    "sync": Bar(room=78, rows=1, gap=2, keys=SYNC),
}

# key, its arguments, cells it may take
PLACES: tuple[tuple[str, dict[str, str | int], int], ...] = (
    ("chip.offline", {"age": "12 min", "waiting": 14}, 26),
    ("chip.offline_short", {"age": "12m", "waiting": 14}, 19),
    ("chip.rules_old_short", {"hours": "4"}, 19),
    ("chip.ended", {"age": "73 h", "waiting": 14}, 26),
    ("chip.ended_short", {"waiting": 14}, 19),
    ("chip.refused", {"refused": 2}, 19),
    ("chip.sending", {"waiting": 14}, 19),
    ("chip.live", {"time": "12:12"}, 19),
    ("chip.clock", {"minutes": "+7"}, 19),
    ("chip.locked", {}, 19),
    ("kitchen.press_aside", {}, 26),
    ("kitchen.press_seen", {}, 19),
    ("kitchen.stop_line", {"bed": "ICU-004", "number": "L-0398", "reason": "NIL BY MOUTH", "tile": 2}, 80),
    ("ward.scan_or", {"bed": "ICU-004"}, 36),
    ("ward.match", {}, 34),
    ("ward.match_line", {"number": "L-0412", "bed": "ICU-004"}, 36),
    ("ward.no_match", {}, 36),
    ("ward.no_match_line", {}, 36),
    ("ward.do_not_give", {}, 34),
    ("ward.ask_a_nurse", {}, 34),
    ("ward.given_locked", {}, 34),
    ("ward.until_order", {}, 36),
    ("ward.left_kitchen", {"number": "L-0419", "time": "12:30"}, 40),
    ("ward.checked", {"time": "12:41", "rules": "12:39"}, 40),
    ("ward.allowed", {"time": "12:37", "rules": "12:37"}, 40),
    ("ward.next_cash", {"francs": "1,500 RWF"}, 40),
    ("ward.not_given", {}, 14),
    ("ward.to_nurse", {}, 12),
    ("ward.given", {}, 28),
    ("ward.take_back", {}, 33),
    ("ward.call_station", {"extension": "214"}, 33),
    ("ward.already_eaten", {}, 33),
    ("ward.run_empty", {"count": 10, "cart": "C3"}, 78),
    ("mark.stop", {}, 14),
    ("mark.changed", {}, 18),
    ("mark.moved", {}, 9),
    ("due.late", {"minutes": "08"}, 16),
    ("due.past", {"minutes": "04"}, 15),
    ("due.first_emergency", {}, 17),
    ("due.first_late", {}, 21),
    ("sync_screen.read_it", {}, 30),
    ("sync_screen.read_both", {}, 40),
    ("sync_screen.go_on", {}, 78),
    ("refused.what", {}, 10),
    ("refused.stays", {}, 10),
    ("refused.next", {}, 12),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("bar", BARS)
def test_a_key_bar_fits_its_rows(bar: str, language: str) -> None:
    labels = [_labelled(item, language) for item in BARS[bar].keys.split("|")]
    assert _rows_needed(labels, BARS[bar]) <= BARS[bar].rows, labels


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("key", "arguments", "room"), PLACES, ids=[place[0] for place in PLACES])
def test_a_text_fits_its_place(key: str, arguments: dict[str, str | int], room: int, language: str) -> None:
    text = word(key, language, **arguments)
    assert cells(text) <= room, text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["confirmed", "held", "cooking", "kitchen_issue", "ready"])
def test_a_state_stands_beside_number_and_age_on_a_tile(state: str, language: str) -> None:
    assert cells(f"L-0405 {state_words(state, language)} 16 min") <= 26


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("meal", ["breakfast", "lunch", "dinner", "snack"])
def test_a_meal_is_short_on_the_top_row(meal: str, language: str) -> None:
    assert cells(word(f"meal_short.{meal}", language)) <= 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_flags_of_the_mock_up_fit_a_wide_tile(language: str) -> None:
    flags = [
        flag_words("allergy", {"substances": "peanut fish"}, language),
        flag_words("component", {"components": "diabetic low_salt"}, language),
        flag_words("needs_help_eating", None, language),
        flag_words("nil_by_mouth", None, language),
        flag_words("allergies_not_asked", None, language),
    ]
    assert [flag for flag in flags if cells(flag) > 32] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_kitchen_names_of_the_demo_menu_are_never_cut(language: str) -> None:
    menu = tomllib.loads(resources.files("core.store.demo").joinpath("dishes.toml").read_text(encoding="utf-8"))
    long = [dish["code"] for dish in menu["dish"] if cells(dish[f"kitchen_{language}"]) > 20]
    assert long == []


def _labelled(item: str, language: str) -> str:
    shown, _, name = item.rpartition(" ")
    return f"{shown} {word(f'key.{name}', language)}"


def _rows_needed(labels: list[str], bar: Bar) -> int:
    rows, used = 1, 0
    for label in labels:
        wide = cells(label) + (bar.gap if used else 0)
        if used + wide > bar.room:
            rows, used = rows + 1, cells(label)
        else:
            used += wide
    return rows
