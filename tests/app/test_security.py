"""Who gets in, whose forms are taken, and what a page may do."""

import base64
import time

import pytest
from starlette.routing import Route

from app.people import Role
from app.security import COOKIE

SCRIPT = {"src": "/static/workbench.js", "defer": None}
PAGES = ("/", "/candidates", "/explore", "/rules", "/segments", "/tree", "/customer", "/lists",
         "/findings", "/data", "/running")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_may_use_its_own_files_only(viewer, path):
    policy = viewer.get(path).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_script_or_style_inside(viewer, path):
    tags = viewer.get(path).tags
    names = [name for name, _ in tags]
    given = [attribute for _, attributes in tags for attribute in attributes]
    assert "style" not in [*names, *given]
    assert not [attribute for attribute in given if attribute.startswith("on")]
    scripts = [attributes for name, attributes in tags if name == "script"]
    assert scripts == ([] if path == "/running" else [SCRIPT])


def test_answers_are_not_kept_or_guessed(viewer):
    headers = viewer.get("/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_the_report_may_show_its_style_and_run_nothing(viewer, kit):
    policy = viewer.get(f"/runs/{kit.LATE}/report.html").headers["content-security-policy"]
    assert policy == "sandbox allow-downloads; default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "", "a@b"])
def test_another_name_for_this_machine_is_refused(viewer, host):
    viewer.host = host
    answer = viewer.get("/")
    assert answer.status == 421
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:9", "localhost:8765", "[::1]:8765"])
def test_own_names_are_fine(viewer, host):
    viewer.host = host
    assert viewer.get("/").status == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_sites(viewer):
    cookie = viewer.get("/").headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))


def test_a_visit_keeps_its_cookie(viewer):
    viewer.get("/")
    assert "set-cookie" not in viewer.get("/").headers


@pytest.mark.parametrize("path", PAGES)
def test_without_signing_in_nothing_is_shown(signed, path):
    answer = signed().get(path)
    assert (answer.status, answer.headers["location"]) == (303, "/sign-in")
    assert answer.body == b""


def test_the_sign_in_page_shows_nothing_of_the_pages(signed):
    answer = signed().get("/sign-in")
    assert answer.status == 200
    assert "/findings" not in answer.html


def test_a_token_opens(signed):
    answer = signed("viewer").get("/")
    assert answer.status == 200
    assert "viewer" in answer.text


def test_the_printed_address_opens_and_hides_the_token(signed, kit):
    browser = signed()
    answer = browser.get(f"/sign-in?token={kit.TOKENS['owner'].replace(' ', '+')}")
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert browser.get("/").status == 200


@pytest.mark.parametrize("token", ["", "wrong", "a token of the owner for test", "x" * 100_000])
def test_another_token_does_not(signed, token):
    browser = signed()
    answer = browser.post("/sign-in", {"token": token}, csrf=False)
    assert answer.status == 403
    assert "not known" in answer.text
    assert browser.get("/").status == 303


def test_signing_out_ends_the_visit(signed):
    browser = signed("viewer")
    assert browser.post("/sign-out").status == 303
    browser.cookies.clear()
    assert browser.get("/").status == 303


def test_a_changed_cookie_is_no_visit(signed):
    browser = signed("viewer")
    sealed = bytearray(base64.urlsafe_b64decode(browser.cookies[COOKIE]))
    forged = bytes(sealed).replace(b"viewer", b"owner")
    browser.cookies[COOKIE] = base64.urlsafe_b64encode(forged).decode()
    assert browser.get("/").status == 303


@pytest.mark.parametrize("cookie", ["", "x", "====", "AAAA" * 30, "é"])
def test_nonsense_is_no_visit(signed, cookie):
    browser = signed()
    guard = browser.app.state.guard
    assert guard._name_in(cookie) is None


def test_a_visit_ends_after_half_a_day(signed, monkeypatch):
    browser = signed("viewer")
    later = time.time() + 12 * 3600 + 1
    monkeypatch.setattr("app.security.time.time", lambda: later)
    assert browser.get("/").status == 303


def test_every_change_needs_the_word_of_the_visit(owner):
    """A route that is added later is tried here by itself."""
    changes = [
        route.path.replace("{name}", owner.app.state.bench.findings.all()[0].id)
        for route in _routes(owner.app)
        if {"POST", "PUT", "DELETE", "PATCH"} & set(route.methods or ())
        and route.path != "/sign-in"
    ]
    assert len(changes) >= 3
    before = (owner.app.state.bench.workspace.root / "findings.db").read_bytes()
    owner.get("/")
    for path in changes:
        for word in ("", "0" * 64, "é"):
            answer = owner.post(path, {"csrf": word, "status": "accepted", "note": "x"})
            assert answer.status == 403, path
            assert "old page or from elsewhere" in answer.text
    assert (owner.app.state.bench.workspace.root / "findings.db").read_bytes() == before


def _routes(app):
    """Walk the routes, those of included routers too."""
    waiting, found = list(app.routes), []
    while waiting:
        route = waiting.pop()
        if isinstance(route, Route):
            found.append(route)
        inner = getattr(route, "routes", None) or getattr(
            getattr(route, "original_router", None), "routes", None
        )
        waiting += inner or []
    return found


def test_the_word_of_another_visit_does_not_do(signed):
    mine, other = signed("owner"), signed("owner")
    finding = mine.app.state.bench.findings.all()[0].id
    answer = mine.post(f"/findings/{finding}/note", {"csrf": other.csrf, "note": "x"})
    assert answer.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(owner, headers):
    owner.get("/")
    finding = owner.app.state.bench.findings.all()[0].id
    answer = owner.post(f"/findings/{finding}/note", {"note": "x"}, **headers)
    assert answer.status == 403
    assert "another site" in answer.text


def test_a_form_of_this_site_is_taken(owner):
    owner.get("/")
    finding = owner.app.state.bench.findings.all()[0].id
    own = {"origin": "http://127.0.0.1:8765", "sec_fetch_site": "same-origin"}
    assert owner.post(f"/findings/{finding}/note", {"note": "x"}, **own).status == 303


def test_a_form_that_never_ends_is_cut(owner):
    owner.get("/")
    finding = owner.app.state.bench.findings.all()[0].id
    answer = owner.post(f"/findings/{finding}/note", {"note": "x" * 70_000})
    assert answer.status == 413


CLOSED = (
    ("/customer?id=K1000001", Role.OWNER),
    ("/lists/20250201-080000-shop/rows", Role.OWNER),
    ("/lists/20250201-080000-shop/file", Role.OWNER),
    ("/runs/20250201-080000-shop/tables/list", Role.OWNER),
    ("/data/rejected", Role.OWNER),
    ("/explore?rows=life_stage.life_stage", Role.OWNER),
)


@pytest.mark.parametrize("role", ["viewer", "analyst"])
@pytest.mark.parametrize(("path", "needed"), CLOSED[:-1])
def test_personal_data_are_for_owners(kit, workspace, role, path, needed):
    answer = kit.browser_of(workspace, role).get(path)
    assert answer.status == 403
    assert "owner" in answer.text
    assert "K1000001" not in answer.html.replace("id=K1000001", "")
    assert kit.audit_of(workspace) == []


@pytest.mark.parametrize(("path", "needed"), CLOSED[:-1])
def test_owners_see_them_and_it_is_noted(kit, workspace, path, needed):
    answer = kit.browser_of(workspace, "owner").get(path)
    assert answer.status == 200
    (entry,) = kit.audit_of(workspace)
    assert (entry["who"], entry["role"]) == ("tester", "owner")


def test_where_nothing_can_be_noted_nothing_is_shown(kit, workspace):
    (workspace / "audit.jsonl").mkdir()
    browser = kit.browser_of(workspace, "owner")
    for path, _ in CLOSED[:-1]:
        answer = browser.get(path)
        assert answer.status == 503, path
        assert "audit log" in answer.text
        assert "Bought tea" not in answer.text


def test_a_viewer_decides_nothing(kit, workspace):
    browser = kit.browser_of(workspace, "viewer")
    browser.get("/")
    finding = browser.app.state.bench.findings.all()[0].id
    for path, form in (("status", {"status": "accepted"}), ("note", {"note": "x"})):
        answer = browser.post(f"/findings/{finding}/{path}", form)
        assert answer.status == 403
        assert "role analyst" in answer.text
    assert browser.app.state.bench.findings.open(finding).events == []
