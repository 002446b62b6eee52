"""Passwords are long, PINs are not to be guessed, and both are kept as argon2id alone."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from core.kernel.refusal import Refusal
from core.people import passwords

GOOD = "amata y'inka ashyushye"


def why(password: str = "", pin: str = "", **more: tuple[str, ...]) -> str:
    try:
        if pin:
            passwords.refuse_weak_pin(pin)
        else:
            passwords.refuse_weak_password(password, **more)
    except Refusal as refusal:
        return str(refusal.detail["why"])
    return ""


def test_a_hash_is_argon2id_at_the_cost_we_chose() -> None:
    kept = extract_parameters(passwords.hash_password(GOOD))
    assert (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) == (Type.ID, 2, 19_456, 1)


def test_the_right_password_opens_and_another_does_not() -> None:
    kept = passwords.hash_password(GOOD, salt=b"0123456789abcdef")
    assert [passwords.matches(kept, tried) for tried in (GOOD, GOOD.upper(), "")] == [True, False, False]


def test_the_same_password_is_kept_differently_each_time() -> None:
    assert passwords.hash_pin("482913") != passwords.hash_pin("482913")


@pytest.mark.parametrize("kept", ["", "plain", "$argon2id$broken"])
def test_a_hash_that_is_none_opens_for_nobody(kept: str) -> None:
    assert passwords.matches(kept, "") is False


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        (GOOD, ""),
        ("a" * 14, "length"),
        ("a1" * 200, "length"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats"),
        ("ababababABABABABab", "repeats"),
    ],
)
def test_length_counts_and_kinds_of_characters_do_not(password: str, reason: str) -> None:
    assert why(password) == reason


def test_one_s_own_words_are_no_password() -> None:
    assert why("Mukamana.Alice@hospital", known_words=("mukamana.alice@HOSPITAL",)) == "own_words"


@pytest.mark.parametrize(
    ("pin", "reason"),
    [
        ("482913", ""),
        ("48291", "digits"),
        ("4829134", "digits"),
        ("48a913", "digits"),
        ("\u0664\u0668\u0662\u0669\u0661\u0663", "digits"),
        ("123456", "easy"),
        ("987654", "easy"),
        ("111111", "easy"),
        ("121212", "easy"),
    ],
)
def test_a_pin_is_six_digits_that_nobody_tries_first(pin: str, reason: str) -> None:
    assert why(pin=pin) == reason
