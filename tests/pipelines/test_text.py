"""`lode text` as a person types it."""

import json

import pandas as pd
import pytest

from pipelines.cli import main

ROWS = [
    ("c1", "The delivery was late", "bad"),
    ("c2", "delivery late again", "bad"),
    ("c1", "broken cup", "bad"),
    ("c3", "The cup arrived broken", "good"),
    ("c3", "快递太慢了", None),
    ("c4", "快递很慢", None),
    ("c4", "", None),
    (None, "🙂", None),
]


@pytest.fixture
def type_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(ROWS, columns=["who", "said", "mood"])
    frame.to_csv("texts.csv", index=False)

    def run(*words):
        code = main(["text", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    run.frame = frame
    return run


SAID = ("--column", "said", "--segmenter", "bigrams")


def test_topics_with_words_and_shares(type_command, tmp_path):
    words = (*SAID, "--by", "who", "--topics", "3", "--out", "out", "--json")
    code, out, err = type_command("texts.csv", *words)
    assert code == 0, err
    told = json.loads(out)
    assert (told["texts"], told["empty"], told["without_words"]) == (8, 1, 1)
    assert {topic["words"][0] for topic in told["topics"]} <= {
        "late",
        "delivery",
        "broken",
        "cup",
        "快递",
    }
    assert sum(topic["share"] for topic in told["topics"]) == pytest.approx(1)
    topics = pd.read_csv(tmp_path / "out" / "topics.csv")
    assert [json.loads(words) for words in topics["words"]] == [t["words"] for t in told["topics"]]
    texts = pd.read_parquet(tmp_path / "out" / "texts.parquet")
    assert texts["line"].tolist() == list(range(2, 10))
    people = pd.read_parquet(tmp_path / "out" / "customers.parquet").set_index("customer_id")
    assert people["texts"].to_dict() == {"c1": 2, "c2": 1, "c3": 2, "c4": 2}
    assert people["topic_1"]["c1"] == pytest.approx(texts[texts.customer_id == "c1"].topic_1.mean())


@pytest.mark.parametrize("ending", ["parquet", "json", "tsv"])
def test_every_kind_of_table_gives_the_same_topics(type_command, ending):
    frame = type_command.frame
    if ending == "parquet":
        frame.to_parquet("same.parquet")
    elif ending == "json":
        frame.to_json("same.json", orient="records", lines=True, force_ascii=False)
    else:
        frame.to_csv("same.tsv", sep="\t", index=False)
    told = [
        json.loads(type_command(name, *SAID, "--json")[1])
        for name in ("texts.csv", f"same.{ending}")
    ]
    assert told[0]["topics"] == told[1]["topics"]


def test_older_chinese_files_are_read(type_command):
    type_command.frame.iloc[:6].to_csv("old.csv", index=False, encoding="gb18030")
    code, out, _ = type_command("old.csv", *SAID, "--encoding", "gb18030")
    assert code == 0
    assert "快递" in out
    assert type_command("old.csv", *SAID)[0] == 3


def test_texts_are_shown_only_when_asked(type_command):
    assert "arrived" not in type_command("texts.csv", *SAID)[1]
    assert "e.g." in type_command("texts.csv", *SAID, "--examples", "1")[1]


def test_without_jieba_a_note_says_how_chinese_was_divided(type_command):
    assert "pairs of characters" in type_command("texts.csv", *SAID)[2]


def test_labels_teach_sentiment(type_command, tmp_path):
    words = {"good": ["lovely", "great"], "bad": ["awful", "poor"]}
    rows = [
        (f"{word} {thing}", mood)
        for mood, some in words.items()
        for word in some
        for thing in ("cup", "tea", "box", "shop", "pot", "jar")
    ]
    pd.DataFrame([*rows, ("awful day", None)], columns=["said", "mood"]).to_csv(
        "more.csv", index=False
    )
    code, out, err = type_command("more.csv", "--column", "said", "--label", "mood", "--out", "out")
    assert code == 0, err
    assert "100% right" in out
    found = pd.read_parquet(tmp_path / "out" / "texts.parquet")
    assert found["sentiment"].tolist() == ["good"] * 12 + ["bad"] * 13


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("none.csv", *SAID), 3, "no such file"),
        (("texts.doc", *SAID), 2, "must end in"),
        (("texts.csv", "--column", "sad"), 3, "did you mean 'said'?"),
        (("texts.csv", "--column", "who", "--min-texts", "9"), 3, "no word stands in 9 or more"),
        (("texts.csv", *SAID, "--label", "mood"), 3, "each label needs at least 10 texts"),
        (("texts.csv", *SAID, "--topics", "0"), 2, "--topics must be at least 1, not 0"),
        (("texts.csv", *SAID, "--encoding", "utf-9"), 2, "not a text encoding"),
        (("texts.csv", *SAID, "--out", "."), 2, "holds 'texts.csv'"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_written(type_command, tmp_path, words, code, said):
    more = () if "--out" in words else ("--out", "out")
    found, _, err = type_command(*words, *more)
    assert found == code
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["texts.csv"]


def test_all_problems_are_told_at_once(type_command):
    _, _, err = type_command(
        "texts.csv", *SAID, "--topics", "0", "--words", "0", "--examples", "-1"
    )
    assert err.count("\n  - ") == 3
