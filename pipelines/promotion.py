"""What became of a model in the registry: registered, and champion or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.registry import Registry

__all__ = ["AWAY", "Promotion", "promotion_sentence"]

AWAY = (
    "the winner is not registered, because the tracking server is away: run again when it is back;"
    " nothing will be learned twice"
)


@dataclass(frozen=True)
class Promotion:
    """What became of the winner.

    Attributes
    ----------
    name, version : str
        The registered model.
    status : str
        ``first``, ``better``, ``no worse``, ``refreshed`` or ``unchanged``: it is the champion
        now; ``refused``: another one stays champion. The alias is moved by
        `Promotion.carry_out`.
    champion : str
        The version that is champion after this.
    reason : str
        In words.
    """

    name: str
    version: str
    status: str
    champion: str
    reason: str

    def carry_out(self, registry: Registry, alias: str) -> None:
        """Let the alias point to the new version, unless it does already or must not."""
        if self.status not in ("refused", "unchanged"):
            registry.promote(self.name, self.version, alias)

    @property
    def refused(self) -> bool:
        """Whether the gate said no."""
        return self.status == "refused"


def promotion_sentence(promotion: Mapping[str, Any]) -> str:
    """Say what became of it.

    Parameters
    ----------
    promotion : mapping
        The fields of a `Promotion`, and ``alias``.

    Examples
    --------
    >>> told = {"name": "shop", "version": "2", "status": "first", "alias": "champion"}
    >>> promotion_sentence({**told, "champion": "2", "reason": "There was no champion before."})
    'champion: models:/shop@champion is version 2. There was no champion before.'
    """
    name, version, reason = promotion["name"], promotion["version"], promotion["reason"]
    if promotion["status"] == "refused":
        return (
            f"promotion refused: version {promotion['champion']} stays champion of {name}. {reason}"
        )
    return f"champion: models:/{name}@{promotion['alias']} is version {version}. {reason}"
