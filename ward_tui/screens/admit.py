"""A patient comes: who, which bed, asked about allergies. Nobody is turned away for want of a number or a bed."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from consoles.kit.forms import Options, WordsField
from consoles.kit.keybar import key
from consoles.kit.lines import Line
from consoles.kit.text import words
from core.words import has, word
from ward_tui.screen import WardScreen
from ward_tui.typing_in import birth_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.kernel.message import Command

NONE, NOT_ASKED, SOME = "asked_none", "not_asked", "asked_some"
FIELDS = ("name", "birth", "number")


class AdmitScreen(WardScreen):
    """Three acts: the stay (a fact), the bed (which somebody else may have got), what was said of allergies."""

    HELP_WORDS = "ward_admit"
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {0: ("ward.save ward.next_field kit.back | kit.help",)}
    BINDINGS: ClassVar[list[BindingType]] = [
        key("enter", "save", "ward.save", first=True),
        key("tab,down", "next_field(1)", "ward.next_field", first=True),
        key("shift+tab,up", "next_field(-1)", "kit.up", first=True),
    ]
    DEFAULT_CSS = """
    AdmitScreen #form { height: 1fr; padding: 0 1; overflow-y: auto; }
    AdmitScreen Options { margin: 0 0 1 0; }
    """

    def __init__(self, ward_id: str, *, bed: str, vacant: Sequence[str]) -> None:
        super().__init__()
        self.ward_id, self._bed, self._vacant = ward_id, bed, tuple(vacant)
        self.stay_id = secrets.token_hex(16)

    def body(self) -> ComposeResult:
        with Vertical(id="form"):
            for name in FIELDS:
                yield Line(words(self.word(f"ward.admit_{name}"), "quiet"))
                yield WordsField(most=80 if name == "name" else 32, id=f"field-{name}")
            languages = [(code, word(f"language.{code}", self.language)) for code in ("rw", "fr", "en")]
            yield Options(self.word("ward.admit_language"), languages, taken=("rw",), id="language")
            beds = [("", self.word("ward.no_bed_yet")), *((bed, bed) for bed in self._beds())]
            yield Options(self.word("ward.admit_bed"), beds, taken=(self._bed,), id="bed")
            asked = [(code, self.word(f"ward.{code}")) for code in (NOT_ASKED, NONE, SOME)]
            yield Options(self.word("ward.admit_allergies"), asked, taken=(NOT_ASKED,), id="asked")
            yield Options(self.word("ward.admit_which"), _allergens(self.language), several=True, id="allergens")
            yield Line(words(self.word("ward.admit_other"), "quiet"))
            yield WordsField(most=80, id="field-other")

    def _beds(self) -> list[str]:
        """The chosen bed and the next few that are vacant: the others are one key away on the desk."""
        return list(dict.fromkeys([*([self._bed] if self._bed else []), *self._vacant]))[:6]

    def on_mount(self) -> None:
        self.query_one("#field-name", WordsField).focus()

    def top(self) -> tuple[Sequence[Text | str], Sequence[Text | str]]:
        return self.lead(self.word("ward.admit_title"), self.ward_id)

    def action_next_field(self, step: int) -> None:
        parts: list[Any] = [one for one in self.query("WordsField, Options").results() if one.can_focus]
        at = next((place for place, one in enumerate(parts) if one.has_focus), 0)
        parts[(at + step) % len(parts)].focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    async def action_save(self) -> None:
        """From anywhere on the form. What is missing is said, and its line is opened."""
        if self.is_locked:
            return self.console_app.action_show_people()
        name = self.query_one("#field-name", WordsField).words
        born = self.query_one("#field-birth", WordsField).words
        number = self.query_one("#field-number", WordsField).words
        if not name:
            return self._missing("name", "ward.admit_needs_name")
        if born and not _is_day(birth_date(born)):
            return self._missing("birth", "ward.admit_bad_day")
        if not all(sign.isascii() and (sign.isalnum() or sign in "./-") for sign in number):
            return self._missing("number", "ward.admit_bad_number")
        if self.query_one("#asked", Options).value == SOME and not self._allergies():
            return self._missing("other", "ward.admit_needs_which")
        await self._admit(name, birth_date(born) if born else "", number)

    def _missing(self, field: str, told: str) -> None:
        self.query_one(f"#field-{field}", WordsField).focus()
        self.say(self.word(told), "soon")

    async def _admit(self, name: str, born: str, number: str) -> None:
        from core.wards.commands import AssignBed, OpenStay

        language = self.query_one("#language", Options).value or "rw"
        bed = self.query_one("#bed", Options).value
        opening = OpenStay(
            stay_id=self.stay_id,
            ward_id=self.ward_id,
            hospital_number=number,
            full_name=name,
            birth_date=born,
            language=language,  # type: ignore[arg-type]  # one of the three
        )
        acts: list[Command] = [opening, *self._allergies()]
        if bed:
            acts.append(AssignBed(stay_id=self.stay_id, bed_id=bed))
        said = self.word("ward.admitted", bed=self.bed_word(bed))
        for command in acts:
            done = len(self.performed)
            await self.perform(command, act=self.word("ward.act_admit"), said=said)
            if len(self.performed) == done:
                return  # the refusal is on the screen; what was saved before it stays
        self.leave()

    def _allergies(self) -> list[Command]:
        from core.diets.allergies import RecordAllergiesAsked, RecordAllergy

        asked = self.query_one("#asked", Options).value
        told: list[Command] = [
            RecordAllergy(stay_id=self.stay_id, code=code) for code in self.query_one("#allergens", Options).taken
        ]
        if other := self.query_one("#field-other", WordsField).words:
            told.append(RecordAllergy(stay_id=self.stay_id, text=other))
        if told:
            return told
        return [RecordAllergiesAsked(stay_id=self.stay_id, none=True)] if asked == NONE else []


def _allergens(language: str) -> list[tuple[str, str]]:
    codes = (
        "peanut", "fish", "milk", "egg", "gluten", "soya", "nuts", "sesame",
        "crustaceans", "molluscs", "celery", "mustard", "lupin", "sulphites",
    )  # fmt: skip
    return [(code, word(f"allergen.{code}", language)) for code in codes if has(f"allergen.{code}", "en")]


def _is_day(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
