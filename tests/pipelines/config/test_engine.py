"""The section that says what computes the indicators."""

import pytest
import yaml

from lodeworks.errors import ConfigError
from pipelines.config import load, resolved

LINES = {"kind": "csv", "path": "lines.csv"}
LINES["columns"] = {"customer_id": "c", "item_id": "i", "ordered_at": "t"}


@pytest.fixture
def read(tmp_path):
    def loaded(**changes):
        path = tmp_path / "shop.yaml"
        tree = {"kind": "cross-sell", "name": "shop", "sources": [LINES], **changes}
        path.write_text(yaml.safe_dump(tree))
        return load(path)

    return loaded


def test_duckdb_is_the_default(read):
    assert read().engine.kind == "duckdb"
    assert read(engine={"kind": "duckdb"}) == read()


def test_a_configuration_written_out_in_full_can_be_read_again(read, tmp_path):
    (tmp_path / "whole.yaml").write_text(resolved(read()))
    assert load(tmp_path / "whole.yaml").engine == read().engine


def test_spark_runs_here_unless_told_otherwise(read):
    assert read(engine={"kind": "spark"}).engine.master == "local[2]"
    stated = {"kind": "spark", "master": "spark://cluster.example:7077"}
    more = {"spark.executor.memory": "16g"}
    config = read(engine={**stated, "settings": more})
    assert (config.engine.master, config.engine.settings) == (stated["master"], more)
    assert "spark://cluster.example:7077" in resolved(config)


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ({"kind": "sparc"}, "sparc"),
        ({"master": "local[4]"}, "only the kind 'spark' takes master"),
        ({"settings": {"spark.ui.port": "1"}}, "only the kind 'spark' takes settings"),
        ({"kind": "spark", "settings": {"memory": "1g"}}, "begin with 'spark.'"),
        ({"kind": "spark", "master": ""}, "master"),
        ({"kind": "spark", "workers": 3}, "workers"),
    ],
)
def test_what_means_nothing_is_refused(read, engine, said):
    with pytest.raises(ConfigError) as caught:
        read(engine=engine)
    assert said in "\n".join([str(caught.value), *map(str, caught.value.problems)])
