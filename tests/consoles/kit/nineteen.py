"""Every widget of the library that shows text, fed with one hostile text, in a terminal of its own:
run as a program."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import (
    Button,
    Checkbox,
    DataTable,
    Header,
    Input,
    Label,
    ListItem,
    ListView,
    Log,
    Markdown,
    OptionList,
    RichLog,
    Select,
    Static,
    Tab,
    Tabs,
    TextArea,
    Tree,
)

from consoles.kit.text import guard_terminal, words

HOSTILE = "ISOMBE \x1b]52;c;SGFja2Vk\x1b\\ \x9b2J \u202egnorw \u200b end"
ONE_AT_A_TIME = (
    "static label button input text_area option_list data_table tree list_view markdown rich_log log header border"
    " notify select checkbox tabs static_without_markup"
).split()


class OneWidget(App[None]):
    """Shows one widget and ends by itself."""

    def __init__(self, name: str, hostile: str) -> None:
        super().__init__()
        self.widget_name, self.hostile = name, hostile
        self.title = hostile if name == "header" else "test"

    def compose(self) -> ComposeResult:
        text = self.hostile
        made = {
            "static": lambda: Static(words(text)),
            "label": lambda: Label(words(text)),
            "button": lambda: Button(words(text)),
            "input": lambda: Input(text),
            "text_area": lambda: TextArea(text),
            "option_list": lambda: OptionList(words(text)),
            "data_table": DataTable,
            "tree": lambda: Tree(words(text)),
            "list_view": lambda: ListView(ListItem(Label(words(text)))),
            "markdown": lambda: Markdown(text),
            "rich_log": RichLog,
            "log": Log,
            "header": Header,
            "border": lambda: Static("x"),
            "notify": lambda: Static("x"),
            "select": lambda: Select([(words(text), 1)], value=1),
            "checkbox": lambda: Checkbox(words(text)),
            "tabs": lambda: Tabs(Tab(words(text))),
            "static_without_markup": lambda: Static(text, markup=False),
        }
        with Vertical():
            yield made[self.widget_name]()

    def on_mount(self) -> None:
        text, name = self.hostile, self.widget_name
        if name == "data_table":
            table: DataTable[object] = self.query_one(DataTable)
            table.add_columns("a")
            table.add_row(words(text))
        if name == "rich_log":
            self.query_one(RichLog).write(words(text))
        if name == "log":
            self.query_one(Log).write_line(text)
        if name == "border":
            box = self.query_one(Vertical)
            box.styles.border = ("ascii", "white")
            box.border_title = text.replace("[", "(")
        if name == "notify":
            self.notify(text, markup=False)
        self.set_timer(0.4, self.exit)


if __name__ == "__main__":
    guard_terminal()
    OneWidget(sys.argv[1], HOSTILE if len(sys.argv) < 3 else sys.argv[2]).run()
