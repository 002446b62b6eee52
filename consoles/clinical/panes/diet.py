"""A diet order: `dia`, Enter, Enter. Words add up in a row; everything else has a default and may be left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import BadField, Field, Pane
from consoles.clinical.pick import Pick
from consoles.clinical.timeline import said_of
from consoles.kit.forms import Options
from core.words import amount, word

if TYPE_CHECKING:
    from core.kernel.message import Command

FOOD_LEVELS = ("", "7EC", "6", "5", "4", "3")
FLUID_LEVELS = ("", "1", "2", "3", "4")
INSTEAD, BESIDE = "instead", "beside"


class DietPane(Pane):
    COMMAND = "diets.prescribe_diet"

    def title(self) -> str:
        try:
            since = self.since(self.instant("from", after=self.card.at))
        except BadField:
            since = "?"
        named = " + ".join(self.query_one("#components", Pick).words)
        return f"{named or self.word('key.clinical.diet_order')}, {since}"

    def first(self) -> ComposeResult:
        from core.diets.catalogue import COMPONENTS

        options = [(code, self.word(f"component.{code}")) for code in COMPONENTS]
        yield Pick(self.label("components"), options, language=self.language, id="components")

    def more(self) -> ComposeResult:
        from core.diets.catalogue import ASSISTANCE, ISOLATIONS, PREFERENCES

        holding = self._holding()
        if holding:
            ways = [(INSTEAD, self.word("clinical.instead", what=holding)), (BESIDE, self.word("clinical.beside"))]
            yield Options("", ways, taken=(INSTEAD,), id="way")
        yield self._levels("food_level", "texture", FOOD_LEVELS)
        yield self._levels("fluid_level", "fluid", FLUID_LEVELS)
        yield Field(self.label("limits"), hint=self.word("clinical.limits_hint"), id="limits")
        isolations = [("", self.word("clinical.none")), *((one, self.word(f"isolation.{one}")) for one in ISOLATIONS)]
        yield Options(self.label("isolation"), isolations, taken=("",), id="isolation")
        help_ = [(code, self.word(f"assistance.{code}")) for code in ASSISTANCE]
        yield Options(self.label("assistance"), help_, several=True, id="assistance")
        wishes = [(code, self.word(f"preference.{code}")) for code in PREFERENCES]
        yield Options(self.label("preferences"), wishes, several=True, id="preferences")
        yield Field(self.label("starts"), hint=self.word("clinical.starts_hint"), most=5, id="from")
        yield Field(self.label("ends"), hint=self.word("clinical.ends_hint"), most=5, id="until")

    def _levels(self, name: str, section: str, levels: tuple[str, ...]) -> Options:
        named = [(level, self.word(f"{section}.{level}") if level else self.word("clinical.none")) for level in levels]
        return Options(self.label(name), named, taken=("",), id=name)

    def _holding(self) -> str:
        """What this order would stand in the place of."""
        now = [one for one in self.card.periods if one.holds_at(self.card.at)]
        return " / ".join(dict.fromkeys(said_of(one, self.language) for one in now))

    def entry(self) -> Widget | None:
        return self.query_one("#components", Pick).field

    def missing(self) -> str:
        return self.word("clinical.diet_missing")

    # -- what it says -------------------------------------------------------------------------------------------------

    def command(self) -> Command | None:
        from core.diets.commands import PrescribeDiet
        from core.diets.profile import replaced_by_order

        from_at = self.instant("from", after=self.card.at)
        starts = self.card.at if from_at is None else from_at
        says: dict[str, Any] = {
            "components": tuple(self.query_one("#components", Pick).taken),
            "food_level": self._one("food_level"),
            "fluid_level": self._one("fluid_level"),
            "isolation": self._one("isolation"),
            "assistance": self.query_one("#assistance", Options).taken,
            "preferences": self.query_one("#preferences", Options).taken,
            "limits": limits_in(self.typed("limits"), self.language),
        }
        if not any(says.values()):
            return None
        beside = bool(self.query("#way")) and self._one("way") == BESIDE
        return PrescribeDiet(
            stay_id=self.card.stay.id,
            replaces=() if beside else replaced_by_order(self.card.profile.periods, from_at=starts),
            from_at=from_at,
            until_at=self.instant("until", after=starts),
            **says,
        )

    def _one(self, name: str) -> str:
        return self.query_one(f"#{name}", Options).value


def limits_in(text: str, language: str) -> dict[str, int]:
    """`sodium 2000, potassium 2500`: as labels count them, g or mg a day. Raises BadField."""
    from core.menu.substances import NUTRIENTS

    found: dict[str, int] = {}
    name = ""
    for part in text.replace(",", " ").split():
        if part.casefold() in ("mg", "g", "kcal"):
            continue
        if not part.isdecimal():
            name = f"{name} {part}".strip().casefold()
            continue
        code = next((one for one in NUTRIENTS if name and _is_named(one, name, language)), "")
        if not code or len(part) > 6:
            raise BadField("clinical.bad_limit", text=f"{name} {part}".strip())
        found[code] = int(part) * (1_000 if amount(1_000, code).endswith(" g") else 1)
        name = ""
    if name:
        raise BadField("clinical.bad_limit", text=name)
    return found


def _is_named(code: str, name: str, language: str) -> bool:
    return word(f"nutrient.{code}", language).casefold().startswith(name) or code.startswith(name)
