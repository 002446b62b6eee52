"""Acts that stand on more than one name: a dish against the rules, an order by word of mouth, a doctor's signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consoles.clinical.acts import DIET, CardActs
from consoles.kit.dialogs import Choice

if TYPE_CHECKING:
    from consoles.clinical.panes.allow import AllowPane
    from consoles.clinical.panes.pane import Pane
    from consoles.kit.acting import Person
    from core.care.card import MealOfDay
    from core.kernel.message import Command
    from core.kernel.refusal import Refusal

ALLOW, HEAR, PROPOSE, SIGN = (
    "diets.allow_dish",
    "diets.take_verbal_diet",
    "diets.draft_diet",
    "diets.cosign_diet",
)


class SignedActs(CardActs):
    """Beside the keys of `CardActs`: `w`, `v` and `g`."""

    # -- a dish against the rules (R16) -------------------------------------------------------------------------------

    async def action_allow(self) -> None:
        card, door = self.may_open(ALLOW), self.console_app.store.door
        if card is None or door is None:
            return
        from consoles.clinical.asked import forbidden_for, second_people
        from consoles.clinical.panes.allow import AllowPane

        meal = meal_to_allow(card.meals, card.at)
        if meal is None:
            return self.say(self.word("clinical.no_service"), "soon")
        me, stay = door.signed_in, card.stay
        dishes = await self.console_app.store.run(door.read, lambda db: forbidden_for(self, db, card, meal))
        second = await self.console_app.store.run(second_people, door, me, stay.ward_id)
        if not dishes and not card.allowed:
            return self.say(self.word("clinical.allow_nothing"), "soon")
        stand_in = second[0].person_id if second else ""
        pane = AllowPane(
            card,
            self.language,
            service=meal.service,
            dishes=dishes,
            standing=card.allowed,
            stand_in=stand_in,
        )
        await self.open_pane(pane)

    async def save(self, pane: Pane, command: Command) -> None:
        """What is allowed against the rules is signed anew, by one or by two; all else is saved by the press."""
        from consoles.clinical.panes.allow import AllowPane

        if isinstance(pane, AllowPane) and self.console_app.acting.person is not None:
            self.run_worker(self._sign_exception(pane), group="people", exclusive=True)
        else:
            await super().save(pane, command)

    async def _sign_exception(self, pane: AllowPane) -> None:
        from consoles.kit.sign_in import SignInScreen

        app, act = self.console_app, self.act_of(pane)
        if await SignInScreen.ask(app, act=act, only_once=True, person=app.acting.person) is None:
            return
        second_id = ""
        if pane.needs_second():
            second = await self._second_person(act)
            if second is None:
                return self.say(self.word("clinical.second_missing"), "soon")
            second_id = second.id
        command = pane.signed_with(second_id)
        if command is not None and pane is self.pane:
            await super().save(pane, command)

    async def _second_person(self, act: str) -> Person | None:
        """Somebody else of the ward, with their own PIN."""
        from consoles.clinical.asked import second_people
        from consoles.kit.sign_in import SignInScreen, WhoScreen

        app, door, card = self.console_app, self.console_app.store.door, self.card
        if door is None or card is None:
            return None
        people = await app.store.run(second_people, door, door.signed_in, card.stay.ward_id)
        title = self.word("clinical.second_who", act=act)
        chosen = await app.push_screen_wait(WhoScreen(people, act=title, locks=False, language=app.language))
        if chosen is None or isinstance(chosen, str):
            return None
        return await SignInScreen.ask(app, act=act, only_once=True, person=chosen)

    # -- by word of mouth, proposed, signed ---------------------------------------------------------------------------

    def ways_round(self, refusal: Refusal) -> Sequence[Choice]:
        if refusal.detail.get("command") != DIET:
            return ()
        ways = [Choice(self.word("clinical.draft_instead"), self._propose_soon)]
        if self.clinical.may(HEAR):
            ways.insert(0, Choice(self.word("clinical.verbal_instead"), self._hear_soon))
        return ways

    def _propose_soon(self) -> None:
        self.run_worker(self._propose("draft"), group="pane", exclusive=True)

    def _hear_soon(self) -> None:
        self.run_worker(self._propose("verbal"), group="pane", exclusive=True)

    async def action_verbal(self) -> None:
        await self._propose("verbal")

    async def _propose(self, how: str) -> None:
        card, door = self.may_open(PROPOSE), self.console_app.store.door
        if card is None or door is None:
            return
        from consoles.clinical.asked import doctors_of
        from consoles.clinical.panes.proposal import ProposalPane

        ward_id = card.stay.ward_id
        doctors = await self.console_app.store.run(door.read, lambda db: doctors_of(db, card.at, ward_id))
        may_hear = self.clinical.may(HEAR)
        await self.open_pane(ProposalPane(card, self.language, doctors=doctors, may_hear=may_hear, how=how))

    async def action_sign(self) -> None:
        """Before whoever may not sign reads that it is a doctor's, nothing of it is opened."""
        card = self.may_open(SIGN)
        if card is None:
            return
        if not card.waiting:
            return self.say(self.word("clinical.nothing_to_sign"))
        from consoles.clinical.panes.sign import SignPane

        await self.open_pane(SignPane(card, self.language, waiting=card.waiting))


def meal_to_allow(meals: Sequence[MealOfDay], at: int) -> MealOfDay | None:
    """A meal that the rules hold or stop now; else the next one that is ordered, else the next there is."""
    ahead = [meal for meal in meals if meal.service.ends_at > at and not meal.is_over]
    stuck = [meal for meal in ahead if meal.order is not None and meal.verdict.forbids]
    ordered = [meal for meal in ahead if meal.order is not None]
    return next(iter([*stuck, *ordered, *ahead]), None)
