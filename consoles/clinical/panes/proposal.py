"""A diet for a doctor to sign: heard by word of mouth, which holds at once, or proposed, which feeds nobody yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from consoles.clinical.panes.diet import DietPane
from consoles.clinical.pick import Pick
from consoles.kit.forms import Options
from consoles.kit.lines import Lines
from consoles.kit.text import words

if TYPE_CHECKING:
    from core.kernel.message import Command

VERBAL, DRAFT = "verbal", "draft"


class ProposalPane(DietPane):
    """doctors: who may have said it. may_hear, may_draft: whose work it is; how: which of the two it opens as."""

    COMMAND = "diets.draft_diet"

    def __init__(
        self, card: Any, language: str, *, doctors: tuple[tuple[str, str], ...], may_hear: bool, how: str
    ) -> None:
        super().__init__(card, language)
        self._doctors, self._may_hear = doctors, may_hear
        self._opens_as = how if may_hear else DRAFT

    def title(self) -> str:
        said = super().title()
        if self.how == DRAFT:
            return f"{self.word('clinical.draft')}: {said}"
        doctor = ", ".join(self.query_one("#doctor", Pick).words) or "?"
        return f"{self.word('clinical.verbal', who=doctor)}: {said}"

    def first(self) -> ComposeResult:
        if self._may_hear:
            ways = [(VERBAL, self.word("clinical.verbal_way")), (DRAFT, self.word("clinical.draft_way"))]
            yield Options("", ways, taken=(self._opens_as,), id="how")
            yield Pick(
                self.label("doctor"),
                self._doctors,
                language=self.language,
                several=False,
                taken=self._likely(),
                id="doctor",
            )
        else:
            yield Lines([words(self.word("clinical.draft_way"), "quiet")])
        yield from super().first()

    def _likely(self) -> tuple[str, ...]:
        """Whoever ordered last, if it is a doctor who works here; the only one there is."""
        known = [doctor_id for doctor_id, _ in self._doctors]
        last = [one.by for one in reversed(self.card.periods) if one.by in known]
        return tuple((last or known)[:1]) if last or len(known) == 1 else ()

    def entry(self) -> Widget | None:
        if self.how == VERBAL and not self.query_one("#doctor", Pick).taken:
            return self.query_one("#doctor", Pick).field
        return super().entry()

    def missing(self) -> str:
        if self.how == VERBAL and not self.query_one("#doctor", Pick).taken:
            return self.word("clinical.doctor_missing")
        return super().missing()

    @property
    def how(self) -> str:
        return self.query_one("#how", Options).value if self.query("#how") else DRAFT

    def command(self) -> Command | None:
        """The same words as a diet order's own, under whoever said them or with nobody's name yet."""
        from core.diets.prescribing import DraftDiet, TakeVerbalDiet

        order = super().command()
        if order is None:
            return None
        says = {name: getattr(order, name) for name in type(order).model_fields}
        if self.how == DRAFT:
            del says["replaces"]
            return DraftDiet(**says)
        doctor = self.query_one("#doctor", Pick).taken
        return TakeVerbalDiet(**says, doctor_id=doctor[0]) if doctor else None
