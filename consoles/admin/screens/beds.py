"""The beds of one ward: free, taken or out of use; `a` adds beds, `s` says what state a bed is in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.closing import Closing
from consoles.admin.form import Answers, Asked, FormScreen
from consoles.admin.screen import ListScreen
from consoles.kit.dialogs import Choice
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock, day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.beds import BedNow, WardPage

STATES = ("in_use", "cleaning", "closed")
LOOK = {"vacant": "quiet", "cleaning": "soon", "closed": "quiet", "waiting": "soon"}
MOST_BEDS = 500
_NUMBER = re.compile(r"(?:[A-Za-z0-9._]+-)?(\d{1,4})\Z")


class BedsScreen(Closing, ListScreen):
    """Enter opens the patient's order, or the state of a bed that has none."""

    CSS_PATH = "beds.tcss"
    PLACE = "wards"
    EMPTY = "admin.beds_empty"
    WATCHES = ("bed", "bed_assignment", "stay", "order", "diet_profile", "ward", "service")
    HELP_WORDS = "admin_beds"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("a", "add", "admin.add_beds"),
        key("s", "state", "admin.bed_state"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.bed_state admin.add_beds admin.export admin.find kit.back | kit.help",),
    }

    def __init__(self, ward_id: str, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self.ward_id = ward_id
        self.page: WardPage | None = None

    def columns(self) -> Sequence[Column]:
        named = ("bed", "state", "since", "meal", "remark")
        titles = [self.word(f"admin.column_{name}") for name in named]
        return [Column(title, width) for title, width in zip(titles, (10, 14, 18, 24, 0), strict=True)]

    def head(self) -> tuple[Text | str, Text | str]:
        page = self.page
        if page is None or page.ward is None:
            return words(self.ward_id, "strong"), ""
        name = str(getattr(page.ward, f"name_{self.language}", "") or page.ward.name_en)
        taken = sum(bed.has_patient for bed in page.beds)
        count = self.word("admin.count_beds", taken=taken, all=len(page.beds))
        return words(f"{self.ward_id}  {name}", "strong"), words(count, "quiet")

    def ask(self, db: Connection) -> WardPage:
        from core.reports.beds import ward_page

        return ward_page(db, self.ward_id, at=self.console_app.now())

    def show(self, rows: WardPage) -> None:
        self.page = rows
        self.fill([self._row(bed) for bed in rows.beds])

    def _row(self, bed: BedNow) -> TableRow:
        state = self.word("admin.without_bed") if bed.state == "waiting" else self.word(f"bed_state.{bed.state}")
        since = f"{day(bed.since, self.language)} {clock(bed.since)}" if bed.since else ""
        meal, remark = "", Text()
        if bed.has_patient and bed.order is not None:
            meal = f"{bed.order.number} {self.word(f'order_state.{bed.order.state}')}"
        elif bed.has_patient and not bed.fasting and self.page is not None and self.page.meal:
            meal = self.word("admin.no_order_yet")
        if bed.fasting:
            remark = words(self.word("admin.nil_by_mouth"), "soon")
        return TableRow(bed.key, (bed.bed_id or "-", state, since, meal, remark), LOOK.get(bed.state, ""))

    def _chosen(self) -> BedNow | None:
        beds = self.page.beds if self.page is not None else ()
        return next((bed for bed in beds if bed.key == self.table.chosen), None)

    def open_row(self, key: str) -> None:
        bed = self._chosen()
        if bed is not None and bed.order is not None:
            return self.open_order(bed.order.id)
        self.action_state()

    # -- a bed's state ------------------------------------------------------------------------------------------------

    def action_state(self) -> None:
        bed = self._chosen()
        if self.is_locked:
            return self.console_app.action_show_people()
        if bed is None or not bed.bed_id:
            return self.say(self.word("admin.no_bed_chosen"), "quiet")
        now = "in_use" if bed.state in ("vacant", "occupied") else bed.state
        choices = [Choice(self.word(f"bed_state.{state}"), state) for state in STATES if state != now]
        self.choose_one(
            self.word("admin.bed_title", bed=bed.bed_id), choices, partial(self._set_state, bed.bed_id, now)
        )

    def _set_state(self, bed_id: str, before: str, state: Any) -> None:
        from core.wards.commands import SetBedState

        act = self.word("admin.bed_act", bed=bed_id, state=self.word(f"bed_state.{state}"))
        back = SetBedState(bed_id=bed_id, state=before)  # type: ignore[arg-type]  # one of the three
        self.run_worker(self.perform(SetBedState(bed_id=bed_id, state=state), act=act, back=back), group="act")

    # -- new beds -----------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        numbers = [
            int(match[1]) for bed in (self.page.beds if self.page else ()) if (match := _NUMBER.match(bed.bed_id))
        ]
        follows = max(numbers, default=0) + 1
        asked = [
            Asked("first", self.word("admin.ask_first_bed"), given=str(follows), digits=True),
            Asked("last", self.word("admin.ask_last_bed"), digits=True),
        ]
        text = self.word("admin.beds_text", ward=self.ward_id, bed=f"{self.ward_id}-{follows:03}")
        screen = FormScreen(self.word("key.admin.add_beds"), asked, text=text, wrong=self._wrong)
        self.app.push_screen(screen, self._add)

    def _beds(self, answers: Answers) -> list[str]:
        first, last = int(answers["first"] or 0), int(answers["last"] or 0)
        return [f"{self.ward_id}-{number:03}" for number in range(first, min(last, first + MOST_BEDS) + 1)]

    def _wrong(self, answers: Answers) -> str:
        beds = self._beds(answers)
        if not beds or len(beds) > MOST_BEDS:
            return self.word("admin.beds_range", most=MOST_BEDS)
        known = {bed.bed_id for bed in (self.page.beds if self.page is not None else ())}
        twice = next((bed for bed in beds if bed in known), "")
        return self.word("admin.bed_known", bed=twice) if twice else ""

    async def _add(self, answers: Answers | None) -> None:
        from core.wards.commands import AddBeds, NewBed

        if answers is not None:
            beds = self._beds(answers)
            command = AddBeds(ward_id=self.ward_id, beds=tuple(NewBed(bed_id=bed) for bed in beds))
            await self.perform(command, act=self.word("admin.beds_act", first=beds[0], last=beds[-1]))
