"""Days, terms, orders, guards and records by themselves."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from features.sources import CsvSource
from lodeworks.errors import DataError, GateRefused
from pipelines.config import load
from pipelines.measuring.days import days_of
from pipelines.measuring.given_list import GivenList, read_list
from pipelines.measuring.guards import check_edited, check_sample_ratio
from pipelines.measuring.orders import currencies, read_orders
from pipelines.measuring.outputs import plain_values
from pipelines.measuring.problems import Problems
from pipelines.measuring.statements import part_statements
from pipelines.measuring.terms import Terms, terms_of

AS_OF = date(2024, 11, 30)


def days(last, *, outcome=31, gap=0, through=None, so_far=False):
    problems = Problems()
    times = pd.Series(pd.to_datetime([last] if last else []))
    found = days_of(AS_OF, outcome, gap, times, through=through, so_far=so_far, problems=problems)
    return found, problems


class TestDays:
    def test_the_window_follows_the_day_of_the_list(self):
        found, problems = days("2024-12-31 08:00")
        assert (found.first, found.last) == (date(2024, 12, 1), date(2024, 12, 31))
        assert not found.interim
        assert problems == Problems()

    def test_a_gap_moves_it(self):
        found, _ = days("2025-03-01", gap=7, outcome=10)
        assert (found.first, found.last) == (date(2024, 12, 8), date(2024, 12, 17))

    def test_orders_after_the_window_do_not_make_it_longer(self):
        assert days("2025-06-01")[0].last == date(2024, 12, 31)

    @pytest.mark.parametrize("last", ["2024-12-30 23:59", "2024-12-01"])
    def test_a_day_less_is_not_over(self, last):
        _, problems = days(last)
        assert "the outcome window is not over" in problems.data[0]

    def test_an_interim_look_ends_with_the_data(self):
        found, problems = days("2024-12-05", so_far=True)
        assert found.interim
        assert found.last == date(2024, 12, 5)
        assert problems.data == []
        assert problems.notes[0].startswith("interim: 5 of 31 days")

    @pytest.mark.parametrize("so_far", [False, True])
    @pytest.mark.parametrize("last", ["2024-11-30 23:59:59", None])
    def test_no_day_of_the_window_is_no_interim_look(self, last, so_far):
        _, problems = days(last, so_far=so_far)
        assert problems.data[0].startswith("all orders came before the outcome")

    def test_what_is_vouched_for_goes_before_the_last_order(self):
        found, problems = days("2024-12-05", through=date(2024, 12, 31))
        assert not found.interim
        assert problems.data == []


class TestTerms:
    def test_what_is_known_stays_and_the_rest_is_filled_in(self):
        first = Terms(control=0.0, currency="GBP")
        second = Terms(control=0.5, margin=0.3, outcome=14)
        found = first.filled_from(second)
        assert (found.control, found.currency) == (0.0, "GBP")
        assert (found.margin, found.outcome) == (0.3, 14)

    def test_the_manifest_of_score(self):
        manifest = {
            "command": "score",
            "terms": {"control": 0.2, "policy": {"contact_cost": 0.7}},
            "expected_profit": {"currency": "EUR"},
        }
        found = terms_of(GivenList(Path("l"), pd.DataFrame(), "", manifest), None)
        assert (found.control, found.contact_cost, found.currency) == (0.2, 0.7, "EUR")
        assert found.outcome is None

    def test_the_manifest_of_score_tells_margin_and_days(self):
        manifest = {
            "economics": {"margin": 0.25, "contact_cost": 0.1, "currency": "CHF"},
            "window": {"gap": 3, "outcome": 14, "from": "2024-01-04", "to": "2024-01-17"},
        }
        found = terms_of(GivenList(Path("l"), pd.DataFrame(), "", manifest), None)
        assert (found.margin, found.contact_cost, found.currency) == (0.25, 0.1, "CHF")
        assert (found.gap, found.outcome) == (3, 14)

    def test_the_manifest_goes_before_the_configuration(self, tmp_path):
        path = tmp_path / "a.yaml"
        path.write_text(
            "kind: cross-sell\nname: x\neconomics: {margin: 0.4, contact_cost: 9}\n"
            "policy: {control: 0.9}\nwindow: {outcome: 10d, gap: 2d}\n"
            "sources: [{kind: csv, path: l.csv,"
            " columns: {customer_id: c, item_id: i, ordered_at: t}}]\n"
        )
        manifest = {"terms": {"control": 0.2, "policy": {"contact_cost": 0.7}}}
        given = GivenList(Path("l"), pd.DataFrame(), "", manifest)
        found = terms_of(given, load(path))
        assert (found.control, found.contact_cost) == (0.2, 0.7)
        assert (found.margin, found.outcome, found.gap) == (0.4, 10, 2)
        assert [source.table for source in found.sources] == ["lines"]

    def test_a_bundle_that_is_gone_says_nothing(self, tmp_path):
        given = GivenList(Path("l"), pd.DataFrame(), "", {"bundle": str(tmp_path / "gone")})
        assert terms_of(given, None).items is None


class TestOrders:
    def write(self, tmp_path, text):
        path = tmp_path / "orders.csv"
        path.write_text(text)
        return path

    def test_plain_columns_are_read_as_they_stand(self, tmp_path):
        path = self.write(
            tmp_path,
            "customer_id,item_id,ordered_at,quantity,amount,colour\n"
            "a,x,2024-12-01,2,9.5,red\nb,y,2024-12-02 10:00:00,1,3,blue\n",
        )
        found = read_orders(path, [], mapped=False)
        assert found.lines["amount"].tolist() == [9.5, 3.0]
        assert found.report["rows_loaded"] == 2
        assert found.items.empty

    def test_bad_rows_are_rejected_and_counted(self, tmp_path):
        path = self.write(
            tmp_path,
            "customer_id,item_id,ordered_at,quantity,amount\n"
            "a,x,2024-12-01,2,9.5\n,x,2024-12-01,1,1\nb,y,soon,1,1\nb,y,2024-12-01,-1,1\n",
        )
        report = read_orders(path, [], mapped=False).report
        assert (report["rows_loaded"], report["rows_rejected"]) == (1, 3)

    def test_a_price_makes_the_amount(self, tmp_path):
        path = self.write(
            tmp_path, "customer_id,item_id,ordered_at,quantity,price\na,x,2024-12-01,3,2.5\n"
        )
        assert read_orders(path, [], mapped=False).lines["amount"].tolist() == [7.5]

    def test_a_mapping_that_does_not_fit_gives_way_to_plain_columns(self, tmp_path):
        path = self.write(
            tmp_path, "customer_id,item_id,ordered_at,quantity,amount\na,x,2024-12-01,1,2\n"
        )
        source = CsvSource(
            path="old.csv",
            columns={"customer_id": "who", "item_id": "what", "ordered_at": "when", "price": "p"},
        )
        assert len(read_orders(path, [source], mapped=True).lines) == 1

    def test_a_mapping_that_fits_is_used_with_its_returns(self, tmp_path):
        path = self.write(
            tmp_path, "who,what,when,no,n,p\na,x,2024-12-01,1,1,2\na,x,2024-12-02,C1,-1,2\n"
        )
        source = CsvSource(
            path="old.csv",
            columns={
                "customer_id": "who",
                "item_id": "what",
                "ordered_at": "when",
                "order_id": "no",
                "quantity": "n",
                "price": "p",
            },
            returns={"column": "order_id", "matches": "^C"},
        )
        found = read_orders(path, [source], mapped=True)
        assert found.report["rows_loaded"] == 2
        assert found.lines["order_id"].tolist() == ["1"]

    def test_currencies_in_any_spelling(self, tmp_path):
        path = self.write(tmp_path, "Currency,x\ngbp,1\n GBP ,2\n,3\nEUR,4\n")
        assert currencies(path) == ["EUR", "GBP"]
        pd.DataFrame({"CURRENCY": ["usd", None]}).to_parquet(tmp_path / "o.parquet")
        assert currencies(tmp_path / "o.parquet") == ["USD"]
        assert currencies(self.write(tmp_path, "x\n1\n")) == []

    def test_a_missing_file_is_told(self, tmp_path):
        with pytest.raises(DataError, match=r"gone\.csv are missing"):
            read_orders(tmp_path / "gone.csv", [], mapped=False)


def test_problems_of_data_go_before_gates():
    with pytest.raises(GateRefused, match="shut"):
        Problems(gates=["shut"]).refuse()
    with pytest.raises(DataError) as caught:
        Problems(data=["bad"], gates=["shut"]).refuse()
    assert caught.value.problems == ("bad", "shut")
    Problems(notes=["a note"]).refuse()


def listed(control, **manifest):
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(1000)],
            "rank": 1,
            "item_id": "x",
            "probability": 0.1,
            "expected_profit": 1.0,
            "evidence_id": "e",
            "segment": "s",
            "group": ["control" if n < control else "target" for n in range(1000)],
            "model": "m",
            "as_of": "2024-11-30",
        }
    )
    return GivenList(Path("l"), rows, "abc", manifest)


def test_a_hash_that_agrees_says_nothing():
    problems = Problems()
    check_edited(listed(100, list_sha256="abc"), problems, accepted=False)
    assert problems == Problems()


def test_counts_that_differ_are_told_one_by_one():
    problems = Problems()
    counts = {"rows": 1001, "target_customers": 901, "control_customers": 100}
    check_edited(listed(100, list=counts, list_sha256="abc"), problems, accepted=False)
    assert "1,001 rows were written, 1,000 are there" in problems.gates[0]
    assert "901 target customers were written, 900 are there" in problems.gates[0]
    assert "control customers" not in problems.gates[0]


def test_a_planned_share_that_is_not_known_is_a_note():
    problems = Problems()
    assert check_sample_ratio(listed(100), None, problems, accepted=False) is None
    assert problems.gates == []
    assert "not known" in problems.notes[0]


@pytest.mark.parametrize(("control", "gates"), [(100, 0), (130, 0), (150, 1), (60, 1)])
def test_only_what_chance_cannot_do_is_a_mismatch(control, gates):
    problems = Problems()
    check_sample_ratio(listed(control), 0.1, problems, accepted=False)
    assert len(problems.gates) == gates


def test_a_manifest_of_another_command_is_none(tmp_path):
    path = tmp_path / "list.csv"
    listed(100).rows.to_csv(path, index=False)
    for text in ('{"command": "mine"}', "[]", "{"):
        (tmp_path / "manifest.json").write_text(text)
        assert read_list(path, Problems()).manifest == {}
    (tmp_path / "list.csv.manifest.json").write_text(json.dumps({"command": "score", "a": 1}))
    assert read_list(path, Problems()).manifest["a"] == 1


def test_identifiers_stay_texts(tmp_path):
    path = tmp_path / "list.csv"
    rows = listed(100).rows
    rows.assign(customer_id=[f"{n:06d}" for n in range(1000)], item_id="007").to_csv(
        path, index=False
    )
    given = read_list(path, Problems())
    assert given.rows["customer_id"].iloc[1] == "000001"
    assert set(given.rows["item_id"]) == {"007"}


def test_parts_are_told_surest_first():
    parts = pd.DataFrame(
        {
            "subject": ["rule", "rule", "rule", "rank"],
            "part": ["a", "b", "c", "1"],
            "outcome": "response",
            "p_holm": [0.04, 0.001, 0.9, 0.5],
            "verdict": ["less", "more", "too small to tell", "too small to tell"],
        }
    )
    assert part_statements(parts) == [
        "by rule: b (response more), a (response less); of 3 looks, corrected after Holm for each"
        " outcome",
        "by rank: too small to tell in any of 1 looks",
    ]


def test_numbers_that_are_none_become_null():
    assert plain_values({"a": [float("nan"), 1.0], 2: (float("inf"),)}) == {
        "a": [None, 1.0],
        "2": [None],
    }
