"""Whether the groups are as large as the draw would make them."""

from dataclasses import dataclass

from scipy import stats

__all__ = ["ALARM", "SampleRatio", "sample_ratio"]

ALARM = 0.001


@dataclass(frozen=True)
class SampleRatio:
    """The sizes of the groups against the share that was planned.

    Attributes
    ----------
    treated, control : int
        Customers.
    planned : float
        Share of controls that was planned.
    p : float
        Probability of a share at least as far from the plan by chance.
    """

    treated: int
    control: int
    planned: float
    p: float

    @property
    def share(self) -> float:
        """Share of controls that was found."""
        return self.control / (self.treated + self.control)

    @property
    def mismatch(self) -> bool:
        """Whether chance is no explanation (p below 0.001)."""
        return self.p < ALARM


def sample_ratio(treated: int, control: int, planned: float) -> SampleRatio:
    """Test the sizes of the groups by the exact binomial test.

    Who is lost from one group more than from the other is not lost by chance, and then the
    comparison is not fair (Fabijan et al. 2019, *Diagnosing sample ratio mismatch in online
    controlled experiments*).

    Parameters
    ----------
    treated, control : int
        Customers; at least one in all.
    planned : float
        Planned share of controls, from 0 to 1.

    Examples
    --------
    >>> sample_ratio(900, 100, 0.1).mismatch, sample_ratio(900, 160, 0.1).mismatch
    (False, True)
    """
    if treated + control < 1:
        raise ValueError("there is nobody in the groups")
    found = stats.binomtest(control, treated + control, planned)
    return SampleRatio(treated, control, planned, float(found.pvalue))
