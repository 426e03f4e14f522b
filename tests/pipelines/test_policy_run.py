"""A run under every rule at once: what is sent keeps them, and what is measured is what is sent."""

import json
import shutil

import pandas as pd
import pytest
import yaml

from pipelines.cli import main
from pipelines.config import load
from pipelines.lists import control_group
from pipelines.run import run

LAST_DAY = "2024-12-31"
QUOTA, STOCK, FEW = 15, 3, 40


class Bounded:
    """A finished run under many rules, and the files that bounded it."""

    def __init__(self, folder, summary, values, shop):
        self.folder, self.summary, self.values, self.shop = folder, summary, values, shop
        self.offers = pd.read_parquet(summary.paths["list"])
        self.manifest = json.loads(summary.paths["manifest"].read_text())
        self.items = pd.read_csv(shop.paths["items"]).set_index("item_id")
        self.customers = pd.read_csv(shop.paths["customers"]).set_index("customer_id")


@pytest.fixture(scope="module")
def bounded(finished, shop, tracking_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bounded")
    (folder / "workspace").mkdir()
    shutil.copy(tracking_template, folder / "workspace" / "mlflow.db")
    values = yaml.safe_load(finished.path.read_text())
    items = pd.read_csv(shop.paths["items"])
    popular = pd.read_parquet(finished.summary.paths["list"])["item_id"].value_counts().index[:2]
    (folder / "stock.csv").write_text(f"item_id,stock\n{popular[0]},{STOCK}\n{popular[1]},0\n")
    customers = pd.read_csv(shop.paths["customers"])["customer_id"]
    contacts = pd.DataFrame({"customer_id": customers[::5], "contacted_on": "2024-12-20"})
    contacts.to_csv(folder / "contacts.csv", index=False)
    values |= {
        "name": "bounded",
        "window": {"backtests": 3},
        "candidates": [{"kind": "cosine", "tune": False}],
        "economics": {"contact_cost": 0.05, "capacity": FEW, "baseline": "organic"},
        "policy": {
            "rows": 4,
            "per_category": 2,
            "control": 0.2,
            "experiment": "spring",
            "per_item": QUOTA,
            "stock": str(folder / "stock.csv"),
            "repeat": [{"department": str(items["department"].iloc[0]), "after": "30d"}],
            "eligible": [
                {
                    "department": str(items["department"].iloc[-1]),
                    "when": {"column": "region", "one_of": ["London", "East"]},
                }
            ],
            "diversity": 0.2,
            "explore": 0.1,
            "fatigue": {
                "file": str(folder / "contacts.csv"),
                "within": "30d",
                "column": "contacted_on",
            },
        },
    }
    path = folder / "bounded.yaml"
    path.write_text(yaml.safe_dump(values))
    config = load(path, [f"workspace={folder / 'workspace'}"])
    return Bounded(folder, run(config), values, shop)


def test_items_keep_to_quotas_and_stock(bounded):
    times = bounded.offers["item_id"].value_counts()
    stock = pd.read_csv(bounded.folder / "stock.csv").set_index("item_id")["stock"]
    assert times.max() <= QUOTA
    assert (times.reindex(stock.index).fillna(0) <= stock).all()


def test_customers_keep_to_rows_categories_and_capacity(bounded):
    rows = bounded.offers.assign(category=bounded.offers["item_id"].map(bounded.items["category"]))
    assert rows.groupby("customer_id").size().max() <= 4
    assert rows.groupby(["customer_id", "category"]).size().max() <= 2
    assert rows.loc[rows["group"] == "target", "customer_id"].nunique() == FEW
    assert (rows.groupby("customer_id")["expected_profit"].sum() > -1e-9).all()


def test_only_eligible_customers_are_offered_what_needs_it(bounded):
    last = bounded.items["department"].iloc[-1]
    rows = bounded.offers[bounded.offers["item_id"].map(bounded.items["department"]) == last]
    assert len(rows) > 0
    assert set(rows["customer_id"].map(bounded.customers["region"])) <= {"London", "East"}


def test_things_bought_again_are_offered_after_their_days(bounded, shop):
    lines = pd.read_csv(shop.paths["lines"])
    day = pd.to_datetime(lines["ordered_at"], errors="coerce", format="%Y-%m-%d %H:%M:%S")
    age = (pd.Timestamp(LAST_DAY) - day.dt.normalize()).dt.days
    bought = pd.to_numeric(lines["quantity"], errors="coerce").gt(0) & age.notna()
    bought &= ~lines["order_id"].astype(str).str.startswith("C")
    last = age[bought].groupby([lines["customer_id"], lines["item_id"]]).min()
    pairs = pd.MultiIndex.from_frame(bounded.offers[["customer_id", "item_id"]])
    rows = bounded.offers.assign(age=last.reindex(pairs).to_numpy())
    owned = rows[rows["age"].notna()]
    departments = owned["item_id"].map(bounded.items["department"])
    assert len(owned) > 0
    assert set(departments) == {bounded.items["department"].iloc[0]}
    assert owned["age"].min() >= 30


def test_who_was_contacted_lately_is_left_alone(bounded):
    contacted = set(pd.read_csv(bounded.folder / "contacts.csv")["customer_id"])
    assert not contacted & set(bounded.offers["customer_id"])
    assert bounded.manifest["list"]["excluded_customers"] > len(contacted) / 2


def test_chance_is_written_down(bounded):
    assert bounded.manifest["list"]["rows_explored"] > 0
    propensity = bounded.offers["propensity"]
    assert propensity.between(0, 1, inclusive="right").all()
    assert (propensity <= 0.1).sum() == bounded.manifest["list"]["rows_explored"]


def test_the_manifest_says_what_a_measurement_needs(bounded):
    from lodeworks.files import file_digest

    manifest = bounded.manifest
    assert manifest["list_sha256"] == file_digest(bounded.summary.paths["list"])
    assert manifest["terms"]["experiment"] == "spring-0"
    assert manifest["terms"]["control"] == 0.2
    assert manifest["economics"]["contact_cost"] == 0.05
    assert manifest["window"] == {
        "gap": 0,
        "outcome": 31,
        "from": "2025-01-01",
        "to": "2025-01-31",
    }
    assert manifest["expected_profit"]["baseline"] == "organic"
    assert 0 <= manifest["list"]["gap"] < 0.05


def test_earlier_forecasts_are_held_against_what_happened(bounded):
    forecasts = pd.DataFrame(bounded.manifest["forecasts"])
    assert forecasts["as_of"].tolist() == ["2024-11-30", "2024-10-30", "2024-09-29"]
    # The first is the test itself, as the leaderboard tells it.
    winner = bounded.summary.leaderboard.query("winner").iloc[0]
    assert forecasts["predicted_profit"].iloc[0] == pytest.approx(winner["predicted_profit"])
    assert forecasts["realised_profit"].iloc[0] == pytest.approx(winner["expected_profit"])
    assert (forecasts["customers"] <= FEW).all()
    report = bounded.summary.paths["report"].read_text()
    assert "Earlier forecasts" in report
    assert "On 3 earlier dates the list would have promised" in report


def score(bounded, out, *more):
    data = [f"--data={name}={bounded.shop.paths[name]}" for name in ("lines", "items", "customers")]
    place = ["--as-of", LAST_DAY, "--out", str(out), "--quiet"]
    return main(["score", str(bounded.summary.paths["bundle"]), *data, *place, *map(str, more)])


def test_scoring_needs_the_files_that_bounded_the_run(bounded, tmp_path, capsys):
    assert score(bounded, tmp_path / "l.parquet") == 3
    told = capsys.readouterr().err
    assert "how much there is of single items: give --stock FILE" in told
    assert "of earlier contacts: give --contacts FILE" in told
    assert list(tmp_path.iterdir()) == []


def test_scoring_makes_the_list_of_the_run(bounded, tmp_path):
    out, files = tmp_path / "l.parquet", bounded.folder
    given = ("--stock", files / "stock.csv", "--contacts", files / "contacts.csv")
    assert score(bounded, out, *given) == 0
    again = pd.read_parquet(out)
    pd.testing.assert_frame_equal(
        again.drop(columns="model_version"), bounded.offers.drop(columns="model_version")
    )
    manifest = json.loads((tmp_path / "l.parquet.manifest.json").read_text())
    for name in ("expected_profit", "window", "list"):
        assert manifest[name] == bounded.manifest[name]
    assert manifest["terms"]["policy"] == bounded.manifest["terms"]["policy"]


def test_without_the_column_that_decides_no_list_is_made(bounded, tmp_path, capsys):
    (tmp_path / "nobody.csv").write_text("customer_id\n")
    files, out = bounded.folder, tmp_path / "l.parquet"
    words = ["score", bounded.summary.paths["bundle"], "--data", bounded.shop.paths["lines"]]
    words += ["--opt-out", tmp_path / "nobody.csv", "--stock", files / "stock.csv"]
    words += ["--contacts", files / "contacts.csv", "--as-of", LAST_DAY, "--out", out, "--quiet"]
    assert main([str(word) for word in words]) == 3
    assert "who is eligible is told by region, which the data lack" in capsys.readouterr().err
    assert not out.exists()


def refused(bounded, tmp_path, capsys, **policy):
    values = bounded.values | {"policy": bounded.values["policy"] | policy}
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump(values))
    runs = sorted((bounded.folder / "workspace" / "runs").iterdir())
    code = main(["run", str(path), "--workspace", str(bounded.folder / "workspace"), "--quiet"])
    assert sorted((bounded.folder / "workspace" / "runs").iterdir()) == runs
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("policy", "code", "message"),
    [
        ({"stock": "gone.csv"}, 3, "gone.csv cannot be read, so no list is made"),
        ({"opt_out": "gone.csv"}, 3, "gone.csv cannot be read, so no list is made"),
        ({"fatigue": {"file": "gone.csv"}}, 3, "gone.csv cannot be read, so no list is made"),
        ({"repeat": [{"category": "Nothing", "after": 3}]}, 2, "no category 'Nothing' in the data"),
    ],
)
def test_rules_that_cannot_be_kept_stop_the_run(bounded, tmp_path, capsys, policy, code, message):
    given, told = refused(bounded, tmp_path, capsys, **policy)
    assert given == code
    assert message in told


def test_opt_outs_that_are_written_otherwise_stop_the_run(bounded, tmp_path, capsys):
    (tmp_path / "out.csv").write_text("customer_id\n17\n18\n")
    code, told = refused(bounded, tmp_path, capsys, opt_out=str(tmp_path / "out.csv"))
    assert code == 3
    assert "none of the 2 customers in the files of exclusions is in the data" in told


def test_a_customer_is_in_the_same_group_of_every_list_of_an_experiment(bounded, prepared):
    other = run(
        prepared(
            name="other",
            candidates=[{"kind": "popularity", "tune": False}],
            policy={"rows": 2, "control": 0.2, "experiment": "spring"},
            promotion={"register": False},
        )
    )
    for rows in (pd.read_parquet(other.paths["list"]), bounded.offers):
        groups = rows.groupby("customer_id")["group"].first()
        drawn = control_group(groups.index, share=0.2, experiment="spring-0")
        assert (groups == "control").tolist() == drawn.tolist()


def test_a_basket_is_answered(bounded, capsys):
    bundle = str(bounded.summary.paths["bundle"])
    some = bounded.offers["item_id"].iloc[0]
    assert main(["score", bundle, "--basket", f"{some}", "--rows", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["basket"] == [some]
    assert [one["rank"] for one in told["offers"]] == [1, 2]
    place = str(bounded.folder / "workspace")
    asked = ["--basket", some, "--workspace", place]
    assert main(["score", "models:/bounded@champion", *asked]) == 0
    assert capsys.readouterr().out.startswith("1. ")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--basket", "P-1"], 3, "no item 'P-1' is known"),
        (["--basket", ""], 3, "the basket is empty"),
        (["--basket", "P", "--out", "x.csv"], 2, "--basket makes no list: leave out --out"),
        ([], 2, "missing: --data, --as-of, --out (or --basket)"),
    ],
)
def test_a_basket_that_is_none_is_refused(bounded, capsys, words, code, message):
    assert main(["score", str(bounded.summary.paths["bundle"]), *words]) == code
    assert message in capsys.readouterr().err
