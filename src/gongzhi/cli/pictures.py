"""`gongzhi pictures ADDRESS [FOLDER]`: pictures of the main pages of a running demonstration.

For the READMEs. Needs Playwright and a Chromium (development requirements), and the demonstration,
because it signs in as its cast.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gongzhi.cli import say, testing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PHONE, DESK = (390, 844), (1366, 768)
# Pictures inside the page load when they come into sight.
_SHOWN = """() => Promise.all([...document.images]
  .filter(i => !i.complete && i.getBoundingClientRect().top < innerHeight)
  .map(i => new Promise(done => { i.onload = i.onerror = () => done(); })))"""
LIMIT = 150_000  # bytes a picture; a README with eight of them still opens on a slow line


class Shot(NamedTuple):
    """One picture: its file, who looks, at which page, on what."""

    name: str
    who: str
    page: str
    size: tuple[int, int] = PHONE
    elder: bool = False
    follow: tuple[str, ...] = ()  # links that lead from there to the page wanted
    then: str = ""  # what comes behind the last link's address
    press: str = ""  # a button to press there first
    undo: str = ""  # and one to press afterwards, so that all is as it was


SHOTS = (
    Shot("home", "amei", "/"),
    Shot("home-elder", "amei", "/", elder=True),
    Shot("report", "laozhao", "/report"),
    Shot("matter", "amei", "/mine", follow=("article a",)),
    Shot("board", "laozhao", "/board"),
    Shot("staff-inbox", "chen", "/staff/", DESK),
    Shot("staff-matter", "chen", "/staff/", DESK, follow=("main a[href^='/staff/matters/GZ']",)),
    Shot("county", "", "/county/320903050000", DESK),
    Shot("levels", "", "/county/320903050000/levels", DESK),
    Shot("runner", "luoshe", "/staff/meetings", DESK, follow=("main a[href$='/run']",)),
    Shot("vote", "lane", "/votes", follow=("main a[href^='/votes/']",)),
    Shot(
        "opinion",
        "anguo",
        "/rounds",
        follow=("main a[href^='/rounds/']:not([href$=rules])",),
        then="/result#apart",
    ),
    Shot("budget", "luoshe", "/budgets", follow=("main a[href^='/budgets/']",), then="/result"),
    Shot("small-stool", "aiyuan", "/meetings/rectification", DESK),
    Shot("proposal", "hanshang", "/proposals", follow=("main a:has-text('打通')",)),
    Shot("appraisal", "amei", "/surveys", follow=("main a[href$='/result']",)),
    Shot("points", "lan", "/points"),
    Shot("seven-boards", "lan", "/points", DESK, follow=("main a[href^='/community/']",)),
    Shot("channel", "lan", "/channels", follow=("main a:has-text('芝嘉花园小区')",), then="#said"),
    Shot("shelf", "xinqiao", "/mall"),
    Shot("code", "xinqiao", "/mall", follow=("main a:has-text('大米')",), press="取货码",
         undo="不要了"),
    Shot("statement", "grain", "/mall/shops",
         follow=("main a[href$='/statements']", "main a[href^='/mall/statements/']")),
    Shot("figures", "", "/playbooks/xinqiao/figures", then="#f6"),
)  # fmt: skip


def main(argv: list[str]) -> int:
    """Take them all; prints each file with its size."""
    if not argv:
        raise say.Trouble(
            "用法：gongzhi pictures http://127.0.0.1:8000 [文件夹]",
            "Usage: gongzhi pictures http://127.0.0.1:8000 [FOLDER]",
        )
    folder = Path(argv[1] if len(argv) > 1 else "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    for path in take(argv[0].rstrip("/"), folder):
        print(f"{path}  {path.stat().st_size // 1000} KB")
    return 0


def take(site: str, folder: Path) -> list[Path]:
    """The pictures of a demonstration that runs at `site`."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise say.Trouble(
            "需要 Playwright：pip install -r requirements-dev.lock",
            "Playwright is needed: pip install -r requirements-dev.lock",
        ) from None
    found = testing.browser()
    if not found:
        raise say.Trouble("需要 Chromium：apt install chromium", "Chromium is needed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        return [_take(browser, site, shot, folder) for shot in SHOTS]


def _take(browser: "Browser", site: str, shot: Shot, folder: Path) -> Path:
    width, height = shot.size
    context = browser.new_context(
        base_url=site, locale="zh-CN", viewport={"width": width, "height": height}
    )
    context.add_cookies([{"name": "elder", "value": str(int(shot.elder)), "url": site}])
    page = context.new_page()
    if shot.who:
        _sign_in(page, shot.who)
    page.goto(shot.page)
    for link in shot.follow:
        page.goto(str(page.locator(link).first.get_attribute("href")))
    if shot.then:
        page.goto(page.url + shot.then)
    if shot.press:
        page.locator(f"button:has-text('{shot.press}')").first.click()
    page.wait_for_load_state()
    page.evaluate(_SHOWN)
    path = folder / f"{shot.name}.png"
    page.screenshot(path=path)
    if shot.undo:
        page.locator(f"button:has-text('{shot.undo}')").first.click()
        page.wait_for_load_state()
    context.close()
    _fewer_colours(path)
    return path


def _sign_in(page: "Page", who: str) -> None:
    page.goto("/sign-in")
    button = page.locator(f'button[name=username][value="{who}"]')
    if not button.count():
        raise say.Trouble(
            "这里不是示范环境，没有一点即入的账户。", "This is no demonstration: nobody to be."
        )
    button.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def _fewer_colours(path: Path) -> None:
    """Flat pages keep their looks with 64 colours and weigh a third."""
    from PIL import Image

    with Image.open(path) as whole:
        small = whole.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    if path.stat().st_size > LIMIT:
        print(f"{path.name} 超过 150 KB / is over 150 KB", file=sys.stderr)
