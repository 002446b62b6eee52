"""The pictures of README and docs, taken from the real screens of a demo hospital: `python -m tests.pictures`."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from admin_cli.demo import spine
from admin_cli.demo.glass import Glass
from admin_cli.demo.hands import held_by, wait
from admin_cli.demo.hospital import Hospital, prepare
from admin_cli.demo.joint import ON_THE_WAY
from admin_cli.demo.launcher import Launcher
from admin_cli.demo.stage import Stage
from admin_cli.demo.walk import Walk
from core.delivery.codes import tray_code, wristband_code
from core.delivery.model import Tray
from core.orders.model import Order
from tests.stories import visitor

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
MOST_BYTES = 150_000
LAUNCHER = (80, 24)
MONOSPACE = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"
PLAIN = "'DejaVu Sans', Arial, sans-serif"
FONT_FACE = re.compile(r"@font-face\s*\{.*?\}", re.DOTALL)
REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'  # a name, not a place: nobody fetches it


def main() -> int:
    """Takes every picture anew. Look at each before you keep it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dusangire-pictures-") as folder, ExitStack() as leaving:
        hospital = prepare(Path(folder), now=time.time_ns() // 1_000_000)
        leaving.callback(hospital.close)
        hospital.start_server()
        take_all(hospital)
    return 0


def take_all(hospital: Hospital) -> None:
    with ExitStack() as leaving:
        walk = Walk(hospital)
        leaving.callback(walk.close)
        kitchen_and_phone(walk, leaving.enter_context(visitor.chromium()))
        ward_and_card(walk)
        overview(walk)
    launcher(hospital)


def on_its_own(svg: str) -> str:
    """The picture without anything that whoever looks at it would have to fetch from elsewhere. Raises ValueError."""
    svg = REMARK.sub("", FONT_FACE.sub("", svg))
    svg = svg.replace("Fira Code, monospace", MONOSPACE).replace("font-family: arial", f"font-family: {PLAIN}")
    svg = "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())
    found = svg.replace(NAMESPACE, "").find("://")
    if found >= 0:
        raise ValueError(f"the picture points outside: {svg[found - 20 : found + 80]}")
    return svg


# -- which screens ----------------------------------------------------------------------------------------------------


def kitchen_and_phone(walk: Walk, browser: Browser) -> None:
    """The visitor orders on the phone; the wall shows what leaves first, then cooks the visitor's meal."""
    wall = spine.console(walk, "kitchen")
    spine.sign_in(wall, "kitchen")
    page = visitor.phone(browser, walk.hospital.url)
    visitor.sign_in(page, walk)
    visitor.open_menu(page)
    page.locator(f"#dish-{visitor.ISOMBE}").evaluate("dish => dish.scrollIntoView({block: 'center'})")
    shoot(page, "phone-menu")
    number = visitor.order(page, visitor.BEANS, visitor.RICE)
    wait(lambda: held_by(walk.console_store("kitchen"), Order, number=number), what=f"{number} is not on the wall")
    wall.press("3")
    draw(wall, "kitchen")
    spine.choose(wall, number)
    wall.press("enter")
    expect(page.locator(".steps .now")).to_contain_text("Being prepared")
    shoot(page, "phone-order")


def ward_and_card(walk: Walk) -> None:
    """The run list; the card before nil by mouth is saved; and the handheld at that bed once it is."""
    handheld = spine.console(walk, "ward")
    spine.sign_in(handheld, "ward")
    handheld.wait_until(lambda text: ON_THE_WAY in text, "no stop")
    draw(handheld, "ward-run")
    spine.stopped_before_saving(walk)
    card = spine.console(walk, "clinical")
    draw(card, "clinical-card")
    card.press("enter")
    handheld.wait_for("STOP")
    order = held_by(walk.console_store("ward"), Order, number=walk.noted["stopped"])[0]
    tray = max(held_by(walk.console_store("ward"), Tray, order_id=order.id), key=lambda one: one.number)
    spine.scan(handheld, tray_code(tray.id, tray.label_version))
    spine.scan(handheld, wristband_code(order.stay_id))
    handheld.wait_for("DO NOT GIVE")
    draw(handheld, "ward-blocked")


def overview(walk: Walk) -> None:
    screen = spine.console(walk, "admin")
    spine.sign_in(screen, "admin")
    screen.wait_for("NEEDS A PERSON", "DEVICES", "kitchen 1")
    draw(screen, "admin")


def launcher(hospital: Hospital) -> None:
    """As it opens, with every act counted and something that has just happened."""
    stage = Stage(hospital)
    try:
        stage.toggle_busy()
        wait(lambda: len(stage.journal.happenings) > 3 and stage.journal.counted.acts, what="nothing has happened")
        stage.stop_busy()
        asyncio.run(_draw_launcher(stage))
    finally:
        stage.close()


async def _draw_launcher(stage: Stage) -> None:
    app = Launcher(stage)
    async with app.run_test(size=LAUNCHER) as pilot:
        await pilot.pause()
        keep("launcher.svg", on_its_own(app.export_screenshot(title="dusangire demo")).encode())


# -- how they are taken -----------------------------------------------------------------------------------------------


def draw(glass: Glass, name: str) -> None:
    """What stands on the glass, as a drawing of its cells."""

    async def drawn() -> str:
        await glass._pilot.pause()
        return glass.app.export_screenshot(title=f"dusangire {glass.app.KIND}")

    keep(f"{name}.svg", on_its_own(glass._do(drawn())).encode())


def shoot(page: Page, name: str) -> None:
    """What the phone shows, when its fonts and pictures are there."""
    page.wait_for_load_state("load")
    keep(f"{name}.png", page.screenshot(animations="disabled"))


def keep(name: str, picture: bytes) -> None:
    """Raises ValueError for one that would weigh on whoever reads with little data."""
    if len(picture) > MOST_BYTES:
        raise ValueError(f"{name} has {len(picture)} bytes")
    (FOLDER / name).write_bytes(picture)
    print(f"{name:20}{len(picture):>8} bytes")


if __name__ == "__main__":
    sys.exit(main())
