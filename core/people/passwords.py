"""Passwords and PINs as argon2id hashes, made before any command; and which of them are too easy to guess."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.kernel.refusal import Refusal

# Source: OWASP ASVS 5.0 11.4.2; 19 MiB, two passes: about 55 ms, so a shift change signs in at dozens a second
COST = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST_PASSWORD = 15  # alone, without a second factor (ASVS 6.2.9)
LONGEST_PASSWORD = 256
PIN_DIGITS = 6
FEWEST_DIFFERENT = 3  # digits of a PIN, letters of a password twice that


def hash_password(password: str, *, salt: bytes | None = None) -> str:
    """`$argon2id$...`, with its parameters in it. salt: 16 random bytes unless given."""
    return COST.hash(password, salt=salt)


def hash_pin(pin: str) -> str:
    return COST.hash(pin)


def matches(stored: str, tried: str) -> bool:
    """Whether this is the password or PIN behind a hash; the hash's own parameters count."""
    try:
        return COST.verify(stored, tried)
    except (VerificationError, InvalidHashError):
        return False


def refuse_weak_password(password: str, *, known_words: tuple[str, ...] = ()) -> None:
    """Raises Refusal("weak_password"): too short, too long, few letters, or one of the person's own words.

    No rule about kinds of characters: length is what counts (ASVS 6.2).
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refusal("weak_password", why="length", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    if len(set(password.casefold())) < 2 * FEWEST_DIFFERENT:
        raise Refusal("weak_password", why="repeats", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)
    if any(word and password.casefold() == word.casefold() for word in known_words):
        raise Refusal("weak_password", why="own_words", least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD)


def refuse_weak_pin(pin: str) -> None:
    """Raises Refusal("weak_pin") for anything but six digits, for runs (123456) and for few different digits."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        raise Refusal("weak_pin", why="digits", digits=PIN_DIGITS)
    steps = {int(after) - int(before) for before, after in zip(pin, pin[1:], strict=False)}
    if len(set(pin)) < FEWEST_DIFFERENT or steps in ({1}, {-1}):
        raise Refusal("weak_pin", why="easy", digits=PIN_DIGITS)
