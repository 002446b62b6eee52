"""How one stop of a run is told: its bed and the way there, its flags whole, its order and what is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.words import clock, flag_mark, flag_words, money, word
from ward_tui.flags import Flag, flags_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.delivery.queries import Stop
    from core.diets.verdict import Patient

BED_CELLS = 15
# flags that are whole without any argument; of all others the mark and the rule's name are told
WHOLE = ("cancelled", "discharged", "no_stay", "nil_by_mouth", "trays_held", "no_diet_order", "allergies_not_asked")


@dataclass(frozen=True, slots=True)
class Card:
    """A stop as it stands on a list. stop: the flag of what stopped it, "" while it may go on."""

    order_id: str
    number: str
    bed: str
    ward_id: str
    place: str
    flags: tuple[Flag, ...]
    notes: tuple[str, ...]
    money: str
    moved: bool
    stop: str
    due_francs: int


def card_of(stop: Stop, patient: Patient | None, *, is_next: bool, tray_life_ms: int, language: str) -> Card:
    order = stop.order
    every = flags_of(stop.profile, patient, language, guest=order.guest)
    flags = tuple(flag for flag in every if not flag.is_diet)
    stopped = stop_words(stop, language)
    if stopped:
        flags = tuple(dict.fromkeys((*([] if stands_among(stopped, flags) else [Flag(stopped)]), *flags)))
    return Card(
        order_id=order.id,
        number=order.number,
        bed=stop.bed,
        ward_id=stop.ward.id,
        place=_place(stop, is_next=is_next, language=language),
        flags=flags,
        notes=tuple(_notes(stop, tray_life_ms, language)),
        money=_money(stop, language),
        moved=bool(stop.moved_from),
        stop=stopped,
        due_francs=stop.due_francs,
    )


def stop_words(stop: Stop, language: str) -> str:
    """The flag of what stopped a tray on its way: the order's own stop, or its end. "" while it may go on."""
    order = stop.order
    code = order.stop or ("cancelled" if order.state == "cancelled" else "")
    if not code:
        return ""
    if code in WHOLE:
        return flag_words(code, None, language)
    return f"{flag_mark(code)} {word(f'why.{code}', language).upper()}"


def ward_name(stop: Stop, language: str) -> str:
    """Short enough for a handheld: what stands before the comma."""
    name = getattr(stop.ward, f"name_{language}", "") or stop.ward.name_en
    return str(name).partition(",")[0]


def stands_among(stopped: str, flags: Iterable[Flag]) -> bool:
    """The patient's own flag says it already, with its hour or its substance."""
    return any(flag.text.startswith(stopped) for flag in flags)


def _place(stop: Stop, *, is_next: bool, language: str) -> str:
    minutes = stop.ward.minutes_from_kitchen
    if is_next:
        return word("ward.next_stop", language, minutes=minutes)
    return word("ward.place", language, ward=ward_name(stop, language), minutes=minutes)


def _notes(stop: Stop, tray_life_ms: int, language: str) -> list[str]:
    notes = []
    if stop.moved_from:
        changed = clock(stop.stay.bed_changed_at or 0)
        notes.append(word("ward.was_bed", language, bed=stop.moved_from, time=changed))
    if stop.order.late:
        notes.append(word("mark.late_tray", language))
    if stop.order.problem == "discharged":
        notes.append(word("ward.gone_home", language))
    if stop.waiting is not None:
        until = clock((stop.tray.assembled_at if stop.tray else stop.waiting.at) + tray_life_ms)
        told = word(f"issue.{stop.waiting.code}", language)
        notes.append(word("ward.waits", language, why=told, time=clock(stop.waiting.at), until=until))
    return notes


def _money(stop: Stop, language: str) -> str:
    if stop.due_francs:
        return word("ward.cash", language, francs=money(stop.due_francs, language))
    return word("ward.nothing_due", language)
