"""Wards: their beds, who lies in them, who has no order yet; Enter opens the beds, `a` opens a new ward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.form import Answers, Asked, FormScreen
from consoles.admin.screen import ListScreen
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.reports.overview import WardNow
    from core.wards.model import Kitchen, Ward

FULL, OVERFULL = 85, 95


class WardsScreen(ListScreen):
    """A new ward waits for the server: every console must know of it."""

    CSS_PATH = "wards.tcss"
    PLACE = "wards"
    EMPTY = "admin.wards_empty"
    WATCHES = ("ward", "bed", "bed_assignment", "stay", "order", "diet_profile", "kitchen", "service")
    HELP_WORDS = "admin_wards"
    BINDINGS: ClassVar[list[BindingType]] = [key("a", "add", "admin.add_ward")]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.add_ward admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self.kitchens: tuple[tuple[str, str], ...] = ()
        self._known: tuple[str, ...] = ()

    def columns(self) -> Sequence[Column]:
        named = ("ward", "name", "beds", "occupied", "no_order_yet", "nil_by_mouth", "out", "extension")
        titles = [self.word(f"admin.{name}" if name in _FIGURES else f"admin.column_{name}") for name in named]
        widths = (5, 0, 5, 12, 12, 12, 4, 5) if self.is_narrow else (8, 0, 5, 12, 12, 12, 6, 9)
        return [
            Column(title, width, right=place > 1)
            for place, (title, width) in enumerate(zip(titles, widths, strict=True))
        ]

    def head(self) -> tuple[Text | str, Text | str]:
        return "", words(self.word("admin.count_wards", count=len(self._known)), "quiet")

    def ask(self, db: Connection) -> tuple[list[tuple[Ward, WardNow]], list[Kitchen]]:
        from sqlalchemy import select

        from core.reports.overview import meals_now, wards_now
        from core.store.read import as_rows
        from core.store.tables import TABLES
        from core.wards.model import Kitchen
        from core.wards.queries import wards

        at = self.console_app.now()
        counted = {one.ward_id: one for one in wards_now(db, meals_now(db, at=at).service, at=at)}
        table = TABLES[Kitchen]
        kitchens = as_rows(Kitchen, db.execute(select(table).order_by(table.c.id)))
        return [(ward, counted[ward.id]) for ward in wards(db)], kitchens

    def show(self, rows: tuple[list[tuple[Ward, WardNow]], list[Kitchen]]) -> None:
        self.kitchens = tuple((one.id, one.name) for one in rows[1])
        self._known = tuple(ward.id for ward, _ in rows[0])
        self.fill([self._row(ward, counted) for ward, counted in rows[0]])

    def _row(self, ward: Ward, now: WardNow) -> TableRow:
        name = str(getattr(ward, f"name_{self.language}", "") or ward.name_en)
        mark = " ^^" if now.percent >= OVERFULL else " ^" if now.percent >= FULL else ""
        share = words(f"{now.occupied} {now.percent:>3}%{mark:<3}", "late" if mark == " ^^" else "soon" if mark else "")
        name = f"{name}, {self.word('admin.first')}" if ward.first else name
        figures = (str(now.unordered), str(now.fasting), str(now.out), ward.extension)
        return TableRow(ward.id, (ward.id, name, str(now.beds), share.plain if not mark else share, *figures))

    def open_row(self, key: str) -> None:
        from consoles.admin.screens.beds import BedsScreen

        self.app.push_screen(BedsScreen(key))

    # -- a new ward ---------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        if not self.kitchens:
            return self.say(self.word("admin.no_kitchen"), "soon")
        asked = [
            Asked("ward_id", self.word("admin.ask_ward_id"), hint="SURG", most=12),
            Asked("name_en", self.word("admin.ask_name_en")),
            Asked("name_fr", self.word("admin.ask_name_fr"), needed=False),
            Asked("name_rw", self.word("admin.ask_name_rw"), needed=False),
            Asked("extension", self.word("admin.ask_extension"), needed=False, most=12),
            Asked("minutes", self.word("admin.ask_minutes"), given="5", digits=True),
            Asked("kitchen_id", self.word("admin.ask_kitchen"), options=self.kitchens),
        ]
        screen = FormScreen(
            self.word("key.admin.add_ward"), asked, text=self.word("admin.ward_text"), wrong=self._wrong
        )
        self.app.push_screen(screen, self._add)

    def _wrong(self, answers: Answers) -> str:
        if answers["ward_id"].upper() in self._known:
            return self.word("admin.ward_known", ward=answers["ward_id"].upper())
        return "" if self._command(answers) is not None else self.word("admin.bad_code")

    def _command(self, answers: Answers) -> object:
        from consoles.admin.checked import checked
        from core.wards.commands import OpenWard

        minutes = min(240, int(answers["minutes"] or 0))
        named = {name: answers[name] for name in ("name_en", "name_fr", "name_rw", "extension", "kitchen_id")}
        return checked(
            OpenWard,
            ward_id=answers["ward_id"].upper(),
            walking_order=len(self._known),
            minutes_from_kitchen=minutes,
            **named,
        )

    async def _add(self, answers: Answers | None) -> None:
        from core.wards.commands import OpenWard

        command = self._command(answers) if answers is not None else None
        if isinstance(command, OpenWard):
            await self.perform(command, act=self.word("admin.ward_act", ward=command.ward_id))


_FIGURES = ("beds", "occupied", "no_order_yet", "nil_by_mouth", "out")
