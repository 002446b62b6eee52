"""Everybody who is here, by ward and bed: flags first, then the meal of this hour and its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.clinical.flag_rows import flag_texts, packed
from consoles.clinical.screen import ClinicalScreen
from consoles.kit.dialogs import Choice, ChooseScreen, TypeScreen
from consoles.kit.keybar import key
from consoles.kit.lines import WIDE, Line, Rule
from consoles.kit.table import Column, Table, TableRow
from consoles.kit.text import joined, width_of, words
from core.words import word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.care.patients import Here

PLACES = "clinical.open kit.find kit.why clinical.ward clinical.my_day clinical.patients clinical.held"
BESIDE = 76  # columns from which the meal stands on the row of the first flag
GRAVE = {"block": "flag", "hold": "flag", "warn": "soon", "allow": "done"}
MOST_REMEMBERED = 8_192


@dataclass(frozen=True, slots=True)
class PatientRows:
    """meal: the one whose verdicts are shown; wards: those that this console holds, with their names.

    orders: the meal's order by stay; to_sign: orders that wait for a doctor's name, counted for doctors.
    """

    rows: tuple[TableRow, ...]
    meal: str
    wards: tuple[tuple[str, str], ...]
    all: int
    orders: Mapping[str, str]
    to_sign: int = 0


class PatientsScreen(ClinicalScreen):
    """Enter opens the card. A nurse sees her own ward until she asks for others."""

    CSS_PATH = "patients.tcss"
    NAME = "patients"
    WATCHES = ("stay", "diet_profile", "order", "service", "ward", "policy", "bed_assignment", "diet_order")
    HELP_WORDS = "clinical_patients"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "open_card", "clinical.open"),
        key("e", "explain", "kit.why"),
        key("w", "choose_ward", "clinical.ward"),
        key("slash", "find", "kit.find"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("clinical.open clinical.ward | kit.help",),
        60: (PLACES, "kit.sync kit.who | kit.help"),
        120: (f"{PLACES} kit.sync kit.who | kit.help",),
    }

    def __init__(self) -> None:
        super().__init__()
        self._ward_ids: tuple[str, ...] | None = None  # None: as the person's grants say
        self._rows: PatientRows | None = None
        self._told: dict[tuple[Any, ...], TableRow] = {}

    def body(self) -> ComposeResult:
        yield Line(id="second")
        yield Rule()
        yield Table([Column("", 8), Column("")], id="patients", heads=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(Table).focus()

    def on_resize(self) -> None:
        super().on_resize()
        self.ask_soon()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        wards = self.ward_ids()
        named = [self.word("clinical.on_ward", ward=", ".join(wards))] if wards else []
        return self.lead(self.word("clinical.patients"), *named)

    def ward_ids(self) -> tuple[str, ...]:
        """Those that are listed; none: all."""
        actor = self.clinical.actor
        own = tuple(sorted(actor.wards)) if actor is not None and actor.wards is not None else ()
        return own if self._ward_ids is None else self._ward_ids

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> PatientRows | None:
        from core.care.patients import patients
        from core.diets.queries import to_sign
        from core.diets.rules import thresholds_of
        from core.wards.queries import wards

        if self.is_locked:
            return None
        with self.looking(db) as tx:
            at, age, thresholds = tx.at, tx.rules_age, thresholds_of(tx)
        here = patients(db, at=at, rules_age=age, thresholds=thresholds, ward_ids=self.ward_ids())
        names = tuple((ward.id, str(getattr(ward, f"name_{self.language}") or ward.name_en)) for ward in wards(db))
        width, language = self.app.size.width, self.language
        rows = tuple(self._row(one, width, language) for one in here)
        orders = {one.stay_id: one.order_id for one in here if one.order_id}
        waiting = len(to_sign(db)) if self.clinical.may("diets.cosign_diet") else 0
        return PatientRows(rows, here[0].meal if here else "", names, len(here), orders, waiting)

    def _row(self, one: Here, width: int, language: str) -> TableRow:
        """In the store's thread: told once, and remembered as long as nothing about it differs."""
        known = self._told.get((one, width, language))
        if known is None:
            if len(self._told) >= MOST_REMEMBERED:
                self._told.clear()
            known = self._told[one, width, language] = patient_row(one, width, language)
        return known

    def show(self, rows: PatientRows) -> None:
        self._rows = rows
        self.query_one(Table).fill(rows.rows, empty=self.no_rows(self.word("clinical.patients_empty")))
        meal = self.word(f"meal.{rows.meal}") if rows.meal else self.word("clinical.no_service")
        told = self.word("clinical.patients_line", count=rows.all, meal=meal)
        sign = self.word("clinical.to_sign_line", count=rows.to_sign) if rows.to_sign else ""
        self.query_one("#second", Line).say(words(told, "quiet"), words(sign, "soon"))
        self.tick()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def on_table_opened(self, event: Table.Opened) -> None:
        self.action_open_card()

    def action_open_card(self) -> None:
        stay_id = self.query_one(Table).chosen
        if self.asks_who():
            return
        if not stay_id:
            return self.say(self.word("clinical.patients_empty"))
        from consoles.clinical.screens.card import CardScreen

        self.app.push_screen(CardScreen(stay_id))

    def action_explain(self) -> None:
        """The meal of this hour by every rule."""
        stay_id = self.query_one(Table).chosen
        if self.asks_who() or self._rows is None:
            return
        order_id = self._rows.orders.get(stay_id, "")
        if not order_id:
            return self.say(self.word("clinical.nothing_to_explain"))
        from consoles.clinical.why import explain

        explain(self, order_id)

    def action_find(self) -> None:
        if not self.asks_who():
            hint = self.word("clinical.find_hint")
            self.app.push_screen(TypeScreen(self.word("dialog.find"), hint=hint, most=20), self._find)

    def _find(self, typed: str | None) -> None:
        """A bed by its code or number; else an order's number, or a word of the row."""
        if not typed:
            return
        wanted = typed.casefold()
        number = wanted.rpartition("-")[2].lstrip("0")
        table = self.query_one(Table)
        if table.find(lambda row: _bed(row) == wanted):
            return
        if number.isdecimal() and table.find(lambda row: _bed(row).rpartition("-")[2].lstrip("0") == number):
            return
        if not table.find(lambda row: wanted in _plain(row)):
            self.say(self.word("dialog.found_none", text=typed), "soon")

    def action_choose_ward(self) -> None:
        if self.asks_who() or self._rows is None:
            return
        choices = [Choice(self.word("clinical.all_wards"), "")]
        choices += [Choice(f"{ward_id}  {name}", ward_id) for ward_id, name in self._rows.wards]
        self.app.push_screen(ChooseScreen(self.word("clinical.which_ward"), choices), self._take_ward)

    def _take_ward(self, ward_id: str | None) -> None:
        if ward_id is not None:
            self._ward_ids = (ward_id,) if ward_id else ()
            self.ask_soon()
            self.tick()


def patient_row(one: Here, width: int, language: str) -> TableRow:
    """Bed, flags, the meal with its verdict: on one row where there is room, else below. No flag is ever cut."""
    meal = meal_text(one, language, wide=width >= WIDE)
    beside = width >= BESIDE
    room = width - 10 - (width_of(meal) + 2 if beside else 0)
    flags = packed(flag_texts(one.flags, language), room) or [words("")]
    first = flags[0]
    if beside:
        first = joined(first, " " * (room - width_of(first)), " ", meal)
    below = [joined(" " * 10, line) for line in flags[1:]]
    if not beside:
        below.append(joined(" " * 10, meal))
    return TableRow(one.stay_id, (one.place, first), below=tuple(below))


def meal_text(one: Here, language: str, *, wide: bool) -> Text:
    """`L-0412 COOKING    ALLOWED`, in columns."""
    number = f"{one.number or '-':<7}" if wide or one.number else ""
    state = word(f"order_state.{one.state}", language) if one.state else word("clinical.no_order", language)
    verdict = word(f"verdict.{one.kind}", language)
    if not wide:
        return joined(words(f"{state:>14}  "), words(f"{verdict:<9}", GRAVE[one.kind]))
    return joined(words(f"{number} {state:<18} "), words(f"{verdict:<9}", GRAVE[one.kind]))


def _bed(row: TableRow) -> str:
    return str(row.cells[0]).casefold()


def _plain(row: TableRow) -> str:
    first = row.cells[1]
    return " ".join([first.plain if isinstance(first, Text) else first, *(line.plain for line in row.below)]).casefold()
