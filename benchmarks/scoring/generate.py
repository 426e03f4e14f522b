"""Generate a shop of a stated number of customers with about ten lines each.

    python -m benchmarks.scoring.generate DIR/1m --customers 1000000

`lode generate` gives 25 lines a customer; here it is asked for fewer, so that there are more
customers to score.
"""

import argparse
from pathlib import Path

from features.generate import generate, parameters

__all__ = ["main"]


def main() -> None:
    """Write the folder and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--lines-each", type=int, default=10)
    given = parser.parse_args()
    parameters.LINES_PER_CUSTOMER = given.lines_each
    made = generate(given.folder, lines=given.customers * given.lines_each, file_format="parquet")
    print(dict(made.counts))


if __name__ == "__main__":
    main()
