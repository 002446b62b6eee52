"""What every clinical screen has: nothing of a patient is read while it is locked, and digits lead to the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, cast

from rich.text import Text
from textual.binding import BindingType
from textual.css.query import NoMatches

from consoles.clinical.app import SCREENS
from consoles.kit.keybar import key
from consoles.kit.lines import WIDE
from consoles.kit.screen import ConsoleScreen
from consoles.kit.text import words
from core.words import clock

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from consoles.clinical.app import ClinicalApp
    from core.kernel.tx import Tx


class ClinicalScreen(ConsoleScreen):
    """NAME: which of the screens of the first row it is, "" for one that lies over them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("1", "go('my_day')", "clinical.my_day"),
        key("2", "go('patients')", "clinical.patients"),
        key("3", "go('held')", "clinical.held"),
    ]
    NAME: ClassVar[str] = ""

    # -- who ----------------------------------------------------------------------------------------------------------

    @property
    def clinical(self) -> ClinicalApp:
        return cast("ClinicalApp", self.app)

    @property
    def is_locked(self) -> bool:
        return self.console_app.acting.person is None

    @property
    def who(self) -> str:
        person = self.console_app.acting.person
        return person.display if person is not None else ""

    def person_changed(self) -> None:
        super().person_changed()
        self.ask_soon()

    def _show_rows(self, rows: Any) -> None:
        """An answer may come for a screen that is just being left: it has nothing to show it with any more."""
        try:
            super()._show_rows(rows)
        except NoMatches:
            if self.is_current:
                raise

    def asks_who(self) -> bool:
        """Locked: the pad opens instead of whatever the key would show."""
        if self.is_locked:
            self.console_app.action_show_people()
        return self.is_locked

    # -- where --------------------------------------------------------------------------------------------------------

    def lead(self, *left: str) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        """The top line: where am I; who, and how new the rules are, give way to the chip."""
        between: list[Text | str] = [words(self.who)] if self.who else []
        if self.rules_age is not None and self.app.size.width >= WIDE:
            told = self.word("kitchen.rules", time=clock(self.console_app.now() - self.rules_age))
            between.append(words(told, "quiet"))
        return ([self.word("clinical.title"), *(words(one, "strong") for one in left)], between)

    def action_go(self, name: str) -> None:
        if not self.asks_who() and name in SCREENS and name != self.NAME:
            self.clinical.go_to(name)

    # -- looking ------------------------------------------------------------------------------------------------------

    @contextmanager
    def looking(self, db: Connection) -> Iterator[Tx]:
        """In the store's thread: the rules, asked now, and nothing is kept of it."""
        from sync.client.foresight import looking

        door = self.console_app.store.door
        assert door is not None, "asked without a store"
        with looking(db, door.clock.now()) as tx:
            yield tx
