"""The bedside: tray and wristband belong together, the newest rules allow it, or no key gives the tray."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType

from consoles.kit.dialogs import TellScreen
from consoles.kit.keybar import digits, key
from consoles.kit.status import TopLine
from consoles.kit.text import words
from ward_tui.bedside_form import (
    GRAVE,
    Allowed,
    BedsideSeen,
    Form,
    Scans,
    codes_of,
    form_of,
    is_airborne,
)
from ward_tui.bedside_look import Bedside, draw
from ward_tui.drawing import Drawing
from ward_tui.hand_over import HandingOver
from ward_tui.scanning import Found
from ward_tui.typing_in import TypingIn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from textual.worker import Worker

    from core.kernel.message import Command
    from core.kernel.refusal import Refusal

# a press that the store refused: the screen looks again and shows why by itself
LOOK_AGAIN = (
    "meal_blocked",
    "meal_held",
    "stopped",
    "stop_not_seen",
    "given_already",
    "order_cancelled",
    "not_ready",
    "label_void",
    "unknown_tray",
    "wrong_person",
    "not_known_here",
)


class BedsideScreen(HandingOver, TypingIn):
    """One tray. Opened from the list with nothing scanned, or by a scan from any screen."""

    WATCHES = (
        "order", "order_line", "tray", "stay", "diet_profile", "dish_facts", "cash_due", "hand_over", "ward", "policy"
    )  # fmt: skip
    HELP_WORDS = "ward_bedside"
    HAS_MESSAGES = False
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "primary", "ward.primary"),
        *digits("option", "ward.option", most=3),
        key("i", "not_given", "ward.not_given"),
        key("t", "to_nurse", "ward.to_nurse"),
        key("slash", "type_number", "ward.type_number"),
        key("c", "cash", "ward.cash"),
        key("w", "way", "ward.way"),
        key("e", "explain", "kit.why"),
        key("pagedown,plus,down", "scroll_rows(1)", "kit.next_page"),
        key("pageup,minus,up", "scroll_rows(-1)", "kit.page_before"),
    ]

    def __init__(self, order_id: str, *, scan: Found | None = None) -> None:
        super().__init__()
        self.order_id = order_id
        self.scans = Scans()
        self.allowed: Allowed | None = None
        self.form = Form.SCAN
        self._was = ""  # the form that was rung for
        self._first_row = 0  # of a picture that is longer than the screen
        self.step: Worker[Any] | None = None
        if scan is not None:
            self._take(scan)

    def compose(self) -> ComposeResult:
        yield TopLine()
        yield from self.body()

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, db: Connection) -> BedsideSeen:
        from ward_tui.bedside_rows import bedside_rows

        return bedside_rows(db, self.order_id, self.now(db), self.language)

    def show(self, rows: BedsideSeen) -> None:
        self.rows = rows
        self._judge()
        super().show(rows)

    def tick(self) -> None:
        """The rules age while somebody stands at the bed: once a minute the screen asks again."""
        super().tick()
        if self.rows is not None and self.console_app.now() - self.rows.now.at >= 60_000:
            self.ask_soon()

    def _judge(self) -> None:
        """What may be offered now. What turns grave under somebody's hands closes their step and rings."""
        seen: BedsideSeen = self.rows
        app = self.ward_app
        round_open = seen.stop is not None and app.round_for(seen.stop.ward.id, seen.now.rules_at) is not None
        self.form = form_of(seen, self.scans, self.allowed, round_open=round_open)
        if seen.stop is not None:
            app.stop_seen(seen.stop.order.id)
        mark = f"{self.form} {sorted(codes_of(seen.verdict))}"
        if self.form in GRAVE and mark != self._was:
            self._drop_step()
            app.ring(3)
        elif self.form is Form.GIVEN and self.step is not None:
            self._drop_step()
        self._was = mark

    def _drop_step(self) -> None:
        """Cash, signature or PIN that was under way: it does not lead to the tray any more."""
        if self.step is not None:
            self.step.cancel()
            self.step = None
            self.close_dialogs()

    # -- drawing ------------------------------------------------------------------------------------------------------

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        seen: BedsideSeen | None = self.rows
        hidden = self.is_locked or seen is None or seen.stop is None
        mismatched = self.form in (Form.NO_MATCH, Form.OLD_LABEL)
        bed = "" if hidden or mismatched or seen is None or seen.stop is None else seen.stop.bed
        parts: list[Text | str] = [words(bed, "strong")] if bed else []
        return [*parts, words(self.word("ward.bedside"), "strong")], []

    def drawing(self, width: int, height: int) -> Drawing:
        picture = Bedside(
            seen=self.rows,
            scans=self.scans,
            form=self.form,
            allowed=self.allowed,
            language=self.language,
            told=self.said,
        )
        whole = draw(picture, width, height)
        self._first_row = max(0, min(self._first_row, whole.height - height))
        return whole.window(self._first_row, height, self.word("ward.more_below"))

    def say(self, text: Text | str, token: str = "") -> None:
        super().say(text, token)
        self.paint()

    # -- scans --------------------------------------------------------------------------------------------------------

    async def scanned(self, scan: Found) -> None:
        """Tray and wristband in either order. One beep for a match, three for none."""
        if scan.kind == "unknown":
            return self.refuse("unknown_scan", {"code": scan.code})
        if self.step is not None:
            self._drop_step()  # what is scanned now decides
        self.close_dialogs()
        self._take(scan)
        await self._asking.now()
        self.ring_for_scan()

    def _take(self, scan: Found) -> None:
        if scan.is_tray:
            if scan.order_id != self.order_id:
                self.order_id, self.allowed = scan.order_id, None
            self.scans = replace(self.scans, tray_id=scan.tray_id, version=scan.version)
        else:
            self.scans = replace(self.scans, wristband=scan.stay_id, typed=(), typed_why="")
        self._said = Text()

    def ring_for_scan(self) -> None:
        if self.form is Form.MATCH:
            self.ward_app.ring(1)
        elif self.form in (Form.NO_MATCH, Form.OLD_LABEL):
            self.ward_app.ring(3)

    # -- keys ---------------------------------------------------------------------------------------------------------

    async def action_primary(self) -> None:
        """Hand over: only from MATCH. Everywhere else it says what has to happen first."""
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        if self.form is Form.MATCH and not is_airborne(self.rows):
            self._begin(self.hand_over())
        elif self.form is Form.MATCH:
            self._begin(self.hand_to_nurse())
        elif self.form is Form.SCAN:
            self.say(self.word("ward.next_wristband" if self.scans.tray_id else "ward.next_tray"))
        else:
            self._say_locked()

    async def action_option(self, number: int) -> None:
        """The three ways out of a form that gives no tray."""
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        if self.form in (Form.BLOCKED, Form.ASK, Form.ROUND):
            await self._stopped_option(number)
        elif self.form in (Form.NO_MATCH, Form.OLD_LABEL):
            self._mismatch_option(number)
        elif self.form in (Form.GIVEN, Form.UNKNOWN):
            await self._given_option(number)

    async def _stopped_option(self, number: int) -> None:
        if number == 2:
            return self.call_ward()
        if self.form is Form.ROUND:
            return self._begin(self.open_round()) if number == 1 else self.leave()
        if number == 3:
            return await self.report_eaten()
        if self.form is Form.ASK:
            return self._begin(self.nurse_allows())
        await self.take_it_back()

    def _mismatch_option(self, number: int) -> None:
        if number == 1:
            self.scans = Scans()
            self._said = Text()
            self.show(self.rows)
        elif number == 2:
            self.leave()
        else:
            self.call_ward()

    async def _given_option(self, number: int) -> None:
        if number == 1 and self.form is Form.GIVEN:
            await self.report_second()
        elif number == 2:
            self.leave()

    def action_not_given(self) -> None:
        stop = self.rows.stop if self.rows is not None else None
        if stop is None or self.is_locked or self.form is Form.GIVEN:
            return self.say(self.word("ward.nothing_to_report"))
        from ward_tui.issues import ask_issue

        ask_issue(self, order_id=self.order_id, tray_id=self.scans.tray_id, number=stop.order.number, close=True)

    def action_to_nurse(self) -> None:
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        if self.form is not Form.MATCH:
            return self._say_locked()
        self._begin(self.hand_to_nurse())

    def action_cash(self) -> None:
        stop = self.rows.stop if self.rows is not None else None
        if stop is None or self.is_locked or not stop.due_francs:
            return self.say(self.word("ward.nothing_due"))
        from ward_tui.screens.cash import take_cash

        taking = take_cash(self, order_id=stop.order.id, number=stop.order.number, due_francs=stop.due_francs)
        self.run_worker(taking, group="people", exclusive=True)

    def action_scroll_rows(self, step: int) -> None:
        """More flags than a screen of large type holds: they are read by turning, never cut."""
        self._first_row = max(0, self._first_row + 4 * step)
        self.paint()

    def action_way(self) -> None:
        from ward_tui.screens.way import WayScreen

        self.app.push_screen(WayScreen())

    def action_explain(self) -> None:
        if not self.is_locked:
            from ward_tui.why import explain

            explain(self, self.order_id)

    def action_type_number(self) -> None:
        """What could not be scanned: the tray's number, then two identifiers and why."""
        if self.rows is None or self.is_locked:
            return self.console_app.action_show_people()
        self.run_worker(self.type_instead(), group="people", exclusive=True)

    def _say_locked(self) -> None:
        """Why no key gives this tray."""
        self.console_app.ring(1)
        told = {
            Form.SCAN: "ward.next_wristband" if self.scans.tray_id else "ward.next_tray",
            Form.NO_MATCH: "ward.no_match_line",
            Form.OLD_LABEL: "ward.old_label_line",
            Form.GIVEN: "ward.given_before_next",
            Form.UNKNOWN: "ward.not_held_here",
        }.get(self.form, "ward.given_locked")
        self.say(self.word(told), "soon")

    # -- ways out -----------------------------------------------------------------------------------------------------

    def _begin(self, step: Any) -> None:
        self.step = self.run_worker(step, group="people", exclusive=True)

    def call_ward(self) -> None:
        stop = self.rows.stop if self.rows is not None else None
        extension = stop.ward.extension if stop is not None else ""
        told = self.word("ward.call_told", extension=extension or "-")
        self.app.push_screen(TellScreen(self.word("ward.call_title"), [told]))

    def refused(self, refusal: Refusal, command: Command | None, act: str) -> None:
        """A stop that came between the look and the press turns the screen into DO NOT GIVE by itself."""
        if refusal.code not in LOOK_AGAIN:
            return super().refused(refusal, command, act)
        self.step = None
        self._was = ""
        self.say(self.told_in_words(refusal), "soon")
        self.ask_soon()
