import ibis
import pytest

from features.web import ASSETS, KINDS, with_kind


def kind(path, method="GET", status=200):
    hits = ibis.memtable(
        {"path": [path], "method": [method], "status": [status]},
        schema={"path": "string", "method": "string", "status": "int64"},
    )
    found = with_kind(hits).to_pyarrow().to_pylist()[0]
    assert found["kind"] in KINDS
    return found["page"], found["kind"]


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/", "/"),
        ("/a/b.html", "/a/b.html"),
        ("/search?q=my+illness&user=7", "/search"),
        ("/a;jsessionid=77?x=1", "/a"),
        ("/a#part", "/a"),
        ("http://shop.example:8080/a?b", "/a"),
        ("/茶", "/茶"),
    ],
)
def test_a_page_is_its_path_without_parameters_and_site(path, page):
    assert kind(path) == (page, "page")


@pytest.mark.parametrize("ending", [*ASSETS, "PNG", "Css?v=3"])
def test_parts_of_pages_are_apart(ending):
    assert kind(f"/static/x.{ending}")[1] == "asset"


@pytest.mark.parametrize("path", ["/css", "/a.js.html", "/jpg/", "/report.pdf", "/png.xhtml"])
def test_what_only_resembles_a_part_is_a_page(path):
    assert kind(path)[1] == "page"


@pytest.mark.parametrize(
    ("method", "status", "expected"),
    [
        ("GET", 200, "page"),
        ("POST", 204, "page"),
        ("GET", 206, "page"),
        ("GET", 304, "page"),
        ("GET", 301, "other"),
        ("GET", 302, "other"),
        ("HEAD", 200, "other"),
        ("OPTIONS", 200, "other"),
        ("get", 200, "other"),
        ("GET", 404, "failed"),
        ("GET", 500, "failed"),
        (None, 400, "failed"),
        (None, 200, "other"),
    ],
)
def test_only_answered_requests_are_views(method, status, expected):
    assert kind("/a", method, status)[1] == expected


@pytest.mark.parametrize("path", [None, "", "*", "a/b", "?q", "/robots.txt"])
def test_what_names_no_page_is_other(path):
    assert kind(path)[1] == "other"
