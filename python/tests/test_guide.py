"""The examples of the guide and of the README, each as a program of its own."""

import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS = re.compile(r"# needs: (.*)\n")


def blocks():
    for page in ["docs/python.md", "README.md"]:
        text = (ROOT / page).read_text(encoding="utf-8")
        for found in BLOCK.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield pytest.param(found[1], id=f"{page}:{line}")


def missing(block):
    """What a block needs, by its first line, and is not here: packages, or the name of a system."""
    needs = NEEDS.match(block)
    for name in needs[1].split(", ") if needs else []:
        if name == "linux":
            if sys.platform != "linux":
                return name
        elif importlib.util.find_spec(name) is None:
            return name
    return None


@pytest.mark.parametrize("block", list(blocks()))
def test_a_block_runs(block, tmp_path):
    if name := missing(block):
        pytest.skip(f"needs {name}")
    (tmp_path / "data.bin").write_bytes(bytes(range(256)) * 16)
    program = tmp_path / "example.py"
    program.write_text(block, encoding="utf-8")
    command = [sys.executable, "-W", "error::RuntimeWarning", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"status {done.returncode}\n{done.stdout}\n{done.stderr}"


def test_the_pages_have_blocks():
    ids = [block.id for block in blocks()]
    assert sum(name.startswith("docs/python.md") for name in ids) > 10
    assert any(name.startswith("README.md") for name in ids)
