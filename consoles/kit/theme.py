"""The looks of a console: what each token is in dark, high contrast, sixteen colours and no colour.

A token is a meaning (`flag`, `soon`, `late` ...). Shape and word always say the same: no meaning rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES, Theme

from consoles.kit.text import fitted

TOKENS = ("text", "quiet", "rule", "flag", "mark", "strong", "soon", "late", "live", "done", "chosen", "cursor", "void")


@dataclass(frozen=True)
class Look:
    """One way to draw every token, as a style of rich."""

    name: str
    tokens: Mapping[str, str]
    ground: str
    ink: str
    rule: str
    native: bool = False  # the terminal's own colours

    @cached_property
    def styles(self) -> Mapping[str, Style]:
        base = Style.parse(self.tokens["text"])
        return MappingProxyType({token: base + Style.parse(self.tokens[token]) for token in TOKENS})

    def style(self, token: str) -> Style:
        return self.styles.get(token, self.styles["text"])

    def strip(self, line: Text, width: int) -> Strip:
        """A line as the terminal gets it, exactly so many cells."""
        line = fitted(line, width)
        return Strip([Segment(text, self.style(token)) for text, token in runs(line)], width)

    def rich(self, line: Text) -> Text:
        """A line for a widget of the library, which knows no tokens."""
        painted = Text(no_wrap=True, end="")
        for text, token in runs(line):
            painted.append(text, self.style(token))
        return painted

    def theme(self) -> Theme:
        """For the library's own widgets and our style sheets."""
        return Theme(
            name=self.name,
            primary=self.ink,
            secondary=self.ink,
            warning=self.ink,
            error=self.ink,
            success=self.ink,
            accent=self.ink,
            foreground=self.ink,
            background=self.ground,
            surface=self.ground,
            panel=self.ground,
            boost=self.ground,
            ansi=self.native,
            variables={
                **(BUILTIN_THEMES["ansi-dark"].variables if self.native else {}),
                "border": self.rule,
                "border-blurred": self.rule,
                "scrollbar": self.rule,
                "scrollbar-background": self.ground,
                "block-cursor-foreground": self.ground,
                "block-cursor-background": self.ink,
                "input-cursor-text-style": "reverse",
            },
        )


def runs(line: Text) -> list[tuple[str, str]]:
    """The pieces of a line that have one token each; where tokens lie over one another the last one counts."""
    marks = [str(line.style)] * len(line.plain)
    for span in line.spans:
        marks[span.start : span.end] = [str(span.style)] * (min(span.end, len(marks)) - span.start)
    pairs = zip(line.plain, marks, strict=True)
    return [("".join(character for character, _ in run), token) for token, run in groupby(pairs, key=_second)]


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


DARK = Look(
    "dark",
    MappingProxyType(
        {
            "text": "#F2F5F9 on #0B1220",
            "quiet": "#A9B4C4",
            "rule": "#5B6B84",
            "flag": "bold #000000 on #FF8A65",
            "mark": "#0B1220 on #F2F5F9",
            "strong": "bold",
            "soon": "#FFD166",
            "late": "#000000 on #FF9E3D",
            "live": "#8CC8FF",
            "done": "#8FE3C8",
            "chosen": "bold #0B1220 on #8CC8FF",
            "cursor": "#8CC8FF",
            "void": "strike #A9B4C4",
        }
    ),
    ground="#0B1220",
    ink="#F2F5F9",
    rule="#5B6B84",
)
CONTRAST = Look(
    "contrast",
    MappingProxyType(
        {
            "text": "#FFFFFF on #000000",
            "quiet": "#FFFFFF",
            "rule": "#FFFFFF",
            "flag": "bold #000000 on #FFD166",
            "mark": "bold #000000 on #FFFFFF",
            "strong": "bold",
            "soon": "bold #FFD166",
            "late": "bold #000000 on #FFD166",
            "live": "bold #FFD166",
            "done": "#FFFFFF",
            "chosen": "bold #000000 on #FFFFFF",
            "cursor": "bold #FFD166",
            "void": "strike #FFFFFF",
        }
    ),
    ground="#000000",
    ink="#FFFFFF",
    rule="#FFFFFF",
)
SIXTEEN = Look(
    "ansi",
    MappingProxyType(
        {
            "text": "white on black",
            "quiet": "white",
            "rule": "bright_black",
            "flag": "black on red",
            "mark": "black on white",
            "strong": "bold",
            "soon": "yellow",
            "late": "black on yellow",
            "live": "cyan",
            "done": "green",
            "chosen": "black on cyan",
            "cursor": "cyan",
            "void": "strike white",
        }
    ),
    ground="ansi_black",
    ink="ansi_white",
    rule="ansi_bright_black",
    native=True,
)
PLAIN = Look(
    "plain",
    MappingProxyType(
        {
            "text": "none",
            "quiet": "none",
            "rule": "none",
            "flag": "reverse bold",
            "mark": "reverse",
            "strong": "bold",
            "soon": "bold",
            "late": "reverse",
            "live": "underline",
            "done": "none",
            "chosen": "reverse",
            "cursor": "underline",
            "void": "strike",
        }
    ),
    ground="ansi_default",
    ink="ansi_default",
    rule="ansi_default",
    native=True,
)
LOOKS: tuple[Look, ...] = (DARK, CONTRAST, SIXTEEN, PLAIN)


def look_named(name: str) -> Look:
    """The look of that name; dark when there is none."""
    return next((look for look in LOOKS if look.name == name), DARK)


def look_after(look: Look) -> Look:
    """The next one, for the key that goes through them."""
    return LOOKS[(LOOKS.index(look) + 1) % len(LOOKS)]


def look_for(environment: Mapping[str, str]) -> Look:
    """What a terminal can show: no colour where it asks for none, its own sixteen on a bare console."""
    if environment.get("NO_COLOR"):
        return PLAIN
    return SIXTEEN if environment.get("TERM", "") in ("linux", "ansi", "vt100", "vt220") else DARK
