"""Meals that wait for somebody: why, who can settle it, and how long there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.clinical.substitutes import SubstitutesScreen, Swap, Swaps, swap_lines
from consoles.kit.keybar import key
from consoles.kit.lines import NARROW, WIDE, Line, Rule
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import joined, padded, width_of, words, wrapped
from core.words import clock, duration, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.care.patients import Waiting

SOON_MS = 20 * 60_000
HELD_KEYS = "clinical.open clinical.substitute kit.why"
PLACES = "clinical.my_day clinical.patients clinical.held"


@dataclass(frozen=True, slots=True)
class HeldRows:
    meals: tuple[Waiting, ...]
    swaps: Swaps


class HeldScreen(SubstitutesScreen):
    """The most urgent first. Enter opens the card, `s` puts another dish in place, `e` says why."""

    CSS_PATH = "held.tcss"
    NAME = "held"
    WATCHES = ("order", "order_line", "service", "stay", "diet_profile", "dish", "dish_facts")
    HELP_WORDS = "clinical_held"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open_card", "clinical.open"),
        key("e", "explain", "kit.why"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("clinical.open clinical.substitute | kit.help",),
        60: (f"{HELD_KEYS} {PLACES}", "kit.sync kit.who | kit.help"),
        120: (f"{HELD_KEYS} {PLACES} kit.sync kit.who | kit.help",),
    }

    def __init__(self) -> None:
        super().__init__()
        self._meals: dict[str, Waiting] = {}

    def body(self) -> ComposeResult:
        yield Line(id="second")
        yield Rule()
        yield Table([Column("")], id="held", heads=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()

    def on_resize(self) -> None:
        super().on_resize()
        self.ask_soon()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("clinical.held"))

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> HeldRows | None:
        from core.care.patients import waiting_meals

        if self.is_locked:
            return None
        meals = tuple(waiting_meals(db, at=self.console_app.now()))
        return HeldRows(meals, self.ask_swaps(db, meals))

    def show(self, rows: HeldRows) -> None:
        self._meals, self.swaps = {one.order_id: one for one in rows.meals}, rows.swaps
        now, width, language = self.console_app.now(), self.app.size.width, self.language
        table_rows = [
            waiting_row(one.order_id, one, now, width, language, rows.swaps.get(one.order_id, ())) for one in rows.meals
        ]
        self.query_one(Table).fill(table_rows, empty=self.word("clinical.held_empty"))
        told = self.word("clinical.held_line", count=len(rows.meals)) if rows.meals else ""
        self.query_one("#second", Line).say(words(told, "quiet"))
        self.tick()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def chosen_meal(self) -> Waiting | None:
        if self.asks_who():
            return None
        chosen = self._meals.get(self.query_one(Table).chosen)
        if chosen is None:
            self.say(self.word("clinical.held_empty"))
        return chosen

    def on_table_opened(self, event: Table.Opened) -> None:
        self.action_open_card()

    def action_open_card(self) -> None:
        chosen = self.chosen_meal()
        if chosen is not None:
            from consoles.clinical.screens.card import CardScreen

            self.app.push_screen(CardScreen(chosen.stay_id))

    def action_explain(self) -> None:
        chosen = self.chosen_meal()
        if chosen is not None:
            from consoles.clinical.why import explain

            explain(self, chosen.order_id)


def waiting_row(key: str, one: Waiting, now: int, width: int, language: str, swaps: tuple[Swap, ...] = ()) -> TableRow:
    """Time left, order, bed; the reason whole, who can settle it, and what `s` would do.

    On a small screen the reason is below.
    """
    instead = (*swap_lines(swaps, width, language), *_deadline_lines(one, now, width, language))
    due = padded(due_text(one, now, language), 18)
    state = word("clinical.stopped" if one.stopped else "order_state.held", language)
    owner = word("clinical.owner", language, role=word(f"role.{one.owner}", language))
    why = word(f"why.{one.reason}", language)
    head = joined(words(due, due_token(one, now)), f" {one.number:<8}{one.bed or one.ward_id:<9}")
    if width >= WIDE:
        meal = word(f"meal.{one.meal}", language) if one.meal else ""
        room = max(8, width - width_of(head) - width_of(owner) - 27)
        line = joined(head, padded(meal, 11), words(f"{padded(state, 11)} {padded(why, room)}", "flag"), f"  {owner}")
        return TableRow(key, (line,), below=instead)
    if width >= NARROW:
        room = width - width_of(head) - width_of(owner) - 4
        line = joined(head, words(padded(why, max(8, room)), "flag"), f"  {owner}")
        return TableRow(key, (line,), below=instead)
    below = (words(f"   {why}", "flag"), words(f"   {owner}", "quiet"), *instead)
    return TableRow(key, (head,), below=below)


def _deadline_lines(one: Waiting, now: int, width: int, language: str) -> Iterable[Text]:
    """Until when it is to be settled, and what comes instead when nobody does."""
    if now < one.gives_way_at:
        told = word("clinical.gives_way", language, by=clock(one.settle_by), time=clock(one.gives_way_at))
        yield from (words(f"      {line}", "quiet") for line in wrapped(told, max(1, width - 7)))


def due_text(one: Waiting, now: int, language: str) -> str:
    """`18 min to cut-off`, then when the cart leaves."""
    left = one.due_at - now
    if not one.is_past_cut_off:
        return word("clinical.deadline", language, age=duration(left, language))
    if left >= 0:
        return word("clinical.cart_in", language, age=duration(left, language))
    return word("clinical.cart_gone", language, time=clock(one.due_at))


def due_token(one: Waiting, now: int) -> str:
    left = one.due_at - now
    return "late" if left < SOON_MS // 2 else "soon" if left < SOON_MS else ""
