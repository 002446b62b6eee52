"""Processes that are killed in the middle of their work: `python -m tests.stories.dying press|judge FOLDER ROUNDS`.

A child works on a real file and prints the id of each act once it was told that it is saved; its parent kills it with
SIGKILL after so many ids, again and again, and prints all of them.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from core.kernel.values import Actor, Origin, Role, uuid7
from core.store import home
from core.store.home import Home
from core.store.open import open_server_store
from core.store.vault import Vault
from core.wards.commands import OpenStay
from sync.client import desk, sign_in
from sync.server.perform import perform, submit
from tests.sync.client.hospital import NOON, moment

NURSE = "nurse-1"
MOST_IDS = 12


def press(folder: Path) -> None:
    """A console over its SQLCipher file: an act is saved when the press returns."""
    store = home.open_device(Home(folder, Vault(folder)))
    while True:
        command = OpenStay(stay_id=f"stay-{os.urandom(6).hex()}", ward_id="A", full_name="Somebody")
        with store.reading() as connection:
            signed = sign_in.signed(connection, moment(1_000), NURSE, {Role.NURSE})
        pressed = desk.press(store, moment(1_000), os.urandom(desk.CHANCE_BYTES), signed, command)
        say(pressed.op_id)


def judge(folder: Path) -> None:
    """A server over its file: an act is in the log when the outcome is told."""
    store = open_server_store(f"sqlite:///{folder / 'hospital.db'}")
    clerk = Actor("clerk", frozenset({Role.ADMIN}))
    while True:
        turn = []
        for _ in range(3):
            command = OpenStay(stay_id=f"stay-{os.urandom(6).hex()}", ward_id="A", full_name="Somebody")
            turn.append(submit(command, op_id=uuid7(NOON, os.urandom(10)), actor=clerk, origin=Origin.CLI))
        for outcome in perform(store, NOON + 10_000, turn):
            assert outcome is not None
            say(outcome.op_id)


def say(op_id: bytes) -> None:
    """In one write: a line is there whole, or not at all."""
    os.write(1, op_id.hex().encode() + b"\n")


def kill_again_and_again(work: Callable[[Path], None], folder: Path, rounds: int) -> list[str]:
    dice, said = random.Random(rounds), []
    for _ in range(rounds):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(writing, 1)
            work(folder)
        os.close(writing)
        with os.fdopen(reading, "rb") as lines:
            for _ in range(dice.randint(1, MOST_IDS)):
                said.append(lines.readline().decode().strip())
            os.kill(child, signal.SIGKILL)
            said.extend(line.decode().strip() for line in lines)  # what was told before the end
        os.waitpid(child, 0)
    return [op_id for op_id in said if len(op_id) == 32]


if __name__ == "__main__":
    doing = {"press": press, "judge": judge}[sys.argv[1]]
    print("\n".join(kill_again_and_again(doing, Path(sys.argv[2]), int(sys.argv[3]))))
