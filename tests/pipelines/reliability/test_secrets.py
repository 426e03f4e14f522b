"""A secret that comes from the environment is nowhere in what a run or a score leaves or says."""

import contextlib
import sqlite3

import pandas as pd
import pytest
import yaml

from experiments.registry import Registry

pytestmark = pytest.mark.timeout(1200)

WORD = "Xk9-planted-Wq7"
AWAY = "http://nightly:${LODE_WORD}@127.0.0.1:9"


@pytest.fixture(scope="module")
def planted(job, tmp_path_factory):
    """Put the lines into a database behind an address that only the environment knows."""
    folder = tmp_path_factory.mktemp("planted")
    database = folder / "shop.db"
    lines = pd.read_csv(job.lines, dtype=str, keep_default_na=False)
    with contextlib.closing(sqlite3.connect(database)) as connection:
        lines.to_sql("orders", connection, index=False)
    environment = {
        "LODE_WORD": WORD,
        "SHOP_DB": f"sqlite:///{database}?timeout=9",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    }
    (given,) = job.values()["sources"]
    source = {**given, "kind": "sql", "name": "orders", "url": "${SHOP_DB}", "table_name": "orders"}
    del source["path"]
    return folder, environment, source


def hits(folder):
    """Name every file under a folder that holds the word, in any of the usual spellings."""
    spelt = [WORD.encode(), WORD.encode("utf-16-le"), WORD.lower().encode()]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in spelt)
    ]


def check_silent(told, *folders):
    """Check that neither what was said nor what was left holds the word."""
    assert WORD not in told["out"] + told["err"]
    for folder in folders:
        assert hits(folder) == []


def test_a_run_and_a_score_with_a_server_that_is_away(ask, job, planted):
    folder, environment, source = planted
    config = job.write(folder / "job.yaml", sources=[source], tracking={"uri": AWAY})
    workspace = job.fresh("secret", folder)
    words = ["run", config, "--workspace", workspace, "--debug"]
    told = ask(words, env=environment)
    assert told["code"] == 0, told["err"]
    assert "nightly:***@127.0.0.1:9 is away" in told["out"] + told["err"]
    assert [*workspace.glob("outbox/*/orders.jsonl")]
    check_silent(told, folder)


def test_a_run_that_is_tracked_in_the_workspace(ask, job, planted, monkeypatch):
    folder, environment, source = planted
    config = job.write(folder / "local.yaml", sources=[source], name="${LODE_NAME}")
    workspace = job.fresh("local", folder)
    told = ask(
        ["run", config, "--workspace", workspace], env={**environment, "LODE_NAME": "killed"}
    )
    assert told["code"] == 0, told["err"]
    _, bundle = Registry.open(workspace).champion("killed")
    out = folder / "list.csv"
    scored = ask([*job.score_words(bundle, out), "--debug"], env=environment)
    check_silent(told, folder)
    check_silent(scored, folder)


@pytest.mark.parametrize("kind", ["deviation", "value"])
def test_a_run_of_another_question(ask, job, planted, kind):
    folder, environment, source = planted
    config = folder / f"other-{kind}.yaml"
    values = {"kind": kind, "name": kind, "sources": [source]}
    config.write_text(yaml.safe_dump(values))
    workspace = job.fresh(f"other-{kind}", folder)
    secrets = {"SHOP_DB": f"{environment['SHOP_DB']}&password={WORD}"}
    words = ["run", config, "--workspace", workspace, "--debug", "--json"]
    told = ask(words, env={**environment, **secrets})
    assert told["code"] == 0, told["err"]
    assert [*workspace.glob("runs/*/report.html")]
    check_silent(told, folder)


@pytest.mark.parametrize("kind", ["cross-sell", "segments"])
def test_a_database_that_refuses(ask, job, planted, kind):
    folder, environment, source = planted
    url = f"postgresql://nightly:{WORD}@127.0.0.1:9/shop?sslpassword={WORD}"
    values = {"kind": kind, "name": "killed", "sources": [source]}
    config = folder / f"{kind}.yaml"
    config.write_text(yaml.safe_dump(values))
    workspace = job.fresh(f"refused-{kind}", folder)
    words = ["run", config, "--workspace", workspace, "--debug", "--json"]
    told = ask(words, env={**environment, "SHOP_DB": url})
    assert told["code"] == 3
    assert "postgresql://127.0.0.1:9/shop" in told["err"]
    assert "Traceback" in told["err"]
    check_silent(told, folder)


@pytest.mark.parametrize(
    "wrong",
    ["kind: cross-sell\nname: [${LODE_WORD}]\n", "kind: segments\nseed: ${LODE_WORD}\nname: x\n"],
)
def test_a_configuration_that_is_wrong(ask, planted, wrong):
    folder, environment, _ = planted
    config = folder / "wrong.yaml"
    config.write_text(wrong)
    told = ask(["run", config, "--workspace", folder / "none", "--debug"], env=environment)
    assert told["code"] == 2
    check_silent(told, folder)
