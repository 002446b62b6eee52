"""Allergies: a substance from the list, words still to be matched, or "asked, none"; and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.pane import Field, Pane
from consoles.clinical.pick import Pick
from consoles.kit.forms import Options

if TYPE_CHECKING:
    from core.diets.model import Allergy
    from core.kernel.message import Command

CRITICALITIES = ("unable_to_assess", "low", "high")
FINDINGS = ("refuted", "entered_in_error")
ASKED_NONE = "asked_none"
NEW, MATCH, WITHDRAW = "new", "match", "withdraw"


class AllergyPane(Pane):
    """substances: what dishes can be checked for. may_match, may_withdraw: whose work it is."""

    COMMAND = "diets.record_allergy"

    def __init__(
        self, card: Any, language: str, *, substances: tuple[tuple[str, str], ...], may_match: bool, may_withdraw: bool
    ) -> None:
        super().__init__(card, language)
        self._substances, self._may_match, self._may_withdraw = substances, may_match, may_withdraw

    def title(self) -> str:
        way, about = self._way()
        named = ", ".join(self.query_one("#substance", Pick).words)
        if way == WITHDRAW and about is not None:
            return f"{self.word('key.clinical.withdraw')}: {self._called(about)}"
        if way == MATCH and about is not None:
            return f"{self._called(about)} = {named or '?'}"
        return f"{self.word('key.clinical.allergy')} {named}".strip()

    def first(self) -> ComposeResult:
        ways = self._ways()
        if len(ways) > 1:
            yield Options("", ways, taken=(NEW,), id="way")
        options = [(ASKED_NONE, self.word("clinical.asked_none")), *self._substances]
        yield Pick(self.label("allergy_new"), options, language=self.language, several=False, free=True, id="substance")

    def more(self) -> ComposeResult:
        yield Field(self.label("allergy_reaction"), id="reaction")
        grave = [(code, self.word(f"criticality.{code}")) for code in CRITICALITIES]
        yield Options(self.label("criticality"), grave, taken=("unable_to_assess",), id="criticality")
        sure = [
            ("", self.word("clinical.allergy_unconfirmed")),
            ("confirmed", self.word("clinical.allergy_confirmed")),
        ]
        yield Options("", sure, taken=("",), id="confirmed")
        if self._may_withdraw and self.card.counting:
            findings = [(code, self.word(f"verification.{code}")) for code in FINDINGS]
            yield Options(self.word("key.clinical.withdraw"), findings, taken=("refuted",), id="finding")
            yield Field(self.label("withdraw_why"), id="why")

    def _ways(self) -> list[tuple[str, str]]:
        ways = [(NEW, self.word("clinical.allergy_new"))]
        if self._may_match:
            told = [(f"{MATCH} {one.id}", self._called(one)) for one in self.card.counting if not one.code]
            ways += [(code, f"{self.word('key.clinical.match')} {name}") for code, name in told]
        if self._may_withdraw:
            told = [(f"{WITHDRAW} {one.id}", self._called(one)) for one in self.card.counting]
            ways += [(code, f"{self.word('key.clinical.withdraw')} {name}") for code, name in told]
        return ways

    def _way(self) -> tuple[str, Allergy | None]:
        chosen = self.query_one("#way", Options).value if self.query("#way") else NEW
        way, _, allergy_id = chosen.partition(" ")
        return way, next((one for one in self.card.counting if one.id == allergy_id), None)

    def _called(self, one: Allergy) -> str:
        return ", ".join(self.word(f"allergen.{code}") for code in one.code.split()) or f'"{one.text}"'

    def entry(self) -> Widget | None:
        return self.query_one("#substance", Pick).field

    def missing(self) -> str:
        return self.word("clinical.allergy_missing")

    def command(self) -> Command | None:
        from core.diets.allergies import MatchAllergy, RecordAllergiesAsked, RecordAllergy, WithdrawAllergy
        from core.diets.catalogue import NOT_A_FOOD

        pick = self.query_one("#substance", Pick)
        way, about = self._way()
        if way == WITHDRAW and about is not None:
            why, finding = self.typed("why"), self.query_one("#finding", Options).value
            return WithdrawAllergy(allergy_id=about.id, finding=finding, reason=why) if why else None  # type: ignore[arg-type]  # one of FINDINGS
        if not pick.taken and not pick.typed:
            return None
        if way == MATCH and about is not None:
            code = NOT_A_FOOD if pick.taken == [ASKED_NONE] else "".join(pick.taken)
            return MatchAllergy(allergy_id=about.id, codes=(code,)) if code else None
        if pick.taken == [ASKED_NONE]:
            return RecordAllergiesAsked(stay_id=self.card.stay.id, none=True)
        return RecordAllergy(
            stay_id=self.card.stay.id,
            code="".join(pick.taken),
            text=pick.typed,
            reaction=self.typed("reaction"),
            criticality=self.query_one("#criticality", Options).value,  # type: ignore[arg-type]  # one of CRITICALITIES
            confirmed=self.query_one("#confirmed", Options).value == "confirmed",
        )
