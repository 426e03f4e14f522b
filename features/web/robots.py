"""Who is no person: by the name of the program, by reading robots.txt, and by speed."""

import ibis
import ibis.expr.types as ir

__all__ = ["PAGES_A_MINUTE", "ROBOT_NAMES", "is_robot_name", "too_fast"]

ROBOT_NAMES = """
    bot crawl spider slurp archiver fetch scan monitor check preview validator facebookexternal
    feed rss wget curl libwww lwp- python- java/ ruby okhttp httpclient go-http perl php/ scrapy
    headless phantomjs selenium lighthouse pingdom uptime nagios chef
    """.split()  # noqa: SIM905 (a list of words reads best as words)
"""Parts of the names of programs that are no browsers; upper and lower case are alike."""

PAGES_A_MINUTE = 30
"""Pages within a minute that no person reads; see `too_fast`."""

_ROBOT = f"(?i){'|'.join(ROBOT_NAMES)}|\\+https?://"


def is_robot_name(agent: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a program says that it is no browser; without a name it is not known."""
    return agent.re_search(_ROBOT).fill_null(False)


def too_fast(views: ir.Table, pages: int = PAGES_A_MINUTE) -> ir.Table:
    """Find visitors who looked at more than `pages` pages within some 60 seconds.

    Parameters
    ----------
    views : ibis Table
        With ``visitor`` and ``at``.
    pages : int
        Pages that a person may look at within a minute.

    Returns
    -------
    ibis Table
        ``visitor``, once each.

    Raises
    ------
    ValueError
        When `pages` is less than 1.
    """
    if pages < 1:
        raise ValueError(f"pages must be at least 1 but got {pages}")
    one_after = views.at.lead(pages).over(group_by=views.visitor, order_by=views.at)
    minute = ibis.interval(minutes=1)
    rushed = views.select("visitor", "at", later=one_after)
    return rushed.filter(rushed.later < rushed.at + minute).select("visitor").distinct()
