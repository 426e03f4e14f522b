import numpy as np
import pandas as pd
import pytest

from features.text import Topics


def fitted(texts, n=3, **options):
    return Topics(n, segmenter="bigrams", **options).fit(texts)


def test_topics_are_what_the_texts_are_about(texts):
    table = fitted(texts).table(n_words=2)
    assert {frozenset(words) for words in table["words"]} >= {frozenset({"late", "delivery"})}
    heaviest = {words[0] for words in table["words"]}
    assert heaviest == {"late", "broken", "快递"} or heaviest == {"late", "cup", "快递"}
    assert table["share"].sum() == pytest.approx(1)
    assert table["share"].is_monotonic_decreasing


def test_texts_are_shared_out_among_topics(texts):
    shares = fitted(texts).transform(texts)
    np.testing.assert_allclose(shares.sum(axis=1)[:11], 1.0)
    assert (shares[11:] == 0).all(axis=None)
    assert shares.iloc[:11].max(axis=1).min() > 0.8
    groups = shares.iloc[:11].to_numpy().argmax(axis=1)
    assert [len({*groups[:4]}), len({*groups[4:8]}), len({*groups[8:]})] == [1, 1, 1]
    assert len({*groups}) == 3


def test_examples_are_texts_of_the_topic(texts):
    model = fitted(texts)
    for topic, places in enumerate(model.examples(texts, 2)):
        assert len(places) == 2
        shares = model.transform([texts[place] for place in places]).to_numpy()
        assert (shares.argmax(axis=1) == topic).all()


def test_there_are_no_examples_among_other_texts(texts):
    assert fitted(texts).examples(["nothing known", None]) == [[], [], []]


@pytest.mark.parametrize(
    "texts", [["late", "late"], ["late"] * 30, ["late cup"] * 4, ["late", "late", None, "🙂"]]
)
def test_there_are_never_more_topics_than_there_is_to_tell(texts):
    model = Topics(8, max_share=1.0).fit(texts)
    assert 1 <= len(model.components_) <= 2
    np.testing.assert_allclose(model.shares_.sum(), 1.0)


def test_the_order_of_rows_does_not_matter_and_the_seed_is_honoured(texts):
    model, turned = fitted(texts), fitted(texts[::-1])
    np.testing.assert_array_equal(model.components_, turned.components_)
    assert model.table().equals(fitted(texts, random_state=0).table())


def test_the_index_is_kept(texts):
    series = pd.Series(texts, index=range(100, 100 + len(texts)), dtype="str")
    assert fitted(series).transform(series).index.equals(series.index)


def test_a_state_gives_the_same_shares(texts):
    model = fitted(texts)
    restored = Topics().set_state(model.get_state())
    pd.testing.assert_frame_equal(restored.transform(texts), model.transform(texts))
    pd.testing.assert_frame_equal(restored.table(), model.table())


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [("components_", None, "one column a word"), ("shares_", [1.0], "one value a topic")],
)
def test_a_broken_state_is_refused(texts, part, value, said):
    with pytest.raises(ValueError, match=said):
        Topics().set_state({**fitted(texts).get_state(), part: value})


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="n_topics must be at least 1 but got 0"):
        Topics(0).fit(["late", "late"])
    with pytest.raises(ValueError, match="no word stands in 2 or more of 2 texts"):
        Topics().fit(["", None])


def test_a_huge_text_beside_small_ones_is_one_text(texts):
    model = fitted([*texts, "late delivery " * 70_000])
    assert model.transform(["late delivery " * 70_000]).sum(axis=1)[0] == pytest.approx(1)
