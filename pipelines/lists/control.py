"""A random control group that stays the same for a customer across lists."""

import hashlib

import numpy as np
import pandas as pd

__all__ = ["control_group"]


def control_group(customer_ids: pd.Index, *, share: float, experiment: str) -> np.ndarray:
    """Draw the customers who are listed but not contacted.

    A customer's draw depends on the experiment's name and the identifier alone, so it is the same
    in every list of the experiment, in every partition and on every machine.

    Parameters
    ----------
    customer_ids : pandas.Index of str
        Customers of the list.
    share : float
        Expected share of controls, from 0 to 1.
    experiment : str
        Another name draws another group.

    Returns
    -------
    numpy.ndarray of bool
        True for a control, in the order of `customer_ids`.

    Examples
    --------
    >>> ids = pd.Index(["ann", "bob", "eve"])
    >>> bool(control_group(ids, share=1.0, experiment="spring").all())
    True
    >>> bool(control_group(ids, share=0.0, experiment="spring").any())
    False
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be between 0 and 1, but got {share}")
    salt = hashlib.sha256(experiment.encode()).digest()
    draws = [_uniform(salt, identifier) for identifier in customer_ids]
    return np.asarray(draws, dtype=np.float64) < share


def _uniform(salt: bytes, identifier: str) -> float:
    mixed = hashlib.blake2b(str(identifier).encode(), key=salt, digest_size=8).digest()
    return int.from_bytes(mixed, "big") / 2**64
