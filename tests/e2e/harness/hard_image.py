"""The parts of an image that tools get wrong: what a layer can hold besides plain files, and what removes them again.

All of it lies below /hard, which no tool mounts anything over.
"""
import hashlib
import io
import struct
import tarfile

TIME = 1600000000
ARCHIVE = "hard.tar"
LONG = "long-" + "n" * 200                                         # the longest that ustar and its prefix do not take
DEEP = "/".join(["deep-" + "d" * 90] * 5)                          # a path of more than 255 bytes
FOREIGN = b"latin-\xe4\xf6-\xff"                                   # no UTF-8
CAPABILITY = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)   # cap_net_bind_service=ep

# The second layer changes what the first one has, in each way that a layer can say.
CHANGES = " && ".join([
    "cd /hard", "rm gone", "rm -r tree", "mkdir tree", "echo new > tree/new", "rm -r removed", "ln first late",
    "chmod 4711 plain", "chown 1000000:7 handed", "rm file-to-directory", "mkdir file-to-directory",
    "rm -r directory-to-file", "echo file > directory-to-file", "mv moved elsewhere",
    "rm -r directory-to-link", "ln -s tree directory-to-link", "echo again > back/again"])
DOCKERFILE = f"""FROM {{base}}
ADD {ARCHIVE} /
RUN {CHANGES}
RUN rm -r /hard/back && true
RUN mkdir /hard/back && echo back > /hard/back/file
ENV GREETING="hello there" EMPTY=
LABEL made.by="{{maker}}" quoted="a \\"b\\""
EXPOSE 80 53/udp
WORKDIR /hard
STOPSIGNAL SIGUSR1
USER 1000:7
ENTRYPOINT ["sleep"]
CMD ["infinity"]
"""


class _Archive:
    def __init__(self, path):
        self._tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)

    def add(self, name, *, kind=tarfile.REGTYPE, data=b"", mode=0o644, owner=(0, 0), link="", xattrs=(), device=(0, 0)):
        member = tarfile.TarInfo("hard/" + name)
        member.type, member.mode, member.linkname, member.mtime = kind, mode, link, TIME
        member.uid, member.gid = owner
        member.devmajor, member.devminor = device
        member.size = len(data) if kind == tarfile.REGTYPE else 0
        member.pax_headers = {"SCHILY.xattr." + key: value.decode("utf-8", "surrogateescape") for key, value in xattrs}
        self._tar.addfile(member, io.BytesIO(data) if kind == tarfile.REGTYPE else None)

    def directory(self, name, mode=0o755, **options):
        self.add(name, kind=tarfile.DIRTYPE, mode=mode, **options)

    def close(self):
        self._tar.close()


def write(folder, base, maker, user_xattrs=True):
    """The build context, of a layer that no other maker has made. Docker keeps no other extended attributes than capabilities: without `user_xattrs` there are
    no others."""
    tar = _Archive(folder / ARCHIVE)
    tar.directory("")
    tar.add("maker", data=maker.encode())
    tar.add("plain", data=b"plain\n")
    tar.add("gone", data=b"gone\n")
    tar.add("empty")
    tar.add("first", data=b"linked\n")
    tar.add("second", kind=tarfile.LNKTYPE, link="hard/first")
    tar.add("one", data=b"one\n", mode=0o600)
    tar.add("two", kind=tarfile.LNKTYPE, link="hard/one", mode=0o600)
    tar.add("symbolic", kind=tarfile.SYMTYPE, link="../no/such/" + "s" * 150)
    tar.add("absolute", kind=tarfile.SYMTYPE, link="/hard/plain", owner=(1000000, 1000000))
    tar.add("setuid", data=b"#!\n", mode=0o4755)
    tar.add("setgid", data=b"#!\n", mode=0o2755, owner=(12, 34))
    tar.directory("sticky", 0o1777)
    tar.directory("closed", 0o000, owner=(1000000, 1000000))
    tar.add("high", data=b"high\n", owner=(1000000, 2000000))
    tar.add("handed", data=b"handed\n", owner=(5, 5))
    tar.add("capable", data=b"capable\n", mode=0o755, xattrs=[("security.capability", CAPABILITY)])
    tar.add("fifo", kind=tarfile.FIFOTYPE)
    tar.add("null", kind=tarfile.CHRTYPE, device=(1, 3), mode=0o666)
    tar.add("sparse", data=b"begin" + bytes(3 << 20) + b"middle" + bytes(1 << 20))
    tar.add("zeros", data=bytes(200_000))
    tar.add(LONG, data=b"long\n")
    tar.add(LONG + "-link", kind=tarfile.LNKTYPE, link="hard/" + LONG)
    tar.add(FOREIGN.decode("utf-8", "surrogateescape"), data=b"foreign\n")
    tar.add("späte ☃ name\twith\ntwo lines", data=b"utf-8\n")
    tar.add(" =#.wh", data=b"looks like something else\n")
    for depth in range(DEEP.count("/") + 1):
        tar.directory("/".join(DEEP.split("/")[:depth + 1]), 0o750)
    tar.add(DEEP + "/file", data=b"deep\n")
    for name in ("tree", "removed", "back", "moved", "directory-to-file", "directory-to-link"):
        tar.directory(name)
        tar.add(name + "/old", data=b"old\n")
        tar.directory(name + "/inner")
        tar.add(name + "/inner/old", data=b"old\n")
    tar.add("file-to-directory", data=b"file\n")
    if user_xattrs:
        tar.add("attributes", data=b"x\n", xattrs=[("user.compose.text", b"a text"), ("user.compose.bytes", b"\0\xff=\n")])
        tar.directory("attributes.d", xattrs=[("user.compose.d", b"1")])
    tar.close()
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=base, maker=maker), encoding="utf-8")


def check(tree):
    """That the tree is what the Dockerfile says: two tools could agree on something wrong."""
    missing = {b"gone", b"removed", b"moved", b"tree/old", b"tree/inner", b"back/old", b"back/again", b"file"}
    assert missing & tree.keys() == set()
    assert tree[b"tree/new"]["content"] == hashlib.sha256(b"new\n").hexdigest()
    assert (tree[b"second"]["same as"], tree[b"two"]["same as"]) == (b"second", b"one")
    assert (tree[b"late"]["same as"], tree[LONG.encode() + b"-link"]["same as"]) == (b"first", LONG.encode())
    assert tree[b"capable"]["xattrs"] == {"security.capability": CAPABILITY}
    assert (tree[b"high"]["owner"], tree[b"handed"]["owner"]) == ((1000000, 2000000), (1000000, 7))
    assert (tree[b"plain"]["mode"], tree[b"setuid"]["mode"], tree[b"closed"]["mode"]) == ("0o4711", "0o4755", "0o0")
    assert (tree[b"fifo"]["kind"], tree[b"null"]["content"]) == ("fifo", (1, 3))
    assert tree[b"sparse"]["size"] == (4 << 20) + 11 and FOREIGN in tree
    assert (DEEP + "/file").encode() in tree and len(DEEP) > 255
    assert (tree[b"file-to-directory"]["kind"], tree[b"directory-to-file"]["kind"]) == ("directory", "file")
    assert tree[b"directory-to-link"]["kind"] == "link" and b"elsewhere/inner/old" in tree
