"""Text: comments and complaints as features, topics and, where labels teach it, sentiment."""

from features.text.customers import customer_texts, mean_by_customer, seen_texts
from features.text.features import TextFeatures
from features.text.sentiment import Sentiment
from features.text.stopwords import STOP_WORDS
from features.text.topics import Topics
from features.text.weights import WordWeights
from features.text.words import SEGMENTERS, chosen_segmenter, has_chinese, words

__all__ = [
    "SEGMENTERS",
    "STOP_WORDS",
    "Sentiment",
    "TextFeatures",
    "Topics",
    "WordWeights",
    "chosen_segmenter",
    "customer_texts",
    "has_chinese",
    "mean_by_customer",
    "seen_texts",
    "words",
]
