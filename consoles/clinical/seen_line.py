"""Who has it: each kitchen and handheld that holds a patient, with the minute it took the newest change over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from consoles.clinical.timeline import said_of
from consoles.kit.text import joined, width_of, words
from core.words import clock, day, duration, word

if TYPE_CHECKING:
    from core.care.card import Card
    from sync.client.seen import SeenBy
    from sync.protocol import Holder

OFF_MS = 30_000  # not heard for this long: it is off, and says so
GAP = "   "


@dataclass(frozen=True, slots=True)
class Reached:
    """What the seen-by line is told from. pending: an act that changes the profile is not settled yet.

    seen: what the server last said, None while it has not; linked: it can be asked now; contact_at: when it last could.
    """

    card: Card
    seen: SeenBy | None
    pending: bool
    linked: bool
    contact_at: int | None

    @property
    def is_known(self) -> bool:
        """Whether the answer is about the change that stands on the card."""
        return self.seen is not None and not self.pending and self.seen.changed_at >= self.card.profile.changed_at

    @property
    def waits_for_somebody(self) -> bool:
        return not self.is_known or bool(self.seen is not None and self.seen.missing)


def seen_lines(reached: Reached, now: int, width: int, language: str, *, rows: int) -> list[Text]:
    """`saved 12:09  Low salt   doctor   seen by: kitchen 12:09   handheld 2 not yet (off 6 min)`"""
    saved = _saved(reached.card, language)
    told = _told(reached, now, language)
    lead = words(word("clinical.seen_by", language), "quiet") if reached.is_known else Text()
    for parts in ([*saved, *_with_lead(lead, told)], _with_lead(lead, told)):
        lines = _flowed(parts, width)
        if len(lines) <= rows:
            return lines
    return _flowed(_with_lead(lead, _folded(reached, told, width * rows, language)), width)[:rows]


def every_holder(reached: Reached, now: int, language: str) -> list[tuple[str, str]]:
    """Each console and what it said, whole: for the explanation."""
    if reached.seen is None or not reached.is_known:
        return [("", joined(*_told(reached, now, language)).plain)]
    return [(holder.name, _holder(holder, now, language).plain) for holder in reached.seen.holders]


def changed_what(card: Card, language: str) -> str:
    """What the newest change is about, in few words."""
    from core.diets.profile import Period

    what = card.change.what
    if what is None:
        return ""
    if isinstance(what, Period):
        return said_of(what, language)
    named = ", ".join(word(f"allergen.{code}", language) for code in what.code.split()) or f'"{what.text}"'
    return word("clinical.changed_allergy", language, what=named)


def _saved(card: Card, language: str) -> list[Text]:
    by = card.people.get(card.change.by, card.change.by)
    at = card.change.at
    when = clock(at) if day(at, language) == day(card.at, language) else f"{day(at, language)} {clock(at)}"
    parts = [word("clinical.saved", language, time=when), changed_what(card, language), by]
    return [words(part, "quiet" if place == 0 else "") for place, part in enumerate(parts) if part]


def _told(reached: Reached, now: int, language: str) -> list[Text]:
    if reached.pending:
        name = "clinical.seen_sending" if reached.linked else "clinical.seen_waits"
        return [words(word(name, language), "soon")]
    if not reached.is_known or reached.seen is None:
        return [words(_unknown(reached, language), "soon")]
    if not reached.seen.holders:
        return [words(word("clinical.seen_none", language), "quiet")]
    told = [_holder(holder, now, language) for holder in reached.seen.holders]
    if not reached.linked:
        told.append(words(word("clinical.seen_as_of", language, time=clock(reached.seen.at)), "soon"))
    return told


def _unknown(reached: Reached, language: str) -> str:
    if reached.linked:
        return word("clinical.seen_asking", language)
    if reached.contact_at is None:
        return word("clinical.seen_never", language)
    return word("clinical.seen_unknown", language, time=clock(reached.contact_at))


def _holder(holder: Holder, now: int, language: str) -> Text:
    if holder.has:
        name = "clinical.seen_at" if holder.at else "clinical.seen_has"
        return words(word(name, language, device=holder.name, time=clock(holder.at) if holder.at else ""), "done")
    off = now - holder.heard_at
    if holder.heard_at and off >= OFF_MS:
        age = duration(off, language)
        return words(word("clinical.seen_not_yet_off", language, device=holder.name, age=age), "late")
    return words(word("clinical.seen_not_yet", language, device=holder.name), "soon")


def _folded(reached: Reached, told: list[Text], room: int, language: str) -> list[Text]:
    """Too many to name: those that have not got it come first, the rest are counted."""
    if reached.seen is None:
        return told
    missing = [one for one, holder in zip(told, reached.seen.holders, strict=False) if not holder.has]
    have = [one for one, holder in zip(told, reached.seen.holders, strict=False) if holder.has]
    kept: list[Text] = []
    counted = word("clinical.seen_more", language, count=len(told))
    for one in [*missing, *have]:
        if sum(width_of(part) + len(GAP) for part in [*kept, one]) + len(counted) + 24 > room:
            break
        kept.append(one)
    return [*kept, words(word("clinical.seen_more", language, count=len(told) - len(kept)), "quiet")]


def _with_lead(lead: Text, told: Sequence[Text]) -> list[Text]:
    if not told or not lead.plain:
        return list(told)
    return [joined(lead, " ", told[0]), *told[1:]]


def _flowed(parts: Sequence[Text], width: int) -> list[Text]:
    lines: list[Text] = []
    for part in parts:
        if lines and width_of(lines[-1]) + len(GAP) + width_of(part) <= width - 1:
            lines[-1] = joined(lines[-1], GAP, part)
        else:
            lines.append(joined(" ", part))
    return lines
