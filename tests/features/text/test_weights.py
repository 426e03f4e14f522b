from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from features.text import WordWeights


def table(model, texts):
    return pd.DataFrame(model.transform(texts).toarray(), columns=model.words_)


def test_weights_are_those_computed_by_hand():
    texts = ["cup cup plate", "cup", "plate bowl", None]
    found = table(WordWeights(min_texts=1).fit(texts), texts)
    rare, often = 1 + log(4 / 2), 1 + log(4 / 3)
    first = np.array([0.0, (1 + log(2)) * often, often])
    third = np.array([rare, 0.0, often])
    assert found.columns.tolist() == ["bowl", "cup", "plate"]
    np.testing.assert_allclose(found.loc[0], first / sqrt((first**2).sum()))
    np.testing.assert_allclose(found.loc[1], [0, 1, 0])
    np.testing.assert_allclose(found.loc[2], third / sqrt((third**2).sum()))
    assert found.loc[3].tolist() == [0, 0, 0]


def test_it_is_what_scikit_learn_computes(texts):
    from sklearn.feature_extraction.text import TfidfVectorizer

    own = WordWeights(min_texts=1, segmenter="bigrams").fit(texts)
    usual = TfidfVectorizer(analyzer=own._terms, sublinear_tf=True)
    filled = [text for text in texts if own._terms(text or "")]
    expected = usual.fit_transform(filled).toarray()
    assert usual.get_feature_names_out().tolist() == own.words_.tolist()
    np.testing.assert_allclose(own.transform(filled).toarray(), expected)


def test_what_only_one_wrote_is_no_word():
    model = WordWeights().fit(["late Kowalski", "late again", "late"])
    assert model.words_.tolist() == ["late"]


def test_words_in_most_texts_say_nothing_where_there_are_ten():
    texts = ["order late"] * 5 + ["order broken"] * 5 + ["order"]
    assert WordWeights().fit(texts).words_.tolist() == ["broken", "late"]
    assert WordWeights(max_share=1.0).fit(texts).words_.tolist() == ["broken", "late", "order"]
    assert "order" in WordWeights().fit(texts[3:7]).words_


def test_only_the_words_of_most_texts_are_kept():
    model = WordWeights(min_texts=1, max_words=2).fit(["a1 b1 c1", "b1 c1", "c1"])
    assert model.words_.tolist() == ["b1", "c1"]


def test_pairs_keep_what_stop_words_turn_round():
    assert "not good" in WordWeights(pairs=True).fit(["not good", "not good at all"]).words_


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"min_texts": 0}, "min_texts must be at least 1 but got 0"),
        ({"max_share": 0.0}, "max_share must be above 0 and up to 1 but got 0.0"),
        ({"max_share": 1.5}, "but got 1.5"),
        ({"max_words": 0}, "max_words must be at least 1 but got 0"),
        ({"segmenter": "jeiba"}, "did you mean 'jieba'"),
    ],
)
def test_wrong_parameters_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        WordWeights(**options).fit(["late", "late"])


@pytest.mark.parametrize(
    "texts", [[], [None], ["", " "], ["🙂x" * 0], ["1 2 3"], ["the and of"], ["one", "two"]]
)
def test_nothing_to_learn_is_said(texts):
    with pytest.raises(ValueError, match=rf"no word stands in 2 or more of {len(texts)} texts"):
        WordWeights().fit(texts)


@pytest.mark.parametrize(
    ("texts", "said"),
    [("late", "many texts, not one"), (["late", 7], "one is int"), ([1.5], "one is float")],
)
def test_what_is_no_text_is_refused(texts, said):
    with pytest.raises(ValueError, match=said):
        WordWeights(min_texts=1).fit(texts)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_every_kind_of_missing_is_an_empty_text(missing):
    model = WordWeights(min_texts=1).fit(["late", missing])
    assert model.transform([missing]).nnz == 0


def test_a_state_gives_the_same_weights(texts):
    model = WordWeights(min_texts=1, pairs=True, segmenter="bigrams").fit(texts)
    restored = WordWeights().set_state(model.get_state())
    assert (restored.transform(texts) != model.transform(texts)).nnz == 0


def test_a_foreign_state_is_refused():
    with pytest.raises(ValueError, match="missing or unknown parts: pairs, rarity_, segmenter_, x"):
        WordWeights().set_state({"words_": ["a"], "x": 1})


def test_it_can_be_cloned():
    assert clone(WordWeights(min_texts=3)).min_texts == 3
