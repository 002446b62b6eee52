"""What a nurse does at the ward desk for the chosen bed: order, hold, admit, give a bed, move, send home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consoles.kit.dialogs import AskScreen, Choice, TypeScreen
from consoles.kit.hours import next_hour
from core.words import clock, word
from ward_tui.choosing import ChoosingSheet
from ward_tui.screen import WardScreen

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ward_tui.desk_rows import DeskRows, Tile

AWAY_REASONS = ("leave", "dialysis", "procedure")
HOLD_REASONS = ("doctor", "procedure", "vomiting", "swallowing", "allergy_suspected", "away", "other")


class DeskActs(WardScreen):
    """The acts of the desk, apart from how it looks."""

    def tile(self) -> Tile | None:
        """The chosen one."""
        raise NotImplementedError

    def desk(self) -> DeskRows | None:
        rows: DeskRows | None = self.rows
        return rows

    def desk_tiles(self) -> tuple[Tile, ...]:
        rows = self.desk()
        return rows.tiles if rows is not None else ()

    def _patient(self) -> Tile | None:
        """The chosen tile, if somebody lies there; else the reason why nothing happens."""
        tile = self.tile()
        if self.is_locked:
            self.ward_app.action_show_people()
            return None
        if tile is None or not tile.is_patient:
            self.say(self.word("ward.nobody_there"))
            return None
        return tile

    def action_explain(self) -> None:
        """Why the chosen patient's meal may be given, or may not."""
        tile = self._patient()
        if tile is None:
            return
        if not tile.order_id:
            return self.say(self.word("ward.no_order_yet"))
        from ward_tui.why import explain

        explain(self, tile.order_id)

    def action_order(self) -> None:
        tile = self._patient()
        if tile is None or self.rows is None:
            return
        if not self.rows.service_id:
            return self.say(self.word("ward.no_meal_now"))
        from ward_tui.screens.order import OrderScreen

        self.app.push_screen(OrderScreen(tile.stay_id, bed=self.bed_word(tile.bed), service_id=self.rows.service_id))

    def action_unordered(self) -> None:
        if self.is_locked:
            return self.ward_app.action_show_people()
        if self.rows is not None:
            from ward_tui.screens.unordered import UnorderedScreen

            self.app.push_screen(UnorderedScreen(self.rows.ward_id))

    def action_admit(self) -> None:
        if self.is_locked:
            return self.ward_app.action_show_people()
        if self.rows is None:
            return
        from ward_tui.screens.admit import AdmitScreen

        tile = self.tile()
        bed = tile.bed if tile is not None and tile.state == "vacant" else ""
        vacant = tuple(one.bed for one in self.rows.tiles if one.state == "vacant")
        self.app.push_screen(AdmitScreen(self.rows.ward_id, bed=bed, vacant=vacant))

    # -- hold ---------------------------------------------------------------------------------------------------------

    def action_hold(self) -> None:
        """All food at once, with a reason; the doctor's next diet order ends it."""
        tile = self._patient()
        if tile is not None:
            self.run_worker(self._hold(tile), group="people", exclusive=True)

    async def _hold(self, tile: Tile) -> None:
        from core.diets.commands import HoldTrays

        bed = self.bed_word(tile.bed)
        choices = [Choice(word(f"hold_reason.{code}", self.language), code) for code in HOLD_REASONS]
        title = self.word("ward.hold_title", bed=bed)
        code = await self.app.push_screen_wait(ChoosingSheet(title, choices))
        if code is None:
            return
        why = word(f"hold_reason.{code}", self.language)
        if code == "other":
            why = await self.app.push_screen_wait(TypeScreen(title, most=140))
        if why:
            said = self.word("ward.held", bed=bed)
            act = self.word("ward.act_hold", bed=bed)
            await self.perform(HoldTrays(stay_id=tile.stay_id, reason=why), act=act, said=said)

    # -- beds ---------------------------------------------------------------------------------------------------------

    def action_bed(self) -> None:
        """A patient gets a bed; on a vacant bed, somebody who waits for one gets this."""
        tile = self.tile()
        if self.is_locked:
            return self.ward_app.action_show_people()
        if tile is None:
            return self.say(self.word("ward.nobody_there"))
        self.run_worker(self._bed(tile), group="people", exclusive=True)

    async def _bed(self, tile: Tile) -> None:
        from core.wards.commands import AssignBed

        tiles = self.desk_tiles()
        stay_id, bed = tile.stay_id, tile.bed
        if tile.is_patient:
            vacant = [Choice(one.bed, one.bed) for one in tiles if one.state == "vacant"]
            title = self.word("ward.which_bed", bed=self.bed_word(tile.bed))
            bed = await self.app.push_screen_wait(ChoosingSheet(title, vacant)) or ""
        else:
            stay_id = await self._who_waits(tile) or ""
        if stay_id and bed:
            said = self.word("ward.has_bed", bed=bed)
            act = self.word("ward.act_bed", bed=bed)
            await self.perform(AssignBed(stay_id=stay_id, bed_id=bed), act=act, said=said)

    async def _who_waits(self, tile: Tile) -> str | None:
        if tile.state != "vacant":
            self.say(self.word("ward.bed_not_vacant", bed=tile.bed))
            return None
        tiles = self.desk_tiles()
        waiting = [one for one in tiles if one.is_patient and not one.bed]
        if not waiting:
            self.say(self.word("ward.nobody_waits_for_bed"))
            return None
        choices = [
            Choice(
                self.word("ward.here_since", time=clock(one.since)),
                one.stay_id,
                "  ".join(flag.text for flag in one.flags),
            )
            for one in waiting
        ]
        chosen = await self.app.push_screen_wait(ChoosingSheet(self.word("ward.who_gets", bed=tile.bed), choices))
        return str(chosen) if chosen else None

    def action_move(self) -> None:
        tile = self._patient()
        if tile is not None:
            self.run_worker(self._move(tile), group="people", exclusive=True)

    async def _move(self, tile: Tile) -> None:
        """To another ward, into a bed that is vacant there as far as this console knows, or into none yet."""
        from core.wards.commands import MoveStay

        rows = self.desk()
        if rows is None:
            return
        wards = [Choice(f"{ward_id}  {name}", ward_id) for ward_id, name in rows.wards if ward_id != rows.ward_id]
        bed = self.bed_word(tile.bed)
        ward_id = await self.app.push_screen_wait(ChoosingSheet(self.word("ward.move_where", bed=bed), wards))
        if ward_id is None:
            return
        bed_id = await self._bed_there(str(ward_id))
        if bed_id is not None:
            command = MoveStay(stay_id=tile.stay_id, ward_id=ward_id, bed_id=bed_id)
            said = self.word("ward.moved", bed=bed, to=bed_id or ward_id)
            await self.perform(command, act=self.word("ward.act_move", bed=bed), said=said)

    async def _bed_there(self, ward_id: str) -> str | None:
        """A vacant bed of that ward, "" for none yet, None when they went back."""
        from core.wards.queries import beds_of_ward

        door = self.ward_app.store.door
        if door is None:
            return None

        def vacant(db: Connection) -> list[str]:
            return [one.bed.id for one in beds_of_ward(db, ward_id) if one.is_vacant]

        beds = await self.ward_app.store.run(door.read, vacant)
        choices = [Choice(self.word("ward.no_bed_yet"), ""), *(Choice(bed, bed) for bed in beds)]
        title = self.word("ward.which_bed_there", ward=ward_id)
        chosen = await self.app.push_screen_wait(ChoosingSheet(title, choices))
        return chosen if isinstance(chosen, str) else None

    # -- away ---------------------------------------------------------------------------------------------------------

    def away_words(self, tile: Tile) -> str:
        """`dialysis, back 16:00`."""
        why = self.word(f"away.{tile.away}")
        if not tile.back_at:
            return self.word("ward.away_open", why=why)
        return self.word("ward.away_until", why=why, time=clock(tile.back_at))

    def action_away(self) -> None:
        """Elsewhere for a while: no tray comes by itself. The same key says that the patient is back."""
        tile = self._patient()
        if tile is not None:
            self.run_worker(self._back(tile) if tile.away else self._away(tile), group="people", exclusive=True)

    async def _away(self, tile: Tile) -> None:
        from core.wards.away import MarkAway, MarkBack

        bed = self.bed_word(tile.bed)
        choices = [Choice(self.word(f"away.{why}"), why) for why in AWAY_REASONS]
        title = self.word("ward.away_title", bed=bed)
        why = await self.app.push_screen_wait(ChoosingSheet(title, choices))
        if why is None:
            return
        typed = await self.app.push_screen_wait(TypeScreen(title, hint=self.word("ward.back_hint"), most=5))
        if typed is None:
            return
        try:
            until_at = next_hour(typed, after=self.console_app.now()) if typed else None
        except ValueError:
            return self.say(self.word("ward.bad_hour", text=typed), "soon")
        command = MarkAway(stay_id=tile.stay_id, why=why, until_at=until_at)
        back = MarkBack(stay_id=tile.stay_id)
        said = self.word("ward.is_away", bed=bed)
        await self.perform(command, act=self.word("ward.act_away", bed=bed), said=said, back=back)

    async def _back(self, tile: Tile) -> None:
        from core.wards.away import MarkBack

        bed = self.bed_word(tile.bed)
        said = self.word("ward.is_back", bed=bed)
        await self.perform(MarkBack(stay_id=tile.stay_id), act=self.word("ward.act_back", bed=bed), said=said)

    # -- home ---------------------------------------------------------------------------------------------------------

    def action_discharge(self) -> None:
        tile = self._patient()
        if tile is not None:
            self.run_worker(self._discharge(tile), group="people", exclusive=True)

    async def _discharge(self, tile: Tile) -> None:
        """It cannot be taken back here, so it is asked once, with what follows for the meals (R22)."""
        from core.wards.commands import Discharge

        bed = self.bed_word(tile.bed)
        question = AskScreen(
            self.word("ward.discharge_ask", bed=bed),
            yes=self.word("ward.discharge_yes"),
            no=self.word("ward.discharge_no"),
            text=[self.word("ward.discharge_meals", meal=tile.meal or self.word("ward.no_order_yet"))],
        )
        if await self.app.push_screen_wait(question):
            said = self.word("ward.discharged", bed=bed)
            act = self.word("ward.act_discharge", bed=bed)
            await self.perform(Discharge(stay_id=tile.stay_id), act=act, said=said)
