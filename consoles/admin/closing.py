"""The acts that close what needs a person: a case is taken or closed, a refusal read, a stop seen, a step forced."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from consoles.admin import naming
from consoles.admin.screen import AdminScreen
from consoles.kit.dialogs import Choice, TypeScreen
from consoles.kit.explain import ExplainScreen, Told
from core.words import clock, day, refusal_words

if TYPE_CHECKING:
    from consoles.admin.rehearsal import Francs, Rehearsal, Rehearsed
    from core.kernel.message import Command
    from core.reports.needs import Need

LONGEST_REASON = 140


class Closing(AdminScreen):
    """Mixed into the screens that list such things."""

    # -- closing ------------------------------------------------------------------------------------------------------

    def close_need(self, need: Need) -> None:
        """The act that closes it, with the words of what is wrong above it."""
        if need.kind == "device":
            self.app.call_later(self.admin_app.go, "devices", chosen=need.id)
            return
        title = f"{self.word(f'case_title.{need.kind}')}  {naming.subject(need, self.language)}".strip()
        choices = self._ways(need)
        if need.order_id:
            choices.append(Choice(self.word("admin.open_order"), partial(self.open_order, need.order_id)))
        text = [part for part in naming.whole(need, self.language) if part]
        text.append(self.word("admin.who_since", who=naming.owner(need, self.language), time=self._when(need.since)))
        self.choose_one(title, choices, _do, text=text)

    def _ways(self, need: Need) -> list[Choice]:
        if need.kind == "stop":
            return [Choice(self.word("admin.stop_seen"), partial(self._see_stop, need))]
        if need.kind == "held":
            return [Choice(self.word("key.admin.override_wide"), partial(self.override, need.order_id))]
        if need.outcome:
            return [Choice(self.word("refused.understood"), partial(self._acknowledge, need))]
        if need.kind == "error":
            return [Choice(self.word("admin.close_error"), partial(self._close, need))]
        return [
            Choice(self.word("sync_screen.take"), partial(self._take, need)),
            Choice(self.word("sync_screen.close"), partial(self._close, need)),
        ]

    def _see_stop(self, need: Need) -> None:
        from core.orders.commands import AcknowledgeStop

        act = self.word("admin.stop_seen_act", subject=naming.subject(need, self.language))
        self._perform(AcknowledgeStop(order_id=need.order_id), act, again=True)

    def _acknowledge(self, need: Need) -> None:
        from core.cases.commands import AcknowledgeOutcome

        act = self.word("sync_screen.acknowledged", act=naming.act(need, self.language))
        self._perform(AcknowledgeOutcome(outcome_id=need.id, read=need.outcome), act)

    def _take(self, need: Need) -> None:
        from core.cases.commands import TakeCase

        act = self.word("admin.take_act", subject=naming.subject(need, self.language) or need.code)
        self._perform(TakeCase(case_id=need.id), act, said=self.word("admin.taken"))

    def _close(self, need: Need) -> None:
        title = f"{self.word('key.admin.close')}  {naming.subject(need, self.language)}".strip()
        screen = TypeScreen(title, hint=self.word("admin.closing_hint"), most=LONGEST_REASON)
        self.app.push_screen(screen, partial(self._close_with, need))

    def _close_with(self, need: Need, closing: str | None) -> None:
        from core.cases.commands import CloseCase
        from core.cases.errors import CloseTrouble

        if closing:
            act = self.word("admin.close_act", subject=naming.subject(need, self.language) or need.code)
            is_error = need.kind == "error"
            command = (
                CloseTrouble(trouble_id=need.id, closing=closing)
                if is_error
                else CloseCase(case_id=need.id, closing=closing)
            )
            self._perform(command, act, said=self.word("admin.closed"))

    def _perform(self, command: Command, act: str, *, said: str = "", again: bool = False) -> None:
        self.run_worker(self.perform(command, act=act, said=said, again=again), group="act")

    def open_order(self, order_id: str) -> None:
        from consoles.admin.screens.order import OrderScreen

        self.app.push_screen(OrderScreen(order_id))

    # -- overriding ---------------------------------------------------------------------------------------------------

    def override(self, order_id: str) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        self.run_worker(self._rehearse(order_id), group="override", exclusive=True)

    async def _rehearse(self, order_id: str) -> None:
        from consoles.admin.rehearsal import rehearse

        app = self.console_app
        if app.store.door is None:
            return
        found = await app.store.run(app.store.door.read, lambda db: rehearse(db, order_id, at=app.now()))
        if found is None:
            return self.say(self.word("admin.order_left"), "soon")
        self._ask_step(found)

    def _ask_step(self, found: Rehearsal) -> None:
        """Every step there is, with its money; one that a rule forbids says so and leads nowhere."""
        order = found.order
        title = self.word("admin.override_title", number=order.number)
        if not found.steps:
            return self.say(self.word("admin.override_none"), "quiet")
        choices = [
            Choice(
                self.word("admin.override_step", state=self.word(f"order_state.{one.step}")),
                one,
                self._told_of(one),
                "quiet" if one.refusal is not None else "",
            )
            for one in found.steps
        ]
        state = self.word(f"order_state.{order.state}")
        text = [self.word("admin.override_now", bed=found.bed, state=state, time=self._when(order.state_at))]
        self.choose_one(title, choices, partial(self._ask_reason, found), text=text)

    def _told_of(self, one: Rehearsed) -> str:
        if one.refusal is not None:
            return self.word(
                "admin.override_refused", why=refusal_words(one.refusal.code, one.refusal.detail, self.language).what
            )
        return self.money_words(one.francs)

    def money_words(self, francs: Francs) -> str:
        return naming.money_words(francs, self.language)

    def _ask_reason(self, found: Rehearsal, one: Rehearsed) -> None:
        if one.refusal is not None:
            act = self._override_act(found, one)
            return self.refused(one.refusal, None, act)
        hint = f"{self.money_words(one.francs)} {self.word('admin.override_reason')}"
        screen = TypeScreen(self._override_act(found, one), hint=hint, most=LONGEST_REASON)
        self.app.push_screen(screen, partial(self._override_with, found, one))

    def _override_act(self, found: Rehearsal, one: Rehearsed) -> str:
        state = self.word(f"order_state.{one.step}")
        return self.word("admin.override_act", number=found.order.number, state=state)

    def _override_with(self, found: Rehearsal, one: Rehearsed, reason: str | None) -> None:
        from core.orders.override import OverrideState

        if reason:
            command = OverrideState(order_id=found.order.id, seen=found.order.state, step=one.step, reason=reason)  # type: ignore[arg-type]
            self._perform(command, self._override_act(found, one), again=True)

    # -- explaining ---------------------------------------------------------------------------------------------------

    def explain_order(self, order_id: str) -> None:
        self.run_worker(self._explain_order(order_id), group="explain", exclusive=True)

    async def _explain_order(self, order_id: str) -> None:
        from consoles.admin.explaining import order_told

        app = self.console_app
        if app.store.door is None:
            return
        age, at, language = self.rules_age or 0, app.now(), self.language
        found = await app.store.run(
            app.store.door.read, lambda db: order_told(db, order_id, at=at, age=age, language=language)
        )
        if found is None:
            return self.say(self.word("admin.order_left"), "soon")
        self.app.push_screen(ExplainScreen(*found))

    def explain_need(self, need: Need) -> None:
        said, follows, then = naming.whole(need, self.language)
        told = [
            Told(self.word("refused.what"), said),
            Told(self.word("refused.stays"), follows),
            Told(self.word("refused.next"), then),
            Told(self.word("why_screen.rule_label"), f"{need.code}  {need.detail.get('where', '')}".strip()),
            Told(self.word("why_screen.who"), naming.owner(need, self.language)),
            Told(self.word("why_screen.since"), self._when(need.since)),
        ]
        title = f"{self.word(f'case_title.{need.kind}')}  {naming.subject(need, self.language)}".strip()
        self.app.push_screen(ExplainScreen(title, [line for line in told if line.text]))

    def explain_figure(self, name: str) -> None:
        """How a figure is measured, and how old what it is measured from is."""
        told = [Told(self.word("admin.measured"), self.word(f"admin.measured_{name}"))]
        standing = self.console_app.standing
        last = standing.last_contact_at if standing is not None else None
        told.append(Told(self.word("why_screen.known"), self._when(last) if last else self.word("admin.never")))
        self.app.push_screen(ExplainScreen(self.word("why_screen.title"), told))

    def _when(self, at: int) -> str:
        today = day(at, self.language) == day(self.console_app.now(), self.language)
        return clock(at) if today else f"{day(at, self.language)} {clock(at)}"


def _do(chosen: object) -> None:
    if callable(chosen):
        chosen()
