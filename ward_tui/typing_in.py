"""What is typed instead of scanned: the tray's number, then two identifiers of the patient and why (R57)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from consoles.kit.dialogs import Choice, ChooseScreen, TypeScreen
from ward_tui.bedside_form import Scans, is_person
from ward_tui.screen import WardScreen

if TYPE_CHECKING:
    from core.delivery.queries import Stop

KINDS = ("birth_date", "hospital_number", "name")
REASONS = ("no_band", "band_damaged", "no_scanner")
NEEDED = 2
_DAY_FIRST = re.compile(r"^\s*(\d{1,2})\D+(\d{1,2})\D+(\d{4})\s*$")
_RUN_TOGETHER = re.compile(r"^\s*(\d{2})(\d{2})(\d{4})\s*$")


def birth_date(typed: str) -> str:
    """`12 4 1974`, `12041974` and `1974-04-12` are one day. What is none stays as it was typed."""
    found = _DAY_FIRST.match(typed) or _RUN_TOGETHER.match(typed)
    if found is None or not (1 <= int(found[2]) <= 12 and 1 <= int(found[1]) <= 31):
        return typed.strip()
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"


class TypingIn(WardScreen):
    """Opened by `/` at the bedside."""

    scans: Scans

    def ring_for_scan(self) -> None:
        raise NotImplementedError

    async def type_instead(self) -> None:
        """What is missing: the tray first, then the person."""
        if not self.scans.tray_id:
            return await self._type_tray()
        if not is_person(self.rows, self.scans):
            await self._type_person()

    async def _type_tray(self) -> None:
        from ward_tui.scanning import found

        title, hint = self.word("ward.type_number"), self.word("ward.type_number_hint")
        number = await self.app.push_screen_wait(TypeScreen(title, hint=hint, most=12))
        if not number:
            return
        app = self.ward_app
        door = app.store.door
        if door is not None:
            await self.scanned(await app.store.run(door.read, lambda db: found(db, number)))

    async def _type_person(self) -> None:
        """Two of three; a bed is none of them. What does not fit is NO MATCH, and does not say which one."""
        from core.wards.identity import hashed

        stop: Stop | None = self.rows.stop
        if stop is None:
            return
        typed: list[str] = []
        left = list(KINDS)
        while len(typed) < NEEDED:
            title = self.word("ward.identifier_title", number=len(typed) + 1)
            kind = await self.app.push_screen_wait(
                ChooseScreen(title, [Choice(self.word(f"ward.identifier_{kind}"), kind) for kind in left])
            )
            if kind is None:
                return
            hint = self.word(f"ward.identifier_{kind}_hint")
            label = self.word(f"ward.identifier_{kind}")
            value = await self.app.push_screen_wait(TypeScreen(label, hint=hint, most=80))
            if not value:
                return
            left.remove(kind)
            value = birth_date(value) if kind == "birth_date" else value
            typed.append(hashed(stay_id=stop.stay.id, kind=kind, value=value))
        why = await self._why_typed()
        if why:
            self.scans = replace(self.scans, wristband="", typed=tuple(typed), typed_why=why)
            self.show(self.rows)
            self.ring_for_scan()

    async def _why_typed(self) -> str:
        told = [self.word(f"ward.typed_{code}") for code in REASONS]
        title = self.word("ward.type_reason")
        return str(await self.app.push_screen_wait(ChooseScreen(title, [Choice(one, one) for one in told])) or "")
