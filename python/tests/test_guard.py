"""The guard, and what pushes it aside."""

import pytest


@pytest.mark.parametrize("turns", [1, 20])
def test_the_guard_comes_back_after_faulthandler(scene, turns):
    out = scene(
        f"""
        import faulthandler
        mm, told = MemMap.open(fresh()), 0
        for _ in range({turns}):
            faulthandler.enable(); memmap.ensure_guard()
            faulthandler.disable(); memmap.ensure_guard()
            mm = MemMap.open(fresh())
            os.truncate(mm.path, 0)
            try: mm.read_at(0, 65536)
            except TruncatedError: told += 1
        print(told, memmap.guard_status())
        """
    )
    assert out == f"{turns} active"


@pytest.mark.parametrize(
    "push",
    [
        "signal.signal(signal.SIGBUS, lambda *_: None)",
        "signal.signal(signal.SIGBUS, signal.SIG_DFL)",
        "import faulthandler; faulthandler.enable(); MemMap.open(path); faulthandler.disable()",
    ],
)
def test_a_handler_that_is_installed_later_is_known_and_pushed_back(scene, push):
    out = scene(
        f"""
        path = fresh()
        mm = MemMap.open(path)
        {push}
        print(memmap.guard_status())
        print(memmap.ensure_guard())
        os.truncate(path, 0)
        try: mm.read_at(0, 4)
        except TruncatedError: print("told")
        """
    )
    assert out.split()[1:] == ["active", "told"] and out.split()[0] in ("replaced", "active")


def test_the_guard_is_asked_for_as_an_initializer_of_workers():
    import memmap

    assert memmap.ensure_guard(3) == memmap.ensure_guard()


@pytest.mark.parametrize("steps", ["", "e", "ed", "eg", "egd"])
def test_a_fault_that_is_not_ours_still_ends_the_process(scene, steps):
    scene(
        f"""
        import faulthandler, mmap
        mm = MemMap.open(fresh()); mm.read_at(0, 1)
        for step in {steps!r}:
            {{"e": lambda: faulthandler.enable(open(os.devnull, "w")), "d": faulthandler.disable,
              "g": memmap.ensure_guard}}[step]()
        path = fresh()
        foreign = mmap.mmap(os.open(path, os.O_RDONLY), 0, access=mmap.ACCESS_READ)
        os.truncate(path, 0)
        foreign[0]
        """,
        status=-7,
    )
