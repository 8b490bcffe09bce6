"""The live bytes of a map, as a buffer."""

import gc
import os
import warnings

import pytest

import memmap
from memmap import FrozenMap, MemMap, TruncatedError

PAGE = 4096


def test_stores_reach_the_file(fresh):
    path = fresh()
    with MemMap.open(path, "r+") as mm, mm.view() as view:
        assert (len(view), view.nbytes, view.readonly) == (65536, 65536, False)
        memoryview(view)[5] = 9
        view.flush()
        assert mm[5] == 9
    assert path.read_bytes()[5] == 9


def test_a_map_for_reading_shows_what_others_write(fresh):
    path = fresh()
    mm = MemMap.open(path)
    view = mm.view()
    assert view.readonly and memoryview(view).readonly
    with open(path, "r+b") as file:
        file.write(b"\7")
    assert memoryview(view)[0] == 7
    with pytest.raises(TypeError):
        memoryview(view)[0] = 1


def test_leaving_the_block_raises_what_was_lost(fresh):
    path = fresh()
    mm = MemMap.open(path)
    with pytest.raises(TruncatedError) as caught:
        with mm.view() as view:
            shown = memoryview(view)
            os.truncate(path, PAGE)
            assert sum(shown) == PAGE
    assert caught.value.offset == PAGE
    # What has the bytes keeps them; nothing new gets them.
    assert shown[0] == 1 and shown[PAGE] == 0
    with pytest.raises(BufferError):
        memoryview(view)


def test_an_exception_of_the_block_wins(fresh):
    path = fresh()
    mm = MemMap.open(path)
    with pytest.raises(KeyError) as caught:
        with mm.view():
            os.truncate(path, 0)
            raise KeyError("mine")
    assert any("was truncated" in note for note in caught.value.__notes__)


def test_views_live_longer_than_their_map(fresh):
    mm = MemMap.open(fresh(), "r+")
    view = mm.view()
    shown = memoryview(view)
    mm.close()
    mm.close()
    del view
    gc.collect()
    assert sum(shown) == 65536
    shown[0] = 2
    memmap.check(shown)


def test_two_views_of_a_map_are_found_until_the_last_is_freed(fresh):
    path = fresh()
    mm = MemMap.open(path)
    one, two = mm.view(), mm.view()
    first, second = memoryview(one), memoryview(two)
    first.release()
    del one
    gc.collect()
    memmap.check(second)
    os.truncate(path, 0)
    assert memmap.lost(second[100:200]) == [(0, 100, "truncated")]
    with pytest.raises(TruncatedError):
        two.check()


def test_flush_and_close_fail_after_bytes_were_lost_until_the_file_is_mapped_anew(fresh):
    path = fresh()
    mm = MemMap.open(path, "r+")
    view = mm.view()
    shown = memoryview(view)
    os.truncate(path, PAGE)
    shown[3 * PAGE] = 5
    os.truncate(path, 65536)
    shown[3 * PAGE + 1] = 6
    for fails in [view.flush, view.check, mm.flush, mm.sync, lambda: mm.flush(3 * PAGE, 1)]:
        with pytest.raises(TruncatedError):
            fails()
    mm.flush(0, PAGE)
    with pytest.raises(BufferError):
        mm.remap()
    shown.release()
    del view
    gc.collect()
    mm.remap()
    mm.flush()
    assert mm[3 * PAGE] == 0
    mm.close()
    assert path.read_bytes()[3 * PAGE] == 0


def test_closing_fails_too(fresh):
    path = fresh()
    mm = MemMap.open(path, "r+")
    shown = memoryview(mm.view())
    os.truncate(path, 0)
    shown[0] = 5
    with pytest.raises(TruncatedError):
        mm.close()
    assert mm.closed
    assert memmap.lost(shown) == [(0, 65536, "truncated")]


def test_edits_of_mode_c_are_those_of_the_map(fresh):
    path = fresh(b"\1" * (4 << 20))
    mm = MemMap.open(path, "c")
    mm[5] = 9
    with mm.view() as view:
        shown = memoryview(view)
        assert shown[5] == 9
        shown[6] = 8
        assert mm[5:7] == b"\x09\x08" and mm.find(b"\x09\x08") == 5
    os.truncate(path, 0)
    assert mm[5:7] == b"\x09\x08"
    with pytest.raises(TruncatedError):
        mm[3 << 20]
    mm.flush()
    mm.close()
    assert path.read_bytes() == b""


def test_whether_the_file_is_unchanged(fresh):
    path = fresh()
    view = MemMap.open(path).view()
    view.check(unchanged=True)
    os.truncate(path, 0)
    os.truncate(path, 65536)
    view.check()
    with pytest.raises(memmap.ReplacedError):
        view.check(unchanged=True)


def test_a_loss_that_nobody_asked_for_is_a_warning(fresh):
    path = fresh()
    view = MemMap.open(path).view()
    os.truncate(path, 0)
    assert sum(memoryview(view)) == 0
    with pytest.warns(RuntimeWarning, match="nobody called check"):
        del view
        gc.collect()
    quiet = MemMap.open(fresh()).view()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del quiet
        gc.collect()


def test_empty_maps_and_memory_have_views(fresh):
    assert memoryview(MemMap.open(fresh(b"")).view()).nbytes == 0
    memory = MemMap.anonymous(100)
    memoryview(memory.view())[7] = 1
    assert memory[7] == 1
    with pytest.raises(TypeError, match=r"view\(\)"):
        memoryview(memory)
    assert FrozenMap.open(fresh()).lost() == []


def test_stores_after_the_end_in_the_last_page_are_told_by_flush(fresh):
    """They meet no fault: the length of the file tells."""
    path = fresh()
    view = MemMap.open(path, "r+").view()
    shown = memoryview(view)
    os.truncate(path, 5000)
    shown[6000] = 7
    view.flush(0, 5000)
    with pytest.raises(TruncatedError) as caught:
        view.flush(5900, 200)
    assert caught.value.offset == 5900
    with pytest.raises(TruncatedError):
        view.flush()
    reader = MemMap.open(fresh()).view()
    os.truncate(reader.path, 5000)
    reader.flush()


def test_errors_say_what_to_free(fresh):
    mm = MemMap.open(fresh(), "r+")
    view = mm.view()
    for change in [lambda: mm.resize(10), mm.remap]:
        with pytest.raises(BufferError, match=r"while views of the map exist"):
            change()
    del view
