from pathlib import Path

WORDS = ("refresh", "models:/shop@champion")


def test_hands_everything_over(lode, job):
    calls = job("pipelines.refresh", "refresh")
    told = lode(
        *WORDS,
        "--set",
        "seed=3",
        "--language",
        "zh",
        "--workspace",
        "w",
        "--quiet",
        "--memory",
        "2GB",
    )
    assert (told.code, told.out, told.err) == (0, "all done\n", "")
    ((given, named),) = calls
    del named["progress"]
    assert given == ("models:/shop@champion",)
    assert named == {
        "workspace": Path("w"),
        "overrides": ["seed=3"],
        "language": "zh",
        "fresh": False,
        "memory": 2_000_000_000,
    }


def test_a_model_is_needed(lode):
    assert lode("refresh").code == 2
