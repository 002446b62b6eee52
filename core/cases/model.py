"""Errors of our own machines: one row for each kind at each source, however often it comes."""

from __future__ import annotations

import hashlib
from typing import ClassVar
from zlib import crc32

from sqlmodel import Index

from core.kernel.row import ADMIN, Audience, Row

NUMBERS = 10_000


class Trouble(Row):
    """One kind of error at one source: since when, when last, how often. It is open until somebody says what was done,
    and again when it comes back."""

    audiences: ClassVar = (ADMIN, Audience("device", "device_id"))
    owners: ClassVar = {"device_id": "device"}
    housekeeping: ClassVar = "kept for good: a row a kind and source, and a source has so many kinds at most"

    device_id: str = ""  # "": the server itself
    code: str  # its words: what happened, what stays, what to do
    where: str = ""  # a place in our code, or ""
    number: str  # "E-0412": of the kind, so it is the same at every source
    first_at: int
    last_at: int
    count: int  # since it was opened
    before: int = 0  # how often it came in earlier times, which were closed
    closed_at: int | None = None
    closed_by: str = ""
    closing: str = ""  # what was done, in words


class TroubleTable(Trouble, table=True):
    __tablename__ = "trouble"
    __table_args__ = (Index("trouble_open", "closed_at"),)


def number_of(code: str, where: str) -> str:
    """What people say on the telephone."""
    return f"E-{crc32(f'{code} {where}'.encode()) % NUMBERS:04}"


def trouble_id(device_id: str, code: str, where: str) -> str:
    """The same error at the same source is the same row."""
    return hashlib.sha256(f"trouble {device_id} {code} {where}".encode()).hexdigest()[:32]
