"""How long both ends wait, and how often they try again: one table, and nowhere else a number of that kind.

A hospital's line is a phone's on its worst day. Whoever waits goes on working; nothing here is ever waited for by a
person at a key. `docs/decisions/0007-how-long-we-wait.md` shows the same rows with their reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from core.store.open import BUSY_MS
from sync.protocol import HEARTBEAT_MS, SILENCE_MS

# -- a console asks ---------------------------------------------------------------------------------------------------

CONNECT_MS = 5_000
ANSWER_MS = 15_000
FIRST_WAIT_MS = 500
LONGEST_WAIT_MS = 30_000
LONGEST_LINK_WAIT_MS = 1_000
REFUSED_WAIT_MS = 60_000
LONGEST_ASKED_MS = 120_000
UPGRADE_MS = 600_000
ENROL_TRIES = 3

# -- a console listens ------------------------------------------------------------------------------------------------

POLL_MS = 5_000
FRESHEN_MS = 600_000
STREAM_TRIES = 3
POLL_INSTEAD_MS = 300_000
WATCH_MS = 250
CONSOLE_TELL_MS = 30_000
STOP_MS = 5_000

# -- the server -------------------------------------------------------------------------------------------------------

BUSY_WAIT_MS = 2_000
DUE_MS = 2_000
HEARD_MS = 5_000
SERVER_TELL_MS = 10_000
LOOK_MS = 500
LOOK_AGAIN_MS = 2_000
CLAIM_MS = 120_000
CLAIM_WAITS_MS = (10_000, 60_000, 300_000, 1_800_000, 7_200_000, 28_800_000)
GRACE_MS = 10_000
KEEP_ALIVE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Wait:
    """One row. value: ms, or how often where `times`."""

    value: int
    what: str
    then: str
    times: bool = False

    def shown(self) -> str:
        """As the document shows it: `500 ms`, `5 s`, `10 min`, `3 times`."""
        if self.times:
            return f"{self.value} times"
        if self.value % 1_000:
            return f"{self.value} ms"
        seconds = self.value // 1_000
        return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


TABLE = MappingProxyType(
    {
        "connect": Wait(CONNECT_MS, "to reach the server at all", "no answer; wait, try again"),
        "answer": Wait(ANSWER_MS, "between two bytes of an answer", "no answer; the same is said again"),
        "first_wait": Wait(FIRST_WAIT_MS, "before the second try, cut by chance to half at least", "twice as long"),
        "longest_wait": Wait(LONGEST_WAIT_MS, "between two tries that the server itself fails", "the same again"),
        "longest_link_wait": Wait(LONGEST_LINK_WAIT_MS, "between two knocks at a line that is down", "the same again"),
        "refused_wait": Wait(REFUSED_WAIT_MS, "after the server said no to this console", "it greets again"),
        "longest_asked": Wait(LONGEST_ASKED_MS, "the most patience that a server can ask for", "the console tries"),
        "upgrade": Wait(UPGRADE_MS, "before a console that may only push asks whether it may pull", "the same again"),
        "enrol": Wait(ENROL_TRIES, "an enrolment without an answer", "the person is told", times=True),
        "silence": Wait(SILENCE_MS, "without a word on an open stream", "OFFLINE; the stream is opened anew"),
        "heartbeat": Wait(HEARTBEAT_MS, "a stream with nothing to say", "the server says that it is there"),
        "poll": Wait(POLL_MS, "between two pulls where no stream comes through", "the same again"),
        "freshen": Wait(FRESHEN_MS, "of a quiet stream before a pull all the same", "the same again"),
        "streams": Wait(STREAM_TRIES, "streams in a row without a word", "polling instead", times=True),
        "poll_instead": Wait(POLL_INSTEAD_MS, "of polling before a stream is tried again", "one more stream"),
        "watch": Wait(WATCH_MS, "between two looks for what another program here wrote", "the same again"),
        "console_tells": Wait(CONSOLE_TELL_MS, "between two tellings of a console's errors", "those since, together"),
        "stop": Wait(STOP_MS, "for a console's background to end", "the store is left open to it"),
        "busy": Wait(BUSY_WAIT_MS, "that a server with too much to do asks for", "the same is said again"),
        "store_busy": Wait(BUSY_MS, "for another program to leave the store", "refused, and nothing is half done"),
        "due": Wait(DUE_MS, "between two looks at what falls due", "the same again"),
        "heard": Wait(HEARD_MS, "between two notes that a console on a stream is there", "the same again"),
        "server_tells": Wait(SERVER_TELL_MS, "between two tellings of the server's errors", "those since, together"),
        "look": Wait(LOOK_MS, "between two looks at the log of another process", "the same again"),
        "look_again": Wait(LOOK_AGAIN_MS, "after a database that did not answer", "the same again"),
        "claim": Wait(CLAIM_MS, "for whoever has claimed a message to the outside", "another process takes it"),
        "claim_tries": Wait(len(CLAIM_WAITS_MS) + 1, "a message to the outside", "shown as failed", times=True),
        "claim_first": Wait(CLAIM_WAITS_MS[0], "after its first failed try", "one more"),
        "claim_last": Wait(CLAIM_WAITS_MS[-1], "before its last try", "one more"),
        "grace": Wait(GRACE_MS, "for requests under way when the server stops", "they are cut; consoles say it again"),
        "keep_alive": Wait(KEEP_ALIVE_MS, "for the next request on an open line", "the line is closed"),
    }
)


def rows() -> tuple[str, ...]:
    """The table as the document holds it, a line a row."""
    return tuple(f"| `{name}` | {wait.shown()} | {wait.what} | {wait.then} |" for name, wait in TABLE.items())


if __name__ == "__main__":
    print("\n".join(rows()))  # noqa: T201 - for the document
