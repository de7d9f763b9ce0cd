"""A disk that may lose power at any moment, after what a server wrote to it.

POSIX alone is believed: what was written to a file before an fsync of it began is safe once that has
succeeded; a name in a folder is once the folder has been synced. Everything else may have reached the
disk or not, in any order, and of one write any of its sectors. After an fsync that has failed, what
it was to bring to disk is gone, although whoever reads the file goes on seeing it."""
import os

SECTOR = 512


class File:
    """`safe` is what is on disk for certain, `loose` what may be: writes and truncations."""

    def __init__(self, content=b""):
        self.safe = bytearray(content)
        self.loose = []

    def sync_begins(self):
        return [call for call in self.loose if call.done]

    def sync_ends(self, covered, good):
        for call in covered:
            if good and call in self.loose:
                put(self.safe, call)
        self.loose = [call for call in self.loose if call not in covered]


def contents(folder, names):
    """path → bytes, of those that are there."""
    paths = [os.path.join(str(folder), name) for name in names]
    found = {}
    for path in filter(os.path.exists, paths):
        with open(path, "rb") as file:
            found[path] = file.read()
    return found


def put(content, call):
    if call.kind == "truncate":
        del content[call.size:]
        content.extend(bytes(call.size - len(content)))
    else:
        put_bytes(content, call.offset, call.data)


def put_bytes(content, offset, data):
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def put_sectors(content, call, wanted):
    """Those of its sectors that wanted() says yes to."""
    if call.kind == "truncate":
        if wanted():
            put(content, call)
        return
    start, end = call.offset, call.offset + len(call.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        if wanted():
            put_bytes(content, start, call.data[start - call.offset:stop - call.offset])
        start = stop


class Disk:
    """Of one folder. Starts with what is in there, which is safe."""

    def __init__(self, folder, names):
        self.folder = str(folder)
        # What a process sees: path → File.
        self.live = {path: File(content) for path, content in contents(folder, names).items()}
        self.names = dict(self.live)  # what the folder on disk has for certain …
        self.renaming = []  # … and what may have come to that: (path, File or None), done
        self.syncs = 0

    def is_ours(self, path):
        return path.startswith(self.folder + "/rollcall.db") and not path.endswith("-shm")

    def take(self, event):
        """The next thing that happened."""
        if event.kind == "sync":
            self._sync(event)
        elif event.kind == "killed":
            self._killed(event.found)
        elif self.is_ours(event.path):
            getattr(self, "_" + event.kind)(event)

    def _create(self, event):
        if event.phase == "end" and event.result >= 0 and event.path not in self.live:
            self.live[event.path] = File()
            self.renaming.append((event.path, self.live[event.path]))

    def _unlink(self, event):
        if event.phase == "end" and event.result == 0:
            del self.live[event.path]
            self.renaming.append((event.path, None))

    def _change(self, event):
        file = self.live[event.path]
        if event.phase == "begin":
            event.done = False
            file.loose.append(event)
            event.file = file
            return
        call = event.call
        call.done = event.result >= 0
        if event.result < 0 and call in call.file.loose:
            call.file.loose.remove(call)
        elif call.kind == "write":
            call.data = call.data[:event.result]

    _write = _truncate = _change

    def _killed(self, found):
        """Calls that the end of the process has cut off have happened if the files look like it."""
        for path, file in self.live.items():
            for call in [call for call in file.loose if not call.done]:
                call.done = (call.kind == "write" and
                             found[path][call.offset:].startswith(call.data))
                if not call.done:
                    file.loose.remove(call)

    def _sync(self, event):
        call = event.call
        if event.phase == "begin":
            call.file = self.live.get(event.path)
            call.covered = call.file.sync_begins() if call.file else list(self.renaming)
            return
        good = event.result == 0
        if call.file:
            call.file.sync_ends(call.covered, good)
            self.syncs += good
        elif event.path == self.folder and good:
            for change in call.covered:
                self._name(self.names, change)
            self.renaming = [one for one in self.renaming if one not in call.covered]

    @staticmethod
    def _name(names, change):
        path, file = change
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file

    # ---- What the power may leave behind --------------------------------------------------------

    def leave(self, folder, loss, random):
        """Writes one of the possible states into another folder; which is up to `loss`."""
        names = dict(self.names)
        for change in self.renaming:
            if loss.keeps_name(random):
                self._name(names, change)
        for path, file in names.items():
            content = bytearray(file.safe)
            loss.apply(content, file.loose, path, random)
            with open(os.path.join(folder, os.path.basename(path)), "wb") as target:
                target.write(content)


class Loss:
    """How loose writes fare: `apply` puts into the content what has reached the disk."""

    def __init__(self, name, apply, keeps_name):
        self.name, self.apply, self.keeps_name = name, apply, keeps_name


def _none(content, loose, path, random):
    pass


def _all(content, loose, path, random):
    for call in loose:
        put(content, call)


def _some(content, loose, path, random):
    for call in loose:
        if random.random() < 0.5:
            put(content, call)


def _torn(content, loose, path, random):
    for call in loose:
        put_sectors(content, call, lambda: random.random() < 0.5)


def _last(content, loose, path, random):
    """Reordered: the later ones and not the earlier ones."""
    for call in loose[random.randrange(len(loose)) if loose else 0:]:
        put(content, call)


def _first_torn(content, loose, path, random):
    """In order, up to the middle of one."""
    stop = random.randrange(len(loose)) if loose else 0
    for call in loose[:stop]:
        put(content, call)
    for call in loose[stop:stop + 1]:
        put_sectors(content, call, lambda: random.random() < 0.5)


def _database_alone(content, loose, path, random):
    (_none if path.endswith("-wal") else _all)(content, loose, path, random)


def _log_alone(content, loose, path, random):
    (_all if path.endswith("-wal") else _none)(content, loose, path, random)


LOSSES = [Loss(function.__name__.strip("_"), function, keeps_name)
          for function, keeps_name in [
              (_none, lambda random: False), (_none, lambda random: True),
              (_all, lambda random: True), (_all, lambda random: False),
              (_some, lambda random: random.random() < 0.5),
              (_torn, lambda random: random.random() < 0.5), (_torn, lambda random: True),
              (_last, lambda random: True), (_first_torn, lambda random: True),
              (_database_alone, lambda random: True), (_log_alone, lambda random: True)]]
