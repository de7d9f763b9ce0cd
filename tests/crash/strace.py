"""What a server asked of the kernel, in order: strace's account of it, as events.

Runs that follow each other on the same files may be read one behind the other; the kernel outlives
the processes."""
import re
import subprocess

from rollcall import Server

CALLS = ("openat,open,creat,pwrite64,pwritev,pwritev2,write,writev,sendmsg,sendto,fdatasync,fsync,"
         "sync_file_range,ftruncate,truncate,fallocate,unlink,unlinkat,rename,renameat,renameat2,"
         "link,linkat,copy_file_range,sendfile,msync")
WHOLE = 1 << 20  # no string is cut short

_LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
_RESULT = re.compile(r".*\)\s+= (-?\d+)(?:<[^>]*>)?( E\w+ .*)?$")
_PATH = re.compile(r"<((?:\\x..)*)>")
_STRING = re.compile(r'"((?:\\x..)*)"')
_ANSWER = re.compile(rb"HTTP/1\.1 (\d+) .*?X-Request-Id: (\w+)\r\n", re.S)


def _bytes(escaped):
    return bytes.fromhex(escaped.replace("\\x", ""))


class Event:
    """`kind` is one of create, write, truncate, unlink, sync, answer. A call that takes a while is two
    events, `begin` and `end`; of the others there is the beginning alone."""

    def __init__(self, kind, path="", **more):
        self.kind, self.path = kind, path
        self.phase, self.call = "begin", self
        self.result = 0
        self.__dict__.update(more)


def _end(call, result):
    event = Event(call.kind, call.path)
    event.phase, event.call, event.result = "end", call, result
    return event


def _strings(arguments):
    return [_bytes(found) for found in _STRING.findall(arguments)]


def _answer(arguments):
    found = _ANSWER.search(b"".join(_strings(arguments)))
    return found and Event("answer", status=int(found[1]), name=found[2].decode())


def _event(name, arguments):
    """What a call does to the files, or None when that is nothing."""
    if name in ("openat", "open"):
        path = _strings(arguments)[0].decode()
        return Event("create", path) if "O_CREAT" in arguments else None
    if name == "unlink":
        return Event("unlink", _strings(arguments)[0].decode())
    on = _PATH.match(arguments, arguments.find("<"))
    path = _bytes(on[1]).decode() if on else ""
    if name in ("write", "writev", "sendmsg", "sendto") and not path.startswith("/"):
        return _answer(arguments)
    if name == "pwrite64":
        return Event("write", path, data=_strings(arguments)[0],
                     offset=int(arguments.split(")")[0].rsplit(",", 1)[1].split("<")[0]))
    if name == "ftruncate":
        return Event("truncate", path, size=int(re.search(r">, (\d+)", arguments)[1]))
    if name in ("fdatasync", "fsync"):
        return Event("sync", path)
    if name == "write":  # of the log
        return None
    raise ValueError(f"nobody has said what {name} does to files")


def read_events(path):
    """All that matters of a trace, in the order in which it began and ended."""
    open_calls, events = {}, []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            found = _LINE.match(line)
            if not found:
                continue  # a signal, or the end of a thread
            thread, resumed, name, rest = found.groups()
            call = open_calls.pop(thread, None) if resumed else _event(name, rest)
            if call is None:
                continue
            if not resumed:
                events.append(call)
            result = _RESULT.match(rest)
            if result:
                events.append(_end(call, int(result[1])))
            else:
                open_calls[thread] = call
    return events


class TracedServer(Server):
    """Each start() adds a trace. `faults` are strace's -e inject=…"""

    def __init__(self, directory, options, faults=(), preload=None, **more):
        super().__init__(directory, options, **more)
        self.faults, self.preload, self.traces = faults, preload, []
        # The leak sanitizer and strace want the same place behind the process.
        self.environment = {**self.environment,
                            "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0"}

    def start(self, timeout=120):
        trace = self.directory / f"trace-{len(self.traces)}"
        self.traces.append(trace)
        self.prefix = ["strace", "-D", "-f", "-qq", "-y", "-xx", "-s", str(WHOLE), "-o", str(trace),
                       "-e", f"trace={CALLS}"]
        for fault in self.faults:
            self.prefix += ["-e", f"inject={fault}"]
        for variable in self.preload or ():
            self.prefix += ["-E", variable]
        return super().start(timeout)

    def events(self):
        return [event for trace in self.traces for event in read_events(trace)]


def can_trace():
    return subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode == 0
