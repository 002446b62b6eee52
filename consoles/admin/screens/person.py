"""One person: the rights they have and had; a right is given or ended, a PIN made anew, and one day they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.form import Answers, Asked, FormScreen
from consoles.admin.screen import ListScreen
from consoles.kit.dialogs import AskScreen, TellScreen
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock, day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.people.model import Grant
    from core.reports.staff import Staff
    from core.wards.model import Ward
    from sync.client.desk import Pressed

ROLES = ("cook", "kitchen_lead", "runner", "nurse", "doctor", "nutritionist", "cashier", "admin", "auditor")
DAY_MS = 24 * 3_600_000
EVERYWHERE = "-"


class PersonScreen(ListScreen):
    """Enter on a right that holds ends it, after one question."""

    CSS_PATH = "person.tcss"
    PLACE = "people"
    EMPTY = "admin.no_right"
    WATCHES = ("person", "person_details", "grant", "ward")
    HELP_WORDS = "admin_person"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("r", "end_right", "admin.end_right"),
        key("g", "give", "admin.grant"),
        key("k", "new_pin", "admin.new_pin"),
        key("l", "leaves", "admin.leaves"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.end_right kit.back | kit.help",),
        60: ("admin.grant admin.end_right admin.new_pin admin.leaves admin.export kit.back | kit.help",),
    }

    def __init__(self, person_id: str) -> None:
        super().__init__()
        self.person_id = person_id
        self.one: Staff | None = None
        self.wards: tuple[str, ...] = ()

    def columns(self) -> Sequence[Column]:
        named = ("right", "ward", "from", "until", "state")
        titles = [self.word(f"admin.column_{name}") for name in named]
        return [Column(title, width) for title, width in zip(titles, (16, 12, 18, 18, 0), strict=True)]

    def head(self) -> tuple[Text | str, Text | str]:
        if self.one is None:
            return self.person_id, ""
        ended = self.one.person.ended_at
        right = words(self.word("admin.left_on", day=day(ended, self.language)), "soon") if ended else Text()
        return words(f"{self.one.person.display}   {self.one.full_name}", "strong"), right

    def ask(self, db: Connection) -> tuple[Staff | None, list[Ward]]:
        from core.reports.staff import staff
        from core.wards.queries import wards

        found = next((one for one in staff(db) if one.person.id == self.person_id), None)
        return found, wards(db)

    def show(self, rows: tuple[Staff | None, list[Ward]]) -> None:
        self.one, self.wards = rows[0], tuple(ward.id for ward in rows[1])
        self.fill([self._row(grant) for grant in (self.one.grants if self.one is not None else ())])

    def _row(self, grant: Grant) -> TableRow:
        holds = grant.holds_at(self.console_app.now())
        ended = grant.revoked_at
        state = self.word("admin.right_holds" if holds else "admin.right_over")
        if ended is not None:
            state = self.word("admin.right_ended", time=self._when(ended))
        cells = (
            self.word(f"role.{grant.role}"),
            grant.ward_id or self.word("admin.everywhere"),
            self._when(grant.from_at),
            self._when(grant.until_at) if grant.until_at else self.word("admin.no_end"),
            state,
        )
        return TableRow(grant.id, cells, "" if holds else "quiet")

    def _when(self, at: int) -> str:
        return f"{day(at, self.language)} {clock(at)}"

    # -- rights -------------------------------------------------------------------------------------------------------

    def open_row(self, key: str) -> None:
        self.action_end_right()

    def action_end_right(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        grants = self.one.grants if self.one is not None else ()
        grant = next((one for one in grants if one.id == self.table.chosen), None)
        if grant is None or self.one is None:
            return self.say(self.word("admin.no_right"), "quiet")
        if grant.revoked_at is not None:
            return self.say(self.word("admin.right_ended", time=self._when(grant.revoked_at)), "quiet")
        role = self.word(f"role.{grant.role}")
        question = self.word("admin.end_right_ask", role=role, name=self.one.person.display)
        screen = AskScreen(question, yes=self.word("dialog.yes"), no=self.word("dialog.no"))
        self.app.push_screen(screen, partial(self._end_right, grant.id, role))

    async def _end_right(self, grant_id: str, role: str, sure: bool | None) -> None:
        from core.people.commands import RevokeGrant

        if sure:
            await self.perform(RevokeGrant(grant_id=grant_id), act=self.word("admin.end_right_act", role=role))

    def action_give(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        everywhere = ((EVERYWHERE, self.word("admin.everywhere")),)
        asked = [
            Asked(
                "role",
                self.word("admin.column_right"),
                options=tuple((role, self.word(f"role.{role}")) for role in ROLES),
            ),
            Asked(
                "ward", self.word("admin.column_ward"), options=(*everywhere, *((ward, ward) for ward in self.wards))
            ),
            Asked("days", self.word("admin.ask_days"), needed=False, digits=True),
        ]
        name = self.one.person.display if self.one is not None else ""
        self.app.push_screen(FormScreen(self.word("admin.give_title", name=name), asked), self._give)

    async def _give(self, answers: Answers | None) -> None:
        from core.people.commands import GiveGrant

        if answers is None:
            return
        days, now = int(answers["days"] or 0), self.console_app.now()
        command = GiveGrant(
            person_id=self.person_id,
            role=answers["role"],  # type: ignore[arg-type]  # one of the options
            ward_id="" if answers["ward"] == EVERYWHERE else answers["ward"],
            until_at=now + days * DAY_MS if days else None,
        )
        role = self.word(f"role.{answers['role']}")
        await self.perform(command, act=self.word("admin.give_act", role=role))

    # -- PIN and leaving ----------------------------------------------------------------------------------------------

    def action_new_pin(self) -> None:
        if self.is_locked or self.one is None:
            return self.console_app.action_show_people()
        self.run_worker(self._new_pin(), group="act", exclusive=True)

    async def _new_pin(self) -> None:
        """Made and hashed here, shown once; only its hash is sent."""
        from core.people.commands import SetPin

        assert self.one is not None
        name = self.one.person.display
        pin, hashed = await self.console_app.store.run(_drawn, self.admin_app.chance)

        def shown(pressed: Pressed) -> None:
            title = self.word("admin.pin_once", name=name, pin=pin)
            waits = self.word("admin.works_once_there")
            self.app.push_screen(TellScreen(title, [waits]))

        act = self.word("admin.pin_act", name=name)
        await self.perform(SetPin(person_id=self.person_id, pin_hash=hashed), act=act, then=shown, again=True)

    def action_leaves(self) -> None:
        if self.is_locked or self.one is None:
            return self.console_app.action_show_people()
        if self.one.person.ended_at is not None:
            return self.say(self.word("admin.left_on", day=day(self.one.person.ended_at, self.language)), "quiet")
        question = self.word("admin.person_end_ask", name=self.one.person.display)
        screen = AskScreen(
            question, yes=self.word("dialog.yes"), no=self.word("dialog.no"), text=[self.word("admin.leaves_text")]
        )
        self.app.push_screen(screen, self._leave)

    async def _leave(self, sure: bool | None) -> None:
        from core.people.commands import EndPerson

        if sure and self.one is not None:
            act = self.word("admin.leaves_act", name=self.one.person.display)
            await self.perform(EndPerson(person_id=self.person_id), act=act)


def _drawn(chance: object) -> tuple[str, str]:
    """In the store's thread: a PIN that is not easy to guess, and its hash."""
    from core.kernel.refusal import Refusal
    from core.people.passwords import hash_pin, refuse_weak_pin

    assert callable(chance)
    while True:
        pin = f"{int.from_bytes(chance(8), 'big') % 1_000_000:06}"
        try:
            refuse_weak_pin(pin)
        except Refusal:
            continue
        return pin, hash_pin(pin)
