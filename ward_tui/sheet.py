"""A box over the whole screen under its top line: for a step that needs one thing; what lies under it lives on."""

from __future__ import annotations

from textual.app import ComposeResult

from consoles.kit.dialogs import Dialog
from ward_tui.drawing import Drawing, Panel


class Sheet(Dialog):
    """Subclasses give `drawing`."""

    DEFAULT_CSS = """
    Sheet { align: left top; }
    Sheet > Panel { margin: 1 0 0 0; height: 1fr; width: 1fr; background: $background; }
    """

    def compose(self) -> ComposeResult:
        yield Panel(id="sheet")

    def on_mount(self) -> None:
        self.paint()

    def on_resize(self) -> None:
        self.paint()

    def paint(self) -> None:
        panel = self.query_one("#sheet", Panel)
        if panel.size.width and panel.size.height:
            panel.put(self.drawing(panel.size.width, panel.size.height))

    def drawing(self, width: int, height: int) -> Drawing:
        raise NotImplementedError
