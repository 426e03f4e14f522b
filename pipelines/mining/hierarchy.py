"""Itemsets and rules over a product hierarchy, with a minimum support for each level."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodeworks.errors import ConfigError, did_you_mean
from lodeworks.progress import Progress
from pipelines.mining.engines.results import targeted
from pipelines.mining.estimate import capped, translated
from pipelines.mining.search import Search
from pipelines.mining.source import no_file
from pipelines.mining.taxonomy import Levels, check_items, read_taxonomy

if TYPE_CHECKING:
    from models.association import Baskets, Budget, Itemsets, Rules

__all__ = ["Hierarchy", "hierarchy_of"]


@dataclass(frozen=True)
class Hierarchy:
    """A file of groups above the items, and how they are searched.

    Parameters
    ----------
    path : Path
        The file, see `pipelines.mining.taxonomy.read_taxonomy`.
    level_support : tuple of str
        ``LEVEL=SHARE`` for levels with a minimum support of their own.
    same_level : bool, default False
        Whether itemsets of mixed levels are left out.
    """

    path: Path
    level_support: tuple[str, ...] = ()
    same_level: bool = False

    def problems(self) -> list[str]:
        """Say what is wrong, before anything is read."""
        found = [] if self.path.is_file() else [f"--taxonomy: {no_file(self.path)}"]
        return found + [told for text in self.level_support for told in _wrong_share(text)]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            "taxonomy": str(self.path),
            "level_support": list(self.level_support),
            "same_level": self.same_level,
        }

    def read(self, baskets: "Baskets", progress: Progress) -> Levels:
        """Read the file and check it against the items of the baskets.

        Raises
        ------
        DataError
            When the file cannot be used or does not know an item.
        ConfigError
            When a minimum support is given for a level that is not there.
        """
        levels = read_taxonomy(self.path)
        check_items(self.path, levels, baskets.labels.tolist())
        self._check_levels(levels)
        named = f" ({', '.join(levels.names)})" if levels.names else ""
        progress.note(
            f"{self.path}: {len(levels.taxonomy.names):,} names on {levels.depth} levels{named}"
        )
        return levels

    def find(
        self,
        baskets: "Baskets",
        levels: Levels,
        search: Search,
        budget: "Budget",
        progress: Progress,
    ) -> "Itemsets":
        """Find the itemsets of items and groups.

        Raises
        ------
        BudgetExceeded
            When the budget does not do.
        """
        from models.association import taxonomy_itemsets

        with translated():
            found = taxonomy_itemsets(
                capped(baskets, search.max_basket_size, progress),
                levels.taxonomy,
                min_count=self._counts(levels, search.min_count, len(baskets)),
                cross_level=not self.same_level,
                max_length=search.max_length,
                budget=budget,
                n_jobs=search.n_jobs,
                progress=progress,
            )
        return targeted(found, search.target)

    def rules(
        self, baskets: "Baskets", levels: Levels, found: "Itemsets", **arguments: Any
    ) -> "Rules":
        """Split itemsets into rules; parts that are too rare for their level are counted first."""
        from models.association import association_rules, rules_with_parts

        if not self.level_support:
            return association_rules(found, **arguments)
        return rules_with_parts(levels.taxonomy.extended(baskets), found, **arguments)

    def _counts(self, levels: Levels, count: int, n_baskets: int) -> dict[int, int]:
        from models.association.itemsets import least_count

        counts = dict.fromkeys(range(1, levels.depth + 1), count)
        for text in self.level_support:
            level, _, share = text.rpartition("=")
            number = levels.number_of(level.strip())
            assert number is not None
            counts[number] = least_count(float(share), n_baskets)
        return counts

    def _check_levels(self, levels: Levels) -> None:
        given = [text.rpartition("=")[0].strip() for text in self.level_support]
        allowed = [*levels.names, *map(str, range(1, levels.depth + 1))]
        problems = [
            f"--level-support {level}: no such level; {did_you_mean(level, allowed)}"
            for level in given
            if levels.number_of(level) is None
        ]
        if problems:
            raise ConfigError(f"{self.path} has {levels.depth} levels", problems)


def hierarchy_of(
    path: Path | None, level_support: tuple[str, ...] = (), same_level: bool = False
) -> Hierarchy | None:
    """Give the hierarchy, or None without a file.

    Raises
    ------
    ConfigError
        When something is said about levels but no file is given.
    """
    if path is not None:
        return Hierarchy(path, level_support, same_level)
    alone = [("--level-support", bool(level_support)), ("--same-level", same_level)]
    if said := [option for option, given in alone if given]:
        raise ConfigError(f"{' and '.join(said)}: levels need --taxonomy FILE")
    return None


def _wrong_share(text: str) -> list[str]:
    level, _, share = text.rpartition("=")
    try:
        right = bool(level.strip()) and 0 < float(share) <= 1
    except ValueError:
        right = False
    return [] if right else [f"--level-support {text!r}: LEVEL=SHARE is needed, such as 1=0.05"]
