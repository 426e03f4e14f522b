"""Where a bundle lies, and which kind of question it answers."""

import json
from pathlib import Path

from lodeworks.errors import BundleError

__all__ = ["CROSS_SELL", "find_bundle", "kind_of"]

CROSS_SELL = "cross-sell"
REGISTERED = "models:"


def find_bundle(address: str | Path, workspace: Path) -> tuple[Path, str]:
    """Give the folder of a bundle and the registered version that it is.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    workspace : Path
        Where a registry without a server is looked for.

    Returns
    -------
    folder : Path
    version : str
        Empty where a folder was given.

    Raises
    ------
    BundleError
        When nothing is registered under the address.
    """
    if not str(address).startswith(REGISTERED):
        return Path(address), ""
    from experiments.registry import Registry

    registry = Registry.open(workspace)
    return registry.resolve(address), registry.version_of(str(address)).version


def kind_of(address: str | Path, workspace: Path = Path(".lode")) -> str:
    """Tell which kind of question a bundle answers; ``cross-sell`` where it does not say.

    The bundle is not trusted by this: whatever reads it checks its seal.

    Parameters
    ----------
    address : str or Path
        A bundle's folder, or ``models:/NAME@ALIAS``.
    workspace : Path
        Where a registry without a server is looked for.
    """
    try:
        folder, _ = find_bundle(address, workspace)
        meta = json.loads((folder / "meta.json").read_bytes())
        return str(meta.get("kind", CROSS_SELL))
    except (BundleError, OSError, ValueError, AttributeError):
        return CROSS_SELL
