"""Mine rules of a stated form, which a file gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, ValidationError

from lodeworks.errors import ConfigError, did_you_mean
from lodeworks.progress import Progress
from pipelines.config.sections import Section
from pipelines.mining.engines import NumbaEngine
from pipelines.mining.estimate import translated
from pipelines.mining.itemsets import MineItemsets
from pipelines.mining.limits import Limits
from pipelines.mining.significance import Significance
from pipelines.mining.source import no_file
from pipelines.mining.task import Loaded
from pipelines.mining.wording import many

if TYPE_CHECKING:
    import pyarrow as pa

    from models.association.templates import Some, Template

__all__ = ["FormOfRules", "MineTemplateRules", "Wanted", "read_form"]

_MAX_LENGTH = 6


class Wanted(Section):
    """How many items of a group stand on a side."""

    group: str
    """A name under `groups`."""

    at_least: int = Field(1, ge=0)
    """The smallest number of its items."""

    at_most: int | None = Field(None, ge=0)
    """The largest number of its items; default: any."""


class FormOfRules(Section):
    """The form of a rule: IF some of these THEN some of those."""

    groups: dict[str, list[str | int]]
    """Names of groups, and their items."""

    antecedent: list[Wanted] = Field(default_factory=list)
    """What stands in IF."""

    consequent: list[Wanted] = Field(default_factory=list)
    """What stands behind THEN."""

    other_antecedents: bool = True
    """Whether IF may hold items of other groups, or of none."""

    other_consequents: bool = False
    """Whether THEN may hold items of other groups, or of none."""

    def named(self) -> dict[str, list[str]]:
        """Give the groups with items as text, as files of baskets have them."""
        return {name: [str(item) for item in items] for name, items in self.groups.items()}

    def template(self) -> "Template":
        """Give the form as the search takes it."""
        from models.association.templates import Template

        return Template(
            _some(self.antecedent),
            _some(self.consequent),
            self.other_antecedents,
            self.other_consequents,
        )

    def problems(self) -> Iterator[str]:
        """Say which groups are not there, and which bounds contradict each other."""
        for side in ("antecedent", "consequent"):
            for number, wanted in enumerate(getattr(self, side)):
                where = f"{side}[{number}]"
                if wanted.group not in self.groups:
                    hint = did_you_mean(wanted.group, self.groups)
                    yield f"{where}.group: given {wanted.group!r}; {hint}"
                if wanted.at_most is not None and wanted.at_most < wanted.at_least:
                    yield f"{where}.at_most: at least at_least ({wanted.at_least})"


def read_form(path: Path) -> FormOfRules:
    """Read the form from YAML or JSON.

    Raises
    ------
    ConfigError
        With everything that is wrong at once.
    """
    from pipelines.config.nodes import plain
    from pipelines.config.problems import refuse
    from pipelines.config.reading import read_file
    from pipelines.config.wording import problems_of

    node = read_file(path)
    try:
        form = FormOfRules.model_validate(plain(node))
    except ValidationError as error:
        refuse(str(path), problems_of(error, FormOfRules, node, {}))
        raise
    if wrong := [*form.problems()]:
        raise ConfigError(f"{path} cannot be used", wrong)
    return form


@dataclass(frozen=True)
class MineTemplateRules:
    """Rules of a stated form; the search obeys it.

    Parameters
    ----------
    itemsets : MineItemsets
        The file, the support, the limits and the largest number of items (default 6).
    path : Path
        The file of the form.
    min_confidence : float
        The smallest confidence.
    measures : sequence of str
        Columns of the output.
    significance : Significance
        Which rules are tested, and how.
    """

    name: ClassVar[str] = "rules"

    itemsets: MineItemsets
    path: Path
    min_confidence: float
    measures: Sequence[str]
    significance: Significance

    @property
    def limits(self) -> Limits:
        """What may be spent."""
        return self.itemsets.limits

    @property
    def libraries(self) -> tuple[str, ...]:
        """Installed packages that the result may depend on."""
        return NumbaEngine.libraries

    def problems(self) -> Sequence[str]:
        """Say what is wrong with the settings, before anything is read."""
        from pipelines.mining.rules import MineRules

        plain = MineRules(self.itemsets, self.min_confidence, None, self.measures)
        found = [*plain.problems(), *self.significance.problems()]
        if not self.path.is_file():
            found.append(f"--template: {no_file(self.path)}")
        return [*found, *self._clashes()]

    def settings(self) -> dict[str, Any]:
        """Give the settings as plain values for the manifest."""
        return {
            **self.itemsets.settings(),
            "template": read_form(self.path).model_dump(),
            "min_confidence": self.min_confidence,
            "measures": list(self.measures),
            **self.significance.settings(),
        }

    def load(self, progress: Progress) -> Loaded:
        """Read the form and the baskets."""
        form = read_form(self.path)
        loaded = self.itemsets.load(progress)
        known = set(loaded.data.labels.tolist())
        for name, items in form.named().items():
            if absent := len(set(items) - known):
                stand = many(absent, "item stands", "items stand")
                progress.note(f"{self.path}: group {name!r}: {stand} in no basket")
        return loaded

    def search(self, loaded: Loaded, progress: Progress) -> "pa.Table":
        """Find the rules: `antecedent`, `consequent`, `count` and the measures."""
        from models.association.templates import template_rules

        form, sets = read_form(self.path), self.itemsets
        mined, held_out = self.significance.split(loaded, progress)
        progress.start("search")
        with translated():
            rules = template_rules(
                mined.data,
                form.template(),
                min_count=sets.support.within(mined.baskets),
                min_confidence=self.min_confidence,
                max_length=sets.max_length or _MAX_LENGTH,
                groups=form.named(),
                budget=sets.limits.budget(),
                n_jobs=sets.n_jobs,
            )
        progress.done("search")
        return self.significance.table(rules, self.measures, held_out, progress)

    def _clashes(self) -> list[str]:
        sets = self.itemsets
        ways = {
            "--stream": sets.stream,
            "--update": sets.update is not None,
            "--taxonomy": sets.hierarchy is not None,
            "--max-basket-size": sets.max_basket_size is not None,
            f"--engine {sets.engine.name}": sets.engine.name != NumbaEngine.name,
        }
        return [f"--template and {way} do not go together" for way, used in ways.items() if used]


def _some(side: Sequence[Wanted]) -> "list[Some]":
    from models.association.templates import Some

    return [Some(wanted.group, wanted.at_least, wanted.at_most) for wanted in side]
