"""The minimum support, as a share or as a number of baskets."""

from dataclasses import dataclass

from lodeworks.errors import ConfigError

__all__ = ["Support"]


@dataclass(frozen=True)
class Support:
    """In how many baskets a pattern has to stand; one of the two is given.

    Parameters
    ----------
    share : float, optional
        Above 0 and up to 1.
    count : int, optional
        At least 1.
    """

    share: float | None = None
    count: int | None = None

    def problems(self) -> list[str]:
        """Say what is wrong.

        Examples
        --------
        >>> Support(share=20).problems()
        ['--min-support 20: a share above 0 and up to 1; --min-count 20 is a number of baskets']
        """
        if (self.share is None) == (self.count is None):
            both = self.share is not None
            how = "not both" if both else "one is needed"
            return [f"give either --min-support (a share) or --min-count (baskets): {how}"]
        if self.share is not None:
            return self._about_share(self.share)
        return [] if self.count and self.count > 0 else [f"--min-count {self.count}: at least 1"]

    def within(self, n_baskets: int, what: str = "baskets") -> int:
        """Give the number of baskets out of `n_baskets`; `what` names something else than baskets.

        Raises
        ------
        ConfigError
            When there are fewer baskets than the count.
        """
        from models.association.itemsets import least_count

        if self.share is not None:
            return least_count(self.share, n_baskets)
        assert self.count is not None
        if self.count > n_baskets:
            raise ConfigError(f"--min-count {self.count:,}: there are only {n_baskets:,} {what}")
        return self.count

    def _about_share(self, share: float) -> list[str]:
        if 0 < share <= 1:
            return []
        whole = share > 1 and float(share).is_integer()
        instead = f"; --min-count {share:g} is a number of baskets" if whole else ""
        return [f"--min-support {share:g}: a share above 0 and up to 1{instead}"]
