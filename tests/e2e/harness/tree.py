"""A directory tree as data, so that two tools' ideas of the same image can be compared file by file."""
import hashlib
import os
import stat

KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo",
         stat.S_IFCHR: "character device", stat.S_IFBLK: "block device", stat.S_IFSOCK: "socket"}


def _content(path, info):
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if stat.S_ISLNK(info.st_mode):
        return os.readlink(path)
    return (os.major(info.st_rdev), os.minor(info.st_rdev)) if stat.S_ISCHR(info.st_mode) else None


def _xattrs(path):
    """Those that an image holds; the overlay's own belong to whoever mounts it."""
    names = [name for name in os.listxattr(path, follow_symlinks=False) if not name.startswith("trusted.overlay.")]
    return {name: os.getxattr(path, name, follow_symlinks=False) for name in sorted(names)}


def listing(root):
    """{path below root, as bytes: what can be seen of it}. A hard link says which path of its file comes first."""
    root = os.fsencode(root)
    paths = [root]
    for folder, folders, files in os.walk(root):
        paths += [os.path.join(folder, name) for name in folders + files]
    found, first = {}, {}
    for path in sorted(paths):
        info = os.lstat(path)
        name = os.path.relpath(path, root)
        same = first.setdefault((info.st_dev, info.st_ino), name)
        found[name] = {
            "kind": KINDS[stat.S_IFMT(info.st_mode)], "mode": oct(stat.S_IMODE(info.st_mode)),
            "owner": (info.st_uid, info.st_gid), "size": None if stat.S_ISDIR(info.st_mode) else info.st_size,
            "changed": int(info.st_mtime), "content": _content(path, info), "xattrs": _xattrs(path), "same as": same}
    return found
