"""The keys that every console has on every screen, and what it takes to ring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from consoles.kit.acting import Person
from consoles.kit.keybar import key
from consoles.kit.theme import LOOKS, look_after
from core.words import LANGUAGES, word

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp

BETWEEN_RINGS = 0.4


class Everywhere:
    """Mixed into the app of a console. Every way out of a dialog leads back to the screen under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key("f1,question_mark", "show_help", "kit.help", shown="?"),
        key("f2", "show_sync", "kit.sync"),
        key("f3", "next_language", "kit.language"),
        key("f4", "next_look", "kit.look"),
        key("f10", "show_people", "kit.who"),
        key("ctrl+p", "show_commands", "kit.commands", shown="ctrl+p"),
    ]

    @property
    def _app(self) -> ConsoleApp:
        return cast("ConsoleApp", self)

    def action_show_help(self) -> None:
        from consoles.kit.help import HelpScreen

        self._open(HelpScreen(self._app.seen))

    def action_show_sync(self) -> None:
        from consoles.kit.refused import SyncScreen

        if not isinstance(self._app.seen, SyncScreen):
            self._open(SyncScreen())

    def action_show_commands(self) -> None:
        from consoles.kit.help import CommandsScreen

        self._open(CommandsScreen(self._app.seen))

    def action_show_people(self) -> None:
        """Before the store is open nobody can be asked: the pad opens as soon as it is."""
        from consoles.kit.sign_in import SignInScreen

        if self._app.store.door is None:
            self._app.people_wanted = True
            return
        self._app.run_worker(SignInScreen.ask(self._app), group="people", exclusive=True)

    def action_next_language(self) -> None:
        """The next of three, at once and everywhere."""
        language = LANGUAGES[(LANGUAGES.index(self._app.language) + 1) % len(LANGUAGES)]
        self._app.language = language
        self._redraw()
        if (seen := self._app.seen) is not None:
            seen.ask_soon()
            seen.say(word("language.now", language))

    def first_look(self) -> None:
        """Before the first frame: no style sheet is read twice. The terminal's own colours need the app to run."""
        app = self._app
        for look in LOOKS:
            app.register_theme(look.theme())
        if not app.look.native:
            app.set_reactive(App.theme, app.look.name)
            app.stylesheet.set_variables(app.get_css_variables())

    def action_next_look(self) -> None:
        self._app.look = look_after(self._app.look)
        self._app.theme = self._app.look.name
        self._redraw()
        if (seen := self._app.seen) is not None:
            seen.say(word(f"look.{self._app.look.name}", self._app.language))

    def _redraw(self) -> None:
        for screen in self._app.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.walk_children():
                widget.refresh(layout=True)
            if hasattr(screen, "restyled"):
                screen.restyled()

    def _open(self, screen: Screen[Any]) -> None:
        """Once: the same screen is not laid over itself."""
        if type(self._app.screen) is not type(screen):
            self._app.push_screen(screen)

    # -- who ----------------------------------------------------------------------------------------------------------

    def signed_in(self, person: Person) -> None:
        self._app.acting.begin(person, self._app.mono())
        self._people_changed()

    def sign_out(self) -> None:
        self._app.acting.end()
        if self._app.store.door is not None:
            self._app.store.door.sign_out()
        self._people_changed()

    def _people_changed(self) -> None:
        for screen in self._app.screen_stack:
            if hasattr(screen, "person_changed"):
                screen.person_changed()

    # -- sound --------------------------------------------------------------------------------------------------------

    def ring(self, times: int = 1) -> None:
        """Nothing rings without a word: whoever rings has shown why."""
        self._app.rings += times
        self._app.bell()
        for again in range(1, times):
            self._app.set_timer(again * BETWEEN_RINGS, self._app.bell)
