"""The memory of a partitioned search is bounded by its budget, not by the file."""

import json
import subprocess
import sys

import numpy as np
import pytest

_CHILD = """
import json, resource, sys
from pathlib import Path
from features.baskets import fimi_chunks
from models.association.baskets import Baskets
from models.association.budget import Budget
from models.association.partitioned import partitioned_itemsets

def baskets(read):
    return Baskets.from_csr(read.indptr, read.indices, len(read.names), read.names)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

passes = []
def chunks():
    passes.append(1)
    return map(baskets, fimi_chunks(Path(sys.argv[1]), 250_000))

few = [[[0, 1, 2]] * 3]
partitioned_itemsets(few, min_count=1)
before = peak()
found = partitioned_itemsets(chunks, min_count=1000, budget=Budget(bytes=int(sys.argv[2])))
print(json.dumps({"grown": peak() - before, "passes": len(passes), "itemsets": len(found),
                  "baskets": found.n_baskets, "counts": int(found.counts.sum())}))
"""


def mined(path, n_bytes):
    result = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path), str(n_bytes)], capture_output=True, check=True
    )
    return json.loads(result.stdout)


@pytest.mark.slow
def test_memory_is_bounded(tmp_path):
    rng = np.random.default_rng(0)
    lines = [" ".join(map(str, (60 * rng.random(10) ** 2).astype(int))) for _ in range(10_000)]
    path = tmp_path / "baskets.dat"
    path.write_text("\n".join([*lines, ""]) * 20, encoding="ascii")
    # 2 million items of 40 bytes: 80 MB and what the search makes of them
    little, much = mined(path, 20_000_000), mined(path, 2_000_000_000)
    assert little["passes"] > 3
    assert much["passes"] == 2
    assert {**little, "grown": 0, "passes": 0} == {**much, "grown": 0, "passes": 0}
    assert little["baskets"] == 200_000
    assert little["grown"] < 70_000_000
