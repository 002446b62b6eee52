"""Why a tray was not given: ten codes, each with what follows for money and tray said before it is pressed (R24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consoles.kit.dialogs import Choice
from core.words import word
from ward_tui.choosing import ChoosingSheet

if TYPE_CHECKING:
    from ward_tui.screen import WardScreen

CODES = (
    "asleep",
    "off_ward",
    "procedure",
    "refused",
    "nil_by_mouth",
    "diet_changed",
    "discharged",
    "wrong_tray",
    "spilled",
    "kitchen_error",
)
# what stopped a tray -> why it goes back; all else is a change of what the patient may eat
OF_STOP = {"nil_by_mouth": "nil_by_mouth", "discharged": "discharged", "no_stay": "discharged"}


def code_of_stop(reason: str) -> str:
    return OF_STOP.get(reason, "diet_changed")


def ask_issue(screen: WardScreen, *, order_id: str, tray_id: str, number: str, close: bool = False) -> None:
    """Opens the ten codes over a screen. close: the screen closes once it is saved."""
    language = screen.language
    choices = [Choice(word(f"issue.{code}", language), code, word(f"issue_follows.{code}", language)) for code in CODES]

    def report(code: Any) -> None:
        if isinstance(code, str):
            screen.run_worker(_report(screen, order_id, tray_id, number, code, close=close), group="people")

    title = word("ward.not_given_title", language, number=number)
    screen.app.push_screen(ChoosingSheet(title, choices), report)


async def _report(screen: WardScreen, order_id: str, tray_id: str, number: str, code: str, *, close: bool) -> None:
    from core.delivery.commands import ReportIssue

    language = screen.language
    act = word("ward.act_not_given", language, number=number)
    told = word("ward.not_given_told", language, number=number, why=word(f"issue.{code}", language))
    command = ReportIssue(order_id=order_id, tray_id=tray_id, code=code)  # type: ignore[arg-type]  # one of the ten
    done = len(screen.performed)
    await screen.perform(command, act=act, said=told)
    if close and len(screen.performed) > done:
        screen.leave()
