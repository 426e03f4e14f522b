"""The ground floor of every room: errors, safe files and cells, progress. It imports no room."""

from lodeworks.errors import (
    BudgetExceeded,
    BundleError,
    ConfigError,
    DataError,
    GateRefused,
    LodeError,
    NotInstalled,
)

__version__ = "0.1.0"

__all__ = [
    "BudgetExceeded",
    "BundleError",
    "ConfigError",
    "DataError",
    "GateRefused",
    "LodeError",
    "NotInstalled",
    "__version__",
]
