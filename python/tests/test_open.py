"""What the documents do: open, read, close."""

import pytest

from memmap import MemMap


def test_the_documented_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.bin").write_bytes(bytes(range(256)))
    mm = MemMap.open("data.bin", mode="r")
    value = mm.read_at(offset=128, size=4)
    mm.close()
    assert value == bytes([128, 129, 130, 131])


def test_a_closed_map_refuses_calls_and_closes_again(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    mm = MemMap.open(path)
    assert not mm.closed
    mm.close()
    mm.close()
    assert mm.closed
    with pytest.raises(ValueError, match="closed"):
        mm.read_at(0, 1)
    with pytest.raises(ValueError, match="closed"):
        len(mm)
