"""What the keys of a card do: each opens an order at the right with its consequences, and Enter saves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from consoles.clinical.panes.pane import BadField, Pane
from consoles.clinical.screen import ClinicalScreen
from consoles.kit.asking import Asking
from consoles.kit.dialogs import Choice
from consoles.kit.explain import ExplainScreen, Told
from consoles.kit.text import words, wrapped
from core.kernel.refusal import Refusal

if TYPE_CHECKING:
    from textual.widgets import Input

    from core.care.card import Card
    from core.care.consequences import Consequences
    from core.kernel.message import Command
    from core.menu.model import Service
    from sync.client.desk import Pressed

OPENING = ("diet", "fasting", "hold", "allergy", "isolate", "meal", "allow", "verbal", "sign")
DIET, FASTING, HOLD = "diets.prescribe_diet", "diets.start_nil_by_mouth", "diets.hold_trays"


class CardActs(ClinicalScreen):
    """The acts of a card, apart from how it looks."""

    stay_id: str

    def __init__(self) -> None:
        super().__init__()
        self.pane: Pane | None = None  # the order that is open and not saved
        self.foreseen: Consequences | None = None
        self._foreseeing: Asking[Any] = Asking(self._ask_foreseen, self._show_foreseen, self.run_worker)

    @property
    def card(self) -> Card | None:
        raise NotImplementedError

    def draw(self) -> None:
        raise NotImplementedError

    def look_now(self) -> None:
        raise NotImplementedError

    def holders(self) -> Sequence[tuple[str, str]]:
        """Each console that holds this patient, and what it said."""
        raise NotImplementedError

    # -- panes --------------------------------------------------------------------------------------------------------

    def close_pane(self) -> None:
        pane, self.pane, self.foreseen = self.pane, None, None
        self.set_focus(None)
        if pane is not None:
            pane.remove()
        self.query_one("#record").display = True
        self.remove_class("-right")
        self.say("")
        self.call_after_refresh(self.draw)

    async def open_pane(self, pane: Pane) -> None:
        before, self.pane, self.foreseen = self.pane, None, None
        self.set_focus(None)
        if before is not None:
            await before.remove()
        self.query_one("#record").display = False
        self.add_class("-right")
        await self.query_one("#right").mount(pane)
        self.pane = pane
        self.set_focus(pane.entry())  # at once: the next key may be on its way already
        self.say("")
        self.call_after_refresh(self.draw)
        self.foresee_soon()

    def may_open(self, command: str) -> Card | None:
        """The card, when somebody is there whose work this is; else why not, with what they can do instead."""
        card = self.card
        if self.asks_who() or card is None:
            return None
        if not self.clinical.may(command):
            act = self.word(f"command.{command}")
            self.refused(Refusal("not_your_role", command=command), None, act)
            return None
        return card

    def truths(self, refusal: Refusal, command: Command | None) -> Sequence[Choice]:
        if refusal.code == "not_your_role" and refusal.detail.get("command") in (DIET, FASTING):
            return [Choice(self.word("clinical.hold_instead"), self._hold_soon), *self.ways_round(refusal)]
        if refusal.code == "meal_asks":
            return [Choice(self.word("clinical.order_all_the_same"), self._confirm_meal)]
        return ()

    def ways_round(self, refusal: Refusal) -> Sequence[Choice]:
        """What somebody who is no doctor can do besides holding the trays."""
        return ()

    def _hold_soon(self) -> None:
        self.call_later(self.action_hold)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that open an order come before all else, so what is typed behind them lands in it; then they are
        letters."""
        return self.pane is None if action in OPENING else super().check_action(action, parameters)

    async def action_diet(self) -> None:
        card = self.may_open(DIET)
        if card is not None:
            from consoles.clinical.panes.diet import DietPane

            await self.open_pane(DietPane(card, self.language))

    async def action_fasting(self) -> None:
        card = self.may_open(FASTING)
        if card is not None:
            from consoles.clinical.panes.fasting import FastingPane

            await self.open_pane(FastingPane(card, self.language))

    async def action_hold(self) -> None:
        card = self.may_open(HOLD)
        if card is not None:
            from consoles.clinical.panes.hold import HoldPane

            await self.open_pane(HoldPane(card, self.language))

    async def action_allergy(self) -> None:
        card = self.may_open("diets.record_allergy")
        door = self.console_app.store.door
        if card is None or door is None:
            return
        from consoles.clinical.asked import substances
        from consoles.clinical.panes.allergy import AllergyPane

        language = self.language
        known = await self.console_app.store.run(door.read, lambda db: substances(db, language))
        may_match = self.clinical.may("diets.match_allergy")
        may_withdraw = self.clinical.may("diets.withdraw_allergy")
        await self.open_pane(
            AllergyPane(card, language, substances=known, may_match=may_match, may_withdraw=may_withdraw)
        )

    async def action_isolate(self) -> None:
        card = self.may_open("diets.isolate")
        if card is not None:
            from consoles.clinical.panes.isolation import IsolationPane
            from core.diets.profile import standing

            isolated = bool(standing(card.profile.periods, card.at).isolation)
            may_end = self.clinical.may("diets.end_isolation")
            await self.open_pane(IsolationPane(card, self.language, isolated=isolated, may_end=may_end))

    async def action_meal(self) -> None:
        card = self.may_open("orders.place_order")
        door = self.console_app.store.door
        if card is None or door is None:
            return
        service = service_to_order(card)
        if service is None:
            return self.say(self.word("clinical.no_service"), "soon")
        from consoles.clinical.asked import menu_for
        from consoles.clinical.panes.meal import MealPane

        offers, number = await self.console_app.store.run(
            door.read, lambda db: menu_for(self, db, self.stay_id, service)
        )
        await self.open_pane(MealPane(card, self.language, service=service, offers=offers, number=number))

    def action_explain(self) -> None:
        """The next meal by every rule, and who has the newest change."""
        if self.asks_who() or self.card is None:
            return
        from consoles.clinical.why import explain, seen_told

        meal, seen = self.card.next_meal, self.holders()
        if meal is not None and meal.order is not None:
            return explain(self, meal.order.id, seen=seen)
        told = [Told(self.word("clinical.today"), self.word("clinical.nothing_to_explain"))]
        self.app.push_screen(ExplainScreen(self.word("key.kit.why"), [*told, *seen_told(seen, self.language)]))

    # -- before it is saved -------------------------------------------------------------------------------------------

    def foresee_soon(self) -> None:
        if self.pane is not None and self.console_app.store.door is not None:
            self._foreseeing.soon()

    def on_pane_changed(self, event: Pane.Changed) -> None:
        event.stop()
        self.foresee_soon()

    async def _ask_foreseen(self) -> tuple[Pane, Consequences | str | None] | None:
        """The real rules over this console's own rows, in the store's thread; nothing of it is kept."""
        pane, door = self.pane, self.console_app.store.door
        if pane is None or door is None or not pane.is_mounted:
            return None
        try:
            command = pane.command()
        except (BadField, ValueError) as error:
            return pane, self._bad(error)
        if command is None:
            return pane, None
        try:
            return pane, await self.console_app.store.run(door.foresee, command, self.stay_id)
        except Refusal as refusal:
            from core.care.consequences import Consequences

            return pane, Consequences(refusal=refusal)

    def _show_foreseen(self, found: tuple[Pane, Consequences | str | None] | None) -> None:
        from consoles.clinical.preview_lines import preview_lines

        if found is None or found[0] is not self.pane or not found[0].is_attached:
            return
        pane, told = found
        width = max(20, self.query_one("#right").size.width - 2)
        if told is None or isinstance(told, str):
            self.foreseen = None
            said = told if isinstance(told, str) else pane.missing()
            return pane.tell([words(f" {line}", "soon") for line in wrapped(said, width)], stops=False)
        self.foreseen = told
        pane.tell(preview_lines(told, width, self.language), stops=told.stops_any)

    def _bad(self, error: Exception) -> str:
        if isinstance(error, BadField):
            return self.word(error.name, **error.arguments)
        return self.word("clinical.ends_before")

    # -- saving -------------------------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.call_later(self.action_save)

    def on_pick_finished(self) -> None:
        self.call_later(self.action_save)

    async def action_save(self) -> None:
        pane = self.pane
        if pane is None:
            return self.say(self.word("clinical.nothing_open"))
        try:
            command = pane.command()
        except (BadField, ValueError) as error:
            return self.say(self._bad(error), "soon")
        if command is None:
            return self.say(pane.missing(), "soon")
        await self.save(pane, command)

    async def save(self, pane: Pane, command: Command) -> None:
        act = self.act_of(pane)
        await self.perform(command, act=act, said=act, signed=True, then=self.saved)

    def act_of(self, pane: Pane) -> str:
        """What the pad, a refusal and the message line call it."""
        bed = self.card.stay.bed_id if self.card is not None else ""
        return f"{pane.title().upper()}  {bed}".strip()

    def saved(self, pressed: Pressed) -> None:
        said = self._said
        self.close_pane()
        self.say(said)
        self.look_now()

    def _confirm_meal(self) -> None:
        from consoles.clinical.panes.meal import MealPane

        if isinstance(self.pane, MealPane):
            self.pane.confirmed = True
            self.call_later(self.action_save)


def service_to_order(card: Card) -> Service | None:
    """The next service of the day that nothing is ordered for; a late tray of the one that is served now."""
    free = [meal.service for meal in card.meals if meal.order is None and meal.service.ends_at > card.at]
    return next(iter(free), None)
