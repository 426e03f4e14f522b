"""Sequential patterns of customers' baskets, rules that follow from them, and offers."""

from models.sequences.apply import next_offers
from models.sequences.limits import TimeLimits
from models.sequences.mining import estimate_sequences, frequent_sequences
from models.sequences.patterns import SequencePatterns
from models.sequences.rules import SequentialRules, sequential_rules
from models.sequences.sequences import Sequences

__all__ = [
    "SequencePatterns",
    "Sequences",
    "SequentialRules",
    "TimeLimits",
    "estimate_sequences",
    "frequent_sequences",
    "next_offers",
    "sequential_rules",
]
