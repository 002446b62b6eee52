"""A dish against the rules (R16): which one, why, until when; what it changes is told before anybody signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import Field, Pane
from consoles.clinical.pick import Pick
from consoles.kit.forms import Options
from consoles.kit.hours import DAY_MS, next_hour
from consoles.kit.lines import Lines
from consoles.kit.text import words, wrapped
from core.words import clock, day, reason_words

if TYPE_CHECKING:
    from core.diets.model import Allowance
    from core.diets.verdict import Reason
    from core.kernel.message import Command
    from core.menu.model import Service

NEW, END = "new", "end"
THIS_MEAL, TODAY, THREE_DAYS, LONGEST = "meal", "today", "three_days", "longest"
SCOPES = (THIS_MEAL, TODAY, THREE_DAYS, LONGEST)
MOST_TOLD = 5
HALF = 57  # cells of the right half, before it is laid out


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A dish that the rules keep from this patient. reasons: what speaks against it; ordered: it is on a meal."""

    dish_id: str
    name: str
    reasons: tuple[Reason, ...]
    ordered: bool

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(reason.code for reason in self.reasons))


class AllowPane(Pane):
    """service: the meal that is eaten next. stand_in: whom the preview takes for the second person, until one signs."""

    COMMAND = "diets.allow_dish"

    def __init__(
        self,
        card: Any,
        language: str,
        *,
        service: Service,
        dishes: tuple[Forbidden, ...],
        standing: tuple[Allowance, ...],
        stand_in: str,
    ) -> None:
        super().__init__(card, language)
        self.service, self._dishes, self._standing, self._stand_in = service, dishes, standing, stand_in

    def title(self) -> str:
        about = self._ending()
        if about is not None:
            return f"{self.word('clinical.allow_end')}: {self._called(about.dish_id)}"
        dish = self._dish()
        named = dish.name if dish is not None else "?"
        return f"{self.word('key.clinical.allow')} {named}, {self._until_words(self._scope())}"

    def first(self) -> ComposeResult:
        if self._standing:
            ways = [(NEW, self.word("clinical.allow_new"))]
            ways += [
                (f"{END} {one.id}", f"{self.word('clinical.allow_end')} {self._called(one.dish_id)}")
                for one in self._standing
            ]
            yield Options("", ways, taken=(NEW,), id="way")
        ordered = [one.dish_id for one in self._dishes if one.ordered]
        options = [(one.dish_id, one.name) for one in self._dishes]
        yield Pick(
            self.label("dish"), options, language=self.language, several=False, taken=tuple(ordered[:1]), id="dish"
        )
        yield Lines(self._against(), id="against")

    def more(self) -> ComposeResult:
        yield Field(self.label("allow_why"), hint=self.word("clinical.allow_why_hint"), id="why")
        scopes = [(scope, self._until_words(scope)) for scope in SCOPES]
        yield Options(self.label("holds"), scopes, taken=(THIS_MEAL,), id="scope")
        yield Lines([words("")], id="signed")

    def _against(self) -> list[Any]:
        """What speaks against each of them: of the chosen one everything, of the others the first."""
        chosen = self._dish()
        if chosen is not None:
            told = [reason_words(one.code, one.arguments, self.language, staff=True) for one in chosen.reasons]
            return [words(line, "flag") for one in told for line in wrapped(f"{chosen.name}: {one}", HALF - 3)]
        lines = []
        for one in self._dishes[:MOST_TOLD]:
            first = one.reasons[0]
            said = reason_words(first.code, first.arguments, self.language, staff=True)
            lines.append(words(f"{one.name}: {said}", "quiet"))
        if len(self._dishes) > MOST_TOLD:
            more = self.word("clinical.more_forbidden", count=len(self._dishes) - MOST_TOLD)
            lines.append(words(more, "quiet"))
        return lines or [words(self.word("clinical.allow_nothing"), "quiet")]

    def changed(self) -> None:
        self.query_one("#against", Lines).tell(self._against())
        told = "clinical.signed_by_two" if self.needs_second() else "clinical.signed_again"
        signed = wrapped(self.word(told), max(20, (self.size.width or HALF) - 1))
        self.query_one("#signed", Lines).tell([words(line, "quiet") for line in signed])
        super().changed()

    def on_mount(self) -> None:
        super().on_mount()
        self.changed()

    def entry(self) -> Widget | None:
        """A dish that was ordered is chosen already: the next thing to say is why."""
        if self._dish() is not None:
            return self.query_one("#why")
        return self.query_one("#dish", Pick).field

    def missing(self) -> str:
        return self.word("clinical.allow_missing")

    # -- what it says -------------------------------------------------------------------------------------------------

    def needs_second(self) -> bool:
        """Whether somebody else has to stand by it."""
        from core.diets.allowed import NEEDS_SECOND

        dish = self._dish()
        return self._ending() is None and dish is not None and any(code in NEEDS_SECOND for code in dish.codes)

    def command(self) -> Command | None:
        return self.signed_with(self._stand_in)

    def signed_with(self, second_id: str) -> Command | None:
        """The act, with the one who stands by it where the rules ask for one."""
        from core.diets.overrides import AllowDish, EndAllowance

        about = self._ending()
        if about is not None:
            return EndAllowance(allowance_id=about.id)
        dish, why = self._dish(), self.typed("why")
        if dish is None or not why:
            return None
        return AllowDish(
            stay_id=self.card.stay.id,
            dish_id=dish.dish_id,
            codes=dish.codes,
            why=why,
            until_at=self._until(self._scope()),
            rules_version=self.card.profile.rules_version,
            second_id=second_id if self.needs_second() else "",
        )

    def _dish(self) -> Forbidden | None:
        taken = self.query_one("#dish", Pick).taken if self.query("#dish") else ()  # none while it is built
        return next((one for one in self._dishes if one.dish_id in taken), None)

    def _ending(self) -> Allowance | None:
        chosen = self.query_one("#way", Options).value if self.query("#way") else NEW
        return next((one for one in self._standing if chosen == f"{END} {one.id}"), None)

    def _scope(self) -> str:
        return self.query_one("#scope", Options).value if self.query("#scope") else THIS_MEAL

    def _called(self, dish_id: str) -> str:
        return str(self.card.dish_names.get(dish_id, dish_id))

    def _until(self, scope: str) -> int:
        """This meal ends with its service; today with the hospital's day."""
        midnight = next_hour("0", after=self.card.at)
        days = {TODAY: 0, THREE_DAYS: 2, LONGEST: 6}
        return self.service.ends_at if scope == THIS_MEAL else midnight + days[scope] * DAY_MS

    def _until_words(self, scope: str) -> str:
        until = self._until(scope)
        if scope == THIS_MEAL:
            return self.word("clinical.allow_meal", time=clock(until))
        if scope == TODAY:
            return self.word("clinical.allow_today")
        return self.word("clinical.allow_days", day=day(until - 1, self.language))
