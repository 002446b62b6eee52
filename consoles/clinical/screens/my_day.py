"""What waits for a nutritionist: held meals by their deadline, allergies in words, what was tried in vain,
who is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.clinical.screens.held import HELD_KEYS, PLACES, waiting_row
from consoles.clinical.substitutes import SubstitutesScreen, Swaps
from consoles.kit.keybar import key
from consoles.kit.lines import NARROW, Line, Rule
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import joined, padded, words, wrapped
from core.words import clock, word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.care.patients import News, Waiting

TOKENS = {"sign": "soon", "unmatched": "flag", "served_before": "flag", "attempt": "soon", "new": ""}

NAMED = {"attempt": "why.", "served_before": "why.", "sign": "clinical.news_"}  # whose detail is a code


@dataclass(frozen=True, slots=True)
class DayRows:
    held: tuple[Waiting, ...]
    news: tuple[News, ...]
    swaps: Swaps
    dishes: Mapping[str, str]  # what the lines are about, by id


class MyDayScreen(SubstitutesScreen):
    """Enter opens the card of whoever the line is about; `e` says why a meal is held."""

    CSS_PATH = "my_day.tcss"
    NAME = "my_day"
    WATCHES = (
        "order",
        "order_line",
        "dish_facts",
        "service",
        "stay",
        "diet_profile",
        "allergy",
        "diet_order",
        "diet_attempt",
    )
    HELP_WORDS = "clinical_day"
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
        self._held: dict[str, Waiting] = {}
        self._about: dict[str, tuple[str, str]] = {}  # row -> stay, order ("" when it is about no order)

    def body(self) -> ComposeResult:
        yield Line(id="second")
        yield Rule()
        yield Table([Column("")], id="day", heads=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()

    def on_resize(self) -> None:
        super().on_resize()
        self.ask_soon()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("clinical.my_day"))

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> DayRows | None:
        from core.care.patients import news, waiting_meals
        from core.menu.queries import all_dishes

        if self.is_locked:
            return None
        at, actor = self.console_app.now(), self.clinical.actor
        wards = actor.wards or () if actor is not None else ()
        held, told = tuple(waiting_meals(db, at=at, ward_ids=wards)), tuple(news(db, at=at, ward_ids=wards))
        about = {dish_id for one in told for dish_id in (one.dish_id, one.suggested_id) if dish_id}
        dishes = {dish.id: dish.kitchen_name(self.language) for dish in all_dishes(db) if dish.id in about}
        return DayRows(held, told, self.ask_swaps(db, held), dishes)

    def show(self, rows: DayRows) -> None:
        self.swaps, now, width = rows.swaps, self.console_app.now(), self.app.size.width
        self._held = {one.order_id: one for one in rows.held}
        held = [
            waiting_row(f"held {one.order_id}", one, now, width, self.language, rows.swaps.get(one.order_id, ()))
            for one in rows.held
        ]
        others = [
            news_row(f"{one.kind} {place}", one, width, self.language, rows.dishes)
            for place, one in enumerate(rows.news)
        ]
        self._about = {row.key: (one.stay_id, one.order_id) for row, one in zip(held, rows.held, strict=True)}
        self._about |= {row.key: (one.stay_id, "") for row, one in zip(others, rows.news, strict=True)}
        self.query_one(Table).fill([*held, *others], empty=self.word("clinical.day_empty"))
        self.query_one("#second", Line).say(words(self._counts(rows), "quiet"))
        self.tick()

    def _counts(self, rows: DayRows) -> str:
        kinds = [one.kind for one in rows.news]
        counted = {"held": len(rows.held)} | {kind: kinds.count(kind) for kind in TOKENS}
        told = [self.word(f"clinical.day_{kind}", count=count) for kind, count in counted.items() if count]
        return "   ".join(told)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def _chosen(self) -> tuple[str, str] | None:
        if self.asks_who():
            return None
        chosen = self._about.get(self.query_one(Table).chosen)
        if chosen is None:
            self.say(self.word("clinical.day_empty"))
        return chosen

    def chosen_meal(self) -> Waiting | None:
        chosen = self._chosen()
        if chosen is None:
            return None
        meal = self._held.get(chosen[1])
        if meal is None:
            self.say(self.word("clinical.choose_held"))
        return meal

    def on_table_opened(self, event: Table.Opened) -> None:
        self.action_open_card()

    def action_open_card(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            from consoles.clinical.screens.card import CardScreen

            is_mine = self.query_one(Table).chosen.startswith("sign ") and self.clinical.may("diets.cosign_diet")
            self.app.push_screen(CardScreen(chosen[0], opens="sign" if is_mine else ""))

    def action_explain(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        if not chosen[1]:
            return self.say(self.word("why_screen.choose_first"))
        from consoles.clinical.why import explain

        explain(self, chosen[1])


def news_row(key: str, one: News, width: int, language: str, dishes: Mapping[str, str]) -> TableRow:
    """What it is, when, which bed; then the words of it, with the dish, and what may be had instead."""
    about = one.detail
    if one.kind in NAMED:
        about = word(f"{NAMED[one.kind]}{one.detail}", language)
    if one.dish_id:
        about = f"{about}, {dishes.get(one.dish_id, one.dish_id)}"
    if one.suggested_id:
        about = word("clinical.news_instead", language, about=about, dish=dishes.get(one.suggested_id, ""))
    said = word(f"clinical.news_{one.kind}", language, about=about)
    kind = padded(word(f"clinical.kind_{one.kind}", language), 18)
    head = joined(words(kind, TOKENS[one.kind]), f" {clock(one.at):<8}{one.bed or one.ward_id:<9}")
    indent = 36 if width >= NARROW else 3
    lines = wrapped(said, max(1, width - indent - 2))
    if width >= NARROW:
        below = tuple(words(" " * indent + line) for line in lines[1:])
        return TableRow(key, (joined(head, lines[0]),), below=below)
    return TableRow(key, (head,), below=tuple(words(" " * indent + line) for line in lines))
