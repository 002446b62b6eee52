"""Verdicts: a whole menu for one patient, and a recipe that changes under the meals of five thousand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from core.diets.verdict import judge_dish, read
from core.kernel.tx import Tx
from core.kernel.values import Origin
from core.menu.commands import SetIngredient
from core.store import log, migrations
from core.store.open import Store, open_server_store
from core.store.read import TxSource
from core.store.write import write_rows
from sync.server import due
from sync.server.perform import perform, submit
from tests import given
from tests.bench.ground import timed
from tests.bench.metric import Metric, median
from tests.core.diets.oracle import opinion
from tests.core.diets.people import demo_menu, patient, substances_of

DISHES, RUNS, PATIENTS = 200, 40, 5_000
TURN = 4  # acts: what the writer comes to by itself when a turn takes longer than it may
SOON = given.NOON + 1


def measure() -> Iterator[Metric]:
    yield _menu()
    yield from _sweep()


def _menu() -> Metric:
    """Beside the same opinions told by the slow reading of the rules."""
    menu = (demo_menu() * DISHES)[:DISHES]
    profile, person, used = patient(Random(3), substances_of(menu))

    def fast(served: int) -> None:
        someone = read(profile, serve_at=served, at=given.NOON)
        for facts, _ in menu:
            judge_dish(someone, facts, used=used)

    def slow() -> None:
        for _, plate in menu:
            opinion(person, plate, now=given.NOON, served=given.NOON)

    runs = [timed(partial(fast, given.NOON + run)) * 1_000 for run in range(RUNS)]
    return Metric("diets.menu_200_ms", median(runs), "ms", {"slow_reading_ms": timed(slow) * 1_000})


def _sweep() -> Iterator[Metric]:
    """From the change itself until no meal is behind it: every turn by itself, as the writer takes them, and what is
    judged beside them on a snapshot."""
    with TemporaryDirectory(prefix="dusangire-bench-") as folder:
        store = open_server_store(f"sqlite:///{Path(folder) / 'hospital.db'}")
        _fill(store)
        change = SetIngredient(
            ingredient_id="rice",
            name_en="x",
            name_fr="x",
            name_rw="x",
            verified=True,
            allergens=("fish",),
            sodium_mg=10,
        )
        first = [submit(change, op_id=given.op_id(), actor=given.LEAD, origin=Origin.CLI)]
        turns = [timed(partial(perform, store, given.NOON, first)) * 1_000]
        beside, began = 0.0, process_time()
        while True:
            started = perf_counter()
            acts = due.fallen(store, SOON)
            beside += perf_counter() - started
            if not acts:
                break
            for start in range(0, len(acts), TURN):
                turns.append(timed(partial(perform, store, SOON, acts[start : start + TURN])) * 1_000)
        cpu = process_time() - began
        store.close()
    peer = {"beside_the_writer_s": beside, "cpu_s": cpu, "turns": float(len(turns))}
    yield Metric("diets.sweep_5000_s", beside + sum(turns) / 1_000, "s", peer)
    yield Metric("diets.sweep_turn_max_ms", max(turns), "ms", {"first_ms": turns[0], "median_ms": median(turns)})


def _fill(store: Store) -> None:
    """Five thousand patients with a confirmed lunch of rice; every tenth must not have fish."""
    migrations.bring_up(store)
    with store.writing() as connection:
        log.create_hospital(connection, epoch="bench", at=given.MORNING, signing_seed="00" * 32, practice=True)
        tx = Tx(TxSource(connection, whole=True))
        given.hospital(tx)
        for number in range(PATIENTS):
            stay = given.stay(tx, allergies=("fish",) if number % 10 == 0 else ())
            given.order(tx, stay=stay, dishes=(given.RICE,))
        write_rows(connection, tx.written())
