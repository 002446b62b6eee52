"""Tables hold on to their row, options go by keys alone, a signature is strokes,
a dialog is one step from where it was."""

from __future__ import annotations

from textual.geometry import Offset

from consoles.kit.acting import Person
from consoles.kit.dialogs import AskScreen, Choice, ChooseScreen, TypeScreen
from consoles.kit.forms import NumberField, Options, WordsField
from consoles.kit.signature import SignaturePad
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.testing import glass
from consoles.kit.text import words
from tests.consoles.kit.bench_app import BenchApp

DIETS = (("diabetic", "diabetic"), ("low_salt", "low salt"), ("renal", "renal"))


def table() -> Table:
    return Table([Column("bed", 8), Column("what")], numbered=True, empty="Nobody waits.")


def rows(*keys: str) -> list[TableRow]:
    return [TableRow(key, (key, "tray")) for key in keys]


async def test_the_cursor_of_a_table_stays_on_its_row_while_others_come_and_go() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.bench.query_one(Table)
        shown.fill(rows("a", "b", "c"))
        shown.choose("b")
        shown.fill(rows("x", "y", "a", "b"))
        await pilot.pause()
        assert (shown.chosen, shown.lines[4].split()) == ("b", [">4", "b", "tray"])


async def test_when_the_row_has_gone_its_neighbour_is_chosen() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(60, 20)):
        shown = app.bench.query_one(Table)
        shown.fill(rows("a", "b", "c"))
        shown.choose("c")
        shown.fill(rows("a", "b"))
        assert shown.chosen == "b"


async def test_an_empty_table_says_a_sentence() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(60, 20)):
        shown = app.bench.query_one(Table)
        shown.fill([])
        assert (shown.chosen, shown.lines[1]) == ("", " Nobody waits.")


async def test_a_long_table_keeps_the_cursor_in_sight() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(60, 12)) as pilot:
        shown = app.bench.query_one(Table)
        shown.fill(rows(*(f"k{number:02}" for number in range(60))))
        shown.focus()
        await pilot.press("end")
        last = any("k59" in line for line in shown.lines)
        await pilot.press("home", "pagedown")
        assert (last, shown.chosen, shown.choose_number(2), shown.chosen) == (True, "k08", True, "k02")


async def test_one_touch_opens_a_row() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(60, 20)) as pilot:
        shown = app.bench.query_one(Table)
        shown.fill(rows("a", "b", "c"))
        await pilot.click(Table, offset=(3, 2))
        assert (shown.chosen, app.bench.heard) == ("b", ["b"])


async def test_several_of_several_are_ticked_by_keys_alone() -> None:
    app = BenchApp(lambda: Options("diet", DIETS, several=True))
    async with app.run_test(size=(60, 20)) as pilot:
        options = app.bench.query_one(Options)
        options.focus()
        await pilot.press("space", *"ren", "space")
        assert options.taken == ("diabetic", "renal")
        assert options.lines[0].rstrip() == "diet  (v) diabetic  ( ) low salt  (v) renal"


async def test_one_of_several_replaces_the_one_before() -> None:
    app = BenchApp(lambda: Options("", DIETS, taken=("diabetic",)))
    async with app.run_test(size=(60, 20)) as pilot:
        options = app.bench.query_one(Options)
        options.focus()
        await pilot.press("right", "space")
        assert (options.value, options.lines[0].rstrip()) == ("low_salt", "( ) diabetic  (o) low salt  ( ) renal")


async def test_options_take_as_many_lines_as_they_need_and_a_touch_finds_them() -> None:
    app = BenchApp(lambda: Options("diet", DIETS, several=True))
    async with app.run_test(size=(40, 20)) as pilot:
        options = app.bench.query_one(Options)
        await pilot.pause()
        assert len(options.lines) == 2
        await pilot.click(Options, offset=(9, 1))
        assert options.taken == ("renal",)


async def test_words_that_nobody_sees_do_not_come_out_of_a_field() -> None:
    app = BenchApp(WordsField, NumberField)
    async with app.run_test(size=(60, 20)) as pilot:
        field, number = app.bench.query_one(WordsField), app.bench.query_one(NumberField)
        field.value = "soup\u202e\x1b]0;x"
        number.focus()
        await pilot.press(*"12a0")
        assert (field.words, number.number) == ("soup\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}]0;x", 120)


async def test_a_signature_is_the_strokes_that_were_drawn() -> None:
    app = BenchApp(SignaturePad)
    async with app.run_test(size=(60, 20)) as pilot:
        pad = app.bench.query_one(SignaturePad)
        await pilot.mouse_down(SignaturePad, offset=Offset(2, 1))
        for x in range(3, 12):
            await pilot.hover(SignaturePad, offset=Offset(x, 1 + x % 3))
        await pilot.mouse_up(SignaturePad, offset=Offset(12, 2))
        drawn = (pad.is_signed, len(pad.strokes), any(line.strip() for line in pad.lines))
        pad.action_clear()
        assert (drawn, pad.is_signed, pad.strokes) == ((True, 1, True), False, ())


async def test_a_tap_is_no_signature() -> None:
    app = BenchApp(SignaturePad)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.click(SignaturePad, offset=(4, 2))
        assert not app.bench.query_one(SignaturePad).is_signed


async def test_a_digit_chooses_at_once_and_esc_chooses_nothing() -> None:
    app = BenchApp()
    async with app.run_test(size=(60, 20)) as pilot:
        answers: list[object] = []
        choices = [Choice("burnt", "burnt"), Choice("dropped", "dropped")]
        app.push_screen(ChooseScreen("Issue", choices), answers.append)
        await pilot.pause()
        await pilot.press("2")
        app.push_screen(ChooseScreen("Issue", choices), answers.append)
        await pilot.pause()
        await pilot.press("escape")
        assert answers == ["dropped", None]


async def test_a_question_that_cannot_be_undone_stands_on_no() -> None:
    app = BenchApp()
    async with app.run_test(size=(60, 20)) as pilot:
        answers: list[object] = []
        app.push_screen(AskScreen("Cancel L-0412 for A-015?", yes="cancel", no="keep"), answers.append)
        await pilot.pause()
        await pilot.press("enter")
        assert answers == [False]


async def test_a_hostile_title_is_a_title() -> None:
    app = BenchApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.push_screen(ChooseScreen("[/nope]\x1b[2J", [Choice("[bold]x", 1)], text=[words("[red]y")]))
        await pilot.pause()
        seen = "\n".join(glass(app))
        assert all(piece in seen for piece in ("[/nope]\N{REPLACEMENT CHARACTER}[2J", "[bold]x", "[red]y"))


async def test_typed_words_come_back_without_spaces_around_them() -> None:
    app = BenchApp()
    async with app.run_test(size=(60, 20)) as pilot:
        answers: list[object] = []
        app.push_screen(TypeScreen("NOTE"), answers.append)
        await pilot.pause()
        await pilot.press("space", *"hot", "enter")
        assert answers == ["hot"]


async def test_a_screen_too_small_says_what_it_needs() -> None:
    app = BenchApp(table)
    async with app.run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        assert " ".join(" ".join(glass(app)).split()) == "This screen needs 40 columns and 12 rows."


async def test_a_personal_console_hides_everything_while_nobody_is_signed_in() -> None:
    app = BenchApp(table)
    type(app).READABLE_WHEN_LOCKED = False
    try:
        async with app.run_test(size=(60, 20)) as pilot:
            app.bench.query_one(Table).fill(rows("A-015"))
            await pilot.pause()
            locked = "\n".join(glass(app))
            app.signed_in(Person("doctor_1", "doctor"))
            await pilot.pause()
            opened = "\n".join(glass(app))
    finally:
        type(app).READABLE_WHEN_LOCKED = True
    assert ("A-015" in locked, "Locked. F10 = sign in." in locked, "A-015" in opened) == (False, True, True)
