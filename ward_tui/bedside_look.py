"""How a bedside screen looks in each of its forms: the frame first, the flags whole, the primary act at the bottom.

Where there is little room the frame and the buttons give way, row by row; a flag never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consoles.kit.text import width_of
from core.words import clock, has, money, reason_words, word
from ward_tui.bedside_form import Allowed, BedsideSeen, Form, Scans, is_airborne, is_person
from ward_tui.cards import stands_among, stop_words
from ward_tui.drawing import Drawing
from ward_tui.flags import Flag, flags_of
from ward_tui.portions import portion

if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = 6  # of giving way
FRAMES = {
    Form.BLOCKED: ("ward.do_not_give", "ward.given_locked", "##", "flag"),
    Form.ASK: ("ward.ask_a_nurse", "ward.ask_a_nurse_line", "??", "flag"),
    Form.ROUND: ("ward.ask_a_nurse", "ward.round_line", "??", "late"),
    Form.NO_MATCH: ("ward.no_match", "ward.no_match_line", "<>", "flag"),
    Form.OLD_LABEL: ("ward.old_label", "ward.old_label_line", "<>", "flag"),
}


@dataclass(frozen=True, slots=True)
class Bedside:
    """Everything a picture of the screen is made of. told: what was said last, in the place of the next step."""

    seen: BedsideSeen
    scans: Scans
    form: Form
    allowed: Allowed | None
    language: str
    told: str = ""
    cash_done: bool = False

    def word(self, name: str, **arguments: str | int) -> str:
        return word(name, self.language, **arguments)


def draw(bedside: Bedside, width: int, height: int) -> Drawing:
    """The roomiest picture that fits; the tightest one shows everything that must be seen."""
    for level in range(LEVELS):
        drawing = Drawing(width)
        _FORMS.get(bedside.form, _draw_match)(bedside, drawing, level)
        if drawing.height <= height:
            break
    drawing.stretch(height)
    return drawing


def flags_at_bed(bedside: Bedside) -> list[Flag]:
    """Every flag, diet included, and those that the meal itself brings. A stop's own flag comes first."""
    stop = bedside.seen.stop
    if stop is None:
        return []
    seen = bedside.seen
    flags = flags_of(
        stop.profile,
        seen.patient,
        bedside.language,
        meal=seen.verdict,
        people=seen.names,
        guest=stop.order.guest,
    )
    stopped = stop_words(stop, bedside.language)
    if stopped and not stands_among(stopped, flags):
        flags.insert(0, Flag(stopped))
    return flags


# -- forms ----------------------------------------------------------------------------------------------------------


def _draw_match(bedside: Bedside, drawing: Drawing, level: int) -> None:
    """MATCH, and SCAN on the way to it."""
    stop = bedside.seen.stop
    assert stop is not None, "nothing to give"
    match = bedside.form is Form.MATCH
    drawing.line(_steps(bedside), look="quiet" if not match else "")
    if level < 2:
        drawing.rule("=")
    number = stop.order.number
    scan = "ward.scan_wristband" if bedside.scans.tray_id else "ward.scan_tray"
    told = (
        [bedside.word("ward.match"), bedside.word("ward.match_line", number=number, bed=stop.bed)]
        if match
        else [bedside.word(scan), f"{number}  {stop.bed}"]
    )
    token = "done" if match else "strong"
    told = told if level < 4 else ["  ".join(told) if width_of("  ".join(told)) <= drawing.width - 4 else told[0]]
    drawing.frame(told, edge="||" if match else "  ", look=token, roomy=level < 1)
    if level < 2:
        drawing.rule("=")
    _flags(bedside, drawing)
    _moved(bedside, drawing)
    if level < 5:
        _dishes(bedside, drawing, short=level >= 2)
    _verdict_line(bedside, drawing)
    if level < 4 or bedside.told:
        drawing.text(bedside.told or _next_words(bedside), look="soon" if bedside.told else "quiet")
    drawing.gap = drawing.height
    if level < 1:
        drawing.rule()
    small = 3 if level < 3 else 1
    airborne = is_airborne(bedside.seen)
    beside = [(f"i  {bedside.word('ward.not_given')}", "not_given")]
    if not airborne:
        beside.append((f"t  {bedside.word('ward.to_nurse')}", "to_nurse"))
    drawing.buttons(beside, rows=small)
    primary = _primary(bedside, airborne=airborne)
    action = "type_number" if bedside.form is Form.SCAN else "primary"
    drawing.button(primary, action, heavy=True, rows=3 if level < 4 else 1)


def _draw_stopped(bedside: Bedside, drawing: Drawing, level: int) -> None:
    """DO NOT GIVE, ASK A NURSE: the frame, the flags, what is known and how old, and three ways out."""
    stop = bedside.seen.stop
    assert stop is not None, "nothing is stopped"
    _frame(bedside, drawing, level)
    _flags(bedside, drawing, ends=True)
    for line in _why_lines(bedside):
        drawing.text(line, indent=4)
    _moved(bedside, drawing)
    left = stop.tray.out_at if stop.tray is not None else None
    if left and level < 3:
        drawing.line(bedside.word("ward.left_kitchen", number=stop.order.number, time=clock(left)))
    elif level < 3:
        drawing.line(bedside.word("ward.tray", number=stop.order.number))
    checked = bedside.word("ward.checked", time=clock(bedside.seen.now.at), rules=rules_clock(bedside))
    why = f"{bedside.word('ward.e_why')} "
    room = width_of(checked) + width_of(why) < drawing.width
    drawing.line(checked, why if room else "", look="soon" if bedside.seen.now.is_amber else "quiet")
    if bedside.told:
        drawing.text(bedside.told, look="soon")
    drawing.gap = drawing.height
    rows = 3 if level < 2 else 1
    first = "ward.nurse_allows" if bedside.form is Form.ASK else "ward.take_back"
    if bedside.form is Form.ROUND:
        first = "ward.nurse_opens_round"
    drawing.button(f"1  {bedside.word(first)}", "option(1)", heavy=True, rows=rows)
    extension = stop.ward.extension or "-"
    drawing.button(f"2  {bedside.word('ward.call_station', extension=extension)}", "option(2)", rows=rows)
    if bedside.form is Form.ROUND:
        drawing.button(f"3  {bedside.word('ward.put_back')}", "option(3)", rows=rows)
    else:
        drawing.button(f"3  {bedside.word('ward.already_eaten')}", "option(3)", rows=rows)


def _draw_mismatch(bedside: Bedside, drawing: Drawing, level: int) -> None:
    """Nothing about the other patient is shown, and nothing of this one's either: whose bed it is nobody knows."""
    _frame(bedside, drawing, level)
    stop = bedside.seen.stop
    extension = stop.ward.extension if stop is not None and stop.ward.extension else "-"
    if level < 2:
        drawing.space()
    if bedside.told:
        drawing.text(bedside.told, look="soon")
    drawing.gap = drawing.height
    rows = 3 if level < 2 else 1
    drawing.button(f"1  {bedside.word('ward.no_match_1')}", "option(1)", heavy=True, rows=rows)
    drawing.button(f"2  {bedside.word('ward.no_match_2')}", "option(2)", rows=rows)
    called = bedside.word("ward.call_station", extension=extension)
    drawing.button(f"3  {called}", "option(3)", rows=rows)


def _draw_given(bedside: Bedside, drawing: Drawing, level: int) -> None:
    stop = bedside.seen.stop
    assert stop is not None, "nothing was given"
    first = bedside.seen.first
    drawing.space()
    who = bedside.seen.name_of(first.by) if first is not None else ""
    at = clock(first.at if first is not None else stop.order.state_at)
    drawing.text(bedside.word("ward.given_before", number=stop.order.number, who=who or "?", time=at), look="strong")
    drawing.space()
    drawing.text(bedside.word("ward.given_before_next"), look="quiet")
    drawing.space()
    drawing.gap = drawing.height
    drawing.button(f"1  {bedside.word('ward.second_given')}", "option(1)", rows=3 if level < 2 else 1)
    drawing.button(f"2  {bedside.word('ward.back_to_list')}", "option(2)", heavy=True, rows=3 if level < 2 else 1)


def _draw_unknown(bedside: Bedside, drawing: Drawing, level: int) -> None:
    drawing.space()
    drawing.text(bedside.word("ward.not_held_here"), look="strong")
    drawing.space()
    drawing.button(f"2  {bedside.word('ward.back_to_list')}", "option(2)", heavy=True)


_FORMS: dict[Form, Callable[[Bedside, Drawing, int], None]] = {
    Form.MATCH: _draw_match,
    Form.SCAN: _draw_match,
    Form.BLOCKED: _draw_stopped,
    Form.ASK: _draw_stopped,
    Form.ROUND: _draw_stopped,
    Form.NO_MATCH: _draw_mismatch,
    Form.OLD_LABEL: _draw_mismatch,
    Form.GIVEN: _draw_given,
    Form.UNKNOWN: _draw_unknown,
}


# -- parts ----------------------------------------------------------------------------------------------------------


def _frame(bedside: Bedside, drawing: Drawing, level: int) -> None:
    title, line, edge, token = FRAMES[bedside.form]
    mark = edge[0] if edge != "<>" else "="
    if level < 3:
        drawing.line(_bar(mark, drawing.width), look=token)
    lines = [bedside.word(title), bedside.word(line)] if level < 4 else [bedside.word(title)]
    if level < 1:
        lines = ["", *lines]
    drawing.frame(lines, edge=edge, look=token, roomy=False)
    if level < 3:
        drawing.line(_bar(mark, drawing.width), look=token)


def _bar(mark: str, width: int) -> str:
    return mark * width


def _steps(bedside: Bedside) -> str:
    tray = bedside.word("ward.step_tray")
    person = bedside.word("ward.step_wristband")
    if bedside.scans.tray_id:
        tray = bedside.word("ward.step_ok", step=tray)
    if is_person(bedside.seen, bedside.scans):
        person = bedside.word("ward.step_ok", step=person)
    return f"{tray}  {person}  {bedside.word('ward.step_hand_over')}"


def _flags(bedside: Bedside, drawing: Drawing, *, ends: bool = False) -> None:
    """ends: under what stops all food stands until when."""
    codes = {reason.code for reason in bedside.seen.verdict.reasons}
    until = ends and bool(codes & {"nil_by_mouth", "trays_held"})
    for flag in flags_at_bed(bedside):
        drawing.flag(flag.text, flag.token)
        if until and flag.text.startswith("[X]"):
            drawing.text(bedside.word("ward.until_order"), indent=4)
            until = False


def _moved(bedside: Bedside, drawing: Drawing) -> None:
    stop = bedside.seen.stop
    if stop is not None and stop.moved_from:
        changed = clock(stop.stay.bed_changed_at or 0)
        drawing.text(bedside.word("ward.moved_here", bed=stop.bed, was=stop.moved_from, time=changed), look="soon")


def _dishes(bedside: Bedside, drawing: Drawing, *, short: bool) -> None:
    told = "   ".join(f"{name} {portion(halves)}" for name, halves in bedside.seen.dishes)
    wish = bedside.seen.stop.order.wish if bedside.seen.stop is not None else ""
    if short and width_of(told) > drawing.width - 4:
        told = bedside.word("ward.dishes", count=len(bedside.seen.dishes))
    drawing.text(told, indent=4)
    if wish:
        drawing.text(f'"{wish}"', indent=4)


def _verdict_line(bedside: Bedside, drawing: Drawing) -> None:
    """What the rules say, when that was asked, and how old the rules are: amber once they are."""
    now = bedside.seen.now
    if bedside.allowed is not None and bedside.seen.verdict.kind == "hold":
        told = bedside.word("ward.nurse_allowed", who=bedside.allowed.nurse, why=bedside.allowed.why)
        return drawing.text(told, look="soon")
    told = bedside.word("ward.allowed", time=clock(now.at), rules=rules_clock(bedside))
    drawing.text(told, look="soon" if now.is_amber else "done")


def rules_clock(bedside: Bedside) -> str:
    at = bedside.seen.now.rules_at
    return clock(at) if at else "--:--"


def _next_words(bedside: Bedside) -> str:
    stop = bedside.seen.stop
    if not bedside.scans.tray_id:
        return bedside.word("ward.next_tray")
    if not is_person(bedside.seen, bedside.scans):
        return bedside.word("ward.next_wristband")
    if stop is not None and stop.due_francs:
        return bedside.word("ward.next_cash", francs=money(stop.due_francs, bedside.language))
    return bedside.word("ward.next_signature")


def _primary(bedside: Bedside, *, airborne: bool) -> str:
    if bedside.form is Form.SCAN:
        what = "ward.type_person" if bedside.scans.tray_id else "ward.type_tray"
        return f" /     {bedside.word(what)}"
    if airborne:
        return f" Enter   {bedside.word('ward.to_nurse')}"
    return f" Enter   {bedside.word('ward.given')}"


def _why_lines(bedside: Bedside) -> list[str]:
    """Why in words: what a flag does not say."""
    lines: list[str] = []
    verdict = bedside.seen.verdict
    codes = [reason.code for reason in verdict.reasons]
    said_by_flag = ("nil_by_mouth", "trays_held", "no_stay", "allergies_not_asked", "allergy_unmatched", "rules_old")
    for reason in verdict.reasons:
        wanted = reason.kind in ("block", "hold") or reason.code == "rules_unconfirmed"
        if wanted and reason.code not in said_by_flag:
            lines.append(reason_words(reason.code, reason.arguments, bedside.language, staff=True))
    order = bedside.seen.stop.order if bedside.seen.stop is not None else None
    if order is not None and not codes and not order.stop:
        key = f"order_state.{order.state}"
        lines.append(bedside.word(key) if has(key, "en") else order.state)
    return list(dict.fromkeys(lines))
