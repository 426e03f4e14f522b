import pandas as pd
import pytest

from lodeworks.spreadsheet import FORMULA_STARTS, neutral, neutral_cell


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_text_that_begins_like_a_formula_gets_an_apostrophe(start):
    assert neutral_cell(f"{start}1+1") == f"'{start}1+1"
    assert neutral_cell(f" {start}1") == f" {start}1"


def test_whatever_holds_text_is_looked_at_and_all_else_stays():
    day = pd.Timestamp("2024-05-01")
    text = pd.Series(["=1", "b", None])
    frame = pd.concat(
        [text, text.astype("category"), pd.Series(["=1", -2, None], dtype=object)], axis=1
    )
    frame.columns = ["same", "same", "mixed"]
    frame = frame.assign(n=[-1, 2, 3], at=[day] * 3, yes=[True] * 3)
    safe = neutral(frame)
    assert safe.iloc[0].tolist() == ["'=1", "'=1", "'=1", -1, day, True]
    assert safe.iloc[1, :3].tolist() == ["b", "b", -2]
    assert safe.iloc[2, :3].isna().all()
    pd.testing.assert_frame_equal(safe[["n", "at", "yes"]], frame[["n", "at", "yes"]])
    assert frame.iloc[0, 0] == "=1"


def test_a_date_is_written_as_before():
    frame = pd.DataFrame({"at": pd.to_datetime(["2024-05-01"]), "n": [-0.1]})
    assert neutral(frame).to_csv(index=False) == frame.to_csv(index=False)
