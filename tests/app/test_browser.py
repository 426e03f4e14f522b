"""A real browser over a real workspace: every page, the main actions, and whoever cannot see."""

import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
import yaml

from app.people import Person, Role
from app.server import create_app
from app.settings import Settings
from features.generate import generate
from pipelines.config import load
from pipelines.run import run

playwright = pytest.importorskip(
    "playwright.sync_api", reason="no playwright: pip install playwright axe-playwright-python"
)
CHROMIUM = os.environ.get("LODE_CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
if CHROMIUM is None:
    pytest.skip("no browser: apt-get install chromium", allow_module_level=True)

pytestmark = pytest.mark.slow
CANDIDATES = ("popularity", "clusters", "rules", "tree")
PHONE = {"width": 390, "height": 844}
GRAVE = ("serious", "critical")


@pytest.fixture(scope="session")
def demo(tmp_path_factory, repository):
    """Run the main job twice on a generated shop."""
    folder = tmp_path_factory.mktemp("demo")
    generate(folder / "data", lines=6_000, seed=7)
    path = folder / "demo.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "extends": str(repository / "configs" / "demo.yaml"),
                "candidates": [{"kind": kind, "tune": False} for kind in CANDIDATES],
                "window": {"backtests": 2},
                "promotion": {"register": False},
            }
        )
    )
    environ = {**os.environ, "LODE_DEMO": str(folder / "data")}
    for cost in (0.02, 0.1):
        changes = [f"workspace={folder / 'demo-shop'}", f"economics.contact_cost={cost}"]
        run(load(path, [*changes, f"name=demo-{cost}"], environ=environ))
    return folder / "demo-shop"


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def served(workspace, role):
    app = create_app(Settings(workspace=workspace, visitor=Person("tester", Role(role))))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
        assert thread.is_alive()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def bench(demo):
    with served(demo, "owner") as address:
        yield address


class Watched:
    """A tab, and everything in it that should not be."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.wrong = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def open(self, path):
        self.page.goto(self.address + path)
        return self.page

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request):
        if not request.url.startswith((self.address, "data:")):
            self.wrong.append(f"asked: {request.url}")

    def _answered(self, response):
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")


@pytest.fixture
def tab(chromium, bench):
    """Give a tab; at its end nothing may have gone wrong in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, accept_downloads=True)
    watched = Watched(context.new_page(), bench)
    yield watched
    context.close()
    assert watched.wrong == []


def newest(demo):
    return sorted(path.name for path in (demo / "runs").iterdir())[-1]


def addresses(demo):
    name = newest(demo)
    first = sorted(path.name for path in (demo / "runs").iterdir())[0]
    return {
        "runs": "/",
        "candidates": "/candidates",
        "run": f"/runs/{name}",
        "table": f"/runs/{name}/tables/rules",
        "compare": f"/compare?run={name}&run={first}",
        "explore": "/explore?rows=product.department&columns=time.quarter&measures=sales",
        "rules": "/rules",
        "segments": "/segments",
        "tree": "/tree",
        "customer": "/customer",
        "lists": "/lists",
        "list": f"/lists/{name}",
        "rows": f"/lists/{name}/rows",
        "findings": "/findings",
        "data": "/data",
        "columns": "/data/tables/lines",
        "quality": "/data/quality",
    }


PAGES = ("runs", "candidates", "run", "table", "compare", "explore", "rules", "segments", "tree",
         "customer", "lists", "list", "rows", "findings", "data", "columns",
         "quality")  # fmt: skip


def faults(page):
    """Give the grave faults that axe finds, with where they are."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="no axe: pip install axe-playwright-python"
    )
    found = axe.Axe().run(page).response["violations"]
    return [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_and_can_be_used_by_everybody(tab, demo, name):
    page = tab.open(addresses(demo)[name])
    assert page.locator("h1").count() == 1
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    assert faults(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_fits_a_phone(tab, demo, name):
    page = tab.page
    page.set_viewport_size(PHONE)
    tab.open(addresses(demo)[name])
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_the_first_page_is_there_in_a_second(tab):
    page = tab.open("/lists")
    page.goto(tab.address + "/")
    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert took < 1000


def test_two_runs_are_ticked_and_compared(tab):
    page = tab.open("/")
    button = page.get_by_role("button", name="Compare two runs")
    assert button.is_disabled()
    boxes = page.get_by_role("checkbox").all()
    boxes[0].check()
    assert button.is_disabled()
    boxes[1].check()
    button.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Two runs compared"
    assert page.get_by_text("economics.contact_cost").count() == 1
    assert page.locator("polyline").count() == 2


def test_choosing_an_order_shows_it_at_once(tab):
    page = tab.open("/")
    page.get_by_label("Order").select_option("figure")
    page.wait_for_url("**/?order=figure")
    assert page.get_by_label("Order").input_value() == "figure"


def test_the_cube_is_drilled_by_clicking_and_turned_back(tab):
    page = tab.open("/explore?rows=product.department&measures=sales")
    page.locator("tbody").get_by_role("link", name="Groceries").click()
    assert "product.category" in page.locator("thead").inner_text()
    assert page.locator(".chips").inner_text().startswith("product.department=Groceries")
    page.get_by_role("link", name="Roll up product").click()
    assert "product.department" in page.locator("thead").inner_text()
    page.locator(".chips a").click()
    assert page.locator(".chips").count() == 0


@pytest.mark.parametrize("size", [{"width": 1280, "height": 860}, PHONE])
def test_bars_are_drawn_as_bars(tab, size):
    """Styles of the page's own parts must not reach into a picture."""
    tab.page.set_viewport_size(size)
    page = tab.open("/explore?rows=product.department&measures=sales")
    heights = [box.bounding_box()["height"] for box in page.locator("figure rect.bar").all()]
    assert len(heights) > 3
    assert all(3 < height < 30 for height in heights)


def test_what_if_is_a_slider(tab):
    page = tab.open("/explore?rows=product.department&measures=sales")
    page.get_by_label("Measure").last.select_option("sales")
    slider = page.get_by_label("Change in per cent")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.locator("output").inner_text() == "10%"
    page.get_by_role("button", name="Show").click()
    assert "supposed" in page.locator("thead").inner_text().lower()


def test_cells_are_saved(tab):
    page = tab.open("/explore?rows=product.department&measures=sales")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save all cells as CSV").click()
    assert Path(saved.value.path()).read_text().startswith("product.department,grain,sales")


def test_a_point_of_the_scatter_opens_its_rule(tab):
    page = tab.open("/rules")
    page.locator("svg a:has(circle)").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/F*")
    assert page.get_by_role("heading", name="Decide").count() == 1


def test_rules_are_filtered_by_an_item(tab):
    page = tab.open("/rules")
    rows = page.locator("table.list tbody tr")
    item = rows.first.locator("td").first.inner_text().split(" and ")[0]
    page.get_by_role("searchbox", name="Item").fill(item)
    page.keyboard.press("Enter")
    page.wait_for_url("**item=*")
    assert rows.count() > 0
    assert all(item in row.inner_text() for row in rows.all())


def test_a_finding_is_accepted_and_talked_about(demo, chromium, tmp_path):
    copy = shutil.copytree(demo, tmp_path / "copy")
    with served(copy, "analyst") as address:
        context = chromium.new_context()
        watched = Watched(context.new_page(), address)
        page = watched.open("/findings")
        page.locator("td.words a").first.click()
        page.get_by_label("Why (optional)").fill("it sells")
        page.get_by_role("button", name="Accept").click()
        assert page.locator(".head .pill").inner_text() == "accepted"
        page.get_by_label("Note").last.fill("<b>tell the shop</b>")
        page.get_by_role("button", name="Add the note").click()
        told = page.locator(".events").inner_text()
        assert "it sells" in told
        assert "<b>tell the shop</b>" in told
        page.goto(f"{address}/findings?status=accepted")
        assert page.locator("table.list tbody tr").count() == 1
        context.close()
        assert watched.wrong == []
    assert "accepted" in (copy / "audit.jsonl").read_text()


def test_the_depth_of_a_list_is_a_slider(tab, demo):
    page = tab.open(f"/lists/{newest(demo)}")
    told = page.locator('[data-part="customers"]')
    whole = told.inner_text()
    slider = page.get_by_role("slider", name="Customers contacted")
    slider.focus()
    page.keyboard.press("Home")
    assert told.inner_text() == "1" != whole
    assert page.locator("text.value").last.text_content() == "stop at 1"
    page.keyboard.press("End")
    assert told.inner_text() == whole


def test_an_owner_downloads_the_list(tab, demo):
    page = tab.open(f"/lists/{newest(demo)}")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    expected = next((demo / "runs" / newest(demo)).glob("list.*"))
    assert Path(saved.value.path()).read_bytes() == expected.read_bytes()


def test_a_customer_is_looked_up(tab, demo):
    page = tab.open(f"/lists/{newest(demo)}/rows")
    customer = page.locator("tbody td").first.inner_text()
    page.get_by_role("link", name="Customer", exact=True).click()
    page.get_by_label("Customer").fill(customer)
    page.keyboard.press("Enter")
    page.wait_for_url("**id=*")
    assert page.get_by_role("heading", level=1).inner_text() == customer
    assert page.get_by_role("heading", name="What they are offered, and why").count() == 1
    assert faults(page) == []


def test_the_tree_opens_and_closes(tab):
    page = tab.open("/tree")
    leaves = page.locator(".tree .leaf")
    page.get_by_role("button", name="Open all").click()
    assert all(leaf.is_visible() for leaf in leaves.all())
    page.get_by_role("button", name="Close all").click()
    assert not any(leaf.is_visible() for leaf in leaves.all())


def test_two_segments_are_compared(tab):
    page = tab.open("/segments")
    boxes = page.get_by_role("checkbox").all()
    boxes[0].check()
    boxes[1].check()
    page.get_by_role("button", name="Compare two segments").click()
    assert "against" in page.locator("h2").first.inner_text()


def test_the_keyboard_reaches_the_content_first(tab):
    page = tab.open("/rules")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_everything_works_without_the_script(chromium, bench, demo):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{bench}/lists/{newest(demo)}?depth=1")
    assert "1 customers promise" in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Show").is_visible()
    page.goto(f"{bench}/")
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare two runs").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Two runs compared"
    context.close()


def test_a_table_of_the_report_is_saved_from_the_file_itself(chromium, demo):
    context = chromium.new_context(accept_downloads=True)
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    path = demo / "runs" / newest(demo) / "report.html"
    page.goto(path.as_uri())
    link = page.get_by_role("link", name="Save as CSV: Held-out data").first
    with page.expect_download() as saved:
        link.click()
    assert saved.value.suggested_filename == "candidate-family-expected-profit.csv"
    assert Path(saved.value.path()).read_text().startswith("candidate,family,expected_profit")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert path.stat().st_size < 2_000_000
    context.close()


def test_the_report_is_opened_from_its_run(tab, demo):
    page = tab.open(f"/runs/{newest(demo)}")
    with page.expect_response("**/report.html") as answered:
        page.get_by_role("link", name="Open the report").click()
    assert answered.value.status == 200


def test_the_report_can_be_read_by_everybody(chromium, demo):
    """From the file: as the workbench gives it, it may run no script, so not that of axe."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto((demo / "runs" / newest(demo) / "report.html").as_uri())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_the_report_prints_whole(chromium, demo, tmp_path):
    context = chromium.new_context()
    page = context.new_page()
    page.goto((demo / "runs" / newest(demo) / "report.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".save").first.is_visible()
    assert len(page.pdf()) > 20_000
    context.close()
