"""The two ways a handler can say no: refused by a rule, or not knowable on this machine."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - a rule that says no is no error
    """A rule says no. `code` has words in three languages; `detail` are their arguments. Codes are never reused."""

    def __init__(self, code: str, /, **detail: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.detail: dict[str, str | int] = detail

    def __repr__(self) -> str:
        return f"Refusal({self.code!r}, {self.detail!r})"


class Unknown(Exception):  # noqa: N818 - it is not an error: this console does not hold that row
    """A console does not hold the row or list that a rule needs; its arrival replays the act."""

    def __init__(self, table: str, key: str) -> None:
        super().__init__(f"{table} {key}")
        self.table = table
        self.key = key


# what code raises that has an error in it, or meets a value it did not foresee: one act's misfortune, not its store's
BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
