"""One console: people press on its store, and its loop carries out what the conversation decides,
as the real one does."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from core import handlers
from core.kernel.message import Command
from core.kernel.refusal import Refusal
from core.store import queue
from core.store.open import StoreTrouble
from sync.client import conversation, desk, leases, sign_in, tidy
from sync.client.moment import server_time
from sync.client.talk import CHANCE_BYTES, Ask, Listen, Rest, Talk, Told, failed
from sync.ports import Answer
from sync.protocol import Op
from sync.simulation.chance import SeededChance, VirtualClock
from sync.simulation.disk import Crash, VirtualStore
from sync.simulation.journal import Broken, Deed, Journal
from sync.simulation.line import Line
from sync.simulation.signatures import signer
from sync.wire import decode_op, encode_op

RESTART_MS = 3_000
TIDY_MS = 30_000
NEW_ACTS = "SELECT place, op_id, kind, actor_id, body FROM op WHERE place > ? ORDER BY place"


class Around(Protocol):
    """What a console needs of the world around it."""

    journal: Journal

    def after(self, ms: int, do: Callable[[], None]) -> None: ...

    def ask(self, console: Console, ask: Ask) -> None: ...

    def listen(self, console: Console, listen: Listen) -> None: ...

    def leave(self, console: Console) -> None: ...

    def will_take(self, console: Console) -> None: ...

    def took(self, console: Console, body: bytes, told: Told) -> None: ...

    def pressed(self, console: Console, op_id: bytes, command: Command) -> None: ...

    def stumbled(self, console: Console, error: Exception) -> None: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a console is to the server."""

    name: str
    kind: str  # its place in `hospital.CONSOLES`
    device_id: str
    seed: bytes


class Console:
    """See the module."""

    def __init__(
        self,
        world: Around,
        who: Identity,
        store: VirtualStore,
        clock: VirtualClock,
        dice: SeededChance,
        acts_kept_ms: int,
    ) -> None:
        self.world, self.who, self.store, self.clock, self.dice = world, who, store, clock, dice
        self._acts_kept_ms, self._tidy_due = acts_kept_ms, 0
        self.sign = signer(who.seed)
        self.talk = Talk()
        self.on = True
        self.life = 0  # a word meant for an earlier process reaches nobody
        self.busy = False
        self.has_stream = False
        self.came: deque[bytes | None] = deque()
        self.places = 0  # acts up to here are in the journal
        self.line = Line()
        self.paused_until = 0  # its process stands still until then
        self._held: deque[Callable[[], None]] = deque()
        self.kept_at = 0  # when it last asked itself whether its lease is over
        self._wake = 0
        self.look()

    @property
    def name(self) -> str:
        return self.who.name

    # -- people -----------------------------------------------------------------------------------------------------

    def press(self, person_id: str, command: Command, expect: int = 0) -> desk.Pressed | None:
        """What the door does: who may, then one act. None when it was not saved, for whatever reason."""
        moment, chance = self.clock.now(), self.dice.bytes(desk.CHANCE_BYTES)
        journal = self.world.journal
        journal.unsure[chance[10:26]] = (person_id, command)
        journal.unsure[_other(chance[10:26])] = (person_id, None)
        handle = handlers.find(command.name)
        assert handle is not None
        pressed: desk.Pressed | None = None
        try:
            with self.store.reading() as connection:
                signed = sign_in.signed(connection, moment, person_id, handle.roles)
            pressed = desk.press(self.store, moment, chance, signed, command, expect=expect)
        except StoreTrouble as trouble:
            journal.count(f"at the press: {trouble.code}")
            journal.tell(self.name, f"{person_id} {command.name}: {trouble.code}, nothing was saved")
        except Refusal as refusal:
            journal.count(f"at the press: {refusal.code}")
            journal.tell(self.name, f"{person_id} {command.name} {command.entity[-6:]}: refused, {refusal.code}")
        except Crash:
            journal.tell(self.name, f"{person_id} {command.name}: the console dies")
            self.crash()
            return None
        except Exception as error:
            self._stumble(error)
        else:
            journal.count(f"pressed: {command.name}")
            shown = "needs the server" if pressed.needs_server else "shown"
            journal.tell(self.name, f"{person_id} {command.name} {command.entity[-6:]} saved, {shown}")
        self.look(pressed.op_id if pressed is not None else b"", command)
        if pressed is not None:
            self.world.pressed(self, pressed.op_id, command)
        self.nudge()
        return pressed

    def press_of_another_version(self, person_id: str, kind: str, v: int, args: bytes) -> None:
        """A console of a newer version was here: an act that this server cannot read (invariant 19)."""
        moment, chance = self.clock.now(), self.dice.bytes(desk.CHANCE_BYTES)
        self.world.journal.unsure[chance[10:26]] = (person_id, None)
        with self.store.writing() as connection:
            me, cursor = queue.this(connection), queue.read_cursor(connection)
            assert me is not None and cursor is not None
            place, dseq = queue.next_place(connection)
            at = server_time(cursor, moment).at
            op_id = hashlib.sha256(chance).digest()[:16]
            act = Op(
                op_id,
                chance[10:26],
                dseq,
                person_id,
                "",
                kind,
                v,
                "",
                0,
                cursor.seq,
                args,
                at,
                moment.mono,
                moment.boot,
                0,
            )
            values = {
                "place": place,
                "dseq": dseq,
                "incarnation": me.incarnation,
                "op_id": op_id,
                "kind": kind,
                "entity": "",
                "actor_id": person_id,
                "made_at": at,
                "body": encode_op(act),
            }
            queue.keep_op(connection, values, {})
        self.world.journal.tell(self.name, f"{person_id} {kind} version {v}, by a newer console")
        self.look(op_id)
        self.nudge()

    def look(self, sure: bytes = b"", command: Command | None = None) -> None:
        """Every act that is in the store now and was not: what people pressed, also those who never saw it saved."""
        journal = self.world.journal
        journal.check("N01" if sure else "N05")
        found = self.store.look(NEW_ACTS, self.places)
        for place, op_id, kind, actor_id, body in found:
            self.places = place
            if op_id in journal.deeds:
                continue
            meant = journal.unsure.get(decode_op(body).salt)
            if meant is None:
                raise Broken("N05", f"{kind} is in the store of {self.name} and nobody pressed it")
            told = command if op_id == sure else meant[1]
            journal.note(Deed(op_id, self.name, actor_id, kind, journal.now, told, sure=op_id == sure))
        if sure and sure not in journal.deeds:
            raise Broken("N01", f"an act that {self.name} said is saved is not in its store")

    # -- the loop -----------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One turn of the loop: frames first, then the next step."""
        if not self.on or self.busy or self._waits(self.turn):
            return
        try:
            while self.came:
                self._take_frame(self.came.popleft())
            if self.has_stream and not self.talk.listening:
                self.close_stream()
            self._keep_lease()
            step = conversation.next_step(self.store, self.talk, self.clock.now(), self.sign)
        except Crash:
            self.crash()
            return
        except Exception as error:
            self._stumble(error)
            return
        if isinstance(step, Ask):
            self.busy = True
            self.world.ask(self, step)
        elif isinstance(step, Listen):
            self.close_stream()
            self.world.listen(self, step)
        else:
            self._tidy_up(step)

    def _tidy_up(self, rest: Rest) -> None:
        """Nothing to say: what a backup of the server holds need not be kept here for ever."""
        if self.world.journal.now < self._tidy_due:
            return self._rest(rest)
        try:
            if tidy.turn(self.store, self.clock.now(), kept_ms=self._acts_kept_ms):
                self.world.journal.count("acts that were let go")
            else:
                self._tidy_due = self.world.journal.now + TIDY_MS
        except StoreTrouble as trouble:
            self.world.journal.count(f"while tidying up: {trouble.code}")
        except Crash:
            return self.crash()
        return self._rest(rest)

    def answered(self, life: int, ask: Ask, answer: Answer | None) -> None:
        """What came of a request; None: nothing, and nobody knows whether it arrived."""
        if life != self.life or self._waits(lambda: self.answered(life, ask, answer)):
            return
        self.busy = False
        moment, chance = self.clock.now(), self.dice.bytes(CHANCE_BYTES)
        try:
            if answer is None:
                self.talk = conversation.unanswered(self.talk, moment, chance, ask)
            else:
                self.world.will_take(self)
                told = conversation.answered(self.store, self.talk, moment, chance, ask, answer)
                self.talk = told.talk
                self.world.took(self, answer.body if ask.what == "pull" and answer.status == 200 else b"", told)
        except Crash:
            self.crash()
            return
        except Exception as error:
            self._stumble(error)
            return
        self.turn()

    def opened(self, life: int, found: Answer | None, *, stream: bool) -> None:
        """What came of the wish to listen."""
        if life != self.life or self._waits(lambda: self.opened(life, found, stream=stream)):
            return
        self.busy = False
        moment, chance = self.clock.now(), self.dice.bytes(CHANCE_BYTES)
        if stream:
            self.has_stream = True
            self.talk = conversation.listening(self.talk, moment)
        elif found is not None:
            self.talk = conversation.stream_refused(self.talk, moment, chance)
        else:
            self.talk = conversation.stream_ended(self.talk, moment, chance)
        self.turn()

    def heard(self, life: int, frame: bytes | None) -> None:
        """A frame of the live stream, or its end."""
        if self._waits(lambda: self.heard(life, frame)):
            return
        if life == self.life and self.has_stream:
            self.came.append(frame)
            self.turn()

    def _take_frame(self, frame: bytes | None) -> None:
        moment, chance = self.clock.now(), self.dice.bytes(CHANCE_BYTES)
        if not self.has_stream:
            return
        if frame is None:
            self.has_stream = False
            self.world.leave(self)
            self.talk = conversation.stream_ended(self.talk, moment, chance)
            return
        self.world.will_take(self)
        told = conversation.frame(self.store, self.talk, moment, chance, frame)
        self.talk = told.talk
        self.world.took(self, frame, told)

    def _keep_lease(self) -> None:
        """What is lent goes by itself when the server has not been heard for too long."""
        ended = leases.keep(self.store, self.clock.now())
        self.kept_at = self.world.journal.now
        if ended:
            self.world.journal.count("leases that ended")
            self.world.journal.tell(self.name, "gives back what was lent to it")

    def _waits(self, then: Callable[[], None]) -> bool:
        """Whether this process stands still now: what it would do comes when it goes on, in its sequence."""
        left = self.paused_until - self.world.journal.now
        if left <= 0 and not self._held:
            return False
        self._held.append(then)
        if len(self._held) == 1:
            self.world.after(left, self._go_on)
        return True

    def _go_on(self) -> None:
        left = self.paused_until - self.world.journal.now
        if left > 0:
            self.world.after(left, self._go_on)
            return
        held, self._held = self._held, deque()
        for then in held:
            then()

    @property
    def can_be_pressed(self) -> bool:
        return self.on and self.paused_until <= self.world.journal.now

    def close_stream(self) -> None:
        if self.has_stream:
            self.has_stream = False
            self.came.clear()
            self.world.leave(self)

    def _rest(self, rest: Rest) -> None:
        self._wake += 1
        wake, life = self._wake, self.life
        wait = max(1, rest.until - self.clock.now().mono)

        def woken() -> None:
            if wake == self._wake and life == self.life:
                self.turn()

        self.world.after(wait, woken)

    def _stumble(self, error: Exception) -> None:
        """The real loop waits and tries again; here somebody wants to know why."""
        self.world.stumbled(self, error)
        self.talk = failed(self.talk, self.clock.now(), self.dice.bytes(CHANCE_BYTES), trouble="sync_trouble")
        self._rest(Rest(self.talk.not_before))

    def nudge(self) -> None:
        life = self.life
        self.world.after(self.dice.between(1, 300), lambda: self.turn() if life == self.life else None)

    # -- its life -----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """The process ends; the store stays as the last commit left it."""
        self.close_stream()
        self.on, self.busy = False, False
        self.life += 1
        self.came.clear()
        self._held.clear()
        self.paused_until = 0
        self.store.spare()

    def start(self) -> None:
        self.on = True
        self.talk = Talk()
        self.look()
        self.turn()

    def crash(self, stays_off_ms: int = RESTART_MS) -> None:
        self.stop()
        life = self.life
        self.world.after(stays_off_ms, lambda: self.start() if life == self.life else None)

    def waiting(self) -> int:
        with self.store.reading() as connection:
            return queue.waiting(connection)

    def cursor(self) -> queue.Cursor:
        with self.store.reading() as connection:
            found = queue.read_cursor(connection)
        assert found is not None
        return found

    def patient(self) -> None:
        """Its person asks it to try again now."""
        self.talk = replace(self.talk, not_before=0)
        self.nudge()


def _other(salt: bytes) -> bytes:
    """The salt of the attempt that is queued in place of a refused act."""
    return bytes(byte ^ 0x5A for byte in salt)
