"""Whoever acts by name at the command line shows first that it is them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from admin_cli import asked

if TYPE_CHECKING:
    from core.store.open import Store


def prove(store: Store, person: str) -> None:
    """Asks for their password. Raises Refusal("wrong_password"): the same for a person that does not exist."""
    from core.kernel.refusal import Refusal
    from core.people.model import Credential
    from core.people.passwords import matches
    from core.store.read import TxSource

    typed = asked.once(f"Password of {person}")
    with store.reading() as connection:
        credential = TxSource(connection, whole=True).rows(Credential, [person]).get(person)
    if credential is None or not matches(credential.password_hash, typed):
        raise Refusal("wrong_password")
