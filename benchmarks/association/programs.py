"""The programs that the benchmark of itemset miners runs, each as text for a process of its own."""

__all__ = ["PACKAGES", "PROGRAMS", "REPORT", "SLOW"]

START = """
import json, resource, sys, time
path, count, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
slow = False
"""

LISTS = START + "rows = [[int(word) for word in line.split()] for line in open(path)]\n"

OURS = (
    START
    + """
from features.baskets import read_fimi
from models.association import Baskets, frequent_itemsets
from pathlib import Path
read = read_fimi(Path(path))
baskets = Baskets.from_csr(read.indptr, read.indices, len(read.names), read.names)
"""
)

PYFIM = LISTS + "import fim\nkind = {'frequent': 's', 'closed': 'c', 'maximal': 'm'}[target]\n"

CSR = (
    START
    + """
import numpy as np
lines = [sorted({int(word) for word in line.split()}) for line in open(path)]
codes = {item: code for code, item in enumerate(sorted({i for line in lines for i in line}))}
indptr = np.cumsum([0, *map(len, lines)]).astype(np.int32)
indices = np.array([codes[item] for line in lines for item in line], np.int32)
del lines
"""
)

ONLY_FREQUENT = "assert target == 'frequent', 'has no such target'\n"

MLXTEND = (
    LISTS
    + """
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth, fpmax
from mlxtend.preprocessing import TransactionEncoder
assert target != "closed", "has no such target"
encoder, slow = TransactionEncoder(), True
onehot = pd.DataFrame.sparse.from_spmatrix(encoder.fit_transform(rows, sparse=True))
onehot.columns = onehot.columns.astype(str)
search = fpgrowth if target == "frequent" else fpmax
mine = lambda: search(onehot, min_support=(count - 0.5) / len(rows))
"""
)

EFFICIENT_APRIORI = (
    LISTS
    + ONLY_FREQUENT
    + """
from efficient_apriori import itemsets_from_transactions
slow, rows = True, [tuple(row) for row in rows]
share = (count - 0.5) / len(rows)
def mine():
    found, _ = itemsets_from_transactions(rows, share, max_length=99)
    return [itemset for level in found.values() for itemset in level]
"""
)

PAMI = (
    START
    + ONLY_FREQUENT
    + """
import contextlib, io
from PAMI.frequentPattern.basic import ECLAT
slow = True
def mine():
    with contextlib.redirect_stdout(io.StringIO()):
        miner = ECLAT.ECLAT(iFile=path, minSup=count, sep=" ")
        miner.mine()
    return miner.getPatterns()
"""
)

PYSPARK = (
    LISTS
    + ONLY_FREQUENT
    + """
from pyspark.ml.fpm import FPGrowth
from pyspark.sql import SparkSession
slow = True
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
spark.sparkContext.setLogLevel("OFF")
frame = spark.createDataFrame([(sorted(set(row)),) for row in rows], ["items"]).cache()
frame.count()
share = (count - 0.5) / len(rows)
mine = lambda: FPGrowth(minSupport=share).fit(frame).freqItemsets.toPandas()
"""
)

REPORT = """
def tell(found, wall, cpu):
    size = len(found[0]) if isinstance(found, tuple) else len(found)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    told = {"patterns": size, "wall": wall, "cpu": cpu, "peak_rss_mb": peak}
    print(json.dumps(told), flush=True)

tell([] if slow else mine(), 0, 0)
for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    found = mine()
    tell(found, time.perf_counter() - wall, time.process_time() - cpu)
    del found
"""


def _ours(n_jobs: int, ending: str = "") -> str:
    search = f"frequent_itemsets(baskets, min_count=count, target=target, n_jobs={n_jobs})"
    return f"{OURS}mine = lambda: {search}{ending}\n"


def _pyfim(name: str) -> str:
    return f"{PYFIM}mine = lambda: fim.{name}(rows, target=kind, supp=-count, zmin=1, report='a')\n"


def _rusket(name: str) -> str:
    search = f"_rusket.{name}_from_csr(indptr, indices, len(codes), count)"
    return f"{CSR}{ONLY_FREQUENT}from rusket import _rusket\nmine = lambda: {search}\n"


PROGRAMS = {
    "ours": _ours(1),
    "ours, 2 threads": _ours(2),
    "ours, to Arrow": _ours(1, ".to_arrow()"),
    "pyfim eclat": _pyfim("eclat"),
    "pyfim fpgrowth": _pyfim("fpgrowth"),
    "pyfim sam": PYFIM.replace(
        "import fim\n", "import fim\nassert target == 'frequent', 'has no such target'\n"
    )
    + "mine = lambda: fim.sam(rows, target=kind, supp=-count, zmin=1, report='a')\n",
    "rusket fpgrowth": _rusket("fpgrowth"),
    "rusket fpgrowth, 2 threads": _rusket("fpgrowth"),
    "rusket eclat": _rusket("eclat"),
    "mlxtend fpgrowth": MLXTEND,
    "efficient-apriori": EFFICIENT_APRIORI,
    "PAMI ECLAT": PAMI,
    "pyspark FPGrowth": PYSPARK,
}

SLOW = ("mlxtend fpgrowth", "efficient-apriori", "PAMI ECLAT", "pyspark FPGrowth")

PACKAGES = {name: name.split(" ")[0].rstrip(",") for name in PROGRAMS}
