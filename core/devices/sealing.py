"""Bytes that only the server can open: sealed to the very key that consoles have pinned, on Curve25519's other side.

An Ed25519 key and an X25519 key are the same point seen twice (RFC 7748, 4.1): the key that a console learnt when it
was enrolled is enough, and no second one has to be kept, carried or lost.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PRIME = 2**255 - 19
KEY_BYTES = 32
TAG_BYTES = 16
NONCE = bytes(12)  # each sealing has a key of its own, so its one nonce never comes twice
INFO = b"dusangire sealed 1"


def seal(plain: bytes, server_key: bytes, chance: bytes, about: bytes = b"") -> bytes:
    """chance: 32 bytes, never used again. about: what stands beside it in plain sight and may not be altered either.

    Raises ValueError for a key that is none.
    """
    mine = X25519PrivateKey.from_private_bytes(chance)
    theirs = X25519PublicKey.from_public_bytes(_montgomery(server_key))
    public = mine.public_key().public_bytes_raw()
    key = _key(mine.exchange(theirs), public, server_key)
    return public + ChaCha20Poly1305(key).encrypt(NONCE, plain, about)


def unseal(sealed: bytes, seed: bytes, server_key: bytes, about: bytes = b"") -> bytes | None:
    """None when it was sealed for another key, or when one bit of it has changed."""
    mine = X25519PrivateKey.from_private_bytes(hashlib.sha512(seed).digest()[:KEY_BYTES])
    public = sealed[:KEY_BYTES]
    try:
        shared = mine.exchange(X25519PublicKey.from_public_bytes(public))
        return ChaCha20Poly1305(_key(shared, public, server_key)).decrypt(NONCE, sealed[KEY_BYTES:], about)
    except (InvalidTag, ValueError):
        return None


def _key(shared: bytes, public: bytes, server_key: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=public + server_key, info=INFO).derive(shared)


def _montgomery(edwards: bytes) -> bytes:
    """u = (1 + y) / (1 - y): the point's other name."""
    if len(edwards) != KEY_BYTES:
        raise ValueError("no key")
    y = int.from_bytes(edwards, "little") & ((1 << 255) - 1)
    if y in (1, PRIME - 1) or y >= PRIME:
        raise ValueError("no key")
    return ((1 + y) * pow(1 - y, -1, PRIME) % PRIME).to_bytes(KEY_BYTES, "little")
