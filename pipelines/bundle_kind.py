"""Which kind of question a bundle answers."""

import json
from pathlib import Path

__all__ = ["CROSS_SELL", "kind_of"]

CROSS_SELL = "cross-sell"


def kind_of(address: str | Path) -> str:
    """Tell which kind of question a bundle answers; ``cross-sell`` where it does not say.

    The bundle is not trusted by this: whatever reads it checks its seal.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    """
    try:
        meta = json.loads((Path(address) / "meta.json").read_bytes())
        return str(meta.get("kind", CROSS_SELL))
    except (OSError, ValueError, AttributeError):
        return CROSS_SELL
