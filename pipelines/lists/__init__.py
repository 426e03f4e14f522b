"""The cross-sell list: candidates priced, bounded by policy, and written."""

from pipelines.lists.control import control_group
from pipelines.lists.policy import Policy, Refusals, apply_policy
from pipelines.lists.writer import COLUMNS, write_list

__all__ = ["COLUMNS", "Policy", "Refusals", "apply_policy", "control_group", "write_list"]
