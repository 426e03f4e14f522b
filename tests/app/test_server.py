"""What is said when something fails, and what is never asked of another machine."""

import re

import pytest

from app.server import create_app
from app.settings import Settings

PAGES = ("/", "/candidates", "/explore", "/rules", "/segments", "/tree", "/customer", "/lists",
         "/findings", "/data")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_an_empty_workspace_says_what_to_do(kit, tmp_path, path):
    answer = kit.browser_of(tmp_path, "owner").get(path)
    assert answer.status == 200
    assert "<h1>" in answer.html
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_is_deleted_under_the_reader_is_an_empty_one(kit, workspace, tmp_path):
    browser = kit.browser_of(workspace)
    assert "shop" in browser.get("/").text
    workspace.rename(tmp_path / "away")
    for path in PAGES:
        assert browser.get(path).status == 200, path


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_asked_of_another_machine(viewer, path):
    html = viewer.get(path).html
    addresses = re.findall(r'(?:src|href|action|srcset|poster)="([^"]*)"', html)
    assert addresses
    assert all(address.startswith(("/", "#", "data:text/csv")) for address in addresses)
    assert not any(address.startswith("//") for address in addresses)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nothing", "There is no such page"),
        ("/runs/no-such-run", "it may have been deleted"),
        ("/runs/..%2f..%2fetc", ""),
        ("/lists/no-such-run", "it may have been deleted"),
        ("/runs/20250201-080000-shop/tables/none", "has no table"),
        ("/findings/none", "none"),
        ("/rules/one?from=nowhere&rule=x", "not there (any more)"),
    ],
)
def test_what_is_not_there_is_said_kindly(viewer, path, said):
    answer = viewer.get(path)
    assert answer.status == 404
    assert said in answer.text
    assert "To the runs" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_there_are_no_pages_about_the_server(viewer, path):
    assert viewer.get(path).status == 404


@pytest.mark.parametrize("path", ["/static/../server.py", "/static/%2e%2e/server.py", "/static/x"])
def test_only_the_files_of_the_pages_are_given(viewer, path):
    answer = viewer.get(path)
    assert answer.status == 404
    assert "create_app" not in answer.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/static/workbench.css", "text/css"),
        ("/static/report.css", "text/css"),
        ("/static/workbench.js", "javascript"),
        ("/static/icon.svg", "image/svg+xml"),
    ],
)
def test_the_files_of_the_pages_are_there(viewer, path, kind):
    answer = viewer.get(path)
    assert answer.status == 200
    assert kind in answer.headers["content-type"]
    assert not re.search(rb"https?://(?!www\.w3\.org/2000/svg)", answer.body)


def test_a_number_that_is_none_is_said_kindly(viewer, kit):
    answer = viewer.get(f"/runs/{kit.LATE}/tables/rules?rows=many")
    assert answer.status == 400
    assert "rows" in answer.text


def test_an_unforeseen_failure_tells_no_content(kit, workspace, monkeypatch, caplog):
    def fail(self):
        raise RuntimeError("K1000001 bought tea")

    browser = kit.browser_of(workspace)
    monkeypatch.setattr("app.readers.runs.RunStore.all", fail)
    with pytest.raises(RuntimeError):
        browser.get("/lists")
    assert "RuntimeError" in caplog.text
    assert "K1000001" not in caplog.text


def test_a_name_with_markup_is_shown_as_text(kit, workspace):
    browser = kit.browser_of(workspace, "owner")
    for path in ("/rules", "/segments", "/findings", f"/runs/{kit.LATE}/tables/rules"):
        answer = browser.get(path)
        names = [name for name, _ in answer.tags]
        assert "img" not in names
        assert names.count("script") == 1
        assert "alert('x')" in answer.text
        assert "{{ 7*7 }}" in answer.text


def test_nothing_is_read_before_it_is_asked(tmp_path):
    create_app(Settings(workspace=tmp_path / "nowhere"))
    assert list(tmp_path.iterdir()) == []
