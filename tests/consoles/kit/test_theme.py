"""Every look has every token, contrasts as promised, and says by shape what it says by colour."""

from __future__ import annotations

import pytest
from rich.color import Color
from rich.style import Style

from consoles.kit.text import joined, words
from consoles.kit.theme import CONTRAST, DARK, LOOKS, PLAIN, TOKENS, Look, look_after, look_for, look_named, runs

LEAST, LEAST_FOR_RULES = 7.0, 3.0


def luminance(color: Color) -> float:
    channels = [value / 255 for value in color.get_truecolor()]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(style: Style) -> float:
    assert style.color is not None
    assert style.bgcolor is not None
    light, dark = sorted((luminance(style.color), luminance(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [DARK, CONTRAST], ids=["dark", "contrast"])
@pytest.mark.parametrize("token", TOKENS)
def test_every_token_can_be_read(look: Look, token: str) -> None:
    least = LEAST_FOR_RULES if token == "rule" else LEAST
    assert contrast(look.style(token)) >= least


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_a_flag_is_told_from_plain_text_in_every_look(look: Look) -> None:
    assert len({str(look.style(token)) for token in ("text", "flag", "chosen")}) == 3


def test_without_colour_a_flag_is_reverse_and_bold() -> None:
    flag = PLAIN.style("flag")
    assert (flag.reverse, flag.bold, flag.color) == (True, True, None)


def test_nothing_blinks() -> None:
    assert not any(look.style(token).blink for look in LOOKS for token in TOKENS)


def test_the_key_goes_through_all_looks_and_round_again() -> None:
    look = LOOKS[0]
    for _ in LOOKS:
        look = look_after(look)
    assert look is LOOKS[0]


def test_a_terminal_gets_the_look_it_can_show() -> None:
    asked = [{"TERM": "xterm-256color"}, {"TERM": "linux"}, {"NO_COLOR": "1", "TERM": "linux"}]
    assert [look_for(one).name for one in asked] == ["dark", "ansi", "plain"]


def test_an_unknown_look_is_dark() -> None:
    assert look_named("pink") is DARK


def test_where_looks_lie_over_one_another_the_last_counts() -> None:
    line = joined(words("ab", "flag"), words("cd"))
    line.stylize("late", 1, 3)
    assert runs(line) == [("a", "flag"), ("bc", "late"), ("d", "")]
