"""inotify(7), which Python's library does not have: what happens in some directories, as it happens."""
import ctypes
import os
import struct

MODIFY, MOVED_FROM, MOVED_TO, CREATE, DELETE = 0x2, 0x40, 0x80, 0x100, 0x200
EVENT = struct.Struct("iIII")  # struct inotify_event without its name
LIBC = ctypes.CDLL(None, use_errno=True)


class Watch:
    """`fd` is readable when something has happened."""

    def __init__(self):
        self.fd = LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        assert self.fd >= 0, os.strerror(ctypes.get_errno())
        self._folders = {}

    def add(self, folder):
        """Again after each time it was removed; what is not there is left out."""
        number = LIBC.inotify_add_watch(self.fd, os.fsencode(folder), MODIFY | MOVED_FROM | MOVED_TO | CREATE | DELETE)
        if number >= 0:
            self._folders[number] = folder

    def read(self):
        """[(folder, name)] of what has happened since the last time."""
        events = []
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return events
        offset = 0
        while offset < len(data):
            number, _, _, length = EVENT.unpack_from(data, offset)
            offset += EVENT.size
            events.append((self._folders.get(number), os.fsdecode(data[offset:offset + length].rstrip(b"\0"))))
            offset += length
        return events

    def close(self):
        os.close(self.fd)
