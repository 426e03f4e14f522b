"""A list measured from the command line: figures by hand, files, guards."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lodeworks.files import file_digest
from pipelines.measuring.outputs import FILES

COST, BASE, UPLIFT = 0.1, 0.05, 0.25


def by_hand(sent):
    """Work the outcomes of the list out with plain loops."""
    orders = pd.read_csv(sent.orders)
    margin = {"P1": 10.0, "P2": 20.0, "P3": 5.0, "P4": 8.0}
    bought = set(zip(orders["customer_id"], orders["item_id"], strict=True))
    found = {}
    for row in sent.rows.to_dict("records"):
        who = found.setdefault(row["customer_id"], [row["group"], 0, 0.0])
        if (row["customer_id"], row["item_id"]) in bought:
            who[1] = 1
            who[2] += margin[row["item_id"]]
    frame = pd.DataFrame(found.values(), columns=["group", "response", "revenue"])
    # no item states a margin: 40 % of the amount, less the contact of a target
    frame["profit"] = 0.4 * frame["revenue"] - COST * (frame["group"] == "target")
    return frame


@pytest.mark.parametrize("outcome", ["response", "revenue", "profit"])
def test_the_effects_agree_with_plain_sums(sent, outcome):
    assert sent.measure().code == 0
    frame = by_hand(sent)
    target, control = (
        frame.loc[frame["group"] == group, outcome] for group in ("target", "control")
    )
    found = sent.effect(outcome)
    assert found["treated"] == len(target)
    assert found["treated_mean"] == pytest.approx(target.mean())
    assert found["control_mean"] == pytest.approx(control.mean())
    if outcome != "response":
        told = stats.ttest_ind(target, control, equal_var=False)
        assert found["p"] == pytest.approx(told.pvalue)
        assert found["low"] == pytest.approx(told.confidence_interval().low)


def test_the_planted_effect_is_in_the_intervals(sent):
    sent.measure()
    # rank 1 is bought with 0.30 or 0.05, rank 2 with 0.05: at least one of the two
    truth = (1 - 0.7 * 0.95) - (1 - 0.95**2)
    response = sent.effect("response")
    assert response["low"] < truth < response["high"]
    worth = np.mean([10.0, 20.0, 5.0, 8.0]) * 0.4
    profit = sent.effect("profit")
    assert profit["low"] < UPLIFT * worth - COST < profit["high"]
    assert sent.effect("units")["low"] < UPLIFT < sent.effect("units")["high"]


def test_everything_is_written_and_told(sent):
    told = sent.measure()
    assert sorted(path.name for path in sent.out.iterdir()) == sorted(FILES.values())
    assert "the contacts earned" in told.out
    assert "GBP in all (" in told.out
    page = (sent.out / "report.html").read_text()
    assert "The contacts earned" in page
    assert "http" not in page.replace("http-equiv", "")
    manifest = json.loads((sent.out / "manifest.json").read_text())
    assert manifest["inputs"]["list"]["sha256"] == file_digest(sent.path)
    assert manifest["inputs"]["outcomes"]["sha256"] == file_digest(sent.orders)
    assert manifest["outputs"]["measure.json"] == file_digest(sent.out / "measure.json")
    load = manifest["load"]
    assert load["rows_in"] == load["rows_loaded"] + load["rows_rejected"]


def test_json_is_one_object_that_holds_the_figures(sent):
    told = sent.measure("--json")
    values = json.loads(told.out)
    assert values["effects"] == sent.figures["effects"]
    assert values["paths"]["records"].endswith("effects.json")


def test_the_records_are_the_same_in_both_forms(sent):
    sent.measure()
    records = json.loads((sent.out / "effects.json").read_text())
    frame = pd.read_parquet(sent.out / "effects.parquet")
    assert frame["effect_id"].tolist() == [record["effect_id"] for record in records]
    assert frame["effect_id"].is_unique
    whole = next(r for r in records if r["subject"] == "list" and r["outcome"] == "profit")
    assert whole["total"] == pytest.approx(whole["difference"] * whole["target"])
    assert whole["currency"] == "GBP"
    rule = {r["pattern_id"] for r in records if r["subject"] == "rule"}
    assert rule == {"rule:P1", "rule:P2", "rule:P3", "rule:P4"}
    assert {r["subject"] for r in records} == {
        *("list", "segment", "model", "decile", "rank", "rule")
    }


def test_only_the_rank_with_an_effect_differs(sent):
    sent.measure()
    ranks = {
        row["part"]: row
        for row in sent.figures["breakdown"]
        if row["subject"] == "rank" and row["outcome"] == "response"
    }
    assert ranks["1"]["verdict"] == "more"
    assert ranks["1"]["low"] < UPLIFT < ranks["1"]["high"]
    assert ranks["2"]["verdict"] == "too small to tell"
    assert ranks["2"]["low"] < 0 < ranks["2"]["high"]


def test_parts_of_the_customers_add_up_to_all(sent):
    sent.measure()
    for subject in ("segment", "model", "decile"):
        parts = [
            row
            for row in sent.figures["breakdown"]
            if row["subject"] == subject and row["outcome"] == "profit"
        ]
        assert sum(row["treated"] for row in parts) == sent.effect("profit")["treated"]
        mean = sum(row["treated"] * row["treated_mean"] for row in parts)
        whole = sent.effect("profit")
        assert mean == pytest.approx(whole["treated"] * whole["treated_mean"])


def test_the_expectation_is_held_against_what_targets_did(sent):
    sent.measure()
    rows = sent.rows[sent.rows["group"] == "target"]
    table = {row["decile"]: row for row in sent.figures["calibration"]}
    assert len(table) == 11
    whole = table["all"]
    assert whole["expected_profit"] == pytest.approx(rows["expected_profit"].sum())
    assert whole["expected_purchases"] == pytest.approx(rows["probability"].sum())
    frame = by_hand(sent)
    realised = frame.loc[frame["group"] == "target", "profit"]
    assert whole["realised_profit"] == pytest.approx(realised.sum())
    assert whole["realised_profit_low"] < realised.sum() < whole["realised_profit_high"]
    each = [table[str(k)]["expected_profit"] / table[str(k)]["customers"] for k in range(1, 11)]
    assert each == sorted(each, reverse=True)


def test_the_same_data_in_any_order_and_form_give_the_same_figures(sent):
    sent.measure()
    before = sent.figures
    orders = pd.read_csv(sent.orders).sample(frac=1, random_state=3)
    orders["ordered_at"] = pd.to_datetime(orders["ordered_at"])
    path = sent.folder / "after.parquet"
    orders.to_parquet(path, index=False)
    sent.measure(orders=path)
    assert sent.figures["effects"] == before["effects"]
    assert sent.figures["breakdown"] == before["breakdown"]


def test_a_list_in_parquet_gives_the_same_figures(sent):
    sent.measure()
    before = sent.figures["effects"]
    sent.path = sent.folder / "list.parquet"
    sent.rows.to_parquet(sent.path, index=False)
    told = json.loads((sent.folder / "list.csv.manifest.json").read_text())
    told["list_sha256"] = file_digest(sent.path)
    (sent.folder / "manifest.json").write_text(json.dumps(told))
    assert sent.measure().code == 0
    assert sent.figures["effects"] == before


def test_guarded_cells_of_a_spreadsheet_are_read_as_they_were(sent):
    rows = sent.rows.assign(customer_id="=" + sent.rows["customer_id"])
    guarded = rows.assign(customer_id="'" + rows["customer_id"])
    sent.write(guarded)
    orders = pd.read_csv(sent.orders)
    path = sent.file("guarded.csv", orders.assign(customer_id="=" + orders["customer_id"]))
    sent.measure(orders=path)
    assert sent.effect("response")["treated_mean"] > 0.2


class TestPast:
    def orders(self, sent, seed=5):
        rng = np.random.default_rng(seed)
        who = sent.rows["customer_id"].drop_duplicates()
        return pd.DataFrame(
            {
                "customer_id": rng.choice(who, 4000),
                "item_id": "P1",
                "ordered_at": "2024-10-15",
                "quantity": 1,
                "amount": rng.gamma(2.0, 5.0, 4000),
            }
        )

    def test_what_foretells_the_outcome_makes_the_interval_shorter(self, sent):
        past = self.orders(sent)
        # who bought much before buys much of anything after, contacted or not
        later = past.assign(
            item_id="P4", ordered_at="2024-12-20", amount=past["amount"] * 3, quantity=2
        )
        both = pd.concat([pd.read_csv(sent.orders), later])
        told = sent.measure(
            "--past", sent.file("past.csv", past), orders=sent.file("both.csv", both)
        )
        assert told.code == 0
        plain = sent.effect("any_revenue", "unadjusted")
        found = sent.effect("any_revenue")
        assert found["variance_reduction"] > 0.9
        assert found["high"] - found["low"] < 0.35 * (plain["high"] - plain["low"])
        assert "the past took" in told.out

    def test_orders_after_the_list_are_no_past(self, sent):
        sent.measure("--past", sent.file("past.csv", self.orders(sent)))
        before = sent.figures["effects"]
        later = self.orders(sent, 6).assign(ordered_at="2024-12-05")
        both = pd.concat([self.orders(sent), later])
        sent.measure("--past", sent.file("both.csv", both))
        assert sent.figures["effects"] == before

    def test_a_past_that_is_none_is_refused(self, sent, refused):
        later = self.orders(sent).assign(ordered_at="2024-12-05")
        assert "is before the list" in refused(3, "--past", sent.file("past.csv", later))

    def test_too_few_controls_are_told(self, sent):
        few = sent.rows[(sent.rows["group"] == "target") | (sent.rows["customer_id"] < "C0100")]
        config = {"window": {"outcome": 31, "gap": 0}, "policy": {}}
        sent.write(few, config={**config, "economics": {"margin": 0.4, "contact_cost": 0.1}})
        told = sent.measure("--past", sent.file("past.csv", self.orders(sent)))
        assert "the past was not used: it takes 55 customers in each group" in told.out


class TestContacts:
    def contacts(self, sent, targets=1.0, controls=0.0, **more):
        people = sent.rows.drop_duplicates("customer_id")
        rng = np.random.default_rng(9)
        chance = np.where(people["group"] == "target", targets, controls)
        reached = people.loc[rng.random(len(people)) < chance, ["customer_id"]]
        return reached.assign(contacted_at="2024-12-01 09:00", **more)

    def test_contacts_as_drawn_change_nothing(self, sent):
        sent.measure()
        before = sent.figures["effects"]
        told = sent.measure("--contacts", sent.file("c.csv", self.contacts(sent)))
        assert sent.figures["effects"] == before
        assert sent.figures["compliers"] == {}
        assert "contamination" not in told.out

    def test_contamination_and_missed_targets_are_told_and_cost_what_they_cost(self, sent):
        contacts = self.contacts(sent, targets=0.6, controls=0.2)
        told = sent.measure("--contacts", sent.file("c.csv", contacts))
        counts = sent.figures["contacts"]
        groups = sent.rows.drop_duplicates("customer_id").set_index("customer_id")["group"]
        reached = groups[contacts["customer_id"]].value_counts()
        assert counts["contacted_controls"] == reached["control"]
        assert counts["missed_targets"] == (groups == "target").sum() - reached["target"]
        assert f"contamination: {reached['control']} controls were contacted anyway" in told.out
        frame = by_hand(sent)
        margin = 0.4 * frame.loc[frame["group"] == "control", "revenue"]
        spent = COST * reached["control"] / len(margin)
        assert sent.effect("profit")["control_mean"] == pytest.approx(margin.mean() - spent)

    @pytest.mark.parametrize("said", ["control", " Control"])
    def test_rows_of_the_group_control_are_no_contacts(self, sent, said):
        contacts = self.contacts(sent, targets=0.6, controls=1.0)
        groups = sent.rows.drop_duplicates("customer_id").set_index("customer_id")["group"]
        contacts["group"] = groups[contacts["customer_id"]].replace("control", said).to_numpy()
        told = sent.measure("--contacts", sent.file("c.csv", contacts))
        counts, held = sent.figures["contacts"], (groups == "control").sum()
        assert (counts["rows"], counts["left_alone"]) == (len(contacts), held)
        assert counts["contacted_controls"] == 0
        assert counts["contacted_targets"] == len(contacts) - held
        assert "contamination" not in told.out
        assert f"{held} rows of the contacts are of the group control" in told.out

    def test_the_complement_is_the_effect_over_the_gap_in_contacts(self, sent):
        contacts = self.contacts(sent, targets=0.5)
        sent.measure("--contacts", sent.file("c.csv", contacts))
        counts, drawn = sent.figures["contacts"], sent.effect("response")
        share = counts["contacted_targets"] / drawn["treated"]
        found = sent.figures["compliers"]["response"]
        assert found["difference"] == pytest.approx(drawn["difference"] / share)
        assert any("complement" in line for line in sent.figures["statements"])

    def test_contacts_outside_the_time_and_the_list_do_not_count(self, sent):
        contacts = self.contacts(sent)
        others = pd.DataFrame(
            {
                "customer_id": ["C0001", "C0002", "X1", "", "C0003"],
                "contacted_at": ["2024-11-01", "2025-03-01", "2024-12-01", "2024-12-01", "soon"],
            }
        )
        sent.measure("--contacts", sent.file("c.csv", pd.concat([contacts, others])))
        counts = sent.figures["contacts"]
        assert [counts[name] for name in ("before", "late", "strangers", "unreadable")] == [
            *(1, 1, 1, 2)
        ]

    def test_times_of_any_zone_and_form_are_read(self, sent):
        contacts = self.contacts(sent)
        forms = ["2024-12-01T09:00:00+01:00", "2024-12-01", "2024-12-02 08:15"]
        contacts["contacted_at"] = [forms[n % 3] for n in range(len(contacts))]
        sent.measure("--contacts", sent.file("c.csv", contacts))
        assert sent.figures["contacts"]["contacted_targets"] == len(contacts)
        assert sent.figures["contacts"]["unreadable"] == 0

    def test_responses_that_contacts_report_are_counted(self, sent):
        contacts = self.contacts(sent, response="yes")
        sent.measure("--contacts", sent.file("c.csv", contacts))
        assert sent.figures["contacts"]["responses"] == len(contacts)

    @pytest.mark.parametrize(
        ("frame", "message"),
        [
            ({"customer": ["C1"], "contacted_at": ["2024-12-01"]}, "did you mean 'customer'?"),
            ({"customer_id": ["C1"]}, "'contacted_at': allowed: customer_id"),
            ({"customer_id": ["C1"], "contacted_at": ["never"]}, "has a customer and a time"),
        ],
    )
    def test_contacts_that_cannot_be_read_are_refused(self, sent, refused, frame, message):
        path = sent.file("c.csv", pd.DataFrame(frame))
        told = refused(3, "--contacts", path)
        assert message in told

    def test_missing_contacts_are_refused(self, sent, refused):
        assert "contacts" in refused(3, "--contacts", sent.folder / "gone.csv")

    def test_the_column_of_the_generator_is_taken_too(self, sent):
        contacts = self.contacts(sent).rename(columns={"contacted_at": "contacted_on"})
        path = sent.folder / "c.parquet"
        contacts.assign(contacted_on=pd.Timestamp("2024-12-01")).to_parquet(path, index=False)
        sent.measure("--contacts", path)
        assert sent.figures["contacts"]["contacted_targets"] == len(contacts)


class TestTime:
    def without_last_days(self, sent, last="2024-12-20"):
        orders = pd.read_csv(sent.orders)
        return sent.file("early.csv", orders[orders["ordered_at"] <= f"{last} 23:59:59"])

    def test_a_window_that_is_not_over_is_refused(self, sent, refused):
        told = refused(3, orders=self.without_last_days(sent))
        assert "is not over: it ends on 2024-12-31, and the orders on 2024-12-20" in told
        assert "--so-far" in told

    def test_an_interim_look_is_labelled(self, sent):
        told = sent.measure("--so-far", orders=self.without_last_days(sent))
        assert told.code == 0
        assert told.out.startswith("INTERIM, 2024-12-01 to 2024-12-20")
        assert sent.figures["interim"] is True
        records = pd.read_parquet(sent.out / "effects.parquet")
        assert records["interim"].all()

    def test_days_without_a_sale_can_be_vouched_for(self, sent):
        told = sent.measure("--through", "2024-12-31", orders=self.without_last_days(sent))
        assert told.code == 0
        assert sent.figures["interim"] is False
        assert sent.figures["outcome_to"] == "2024-12-31"

    def test_a_shorter_window_looks_at_its_own_days_only(self, sent):
        sent.measure("--window", "10d")
        assert sent.figures["outcome_to"] == "2024-12-10"
        orders = pd.read_csv(sent.orders)
        units = orders.loc[orders["ordered_at"] < "2024-12-11", "quantity"].sum()
        groups = sent.effect("units")
        counted = sum(groups[f"{g}_mean"] * groups[g] for g in ("treated", "control"))
        assert counted == pytest.approx(units)

    def test_orders_before_the_list_are_counted_and_rejected(self, sent):
        sent.measure()
        before = sent.figures["effects"]
        orders = pd.read_csv(sent.orders)
        early = orders.head(7).assign(ordered_at="2024-11-30 23:59:59")
        told = sent.measure(orders=sent.file("more.csv", pd.concat([orders, early])))
        assert "7 order lines came before the outcome and do not count" in told.out
        assert sent.figures["effects"] == before

    def test_orders_that_all_came_before_are_refused(self, sent, refused):
        orders = pd.read_csv(sent.orders).assign(ordered_at="2024-11-12")
        told = refused(3, orders=sent.file("early.csv", orders))
        assert "all orders came before the outcome: they end on 2024-11-12" in told


class TestTheList:
    def test_an_edited_list_is_refused_until_it_is_accepted(self, sent, refused):
        rows = sent.rows.copy()
        rows.loc[0, "reason"] = "because"
        sent.write(rows, manifest=False)
        told = refused(4)
        assert "edited after it was written: its hash differs from the manifest's" in told
        again = sent.measure("--accept-edited")
        assert again.code == 0
        assert "(accepted)" in again.out

    def test_dropped_rows_are_found_without_a_hash_too(self, sent, refused):
        sent.write(sent.rows, list_sha256=None)
        sent.write(sent.rows.iloc[4:], manifest=False)
        told = refused(4)
        assert "1,200 rows were written, 1,196 are there" in told

    def test_without_a_manifest_nothing_is_measured(self, sent, refused):
        (sent.folder / "list.csv.manifest.json").unlink()
        told = refused(3)
        assert "has no manifest beside it (list.csv.manifest.json or manifest.json)" in told

    def test_a_customer_in_both_groups_is_refused(self, sent, refused):
        rows = sent.rows.copy()
        rows.loc[[0, 2], "group"] = "target"
        rows.loc[[1, 3], "group"] = "control"
        sent.write(rows)
        first, second = sorted(set(rows.loc[:3, "customer_id"]))
        assert f"2 customers are in both groups ({first}, {second})" in refused(3)

    def test_one_customer_in_both_groups_is_named(self, sent, refused):
        rows = sent.rows.copy()
        rows.loc[0, "group"] = "target"
        rows.loc[1, "group"] = "control"
        sent.write(rows)
        assert f"1 customer is in both groups ({rows.loc[0, 'customer_id']})" in refused(3)

    @pytest.mark.parametrize(("group", "missing"), [("target", "control"), ("control", "target")])
    def test_a_list_without_one_of_the_groups_is_refused(self, sent, refused, group, missing):
        sent.write(sent.rows.assign(group=group))
        assert f"the list has no {missing} group" in refused(3)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"group": "treated"}, "group is 'target' or 'control', but the list says treated"),
            ({"as_of": "last week"}, "as_of is no day such as 2024-12-31: 'last week'"),
            ({"probability": np.nan}, "1,200 rows have no number in probability"),
            ({"item_id": "P1"}, "600 pairs of customer and item are listed twice"),
        ],
    )
    def test_what_is_wrong_inside_is_told(self, sent, refused, changes, message):
        sent.write(sent.rows.assign(**changes))
        assert message in refused(3)

    def test_lists_of_two_days_are_refused(self, sent, refused):
        rows = sent.rows.copy()
        rows.loc[:9, "as_of"] = "2024-11-01"
        sent.write(rows)
        assert "rows of 2 days: 2024-11-01, 2024-11-30" in refused(3)

    def test_missing_columns_are_told_with_the_nearest(self, sent, refused):
        sent.write(
            sent.rows.rename(columns={"segment": "segments", "group": "groups"}), manifest=False
        )
        told = refused(3)
        assert "2 columns are missing" in told
        assert "'segment': did you mean 'segments'?" in told

    def test_a_file_that_is_no_list_is_refused(self, sent, refused):
        sent.path.write_bytes(b"\x00\x01")
        assert "is no list" in refused(3)

    def test_a_missing_list_is_refused(self, sent, refused):
        sent.path.unlink()
        assert "list.csv is missing" in refused(3)


class TestSampleRatio:
    def lopsided(self, sent):
        people = sent.rows.loc[sent.rows["group"] == "control", "customer_id"].unique()
        return sent.rows[~sent.rows["customer_id"].isin(people[: len(people) // 2])]

    def test_lost_controls_are_found_until_accepted(self, sent, refused):
        sent.write(self.lopsided(sent))
        told = refused(4)
        assert "SAMPLE RATIO MISMATCH" in told
        assert "30.0% were planned" in told
        again = sent.measure("--accept-mismatch")
        assert again.code == 0
        assert "! SAMPLE RATIO MISMATCH" in again.out
        assert sent.figures["sample_ratio"]["mismatch"] is True

    def test_the_draw_itself_is_no_mismatch(self, sent):
        sent.measure()
        ratio = sent.figures["sample_ratio"]
        assert ratio["mismatch"] is False
        assert ratio["p"] == pytest.approx(stats.binomtest(ratio["control"], 600, 0.3).pvalue)


class TestMoney:
    def test_mixed_currencies_are_refused(self, sent, refused):
        orders = pd.read_csv(sent.orders)
        orders["currency"] = np.where(np.arange(len(orders)) % 2, "GBP", "EUR")
        told = refused(3, orders=sent.file("mixed.csv", orders))
        assert "mix 2 currencies (EUR, GBP)" in told

    def test_another_currency_than_the_list_is_refused(self, sent, refused):
        orders = pd.read_csv(sent.orders).assign(currency="eur")
        told = refused(3, orders=sent.file("eur.csv", orders))
        assert "the list is priced in GBP, but the orders" in told

    def test_the_same_currency_is_fine(self, sent):
        orders = pd.read_csv(sent.orders).assign(currency="gbp")
        assert sent.measure(orders=sent.file("gbp.csv", orders)).code == 0

    def test_items_without_a_margin_are_refused(self, sent, refused):
        config = {"window": {"outcome": 31, "gap": 0}, "policy": {"control": 0.3}}
        sent.write(sent.rows, config={**config, "economics": {"margin": None}})
        told = refused(3)
        assert "4 items that were bought have no margin (P1, P2, P3, ...)" in told

    def test_orders_without_money_are_refused(self, sent, refused):
        orders = pd.read_csv(sent.orders).drop(columns="amount")
        assert "neither amount nor price" in refused(3, orders=sent.file("bare.csv", orders))


def test_all_problems_are_told_at_once(sent, refused):
    rows = sent.rows.copy()
    sent.write(rows)
    sent.write(rows.iloc[2:].assign(reason="x"), manifest=False)
    orders = pd.read_csv(sent.orders).assign(ordered_at="2024-11-12", currency="EUR")
    told = refused(3, orders=sent.file("bad.csv", orders))
    assert "3 problems" in told
    for part in ("all orders came before", "priced in GBP", "edited after it was written"):
        assert part in told


@pytest.mark.parametrize("name", ["customer_id", "ordered_at"])
def test_orders_that_lack_a_column_are_refused_with_the_nearest(sent, refused, name):
    orders = pd.read_csv(sent.orders).rename(columns={name: f"{name}s"})
    told = refused(3, orders=sent.file("odd.csv", orders))
    assert f"'{name}': did you mean '{name}s'?" in told
    assert "--config" in told


def test_another_folder_is_not_overwritten(sent):
    (sent.folder / "mine").mkdir()
    (sent.folder / "mine" / "thesis.txt").write_text("years of work")
    told = sent.measure("--out", sent.folder / "mine")
    assert told.code == 2
    assert "holds something else" in told.err
    assert (sent.folder / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_earlier_measurement_is_replaced(sent):
    sent.measure()
    assert sent.measure("--window", "20d").code == 0
    assert sent.figures["outcome_to"] == "2024-12-20"


def test_a_list_too_small_says_what_size_would_do(sent):
    few = sent.rows[sent.rows["customer_id"] < "C0020"]
    sent.write(few)
    told = sent.measure()
    assert told.code == 0
    assert "whether the contacts earned anything is too small to tell" in told.out
    assert "customers would do" in told.out
    assert sent.figures["breakdown"] == []
    assert sent.figures["parts_too_small"]["rule"] == 4
