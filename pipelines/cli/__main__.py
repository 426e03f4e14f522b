"""`python -m pipelines.cli` is `lode`."""

import sys

from pipelines.cli import main

sys.exit(main())
