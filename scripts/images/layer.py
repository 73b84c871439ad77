"""Writes one image layer: a directory tree, or the upper side of an overlay, as a gzipped tar.

The tar is reproducible from the tree: sorted names, no user names, one fixed time. Overlay whiteouts become the
OCI form: a removed name NAME is the empty file .wh.NAME, an opaque directory contains .wh..wh..opq.
"""
import hashlib
import os
import stat
import tarfile
import zlib

EPOCH = 1700000000
OPAQUE = "trusted.overlay.opaque"


class GzipHasher:
    """A write-only file: compresses to `path`, hashing both sides."""

    def __init__(self, path):
        self.raw = open(path, "wb")
        self.compressor = zlib.compressobj(level=3, wbits=31)
        self.diff = hashlib.sha256()
        self.blob = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self.diff.update(data)
        self._emit(self.compressor.compress(data))
        return len(data)

    def close(self):
        self._emit(self.compressor.flush())
        self.raw.close()

    def _emit(self, data):
        self.blob.update(data)
        self.size += len(data)
        self.raw.write(data)


class Layer:
    """What a manifest says of a layer, and where its bytes are."""

    def __init__(self, path, diff_id, digest, size):
        self.path = path
        self.diff_id = diff_id
        self.digest = digest
        self.size = size

    def to_json(self):
        return {"path": str(self.path), "diff_id": self.diff_id, "digest": self.digest, "size": self.size}


def _member(archive, path, name):
    member = archive.gettarinfo(path, name)
    if member is None:
        return None  # a socket: has no place in a layer
    member.mtime = EPOCH
    member.uname = member.gname = ""
    return member


def _is_opaque(path):
    try:
        return os.getxattr(path, OPAQUE, follow_symlinks=False) == b"y"
    except OSError:
        return False


def _add_empty(archive, name):
    member = tarfile.TarInfo(name)
    member.mtime = EPOCH
    member.mode = 0o644
    archive.addfile(member)


def _add(archive, path, name):
    info = os.lstat(path)
    if stat.S_ISCHR(info.st_mode) and info.st_rdev == 0:
        folder, leaf = os.path.split(name)
        _add_empty(archive, os.path.join(folder, ".wh." + leaf))
        return
    member = _member(archive, path, name)
    if member is None:
        return
    if member.isreg():
        with open(path, "rb") as content:
            archive.addfile(member, content)
    else:
        archive.addfile(member)
    if member.isdir() and _is_opaque(path):
        _add_empty(archive, os.path.join(name, ".wh..wh..opq"))


def pack(tree, path):
    """Packs the directory `tree` into the layer file `path`. Returns the Layer."""
    out = GzipHasher(path)
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for folder, folders, files in os.walk(tree):
            folders.sort()
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            relative = os.path.relpath(folder, tree)
            if relative != ".":
                _add(archive, folder, relative)
            for name in sorted(files + links):
                full = os.path.join(folder, name)
                _add(archive, full, os.path.relpath(full, tree))
    out.close()
    return Layer(path, "sha256:" + out.diff.hexdigest(), "sha256:" + out.blob.hexdigest(), out.size)
