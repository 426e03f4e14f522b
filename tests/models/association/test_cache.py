"""Compiled code is kept between processes, wherever the package lies."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lodeworks
import models

PROGRAM = """
import json
from models.association._encode import count_items, sort_baskets
from models.association.baskets import Baskets
counts = Baskets.from_lists([[3, 1, 3], [], [1]]).counts.tolist()
stats = [kernel.stats for kernel in (count_items, sort_baskets)]
misses, hits = (sum(sum(getattr(s, name).values()) for s in stats)
                for name in ("cache_misses", "cache_hits"))
print(json.dumps([counts, misses, hits]))
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def package(tmp_path):
    """Copy what mining imports, without compiled code."""
    home = tmp_path / "package"
    for module in (lodeworks, models):
        source = Path(module.__path__[0])
        parts = ("__init__.py",) if module is models else ("",)
        for part in parts:
            _copy(source / part, home / source.name / part)
    _copy(Path(models.__path__[0]) / "association", home / "models" / "association")
    return home


def _copy(source, target):
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def environment(package, tmp_path, **more):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    own = {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(tmp_path)}
    return inherited | own | {"XDG_CACHE_HOME": str(tmp_path / "cache")} | more


def start(package, env):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=env, cwd=package, stdout=subprocess.PIPE, text=True
    )


def answer(process):
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return json.loads(out)


def test_a_package_that_cannot_be_written_to_uses_the_cache_of_the_user(package, tmp_path):
    blocked = package / "models" / "association" / "__pycache__"
    blocked.write_text("")  # a file: no folder can be made here, not even by root
    env = environment(package, tmp_path)
    assert answer(start(package, env)) == [[2, 1], 2, 0]
    assert list((tmp_path / "cache").rglob("*.nbi"))
    assert answer(start(package, env)) == [[2, 1], 0, 2]
    assert blocked.read_text() == ""


def test_two_processes_that_start_at_once_agree_and_a_third_compiles_nothing(package, tmp_path):
    env = environment(package, tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "given"))
    both = [start(package, env), start(package, env)]
    assert [answer(process)[0] for process in both] == [[2, 1], [2, 1]]
    assert answer(start(package, env)) == [[2, 1], 0, 2]
    assert list((tmp_path / "given").rglob("*.nbi"))


def test_mining_loads_neither_frames_nor_statistics():
    program = (
        "import sys; from models.association import frequent_itemsets as f;"
        "found = f([['a', 'b'], ['a', 'b']], min_count=2);"
        "print(len(found), sorted({'pandas', 'pyarrow', 'sklearn', 'scipy.stats', 'scipy.sparse'}"
        " & set(sys.modules)))"
    )
    root = Path(models.__path__[0]).parent
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    assert done.stdout.split(maxsplit=1) == ["3", "[]\n"]
