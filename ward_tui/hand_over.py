"""How a tray reaches its person, step by step, and what is told instead when it does not: the acts of the bedside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consoles.kit.dialogs import ChooseScreen, TypeScreen
from core.words import word
from ward_tui.bedside_form import Allowed, Form, codes_of
from ward_tui.issues import code_of_stop
from ward_tui.screen import WardScreen
from ward_tui.screens.signing import X_AND_PIN, SigningSheet

if TYPE_CHECKING:
    from textual.worker import Worker

    from core.delivery.queries import Stop
    from core.kernel.message import Command
    from ward_tui.bedside_form import BedsideSeen, Scans

REASONS = ("doctor_said", "asked_patient", "checked_chart")


class HandingOver(WardScreen):
    """Each step runs in a worker, and is dropped when the form turns grave."""

    scans: Scans
    allowed: Allowed | None
    form: Form
    order_id: str
    step: Worker[Any] | None

    # -- given --------------------------------------------------------------------------------------------------------

    async def hand_over(self) -> None:
        """Cash if it is due, then the signature, then the press that judges again by the newest rules."""
        stop = self.stop()
        if stop.due_francs:
            from ward_tui.screens.cash import take_cash

            order = stop.order
            if not await take_cash(self, order_id=order.id, number=order.number, due_francs=stop.due_francs):
                return
        proof = await self._signature(stop)
        if proof:
            await self.give(proof=proof)

    async def _signature(self, stop: Stop) -> str:
        """How it was signed; "" when they went back. An X needs the runner's own PIN."""
        signed = await self.app.push_screen_wait(SigningSheet(number=stop.order.number, bed=stop.bed))
        if signed != X_AND_PIN:
            return signed or ""
        from consoles.kit.sign_in import SignInScreen

        act = self.word("ward.act_give", number=stop.order.number)
        person = await SignInScreen.ask(self.ward_app, act=act, only_once=True, person=self.ward_app.acting.person)
        return X_AND_PIN if person is not None else ""

    async def hand_to_nurse(self) -> None:
        """The nurse takes the tray for the patient, and says so with a PIN."""
        stop = self.stop()
        act = self.word("ward.act_to_nurse", number=stop.order.number)
        nurse = await self.ask_nurse(act, stop.ward.id)
        if nurse is not None:
            await self.give(proof=X_AND_PIN, to_nurse=nurse.id, nurse=nurse.display)

    async def give(self, *, proof: str, to_nurse: str = "", nurse: str = "") -> None:
        from core.delivery.commands import GiveTray
        from core.orders.commands import TakeBack

        stop, scans = self.stop(), self.scans
        number = stop.order.number
        round_ = self.ward_app.round_for(stop.ward.id, self.seen().now.rules_at)
        by_nurse = self.allowed.nurse_id if self.allowed else round_.nurse_id if round_ else ""
        command = GiveTray(
            order_id=stop.order.id,
            tray_id=scans.tray_id,
            wristband=scans.wristband,
            typed=scans.typed,
            typed_why=scans.typed_why,
            to_nurse=to_nurse,
            proof=proof,  # type: ignore[arg-type]  # one of the three
            nurse_id=by_nurse if self.seen().verdict.reasons else "",
            why=self.allowed.why if self.allowed else "",
        )
        said = self.word("ward.was_given", number=number, bed=stop.bed)
        if to_nurse:
            said = self.word("ward.was_taken_by", number=number, who=nurse)
        await self._perform_and_leave(
            command,
            act=self.word("ward.act_give", number=number),
            said=said,
            back=TakeBack(order_id=stop.order.id, step="handed_to_nurse" if to_nurse else "delivered"),
        )

    # -- a nurse answers ----------------------------------------------------------------------------------------------

    async def nurse_allows(self) -> None:
        """For what could not be decided here: a nurse of this ward, with PIN and reason, for these reasons alone."""
        stop, codes = self.stop(), codes_of(self.seen().verdict)
        nurse = await self.ask_nurse(self.word("ward.act_allow", number=stop.order.number), stop.ward.id)
        if nurse is None:
            return
        why = await self._reason()
        if why:
            self.allowed = Allowed(nurse.id, nurse.display, why, codes)
            self.show(self.rows)

    async def _reason(self) -> str:
        told = [word(f"ward.reason_{code}", self.language) for code in REASONS]
        from consoles.kit.dialogs import Choice

        choices = [*(Choice(one, one) for one in told), Choice(self.word("ward.reason_other"), "")]
        chosen = await self.app.push_screen_wait(ChooseScreen(self.word("ward.reason_title"), choices))
        if chosen != "":
            return str(chosen or "")
        typed = await self.app.push_screen_wait(TypeScreen(self.word("ward.reason_title"), most=140))
        return str(typed or "")

    async def open_round(self) -> None:
        """One confirmation opens the whole round on this ward, so that nobody learns to press through twenty (R46)."""
        stop, now = self.stop(), self.seen().now
        nurse = await self.ask_nurse(self.word("ward.act_round", ward=stop.ward.id), stop.ward.id)
        if nurse is not None:
            self.ward_app.open_round(stop.ward.id, nurse, now.rules_at)
            self.show(self.rows)

    # -- not given ----------------------------------------------------------------------------------------------------

    async def take_it_back(self) -> None:
        """The tray goes back and nobody pays. One that nobody waits for any more is simply collected."""
        from core.delivery.commands import CollectTray, ReportIssue

        stop = self.stop()
        order = stop.order
        number = order.number
        reason = order.stop or next((one.code for one in self.seen().verdict.reasons), "")
        command: Command = ReportIssue(
            order_id=order.id,
            tray_id=stop.tray.id if stop.tray is not None else "",
            code=code_of_stop(reason),  # type: ignore[arg-type]  # one of the ten
        )
        if order.state not in ("out", "ready"):
            command = CollectTray(order_id=order.id)
        act, said = self.word("ward.act_take_back", number=number), self.word("ward.taken_back", number=number)
        await self._perform_and_leave(command, act=act, said=said)

    async def report_eaten(self) -> None:
        """What has happened is told as it is: never blamed, never refused."""
        from core.delivery.commands import ReportEaten
        from core.orders.commands import TakeBack

        stop = self.stop()
        act = self.word("ward.act_eaten", number=stop.order.number)
        back = TakeBack(order_id=stop.order.id, step="delivered")
        said = self.word("ward.eaten_told", number=stop.order.number)
        await self._perform_and_leave(ReportEaten(order_id=stop.order.id), act=act, said=said, back=back)

    async def report_second(self) -> None:
        """Two runners, one tray: this one was second, and it is noted (R48)."""
        from core.delivery.commands import ReportEaten

        stop = self.stop()
        act = self.word("ward.act_second", number=stop.order.number)
        command = ReportEaten(order_id=stop.order.id, note=self.word("ward.second_note"))
        await self._perform_and_leave(command, act=act, said=self.word("ward.second_told", number=stop.order.number))

    # -- inside -------------------------------------------------------------------------------------------------------

    async def _perform_and_leave(self, command: Command, **how: Any) -> None:
        done = len(self.performed)
        self.step = None  # the press itself decides now: nothing is dropped any more
        await self.perform(command, **how)
        if len(self.performed) > done:
            self.leave()

    def seen(self) -> BedsideSeen:
        seen: BedsideSeen = self.rows
        return seen

    def stop(self) -> Stop:
        stop = self.seen().stop
        assert stop is not None, "the form offers this only for a tray that is held here"
        return stop
