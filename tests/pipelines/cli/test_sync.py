from pathlib import Path


def test_hands_the_workspace_over(lode, job):
    calls = job("pipelines.sync", "sync")
    told = lode("sync", "--workspace", "w", "--json")
    assert (told.code, told.err) == (0, "")
    assert calls == [((Path("w"),), {})]
    assert lode("sync").code == 0
    assert calls[1] == ((Path(".lode"),), {})
