"""Devices: every console, how it stands, what it holds; `c` makes a code for a new one, `r` takes one out of use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from consoles.admin.boxes import age
from consoles.admin.form import Answers, Asked, FormScreen
from consoles.admin.heard import look_again
from consoles.admin.screen import ListScreen
from consoles.kit.dialogs import AskScreen, TellScreen
from consoles.kit.explain import ExplainScreen, Told
from consoles.kit.keybar import key
from consoles.kit.table import Column, TableRow
from consoles.kit.text import words
from core.words import clock, day

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from core.devices.model import Device
    from core.reports.devices import DeviceRow
    from core.wards.model import Ward
    from sync.client.desk import Pressed

KINDS = ("kitchen", "ward", "clinical", "admin")
EVERYWHERE = "-"


class DevicesScreen(ListScreen):
    """A code works once the server has it; it is shown once, here, and kept nowhere."""

    CSS_PATH = "devices.tcss"
    PLACE = "devices"
    EMPTY = "admin.devices_empty"
    WATCHES = ("device", "unread_outcome", "ward", "person", "seen")
    HELP_WORDS = "admin_devices"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("c", "code", "admin.code"),
        key("r", "revoke", "admin.revoke"),
        key("e", "explain", "admin.why"),
    ]
    BAR: ClassVar[Mapping[int, Sequence[str]]] = {
        0: ("admin.code kit.back | kit.help",),
        60: ("admin.open admin.code admin.revoke admin.export admin.find kit.back kit.sync kit.who | kit.help",),
    }

    def __init__(self, *, chosen: str = "") -> None:
        super().__init__(chosen=chosen)
        self.devices: dict[str, DeviceRow] = {}
        self.wards: tuple[str, ...] = ()

    def columns(self) -> Sequence[Column]:
        named = ("device", "kind", "place", "last_sync", "waiting", "refused", "state")
        titles = [self.word(f"admin.{name}" if name in _FIGURES else f"admin.column_{name}") for name in named]
        widths = (14, 0, 8, 9, 9, 8, 10) if self.is_narrow else (16, 22, 0, 10, 10, 8, 14)
        return [
            Column(title, width, right=name in _FIGURES[1:])
            for title, width, name in zip(titles, widths, named, strict=True)
        ]

    def head(self) -> tuple[Text | str, Text | str]:
        in_use = sum(row.device.revoked_at is None for row in self.devices.values())
        return "", words(self.word("admin.count_devices", count=in_use), "quiet")

    def ask(self, db: Connection) -> tuple[tuple[DeviceRow, ...], list[Ward]]:
        from consoles.admin.heard import heard_here
        from core.reports.devices import devices
        from core.wards.queries import wards

        return devices(db, heard_here(db, self.admin_app)), wards(db)

    def show(self, rows: tuple[tuple[DeviceRow, ...], list[Ward]]) -> None:
        self.devices = {row.device.id: row for row in rows[0]}
        self.wards = tuple(ward.id for ward in rows[1])
        self.fill([self._row(row) for row in rows[0]])

    def _row(self, row: DeviceRow) -> TableRow:
        device, heard, unknown = row.device, row.heard, self.word("admin.unknown")
        last = age(heard.at, self.console_app.now(), self.language) if heard is not None else unknown
        waiting = str(heard.waiting) if heard is not None and heard.waiting is not None else unknown
        revoked = device.revoked_at
        state = self.word("admin.revoked_at", day=day(revoked, self.language)) if revoked else self.word("admin.in_use")
        kind = self.word(f"device_kind.{device.kind}")
        refused = words(f"{row.refused:>8}", "late" if row.refused else "")
        cells = (device.name, kind, self._place(device), last, waiting, refused, state)
        return TableRow(device.id, cells, "quiet" if revoked else "")

    def _place(self, device: Device) -> str:
        return device.ward_id or device.kitchen_id or self.word("admin.everywhere")

    def tick(self) -> None:
        super().tick()
        look_again(self.admin_app)

    # -- one of them --------------------------------------------------------------------------------------------------

    def open_row(self, key: str) -> None:
        self.action_explain()

    def action_explain(self) -> None:
        row = self.devices.get(self.table.chosen)
        if row is None:
            return self.say(self.word("admin.devices_empty"), "quiet")
        device = row.device
        told = [
            Told(self.word("admin.column_kind"), self.word(f"device_kind.{device.kind}")),
            Told(self.word("admin.column_place"), self._place(device)),
            Told(self.word("admin.enrolled"), f"{self._when(device.enrolled_at)}, {row.enrolled_by}"),
            Told(self.word("admin.holds"), self._holds(device)),
            Told(self.word("admin.refused"), str(row.refused), "late" if row.refused else ""),
        ]
        if device.revoked_at is not None:
            told.append(
                Told(
                    self.word("admin.column_state"),
                    self.word("admin.revoked_at", day=self._when(device.revoked_at)),
                    "soon",
                )
            )
        self.app.push_screen(ExplainScreen(device.name, told))

    def _holds(self, device: Device) -> str:
        """Whose data lies on it, by its kind and place: what matters when it is lost."""
        where = device.ward_id or device.kitchen_id or self.word("admin.everywhere")
        return self.word(f"admin.holds_{device.kind}", where=where)

    def action_revoke(self) -> None:
        row = self.devices.get(self.table.chosen)
        if self.is_locked:
            return self.console_app.action_show_people()
        if row is None:
            return self.say(self.word("admin.devices_empty"), "quiet")
        if row.device.revoked_at is not None:
            return self.say(self.word("admin.revoked_at", day=self._when(row.device.revoked_at)), "quiet")
        question = self.word("admin.device_revoke_ask", name=row.device.name)
        text = [self._holds(row.device), self.word("admin.revoke_text")]
        screen = AskScreen(question, yes=self.word("dialog.yes"), no=self.word("dialog.no"), text=text)
        self.app.push_screen(screen, partial(self._revoke, row.device))

    async def _revoke(self, device: Device, sure: bool | None) -> None:
        from core.devices.commands import RevokeDevice

        if sure:
            act = self.word("admin.revoke_act", name=device.name)
            await self.perform(RevokeDevice(device_id=device.id), act=act, again=True)

    # -- a code for a new one -----------------------------------------------------------------------------------------

    def action_code(self) -> None:
        if self.is_locked:
            return self.console_app.action_show_people()
        everywhere = ((EVERYWHERE, self.word("admin.everywhere")),)
        asked = [
            Asked(
                "kind",
                self.word("admin.column_kind"),
                options=tuple((kind, self.word(f"device_kind.{kind}")) for kind in KINDS),
            ),
            Asked(
                "ward", self.word("admin.column_ward"), options=(*everywhere, *((ward, ward) for ward in self.wards))
            ),
            Asked("title", self.word("admin.ask_device"), hint="handheld 3", most=24),
        ]
        screen = FormScreen(self.word("admin.code_title"), asked, text=self.word("admin.code_text"), wrong=self._wrong)
        self.app.push_screen(screen, self._make)

    def _wrong(self, answers: Answers) -> str:
        if any(row.device.name == answers["title"] and row.device.revoked_at is None for row in self.devices.values()):
            return self.word("admin.device_known", name=answers["title"])
        on_a_ward = answers["ward"] != EVERYWHERE
        if on_a_ward and answers["kind"] not in ("ward", "clinical"):
            return self.word("admin.no_ward_for", kind=self.word(f"device_kind.{answers['kind']}"))
        return "" if self._command(answers, "00" * 32) is not None else self.word("admin.bad_code")

    def _command(self, answers: Answers, code_id: str) -> object:
        from consoles.admin.checked import checked
        from core.devices.commands import MakeCode

        ward = "" if answers["ward"] == EVERYWHERE else answers["ward"]
        return checked(MakeCode, code_id=code_id, kind=answers["kind"], title=answers["title"], ward_id=ward)

    async def _make(self, answers: Answers | None) -> None:
        if answers is None:
            return
        from core.devices import keys
        from core.devices.commands import MakeCode

        code = keys.code_from(self.admin_app.chance(keys.CODE_BYTES))
        command = self._command(answers, keys.code_hash(code))
        if isinstance(command, MakeCode):
            act = self.word("admin.code_act", name=command.title)
            await self.perform(command, act=act, then=partial(self._show_code, code, command.title))

    def _show_code(self, code: str, name: str, pressed: Pressed) -> None:
        """Once. Away from the server it is worth nothing yet, and that is said."""
        standing = self.console_app.standing
        live = standing is not None and standing.live
        how = self.word("admin.code_how", name=name)
        waits = words("")
        text: list[Text | str] = [words(f"   {code}", "strong"), waits, how]
        text.append(self.word("admin.code_ten" if live else "admin.code_waits"))
        self.app.push_screen(TellScreen(self.word("admin.code_for", name=name), text))

    def _when(self, at: int) -> str:
        return f"{day(at, self.language)} {clock(at)}"


_FIGURES = ("last_sync", "waiting", "refused")
