"""One simulated day: virtual time, the network between consoles and servers, people who press, and what goes wrong.

One thread, one queue of events, all chance from the seed: the same seed tells the same story.
"""

from __future__ import annotations

import heapq
import traceback
from collections.abc import Callable

from core.kernel.message import Command
from sync.client.talk import Ask, Listen, Told
from sync.ports import Answer
from sync.protocol import SILENCE_MS, Changes
from sync.server.reception import Asked
from sync.simulation import checks_console, checks_log, checks_meals, checks_sent
from sync.simulation.chance import SeededChance, VirtualClock
from sync.simulation.checks_console import Watch
from sync.simulation.console import Console, Identity
from sync.simulation.disk import Shelf, VirtualDisk
from sync.simulation.food_book import Book, told_again
from sync.simulation.hospital import Template
from sync.simulation.journal import Broken, Deed, Journal
from sync.simulation.line import ASK_TIMEOUT_MS, CONNECT_MS, Line, Weather, cut_short, fate
from sync.simulation.plan import Plan
from sync.simulation.replica import Replica
from sync.simulation.servers import Servers
from sync.simulation.serving import VirtualStream
from sync.wire import WireError, decode

CALM = Weather()


class World:
    """See the module. Steps of the day are in `day.py`, what goes wrong in `trouble.py`."""

    def __init__(self, seed: int, plan: Plan, template: Template, replica: Replica, shelf: Shelf, begun: Book) -> None:
        self.seed, self.plan, self.template, self.shelf = seed, plan, template, shelf
        self.journal = Journal(now=template.at, begun=template.at)
        self.replica = replica.copy()
        self._begun = begun
        self.book = begun.copy()
        self.dice = SeededChance(f"{seed} world")
        self.net = SeededChance(f"{seed} net")
        self.weather = plan.weather
        self._at = template.at
        self._leapt = 0
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self.consoles: list[Console] = []
        self.watches: dict[str, Watch] = {}
        self.streams: dict[str, tuple[int, VirtualStream]] = {}
        self._last_frame: dict[str, int] = {}
        self.numbers = 0
        self.placed = 0  # consoles that ever stood here
        self.copies: dict[str, tuple[bytes, int]] = {}  # console -> a copy of its store, and how many acts it has
        self.disk = VirtualDisk(shelf)
        for act, command in template.acts.items():
            self.journal.deeds[act] = Deed(act, "template", "", command.name, 0, command)
        self.server_store = shelf.take(template.server, whole=True)
        self.servers = Servers(self, self.server_store, plan.snapshot_behind, plan.log_kept_ms)
        for kind in plan.consoles:
            self.place(Identity(kind, kind, template.ids[kind], template.seeds[kind]), template.consoles[kind])

    def close(self) -> None:
        self.disk.clear()
        self.shelf.give_back(self.server_store)

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self._at + self._leapt

    def after(self, ms: int, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self._at + max(0, ms), self._count, do))

    def leap(self, ms: int) -> None:
        """So much time passes for everybody at once; what was on its way arrives late."""
        self._leapt += ms
        self.journal.now = self.now

    def run_until(self, at: int) -> None:
        """Everything that happens up to an instant."""
        end = at - self._leapt
        while self._events and self._events[0][0] <= end:
            self._at, _, do = heapq.heappop(self._events)
            self.journal.now = self.now
            do()
        self._at = max(self._at, end)
        self.journal.now = self.now

    # -- consoles -----------------------------------------------------------------------------------------------------

    def place(self, who: Identity, content: bytes) -> Console:
        """A console stands here, with this store."""
        dice = SeededChance(f"{self.seed} {who.name}")
        clock = VirtualClock(
            lambda: self.now,
            who.name,
            wrong_by=dice.between(-90_000, 90_000),
            drift=dice.between(-200, 200) * dice.one_of((1, 1, 1, 50)),  # a quartz, or one that is one in a hundred off
        )
        store = self.disk.put(who.name, content)
        self.watches[who.name] = Watch()
        console = Console(self, who, store, clock, dice, self.plan.acts_kept_ms)
        self.consoles.append(console)
        self.placed += 1
        self.after(dice.between(0, 2_000), console.start)
        return console

    def acts_of(self, console: Console, *, after: int) -> list[bytes]:
        """Ids of what was pressed at a console after so many acts, as far as its store has them."""
        rows = console.store.look("SELECT op_id FROM op WHERE place > ? ORDER BY place", after)
        return [op_id for (op_id,) in rows]

    def quiet(self) -> None:
        """Nothing goes wrong any more."""
        self.weather = CALM
        self.servers.spare()
        for console in self.consoles:
            console.line = Line()
            console.paused_until = 0
            console.store.spare()
            console.store.set_full(is_full=False)

    def restored(self) -> None:
        """The hospital is an older one: what was seen of cursors counts from here."""
        for name in self.watches:
            self.watches[name].touched = {}
        commands = {op_id: deed.command for op_id, deed in self.journal.deeds.items()}
        self.book = told_again(self._begun, self.replica.acts[self._begun.seq :], commands)

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    # -- requests -----------------------------------------------------------------------------------------------------

    def ask(self, console: Console, ask: Ask) -> None:
        life, watch = console.life, self.watches[console.name]
        watch.asks += 1
        line = console.line
        if line.is_cut(self.now):
            self.after(CONNECT_MS, lambda: console.answered(life, ask, None))
            return
        drawn = fate(self.net, self.weather)
        if drawn.said:
            self.journal.count(f"net: {drawn.said}")
            self.journal.tell(console.name, f"asks {ask.path.split('?')[0]}: {drawn.said}")
        over, begun = [False], [False]

        def settle(answer: Answer | None) -> None:
            if not over[0]:
                over[0] = True
                console.answered(life, ask, answer if line.hears(self.now) else None)

        path, _, query = ask.path.partition("?")
        asked = Asked(ask.method, path, query, ask.headers, ask.body)
        up = line.ms_for(self.now, len(ask.body))
        self.after(ASK_TIMEOUT_MS + up, lambda: None if begun[0] else settle(None))
        if drawn.instead is not None:
            instead = drawn.instead
            self.after(drawn.answer_after or 0, lambda: settle(instead))
        if not line.is_heard(self.now):
            return

        def reply_after(back: int | None) -> Callable[[Answer | None], None]:
            def reply(answer: Answer | None) -> None:
                if back is None:
                    return
                if answer is not None and drawn.is_cut_short:
                    answer = cut_short(self.net, answer)
                begun[0] = True  # bytes come: the link is patient as long as they do
                down = line.ms_for(self.now, len(answer.body)) if answer is not None else 0
                self.after(back + down, lambda: settle(answer))

            return reply

        for place, arrives in enumerate(drawn.arrives):
            reply = reply_after(drawn.answer_after if place == 0 else None)
            self.after(arrives + up, lambda reply=reply: self.servers.ask(asked, reply))  # type: ignore[misc]  # bound now

    def sent(self, number: int, asked: Asked, answer: Answer) -> None:
        """A process has answered: the trace keeps what it said.
        What it told of rows must be its reader's to know (10)."""
        checks_sent.check_answer(self.servers.store, self.replica, self.now, asked, answer)
        self.journal.check(("10", "19"))
        self.journal.trace(f"{number} {asked.method} {asked.path} {answer.status} {len(answer.body)}")

    # -- streams ------------------------------------------------------------------------------------------------------

    def listen(self, console: Console, listen: Listen) -> None:
        life = console.life
        console.busy = True
        line = console.line
        if not line.is_heard(self.now) or not line.hears(self.now) or self.net.happens(self.weather.lose):
            self.after(CONNECT_MS, lambda: console.opened(life, None, stream=False))
            return
        path, _, query = listen.path.partition("?")
        number, found = self.servers.listen(Asked("GET", path, query, listen.headers))

        if isinstance(found, VirtualStream):
            for frame in found.waiting():
                checks_sent.nothing_leaks(self.replica, console.who.device_id, self.now, decode(frame, Changes))

        def opened() -> None:
            if isinstance(found, VirtualStream):
                if life != console.life:
                    self._leave(number, found)
                    return
                self.streams[console.name] = (number, found)
                self._last_frame[console.name] = self.now
                console.opened(life, None, stream=True)
                self._deliver(console, number, found, is_fresh=False)
                self._mind_silence(console, found)
            else:
                console.opened(life, found, stream=False)

        self.after(self.net.between(2, 200), opened)

    def leave(self, console: Console) -> None:
        number, stream = self.streams.pop(console.name, (-1, None))
        if stream is not None:
            self._leave(number, stream)

    def _leave(self, number: int, stream: VirtualStream) -> None:
        process = self.servers.processes[number]
        if process is not None:
            process.leave(stream)

    def streams_of(self, number: int, *, gone: bool) -> None:
        """A process has spoken on its streams, or is gone with them."""
        for console in self.consoles:
            of, stream = self.streams.get(console.name, (-1, None))
            if of == number and stream is not None:
                if gone:
                    stream.is_over = True
                self._deliver(console, number, stream)

    def _deliver(self, console: Console, number: int, stream: VirtualStream, *, is_fresh: bool = True) -> None:
        """In their order, a little later. is_fresh: said just now, and not on opening."""
        if stream.is_broken or not console.line.hears(self.now):
            stream.is_broken = True
            return
        life, frames = console.life, stream.take()
        for frame in frames if is_fresh else ():
            if frame:
                checks_sent.nothing_leaks(self.replica, console.who.device_id, self.now, decode(frame, Changes))
        ends = stream.is_over and not stream.is_told
        stream.is_told = stream.is_told or ends
        wait = self.net.between(1, 150) + console.line.ms_for(self.now, sum(map(len, frames)))
        arrives = max(self.now + wait, self._last_frame[console.name] + 1)
        self._last_frame[console.name] = arrives

        def come() -> None:
            if self.streams.get(console.name, (-1, None))[1] is not stream or stream.is_broken:
                return
            for frame in frames:
                console.heard(life, frame)
            if ends:
                console.heard(life, None)

        if frames or ends:
            self.after(arrives - self.now, come)

    def _mind_silence(self, console: Console, stream: VirtualStream) -> None:
        """The console's own patience: two heartbeats that do not come, and it gives the stream up."""
        life, name = console.life, console.name

        def look() -> None:
            if life != console.life or self.streams.get(name, (-1, None))[1] is not stream:
                return
            silent = self.now - self._last_frame[name]
            if silent >= SILENCE_MS:
                console.heard(life, None)
            else:
                self.after(SILENCE_MS - silent, look)

        self.after(SILENCE_MS, look)

    # -- what is watched ----------------------------------------------------------------------------------------------

    def committed(self) -> bool:
        """A server has done a step: what is new in the log is checked at once. Whether there was anything."""
        self.servers.is_watched = True
        try:
            fresh = self.replica.read(self.server_store)
        finally:
            self.servers.is_watched = False
        deeds = self.journal.deeds
        for act in fresh:
            self.journal.count(f"{act.origin}: {act.outcome}")
            if act.code:
                self.journal.count(f"verdict: {act.code}")
            after_all = " after all" if act.is_mark else ""
            said = f"{act.seq} {act.actor_id} {act.kind}{after_all} {act.outcome} {act.code}"
            self.journal.tell("the log", said.rstrip())
        checks_log.check_acts(self.journal, self.replica, fresh)
        for act in fresh:
            deed = deeds.get(act.of)
            checks_meals.check_act(self.journal, self.book, act, deed.command if deed is not None else None)
        return bool(fresh)

    def will_take(self, console: Console) -> None:
        checks_console.see(self.watches[console.name], console)

    def took(self, console: Console, body: bytes, told: Told) -> None:
        changes = None
        if body:
            try:
                changes = decode(body, Changes)
            except WireError:
                changes = None
        watch = self.watches[console.name]
        checks_console.check_take(
            watch, console, self.replica, self.journal, self.servers.epoch, changes, told.replayed
        )

    def pressed(self, console: Console, op_id: bytes, command: Command) -> None:
        """Somebody was let through at a press: by what this console knows they may."""
        if command.name in checks_meals.JUDGED_AT_THE_PRESS:
            checks_meals.pressed_within_the_rules(self.journal, self.book, console.store, command, op_id)

    def stumbled(self, console: Console, error: Exception) -> None:
        if isinstance(error, Broken):
            raise error
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise Broken("shell", f"{console.name} stumbled: {error!r} in {where.filename}:{where.lineno}") from error

    def check_everything(self) -> None:
        """At quiet points and now and then: every store, whole."""
        self.journal.count("whole checks")
        for console in self.consoles:
            checks_console.check_store(console, self.replica, self.journal, self.shelf, self.servers.epoch)
        checks_log.chains_hold(self.server_store, self.replica)
        self.journal.check(("N06", "N21"))
