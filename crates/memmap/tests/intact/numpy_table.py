"""Does numpy leave the file intact? The calls of table.txt, made by numpy.

Each is made in a directory and a process of its own, as some end the process. The output is

    Python and numpy, their versions
    calls: how many failed, and how many of these changed a file; the same of calls that can be made
    with numpy alone; how many calls that memmap refuses did not fail, and changed a file

and then, in the order of table.txt, its headings, and for each of its rows one of a Markdown table:

    | what is there: what is called | what numpy answered | what became of the file |

usage: python3 numpy_table.py
"""

import mmap  # noqa: F401, as numpy would import it where nobody may read it
import os
import platform
import resource
import signal
import tempfile
import warnings

import numpy as np
from numpy.lib.format import open_memmap  # noqa: F401, as rows of the table call it

NOBODY = 65534
SECONDS = 3
TEXT_LEN = 72
NO_SUCH_OPTION = ("create_new", "permissions", "fallback", "small_file")


class NotOffered(Exception):
    """It cannot be asked of numpy."""


def rows():
    """The rows of the table, as lists of three; and its headings, as strings."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "table.txt")
    with open(path, encoding="utf-8") as table:
        previous = "#"
        for line in map(str.strip, table):
            if line.startswith("#"):
                if not previous:
                    yield line.removeprefix("# ")
            elif line:
                yield [column.strip() for column in line.split("|")]
            previous = line


def number(word):
    return 2 ** int(word[2:]) if word.startswith("2^") else int(word)


# What is there


def make_file(path, length):
    with open(path, "wb") as file:
        file.write(bytes(at % 251 | 1 for at in range(length)))


def make_simple(path, words):
    if words == ["directory"]:
        os.mkdir(path)
        make_file(os.path.join(path, "inside"), 40)
    elif words == ["pipe"]:
        os.mkfifo(path)
    elif words[0] == "file":
        make_file(path, int(words[1]))
    elif words[0] == "npy":
        with open(path, "wb") as file:
            np.save(file, np.arange(int(words[2])).astype("u1") | 1)
            if "cut" in words:
                file.truncate(int(words[5]))
    else:
        assert words == ["nothing"], words


def make(directory, before):
    """Makes what a row says is there. Returns the path, whether by nobody, and the limit."""
    path = os.path.join(directory, "data")
    make_file(os.path.join(directory, "neighbour"), 40)
    first, *rest = before.split(", ")
    if first.startswith("link to "):
        target = first.removeprefix("link to ")
        leads = {"itself": "data", "missing directory": "missing/x"}.get(target, "target")
        os.symlink(leads, path)
        if leads == "target":
            make_simple(os.path.join(directory, leads), target.split())
    elif first == "missing directory":
        path = os.path.join(directory, "missing", "data")
    elif first == "below a file":
        path = os.path.join(directory, "neighbour", "data")
    else:
        make_simple(path, first.split())
    by_nobody, limit = False, None
    for word in rest:
        if word == "read-only":
            os.chmod(path, 0o444)
            by_nobody = True
        elif word == "in a closed directory":
            os.chmod(directory, 0o555)
            by_nobody = True
        else:
            assert word.startswith("limit "), word
            limit = int(word.removeprefix("limit "))
    if by_nobody and os.getuid() == 0:
        for name in [".", *os.listdir(directory)]:
            os.lchown(os.path.join(directory, name), NOBODY, NOBODY)
    return path, by_nobody and os.getuid() == 0, limit


# What is called


def shown(array):
    str(array)
    return array


def looked(array):
    array[5000].item()
    return array


def edited(array):
    array[5000] = 7
    return array


def cut(array, path):
    """What someone else may do at any time."""
    os.truncate(path, 4096)
    return array


def call(words, path):
    if words.startswith("numpy: "):
        return eval(words.removeprefix("numpy: "))
    first, *steps = [step.strip() for step in words.split(";")]
    mode, *options = first.split()
    arguments = {}
    for option in options:
        name, _, value = option.partition("=")
        if name in NO_SUCH_OPTION:
            raise NotOffered(f"has no `{name}`")
        if name == "offset":
            arguments["offset"] = number(value)
        elif name == "len":
            arguments["shape"] = (number(value),)
        elif name == "opened":
            path = open(path, value + "b")
        elif name == "extend":
            # It always does so, and has no word for it.
            if mode != "r+" or not any(option.startswith("len=") for option in options):
                raise NotOffered("has no `extend`")
        elif name == "sparse":
            if mode not in ("r+", "w+"):
                raise NotOffered("has no `sparse`")
        else:
            raise AssertionError(option)
    array = np.memmap(path, dtype="u1", mode=mode, **arguments)
    for step in steps:
        then(array, step.split(), path)
    return array


def then(array, words, path):
    directory = os.path.dirname(path)
    match words:
        case ["resize", length]:
            array.resize((number(length),), refcheck=False)
        case ["read", offset, length]:
            offset, length = number(offset), number(length)
            if (found := len(bytes(array[offset : offset + length]))) != length:
                raise NotOffered(f"ok, {found} of the {length} bytes")
        case ["write", offset, length]:
            offset, length = number(offset), number(length)
            array[offset : offset + length] = np.full(length, 7, "u1")
        case ["fill", start, end]:
            array[number(start) : number(end)] = 7
        case ["copy", start, end, "to", to]:
            start, end, to = number(start), number(end), number(to)
            array[to : to + end - start] = array[start:end]
        case ["save", "to", "itself"]:
            array.tofile(path)
        case ["save", "to", "directory"]:
            array.tofile(directory)
        case ["save", "to", "missing", "directory"]:
            array.tofile(os.path.join(directory, "missing", "new"))
        case ["save", "to", name]:
            array.tofile(os.path.join(directory, name))
        case _:
            raise AssertionError(words)


def in_child(words, path, by_nobody, limit):
    """Makes the call in a process of its own, and returns what it answered."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            warnings.simplefilter("ignore")
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            if by_nobody:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            signal.alarm(SECONDS)
            try:
                array = call(words, path)
                answer = f"ok {array.nbytes}"
            except NotOffered as said:
                answer = str(said)
            except Exception as error:
                text = str(error).splitlines()[0].replace(os.path.dirname(path), "…")
                if len(text) > TEXT_LEN:
                    text = text[:TEXT_LEN].rsplit(" ", 1)[0] + " …"
                answer = f"{type(error).__name__}: {text}"
            os.write(writing, answer.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        number_of_signal = os.WTERMSIG(status)
        if number_of_signal == signal.SIGALRM:
            return "waits for ever"
        return f"the process ends by {signal.Signals(number_of_signal).name}"
    return answer


# What became of it


def look(directory):
    """Everything in a directory: what it is, how long, and its first bytes."""
    found = {}
    for above, directories, files in os.walk(directory):
        for name in directories + files:
            path = os.path.join(above, name)
            name = os.path.relpath(path, directory)
            status = os.lstat(path)
            is_file = os.path.isfile(path) and not os.path.islink(path)
            length, first = (status.st_size if is_file else None), b""
            if is_file:
                with open(path, "rb") as file:
                    first = file.read(1 << 20)
            found[name] = (status.st_mode, length, first)
    return found


def changes(before, after):
    said = []
    for name, (mode, length, first) in before.items():
        subject = "" if name in ("data", "target") else f"`{name}` "
        if name not in after:
            said.append(f"{subject}gone")
            continue
        new_mode, new_length, new_first = after[name]
        if new_length != length:
            keeps_bytes = new_first[:length] == first[:new_length]
            how = "grown" if new_length > length else "cut" if new_length else "emptied"
            how = how if keeps_bytes else "replaced"
            said.append(f"{subject}{how}: {size(length)} → {size(new_length)} bytes")
        elif new_first != first:
            said.append(f"{subject}other bytes")
        elif new_mode != mode:
            said.append(f"{subject}other permissions")
    for name in after.keys() - before.keys():
        subject = "" if name in ("data", "target") else f"`{name}` "
        said.append(f"{subject}created: {size(after[name][1] or 0)} bytes")
    return ", ".join(said) or "intact"


def size(length):
    power = length.bit_length() - 1
    return f"2^{power}" if power > 20 and length == 1 << power else f"{length:,}"


def play(before, words):
    with tempfile.TemporaryDirectory() as directory:
        path, by_nobody, limit = make(directory, before)
        was = look(directory)
        answer = in_child(words, path, by_nobody, limit)
        became = changes(was, look(directory))
        os.chmod(directory, 0o700)
    return answer, became


def main():
    print(f"Python {platform.python_version()} and numpy {np.__version__} on {platform.system()}")
    failed, damaged = {True: 0, False: 0}, {True: 0, False: 0}
    unrefused, lines = 0, []
    for row in rows():
        if isinstance(row, str):
            lines.append(f"### {row}")
            continue
        before, words, ours = row
        is_alone = words.startswith("numpy:") and " => " not in words
        words = words.split(" => ")[0].strip()
        answer, became = play(before, words)
        if "cut(" in words:
            # By someone else.
            became = ""
        if answer.startswith("has no"):
            became = ""
        elif not answer.startswith("ok"):
            failed[is_alone] += 1
            damaged[is_alone] += became not in ("intact", "")
        elif not is_alone and not ours.startswith("ok"):
            unrefused += became not in ("intact", "")
        words = words.removeprefix("numpy: ")
        answer = answer.replace("|", "\\|")
        lines.append(f"| {before}: `{words}` | {answer} | {became} |")
    print(failed[False], damaged[False], failed[True], damaged[True], unrefused)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
