import numpy as np
import pandas as pd
import pytest

from features.text import Sentiment


def test_labels_are_learned_where_words_tell_them_apart(opinions):
    texts, labels = opinions
    model = Sentiment().fit(texts, labels)
    found = model.transform(["awful service", "lovely service", None, "unheard of"])
    assert found["sentiment"].tolist()[:2] == ["complaint", "praise"]
    assert found.iloc[2:].isna().all(axis=None)
    assert found["sentiment_probability"][:2].between(0.5, 1).all()
    assert model.accuracy_ > 0.9
    assert model.chance_ == 0.5


def test_probabilities_are_those_of_the_linear_model(opinions):
    from sklearn.linear_model import LogisticRegression

    texts, labels = opinions
    order = np.lexsort((labels, texts))
    model = Sentiment().fit(texts, labels)
    linear = LogisticRegression(class_weight="balanced", max_iter=1000)
    linear.fit(model.weights_.transform([texts[at] for at in order]), [labels[at] for at in order])
    expected = linear.predict_proba(model.weights_.transform(texts)).max(axis=1)
    np.testing.assert_allclose(model.transform(texts)["sentiment_probability"], expected)


def test_three_labels_are_learned_too(opinions):
    texts, labels = opinions
    more = [f"where is my {thing}" for thing in ("cup", "shop", "tea", "box")] * 3
    model = Sentiment().fit([*texts, *more], [*labels, *["question"] * 12])
    assert model.labels_ == ["complaint", "praise", "question"]
    assert model.transform(["where is my tea"])["sentiment"].tolist() == ["question"]


def test_texts_without_a_label_or_words_teach_nothing(opinions):
    texts, labels = opinions
    more = Sentiment().fit([*texts, "good", None, " "], [*labels, None, "praise", "praise"])
    alone = Sentiment().fit(texts, labels)
    np.testing.assert_array_equal(more.coefficients_, alone.coefficients_)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([None] * 24, "two labels or more are needed to learn sentiment; given: none"),
        (["praise"] * 24, "given: only 'praise'"),
        (["praise"] * 20 + ["complaint"] * 4, "too few: 'complaint': 4"),
        (["praise"] * 3, "24 texts but 3 labels"),
        # Each word stands with both labels equally often.
        ((["praise", "complaint"] * 2 + ["complaint", "praise"] * 2) * 3, "do not tell the labels"),
    ],
)
def test_without_labels_that_teach_it_is_refused_with_the_reason(opinions, labels, said):
    with pytest.raises(ValueError, match=said):
        Sentiment().fit(opinions[0], labels)


def test_the_order_of_rows_does_not_matter(opinions):
    texts, labels = opinions
    one, other = Sentiment().fit(texts, labels), Sentiment().fit(texts[::-1], labels[::-1])
    np.testing.assert_array_equal(one.coefficients_, other.coefficients_)
    assert one.accuracy_ == other.accuracy_


def test_a_state_gives_the_same_labels_and_a_broken_one_is_refused(opinions):
    texts, labels = opinions
    model = Sentiment().fit(texts, labels)
    state = model.get_state()
    restored = Sentiment().set_state(state)
    pd.testing.assert_frame_equal(restored.transform(texts), model.transform(texts))
    with pytest.raises(ValueError, match="lacks the parts labels_"):
        Sentiment().set_state({k: v for k, v in state.items() if k != "labels_"})
