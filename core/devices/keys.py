"""The keys of consoles: Ed25519 from a 32 byte seed that never leaves its machine,
and the one-time codes that let one in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

SEED_BYTES = 32
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing that is read as something else
CODE_LENGTH = 8
CODE_BYTES = 5  # of chance for one code: 40 bits, ten minutes, counted tries
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})


def public_key(seed: bytes) -> bytes:
    """The 32 bytes that everybody may know. Raises ValueError when the seed is not 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signer(seed: bytes) -> Callable[[bytes], bytes]:
    """What a console signs its messages with: 64 bytes a message."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of this key has signed exactly this message. False for a key or signature that is none."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def code_from(chance: bytes) -> str:
    """A one-time code to read aloud and type, `7KQ2-M4XD`, from CODE_BYTES bytes of chance."""
    number = int.from_bytes(chance[:CODE_BYTES], "big")
    letters = "".join(CODE_LETTERS[number >> 5 * place & 31] for place in reversed(range(CODE_LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def code_hash(code: str) -> str:
    """What the server keeps of a code, hex; the same however it was typed."""
    plain = "".join(letter for letter in code.upper().translate(READ_AS) if letter.isalnum())
    return hashlib.sha256(f"dusangire enrolment code {plain}".encode()).hexdigest()
