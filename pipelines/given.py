"""Which options a caller gave, to refuse those that mean nothing for what was asked."""

__all__ = ["given_options"]


def given_options(**options: object) -> list[str]:
    """Name the options that were given: all but None, False and empty lists.

    Examples
    --------
    >>> given_options(seed=0, opt_out=None, suppress=[], findings=False)
    ['--seed']
    """
    given = [n for n, v in options.items() if v is not None and v is not False and v != []]
    return [f"--{name.replace('_', '-')}" for name in given]
