"""The clinical console on this machine: it is personal, and each role lands on its own first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from consoles.kit.app import ConsoleApp
from consoles.kit.dialogs import Dialog
from consoles.kit.screen import ConsoleScreen
from consoles.kit.sign_in import PinScreen, WhoScreen

if TYPE_CHECKING:
    from consoles.kit.app import Opening
    from core.kernel.values import Actor
    from core.settings import Settings

FIRST = {"nutritionist": "my_day", "doctor": "patients", "nurse": "patients"}
SCREENS = ("my_day", "patients", "held")  # in the sequence of their numbers


class ClinicalApp(ConsoleApp):
    """A nurse starts on the patients of her own ward, a doctor on everybody's, a nutritionist on what waits."""

    KIND: ClassVar[str] = "clinical"
    LOCK_MINUTES: ClassVar[int] = 5
    READABLE_WHEN_LOCKED: ClassVar[bool] = False

    def __init__(self, opening: Opening, *, language: str = "en", look: str = "", may_leave: bool = False) -> None:
        super().__init__(opening, language=language, look=look, may_leave=may_leave)
        self.actor: Actor | None = None  # who acts, with roles and wards; None while nobody does
        self._welcomed = ""

    def first_screen(self) -> ConsoleScreen:
        return self.screen_named("patients")

    def screen_named(self, name: str) -> ConsoleScreen:
        if name == "my_day":
            from consoles.clinical.screens.my_day import MyDayScreen

            return MyDayScreen()
        if name == "held":
            from consoles.clinical.screens.held import HeldScreen

            return HeldScreen()
        from consoles.clinical.screens.patients import PatientsScreen

        return PatientsScreen()

    def go_to(self, name: str) -> None:
        """One of the screens of the first row, with nothing over it."""
        while len([screen for screen in self.screen_stack if isinstance(screen, ConsoleScreen)]) > 1:
            self.pop_screen()
        self.switch_screen(self.screen_named(name))

    def may(self, command: str) -> bool:
        """Whether whoever acts has a role for this command. The door asks again at the press."""
        from core import handlers

        handle = handlers.find(command)
        return self.actor is not None and handle is not None and bool(self.actor.roles & handle.roles)

    # -- who ----------------------------------------------------------------------------------------------------------

    def _people_changed(self) -> None:
        person = self.acting.person
        if person is None:
            self.actor = None
            self._close_dialogs()
        super()._people_changed()
        if person is not None:
            self.run_worker(self._welcome(person.id), group="welcome", exclusive=True)

    def _close_dialogs(self) -> None:
        """What stands in a box is about a patient: locked, it is hidden. The pad that asks who stays."""
        while isinstance(self.screen, Dialog) and not isinstance(self.screen, WhoScreen | PinScreen):
            self.pop_screen()

    async def _welcome(self, person_id: str) -> None:
        """Whoever comes back finds the screen that was left; somebody else begins where their work begins."""
        from sync.client.sign_in import signed

        door = self.store.door
        if door is None:
            return
        moment = door.clock.now()
        found = await self.store.run(door.read, lambda db: signed(db, moment, person_id))
        self.actor = found.actor
        if person_id == self._welcomed:
            return self._told(("*",))
        self._welcomed = person_id
        self.go_to(next((FIRST[role] for role in FIRST if role in found.actor.roles), "patients"))


def main(settings: Settings, *, may_leave: bool = False, plain: bool = False) -> int:
    """Opens the clinical console on this machine; the exit code."""
    from consoles.kit.launch import launch

    return launch(ClinicalApp, settings, may_leave=may_leave, plain=plain)
