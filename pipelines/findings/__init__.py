"""What runs learn becomes findings; findings bound later lists and serve new customers."""

from pipelines.findings.place import store_of
from pipelines.findings.recording import record

__all__ = ["record", "store_of"]
