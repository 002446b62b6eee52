"""The smallest program of the consoles' own library that says something: what a first frame costs at the least."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Hello(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("HELLO")


if __name__ == "__main__":
    Hello().run()
