import numpy as np
import pandas as pd
import pytest

from features.text import TextFeatures


def cosine(frame, a, b):
    one, other = frame.loc[a].to_numpy(), frame.loc[b].to_numpy()
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_texts_about_one_thing_are_near_each_other(texts):
    found = TextFeatures(dimensions=3, segmenter="bigrams").fit(texts).transform(texts)
    assert cosine(found, 0, 2) > 0.9
    assert cosine(found, 4, 6) > 0.9
    assert abs(cosine(found, 0, 4)) < 0.2
    assert abs(cosine(found, 8, 4)) < 0.2


def test_the_space_is_that_of_the_exact_decomposition(texts):
    model = TextFeatures(dimensions=3, segmenter="bigrams").fit(texts)
    weights = model.weights_.transform(texts).toarray()
    singular = np.linalg.svd(weights, compute_uv=False)[:3]
    found = np.linalg.norm(model.transform(texts).to_numpy(), axis=0)
    np.testing.assert_allclose(np.sort(found)[::-1], singular, rtol=1e-6)
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(3), atol=1e-8)


def test_texts_without_known_words_are_nowhere(texts):
    found = TextFeatures(dimensions=2).fit(texts).transform([None, "", "nothing known", "🙂"])
    assert (found == 0).all(axis=None)


@pytest.mark.parametrize("texts", [["late", "late"], ["late"] * 20, ["late cup"] * 3])
def test_few_words_fill_the_first_numbers_only(texts):
    found = TextFeatures(dimensions=4, max_share=1.0).fit(texts).transform(texts)
    assert found.columns.tolist() == ["text_1", "text_2", "text_3", "text_4"]
    np.testing.assert_allclose(found["text_1"], 1.0)
    np.testing.assert_allclose(found.drop(columns="text_1"), 0.0, atol=1e-9)


def test_the_order_of_rows_does_not_matter(texts):
    model = TextFeatures(dimensions=3).fit(texts)
    turned = TextFeatures(dimensions=3).fit(texts[::-1])
    np.testing.assert_array_equal(model.components_, turned.components_)


def test_the_index_is_kept_and_the_input_left_alone(texts):
    series = pd.Series(texts, index=[f"row {n}" for n in range(len(texts))], dtype="str")
    before = series.copy()
    assert TextFeatures(2).fit(series).transform(series).index.equals(series.index)
    pd.testing.assert_series_equal(series, before)


def test_a_state_gives_the_same_numbers(texts):
    model = TextFeatures(dimensions=3).fit(texts)
    restored = TextFeatures().set_state(model.get_state())
    pd.testing.assert_frame_equal(restored.transform(texts), model.transform(texts))


def test_a_broken_state_is_refused(texts):
    state = TextFeatures(dimensions=3).fit(texts).get_state()
    with pytest.raises(ValueError, match="one column a word"):
        TextFeatures().set_state({**state, "components_": state["components_"][:, 1:]})
    with pytest.raises(ValueError, match="missing or unknown parts: rarity_"):
        TextFeatures().set_state({k: v for k, v in state.items() if k != "rarity_"})


def test_less_than_one_dimension_is_refused():
    with pytest.raises(ValueError, match="at least 1 but got 0"):
        TextFeatures(0).fit(["late", "late"])
