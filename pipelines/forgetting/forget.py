"""Find a customer everywhere in a workspace, take them out at once, and search again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.privacy import Forgotten, key_from_environment, pseudonym
from lodeworks.errors import ConfigError, DataError, LodeError
from lodeworks.files import file_digest
from pipelines.forgetting import files, warehouse
from pipelines.forgetting.certificate import Certificate, Place
from pipelines.forgetting.journal import Changes, finish_pending
from pipelines.workspace import Workspace

__all__ = ["forget"]

SHORT = 4
_SKIPPED = ("lock", ".warehouse.duckdb.lock", "warehouse.duckdb")


def forget(root: Path, customer: str, *, reason: str | None = None) -> Certificate:
    """Remove one customer from every table, list, cache and record of a workspace.

    Parameters
    ----------
    root : Path
        The workspace.
    customer : str
        The identifier, as it stands in the sources.
    reason : str, optional
        Kept in the certificate; it must not name the customer.

    Returns
    -------
    Certificate
        Every place that was looked at, before and after; also written below ``forgotten/``.

    Raises
    ------
    ConfigError
        Without the key of pseudonyms, or when there is no such workspace.
    DataError
        When the workspace does not know the customer.
    LodeError
        When the workspace is in use, cannot be written, or a trace cannot be removed; nothing is
        changed then.
    """
    customer = customer.strip()
    names = _names(customer, reason)
    if not root.is_dir():
        raise ConfigError(f"there is no workspace {root}")
    workspace = Workspace(root)
    with workspace.locked(), warehouse.no_load(workspace.warehouse):
        finish_pending(root)
        files.settle(root)
        return _Forgetting(workspace, customer, names, reason).run()


def _names(customer: str, reason: str | None) -> frozenset[str]:
    if not customer:
        raise ConfigError("name the customer to forget")
    key = key_from_environment()
    names = frozenset({customer, str(pseudonym([customer], key)[0])})
    if reason is not None and files.word(names).search(reason.encode()):
        raise ConfigError("the reason names the customer: leave the identifier out of it")
    return names


@dataclass
class _Forgetting:
    workspace: Workspace
    customer: str
    names: frozenset[str]
    reason: str | None
    places: list[Place] = field(default_factory=list)
    same_text: dict[str, int] = field(default_factory=dict)

    def run(self) -> Certificate:
        forgotten = Forgotten.beside(self.workspace.warehouse)
        tables = self._tables(self.workspace.warehouse)
        self.same_text = self._same_text()
        found = {path: files.traces(path, self.names) for path in self._files()}
        self._refuse_unknown(forgotten, sum(tables.values()), found.values())
        outside = self._outside()
        changes = Changes(self.workspace.root)
        try:
            self._plan_tables(changes, tables)
            for path, traces in found.items():
                self._plan_file(changes, path, traces)
            self._plan_cache(changes)
            forgotten = forgotten.adding(self.names)
            forgotten.write(changes.replace(self.workspace.warehouse.with_name("forgotten.json")))
            self._check(changes, found)
            changes.commit()
        finally:
            changes.abandon()
        return self._certify(forgotten.mark(self.customer), outside)

    @property
    def _is_plain(self) -> bool:
        """Whether the identifier, seen anywhere, can mean nothing else."""
        return not (self.customer.isdigit() or len(self.customer) < SHORT or self.same_text)

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.workspace.root.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name not in _SKIPPED:
                yield path

    def _tables(self, path: Path) -> dict[str, int]:
        return warehouse.traces(path, self.names) if path.exists() else {}

    def _same_text(self) -> dict[str, int]:
        path = self.workspace.warehouse
        if not path.exists():
            return {}
        found = warehouse.identifiers_of_others(path, self.names)
        return {f"warehouse: {where}": count for where, count in found.items()}

    def _refuse_unknown(self, forgotten: Forgotten, rows: int, found: Any) -> None:
        rows += sum(one.rows + one.mentions * self._is_plain for one in found)
        if not rows and not forgotten.among([self.customer]):
            # No nearest name here: it would tell who is a customer.
            raise DataError(f"the workspace {self.workspace.root} knows no such customer")

    def _plan_tables(self, changes: Changes, tables: dict[str, int]) -> None:
        path = self.workspace.warehouse
        if not path.exists():
            return
        # A load that kept somebody out may have left bytes of them in free blocks.
        if any(tables.values()) or self._left(files.traces(path, self.names)):
            warehouse.rebuild(path, changes.replace(path), self.names)
        for table, rows in tables.items():
            action = "rows removed" if rows else "none"
            self.places.append(Place(f"warehouse: {table}", rows, 0, action))

    def _plan_file(self, changes: Changes, path: Path, traces: files.Traces) -> None:
        name = path.relative_to(self.workspace.root).as_posix()
        before = traces.rows + (traces.mentions if self._is_plain else 0)
        if traces.mentions and not self._is_plain:
            self.same_text[name] = traces.mentions
        cached = self._is_cached(path)
        action = "none"
        if before and not cached:
            action = "rows removed" if traces.rows else "text removed"
            now = changes.now(path) or path
            files.without(now, changes.replace(path), self.names, words=self._is_plain)
            if traces.rows:
                _amend_manifest(changes, path)
        self.places.append(Place(name, before, 0, "deleted" if cached else action))

    def _is_cached(self, path: Path) -> bool:
        """Tell a step that is made again from an exported bundle, which holds no rows."""
        return path.is_relative_to(self.workspace.cache) and not path.is_relative_to(
            self.workspace.cache / "act"
        )

    def _plan_cache(self, changes: Changes) -> None:
        """Drop every kept step: even without names, rows in them are still those of customers."""
        if self.workspace.cache.is_dir():
            for stage in sorted(self.workspace.cache.iterdir()):
                if stage.name != "act":
                    changes.remove(stage)

    def _check(self, changes: Changes, found: dict[Path, files.Traces]) -> None:
        """Search what will stand; a trace that is left stops everything."""
        stands = changes.now(self.workspace.warehouse)
        left = self._tables(stands) if stands is not None else {}
        problems = [f"warehouse: {table}" for table, rows in left.items() if rows]
        if stands is not None and stands.exists() and self._left(files.traces(stands, self.names)):
            problems.append(str(self.workspace.warehouse))
        for path in found:
            new = changes.now(path)
            if new is not None and self._left(files.traces(new, self.names)):
                problems.append(str(path))
        if problems:
            raise LodeError("traces of the customer cannot be removed; nothing was done", problems)

    def _left(self, traces: files.Traces) -> int:
        return traces.rows + (traces.mentions if self._is_plain else 0)

    def _outside(self) -> dict[str, str]:
        path = self.workspace.warehouse
        names = warehouse.sources(path) if path.exists() else []
        return {name: self._seen_outside(Path(name)) for name in names}

    def _seen_outside(self, path: Path) -> str:
        try:
            found = files.traces(path, self.names)
        except (OSError, ValueError):
            return "was not searched"
        return "holds the customer" if found.rows or found.mentions else "does not"

    def _certify(self, mark: str, outside: dict[str, str]) -> Certificate:
        moment = datetime.now(UTC)
        left, count, size = 0, 0, 0
        for path in [*self._files(), self.workspace.warehouse]:
            if path.exists():
                left += self._left(files.traces(path, self.names))
                count, size = count + 1, size + path.stat().st_size
        left += sum(self._tables(self.workspace.warehouse).values())
        if left:
            raise LodeError(f"{left} traces of the customer are left; nothing is certified")
        certificate = Certificate(
            forgotten_at=moment.isoformat(timespec="seconds"),
            mark=mark,
            reason=self.reason,
            places=self.places,
            same_text=self.same_text,
            outside=outside,
            files=count,
            bytes=size,
            path=self.workspace.root / "forgotten" / f"{moment:%Y%m%d-%H%M%S-%f}.json",
        )
        assert certificate.path is not None
        certificate.write(certificate.path)
        return certificate


def _amend_manifest(changes: Changes, path: Path) -> None:
    """State the new hash and counts of a list in the manifest beside it."""
    for beside in (path.with_name(f"{path.name}.manifest.json"), path.with_name("manifest.json")):
        if beside.is_file():
            about = json.loads(beside.read_text(encoding="utf-8"))
            new = changes.now(path)
            if new is None or about.get("list_sha256") != file_digest(path):
                return
            about["list_sha256"] = file_digest(new)
            about["list"] = about.get("list", {}) | _counts(new)
            about["forgotten_customers"] = about.get("forgotten_customers", 0) + 1
            changes.replace(beside).write_text(json.dumps(about, indent=2) + "\n")
            return


def _counts(path: Path) -> dict[str, int]:
    import pandas as pd

    text = {"customer_id": "str"}
    rows = pd.read_csv(path, dtype=text) if path.suffix == ".csv" else pd.read_parquet(path)
    people = rows.drop_duplicates("customer_id")
    treated = int((people["group"] != "control").sum())
    return {
        "rows": len(rows),
        "target_customers": treated,
        "control_customers": len(people) - treated,
    }
