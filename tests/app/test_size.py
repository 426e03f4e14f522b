"""What a page does not depend on: the size of the warehouse, of lists and of rules."""

import pytest

from experiments.findings import FindingStore, RunFacts

MANY = 10_000


@pytest.fixture
def closed(monkeypatch):
    """Let nobody open a database or a table."""

    def forbidden(*_, **__):
        raise AssertionError("a large file was opened")

    monkeypatch.setattr("duckdb.connect", forbidden)
    monkeypatch.setattr("pandas.read_parquet", forbidden)


@pytest.mark.parametrize("path", ["/", "/candidates", "/running"])
def test_the_first_page_reads_manifests_only(filled, kit, closed, path):
    browser = kit.browser_of(filled)
    assert browser.get(path).status == 200


@pytest.mark.parametrize("path", ["/rules", "/findings"])
def test_what_is_kept_is_shown_without_the_warehouse(filled, kit, closed, path):
    assert kit.browser_of(filled).get(path).status == 200


def test_ten_thousand_rules_make_a_page_no_larger_than_some_hundred(workspace, kit):
    store = FindingStore(workspace / "findings.db")
    sizes = []
    for count in (500, MANY):
        drafts = [
            kit.draft([f"item {n}"], "scones", lift=1 + n / MANY, money=float(n))
            for n in range(count)
        ]
        store.record(RunFacts(run_id=f"run-{count}", question="many"), drafts)
        answer = kit.browser_of(workspace).get("/rules")
        assert answer.status == 200
        sizes.append(len(answer.body))
    assert f"{MANY + 3:,} rules" in answer.text
    assert "The first 400 of" in answer.text
    assert sizes[1] < 1.1 * sizes[0] < 400_000


def test_rules_are_read_once_for_many_pages(workspace, kit, monkeypatch):
    browser, reads = kit.browser_of(workspace), []
    plain = FindingStore.find
    monkeypatch.setattr(
        FindingStore, "find", lambda self, wanted=None: reads.append(1) or plain(self, wanted)
    )
    for path in ("/rules", "/rules?item=tea", "/findings", "/findings?q=tea"):
        assert browser.get(path).status == 200
    assert len(reads) == 1
