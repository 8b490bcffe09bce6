"""What is in the package, and how it is documented."""

import ast
import doctest
import importlib.resources
import inspect
import pathlib
import subprocess
import sys
import sysconfig

import pytest

import memmap
from memmap import _native

CLASSES = [memmap.MemMap, memmap.FrozenMap, memmap.RamMap, memmap.View]


def documented():
    """Everything that has a docstring of ours."""
    yield "memmap", memmap
    for name in memmap.__all__:
        thing = getattr(memmap, name)
        yield f"memmap.{name}", thing
        if thing in CLASSES:
            for inner, member in vars(thing).items():
                if not inner.startswith("_"):
                    yield f"memmap.{name}.{inner}", getattr(thing, inner)


DOCUMENTED = dict(documented())


@pytest.mark.parametrize(("name", "thing"), DOCUMENTED.items(), ids=list(DOCUMENTED))
def test_everything_is_documented_and_its_examples_run(name, thing):
    doc = inspect.getdoc(thing)
    assert doc, f"{name} has no docstring"
    test = doctest.DocTestParser().get_doctest(doc, {}, name, None, 0)
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert outcome.failed == 0


def test_public_names_say_that_they_are_of_the_package():
    for name in memmap.__all__:
        thing = getattr(memmap, name)
        assert thing.__module__ in ("memmap", "memmap._native"), name
    for thing in CLASSES:
        assert thing.__module__ == "memmap"


def test_the_import_brings_in_nothing_large():
    code = "import sys; before = set(sys.modules); import memmap; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"memmap", "memmap._native"}


def test_the_stubs_have_the_names_and_parameters_of_the_module():
    source = importlib.resources.files("memmap").joinpath("_native.pyi").read_text()
    assert importlib.resources.files("memmap").joinpath("py.typed").is_file()
    tree = ast.parse(source)
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = None
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    found[f"{node.name}.{member.name}"] = member
    public = {}
    for name in memmap.__all__:
        if hasattr(_native, name):
            public[name] = getattr(_native, name)
    for thing in CLASSES:
        for inner in vars(thing):
            if not inner.startswith("_"):
                public[f"{thing.__name__}.{inner}"] = getattr(thing, inner)
    assert not set(public) - set(found), "not in the stubs"
    for name, node in found.items():
        last = name.rpartition(".")[2]
        if last.startswith("_"):
            continue
        assert name in public or node is None or name.split(".")[0] == "MapError", f"only in the stubs: {name}"
        if node is None or not callable(public.get(name)):
            continue
        signature = inspect.signature(public[name])
        arguments = node.args
        stub = [argument.arg for argument in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]
        real = [p.name for p in signature.parameters.values() if p.kind is not p.VAR_POSITIONAL]
        assert stub == real, name


def test_lazyhex_is_installed_beside_python():
    program = pathlib.Path(sysconfig.get_path("scripts")) / "lazyhex"
    if not program.exists():
        pytest.skip("`cargo xtask python build` installs it")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("lazyhex ")
