"""The configuration reaches the stages as plain values."""

import pytest
import yaml

from pipelines.config import load
from pipelines.crosssell import terms
from pipelines.lists.fatigue import Fatigue

LINES = {
    "kind": "csv",
    "path": "${SHOP_FOLDER:-data}/l.csv",
    "columns": {"customer_id": "c", "item_id": "i", "ordered_at": "t"},
}


@pytest.fixture
def config(tmp_path):
    def build(**changes):
        path = tmp_path / "a.yaml"
        path.write_text(
            yaml.safe_dump({"kind": "cross-sell", "name": "x", "sources": [LINES], **changes})
        )
        return load(path)

    return build


@pytest.mark.parametrize(("owned", "scope"), [(True, "new"), (False, "all")])
def test_the_scope_follows_from_the_policy(config, owned, scope):
    given = config(policy={"exclude_owned": owned})
    assert terms.settings(given).scope == scope
    assert terms.list_spec(given).restrictions.exclude_owned == owned


def test_things_bought_again_may_be_owned(config):
    given = config(policy={"repeat": [{"items": ["A"], "after": "30d"}]})
    assert terms.settings(given).scope == "all"
    (rule,) = terms.list_spec(given).restrictions.repeat
    assert (rule.items, rule.after) == (("A",), 30)


def test_rules_money_and_stock_reach_the_stages(config, tmp_path):
    (tmp_path / "stock.csv").write_text("item_id,stock\nA,3\n")
    (tmp_path / "organic.csv").write_text("item_id,probability\nA,0.25\n")
    given = config(
        policy={
            "eligible": [{"category": "Wine", "when": {"column": "age", "at_least": 18}}],
            "stock": str(tmp_path / "stock.csv"),
            "diversity": 0.2,
            "explore": 0.05,
            "experiment": "spring",
            "fatigue": {"file": "c.csv", "contacts": 2, "within": "2w"},
        },
        economics={"baseline": "file", "baseline_file": str(tmp_path / "organic.csv")},
        seed=3,
    )
    spec = terms.list_spec(given)
    (rule,) = spec.restrictions.eligible
    assert (rule.category, rule.column, rule.at_least) == ("Wine", "age", 18)
    assert spec.policy.quotas == {"A": 3}
    assert (spec.policy.diversity, spec.policy.explore) == (0.2, 0.05)
    assert spec.experiment == terms.settings(given).policy.experiment == "spring-3"
    assert terms.fatigue(given) == Fatigue(2, 14, "contacted_at")
    assert terms.baseline(given).rows["probability"].tolist() == [0.25]
    # A stock that a file tells is another one tomorrow: scoring asks for it again.
    assert terms.bundle_spec(given).policy.quotas == {}
    assert terms.bundle_meta(given)["exclusions"] == {
        "opt_out": False,
        "suppress": 0,
        "stock": True,
        "contacts": True,
        "baseline": True,
    }


def test_a_stock_in_the_configuration_stays_with_the_bundle(config):
    given = config(policy={"stock": {"A": 3}})
    assert terms.bundle_spec(given).policy.quotas == {"A": 3}
    assert terms.fatigue(given) is None
    assert terms.baseline(given).kind == "none"


@pytest.mark.parametrize(
    ("money", "limit"),
    [
        ({}, None),
        ({"capacity": 7}, 7),
        ({"budget": 1.0, "contact_cost": 0.1}, 10),
        ({"budget": 1.05, "contact_cost": 0.1}, 10),
        ({"budget": 1.0, "contact_cost": 0.1, "capacity": 4}, 4),
        ({"budget": 0.3, "contact_cost": 0.1, "capacity": 4}, 3),
        ({"budget": 1.0, "contact_cost": 0.0}, None),
    ],
)
def test_contacts_are_bounded_by_the_capacity_and_by_what_the_budget_pays(config, money, limit):
    assert terms.list_spec(config(economics=money)).policy.max_contacts == limit


def test_the_control_group_is_drawn_by_name_and_seed(config):
    assert terms.list_spec(config(seed=4)).experiment == "x-4"


def test_a_bundle_knows_how_to_read_raw_data_and_no_secret(config, monkeypatch):
    monkeypatch.setenv("SHOP_FOLDER", "hush")
    meta = terms.bundle_meta(config())
    (source,) = meta["sources"]
    assert source["columns"]["customer_id"]
    assert "hush" not in str(meta)
    assert meta["window"]["observe"] == 730


def test_candidates_keep_names_parameters_and_what_may_be_tuned(config):
    given = [
        {"kind": "rules", "name": "strict", "params": {"min_count": 9}, "tune": ["min_confidence"]},
        {"kind": "popularity", "tune": False},
    ]
    strict, popular = terms.candidates(config(candidates=given))
    assert (strict.name, strict.kind, strict.params) == ("strict", "rules", {"min_count": 9})
    assert list(strict.space) == ["min_confidence"]
    assert (popular.name, popular.space) == ("popularity", {})
