"""Reasons not to trust a comparison: sizes, edits, currencies."""

from pathlib import Path

from experiments.effect import SampleRatio, sample_ratio
from pipelines.measuring.given_list import GivenList
from pipelines.measuring.orders import currencies
from pipelines.measuring.problems import Problems
from pipelines.measuring.terms import Terms

__all__ = ["check_currency", "check_edited", "check_sample_ratio"]


def check_edited(given: GivenList, problems: Problems, *, accepted: bool) -> None:
    """Hold the list against the hash and the counts in its manifest."""
    manifest = given.manifest
    if not manifest:
        problems.notes.append("the list has no manifest: whether it was edited cannot be told")
        return
    stated = manifest.get("list_sha256")
    reasons = [] if stated in (None, given.sha256) else ["its hash differs from the manifest's"]
    reasons += _other_counts(given)
    if not reasons:
        if stated is None:
            problems.notes.append(
                "the manifest states no hash of the list: only its counts were compared"
            )
        return
    told = f"the list was edited after it was written: {'; '.join(reasons)}"
    if accepted:
        problems.notes.append(f"{told} (accepted)")
    else:
        problems.gates.append(f"{told}; go on with --accept-edited if you know why")


def _other_counts(given: GivenList) -> list[str]:
    stated = given.manifest.get("list", {})
    treated = given.customers["treated"]
    found = {
        "rows": len(given.rows),
        "target_customers": int(treated.sum()),
        "control_customers": int((~treated).sum()),
    }
    return [
        f"{stated[name]:,} {name.replace('_', ' ')} were written, {count:,} are there"
        for name, count in found.items()
        if name in stated and stated[name] != count
    ]


def check_sample_ratio(
    given: GivenList, planned: float | None, problems: Problems, *, accepted: bool
) -> SampleRatio | None:
    """Test the sizes of the groups against the planned share; None when that is not known."""
    if planned is None:
        problems.notes.append("the planned control share is not known: sizes were not tested")
        return None
    treated = given.customers["treated"]
    found = sample_ratio(int(treated.sum()), int((~treated).sum()), planned)
    if found.mismatch:
        told = (
            f"SAMPLE RATIO MISMATCH: {found.control:,} of {found.treated + found.control:,}"
            f" customers are controls ({found.share:.1%}), {planned:.1%} were planned; chance makes"
            f" that once in {1 / max(found.p, 1e-300):,.0f} lists, so customers were lost or added"
            " unevenly and the groups are not alike"
        )
        if accepted:
            problems.notes.append(f"{told} (accepted)")
        else:
            problems.gates.append(f"{told}; go on with --accept-mismatch if you know why")
    return found


def check_currency(path: Path, terms: Terms, problems: Problems) -> str:
    """Find the one currency of all money; more than one is a problem."""
    found = currencies(path)
    if len(found) > 1:
        problems.data.append(
            f"the orders {path} mix {len(found)} currencies ({', '.join(found[:4])}): give amounts"
            " of one"
        )
    elif found and terms.currency not in (None, found[0]):
        problems.data.append(
            f"the list is priced in {terms.currency}, but the orders {path} are in {found[0]}"
        )
    return terms.currency or (found[0] if found else "")
