"""The demo hospital's staff, with the PINs and passwords of practice: hashed before the act, as in life."""

from __future__ import annotations

from argon2.low_level import Type, hash_secret

from core.people.commands import AddPerson, GiveGrant, SetPassword, SetPin
from core.store.demo import pages
from core.store.demo.script import Script

# Practice only, so that a demo begins at once. A hash states its own cost, and whoever checks it reads it there.
QUICK_PASSES = 1
QUICK_KIBIBYTES = 1_024
QUICK_LANES = 1
HASH_BYTES = 32
SALT_BYTES = 16


def employ(script: Script, at: int) -> None:
    for one in pages.staff():
        script.imported(
            at,
            AddPerson(
                person_id=one["code"],
                display=one["display"],
                full_name=one["full_name"],
                email=f"{one['code']}@demo.example",
                supervisor_id=one["supervisor"],
            ),
        )
        script.imported(at, GiveGrant(person_id=one["code"], role=one["role"], ward_id=one["ward"]))
        password = quick_hash(one["password"], salt=script.word("password", one["code"]))
        script.imported(at, SetPassword(person_id=one["code"], password_hash=password))
        pin = quick_hash(one["pin"], salt=script.word("pin", one["code"]))
        script.imported(at, SetPin(person_id=one["code"], pin_hash=pin))


def quick_hash(secret: str, *, salt: bytes) -> str:
    return hash_secret(
        secret.encode(),
        salt[:SALT_BYTES],
        time_cost=QUICK_PASSES,
        memory_cost=QUICK_KIBIBYTES,
        parallelism=QUICK_LANES,
        hash_len=HASH_BYTES,
        type=Type.ID,
    ).decode()
