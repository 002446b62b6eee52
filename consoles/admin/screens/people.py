"""People: everybody who works here, with the rights they hold now; Enter opens one of them, `a` adds somebody."""

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
from core.words import LANGUAGES, clock, day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.people.model import Grant
    from core.reports.staff import Staff


class PeopleScreen(ListScreen):
    """A new person waits for the server, and so does every right."""

    CSS_PATH = "people.tcss"
    PLACE = "people"
    EMPTY = "admin.people_empty"
    WATCHES = ("person", "person_details", "grant")
    HELP_WORDS = "admin_people"
    BINDINGS: ClassVar[list[BindingType]] = [key("a", "add", "admin.add_person")]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.open kit.back | kit.help",),
        60: ("admin.open admin.add_person admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self.staff: dict[str, Staff] = {}

    def columns(self) -> Sequence[Column]:
        titles = [self.word(f"admin.column_{name}") for name in ("person", "name", "rights", "state")]
        return [Column(title, width) for title, width in zip(titles, (16, 26, 0, 12), strict=True)]

    def head(self) -> tuple[Text | str, Text | str]:
        working = sum(one.person.ended_at is None for one in self.staff.values())
        return "", words(self.word("admin.count_people", count=working), "quiet")

    def ask(self, db: Connection) -> tuple[Staff, ...]:
        from core.reports.staff import staff

        return staff(db)

    def show(self, rows: tuple[Staff, ...]) -> None:
        self.staff = {one.person.id: one for one in rows}
        self.fill([self._row(one) for one in rows])

    def _row(self, one: Staff) -> TableRow:
        now = self.console_app.now()
        rights = "; ".join(dict.fromkeys(right_words(self, grant) for grant in one.holding(now)))
        ended = one.person.ended_at
        state = self.word("admin.left_on", day=day(ended, self.language)) if ended else ""
        none = words(self.word("admin.no_right"), "quiet")
        return TableRow(
            one.person.id, (one.person.display, one.full_name, rights or none, state), "quiet" if ended else ""
        )

    def open_row(self, key: str) -> None:
        from consoles.admin.screens.person import PersonScreen

        self.app.push_screen(PersonScreen(key))

    # -- somebody new -------------------------------------------------------------------------------------------------

    def action_add(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        asked = [
            Asked("display", self.word("admin.ask_display"), hint="cook 4", most=24),
            Asked("full_name", self.word("admin.ask_full_name")),
            Asked("email", self.word("admin.ask_email"), needed=False),
            Asked(
                "language",
                self.word("language.choose"),
                options=tuple((one, self.word(f"language.{one}")) for one in LANGUAGES),
            ),
        ]
        screen = FormScreen(
            self.word("key.admin.add_person"), asked, text=self.word("admin.person_text"), wrong=self._wrong
        )
        self.app.push_screen(screen, self._add)

    def _wrong(self, answers: Answers) -> str:
        shown = answers["display"].casefold()
        if any(one.person.display.casefold() == shown for one in self.staff.values()):
            return self.word("admin.person_known", name=answers["display"])
        return "" if self._command(answers) is not None else self.word("admin.bad_code")

    def _command(self, answers: Answers) -> object:
        from consoles.admin.checked import checked
        from core.people.commands import AddPerson

        person = self.console_app.acting.person
        supervisor = person.id if person is not None else ""
        code = "_".join(answers["display"].casefold().split())
        return checked(AddPerson, person_id=code, supervisor_id=supervisor, **answers)

    async def _add(self, answers: Answers | None) -> None:
        from core.people.commands import AddPerson

        command = self._command(answers) if answers is not None else None
        if isinstance(command, AddPerson):
            await self.perform(command, act=self.word("admin.person_act", name=command.display))


def right_words(screen: ListScreen, grant: Grant) -> str:
    """`nurse, A, until Sat 5 Dec`."""
    where = grant.ward_id or screen.word("admin.everywhere")
    until = grant.until_at
    ends = f", {screen.word('admin.until', day=day(until, screen.language))} {clock(until)}" if until else ""
    return f"{screen.word(f'role.{grant.role}')}, {where}{ends}"
