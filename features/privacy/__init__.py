"""Privacy: small groups, pseudonyms, personal columns and customers who are forgotten."""

from features.privacy.compact import compact
from features.privacy.pseudonym import key_from_environment, pseudonym
from features.privacy.purge import keep_out, purge
from features.privacy.suppression import suppress
from features.privacy.tombstones import Forgotten

__all__ = [
    "Forgotten",
    "compact",
    "keep_out",
    "key_from_environment",
    "pseudonym",
    "purge",
    "suppress",
]
