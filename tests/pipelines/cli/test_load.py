import json


def test_load_says_what_became_of_each_file(lode, config, tmp_path):
    (tmp_path / "l.csv").write_text("c,i,t\na,tea,2011-01-01\na,tea,never\n")
    told = lode("load", config, "--quiet", "--json")
    assert told.code == 0, told.err
    values = json.loads(told.out)
    assert (values["rows_in"], values["rows_loaded"], values["rows_rejected"]) == (2, 1, 1)
    again = lode("load", config, "--quiet")
    assert "l: l.csv: unchanged, 1 rows loaded, 1 rejected (1 ordered_at is not" in again.out


def test_a_file_that_is_missing_is_bad_data_and_writes_nothing(lode, config, tmp_path):
    told = lode("load", config, "--quiet")
    assert told.code == 3
    assert "l.csv): there is no such file" in told.err
    assert not list(tmp_path.glob("**/warehouse.duckdb"))


def test_a_wrong_day_is_bad_usage(lode, config):
    assert lode("load", config, "--effective", "yesterday").code == 2
