"""Who: the people on duty at this console, then six digits that go by themselves at the sixth.

Opened by F10, or over an act that needs a person: then the act is named, and it happens after the PIN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key

from consoles.kit.acting import Person
from consoles.kit.dialogs import Box, Choice, ChooseScreen, Dialog
from consoles.kit.status import HOUR_MS
from consoles.kit.text import joined, words, wrapped
from core.kernel.refusal import Refusal
from core.words import refusal_words, word

if TYPE_CHECKING:
    from consoles.kit.app import ConsoleApp
    from sync.client.sign_in import Actable

PIN_DIGITS = 6


class WhoScreen(ChooseScreen):
    """Those on duty here, each with a number. nobody: why there is none, when that is known."""

    def __init__(self, people: tuple[Actable, ...], *, act: str, locks: bool, language: str, nobody: str = "") -> None:
        title = word("sign_in.who_for", language, act=act) if act else word("sign_in.who", language)
        choices = [Choice(person.display, Person(person.person_id, person.display)) for person in people]
        if locks:
            choices.append(Choice(word("sign_in.lock", language), "lock"))
        text = () if people else (nobody or word("sign_in.nobody", language),)
        super().__init__(title, choices, text=text)


class PinScreen(Dialog):
    """Six digits. They are never shown, and never leave this machine."""

    def __init__(self, person: Person, *, act: str, only_once: bool) -> None:
        super().__init__()
        self._person, self._act, self._only_once = person, act, only_once
        self._pin = ""
        self._checking = False
        self._trouble = ""

    def compose(self) -> ComposeResult:
        title = f"{self._act}: {self._person.display}" if self._act else self._person.display
        with Vertical():
            yield Box(title, width=min(44, self.box_width()))

    def on_mount(self) -> None:
        self._draw()

    def _draw(self) -> None:
        box = self.query_one(Box)
        marks = " ".join("*" if place < len(self._pin) else "_" for place in range(PIN_DIGITS))
        hint = self.word("sign_in.checking") if self._checking else self.word("sign_in.six_digits")
        lines: list[Text] = [joined(words("PIN   ", "quiet"), words(marks, "strong")), Text(), words(hint, "quiet")]
        lines += [words(line, "soon") for line in wrapped(self._trouble, box.room) if line]
        box.fill(lines)

    def on_key(self, event: Key) -> None:
        if self._checking:
            event.stop()
        elif event.character and event.character.isdigit() and event.character.isascii():
            event.stop()
            self._pin, self._trouble = self._pin + event.character, ""
            self._draw()
            if len(self._pin) == PIN_DIGITS:
                self._check()
        elif event.key in ("backspace", "delete", "minus"):
            event.stop()
            self._pin = self._pin[:-1]
            self._draw()

    def _check(self) -> None:
        self._checking = True
        self._draw()
        self.run_worker(self._try_pin(self._pin), exclusive=True)

    async def _try_pin(self, pin: str) -> None:
        app: Any = self.app
        door = app.store.door
        check = door.check_pin if self._only_once else door.sign_in
        try:
            await app.store.run(check, self._person.id, pin)
        except Refusal as refusal:
            said = refusal_words(refusal.code, refusal.detail, self.language)
            self._pin, self._checking, self._trouble = "", False, said.what
            return self._draw()
        app.bounces.pin_given()
        self.dismiss(self._person)


class SignInScreen:
    """The two questions one after the other."""

    @staticmethod
    async def ask(
        app: ConsoleApp, *, act: str = "", only_once: bool = False, person: Person | None = None
    ) -> Person | None:
        """The person who has proven who they are, or None when they went back. Call it in a worker.

        only_once: for one act; whoever was signed in stays so. person: known already, from a badge.
        """
        door = app.store.door
        if door is None:
            return None
        if person is None:
            people = await app.store.run(door.people_here)
            locks = app.acting.person is not None and not act
            who = WhoScreen(people, act=act, locks=locks, language=app.language, nobody=_why_nobody(app))
            chosen = await app.push_screen_wait(who)
            if chosen == "lock":
                app.sign_out()
            if not isinstance(chosen, Person):
                return None
            person = chosen
        proven: Person | None = await app.push_screen_wait(PinScreen(person, act=act, only_once=only_once))
        if proven is not None and not only_once:
            app.signed_in(proven)
        return proven


def _why_nobody(app: ConsoleApp) -> str:
    """Without the server: the console was too long alone, or nobody has signed in here before."""
    standing = app.standing
    if standing is None or standing.live:
        return ""
    if standing.lent_ms == 0:
        return word("lease.ended", app.language, hours=(standing.silent_ms or 0) // HOUR_MS)
    return word("refusal.first_time_needs_link.what", app.language)
