"""Makes root file systems: a first one with mmdebstrap or a recipe's `tree`, further ones as overlays.

Needs root and its own mount namespace (scripts/images/build makes one), so that nothing stays mounted whatever
happens. All paths lie in one work folder, on tmpfs where it fits.
"""
import os
import pathlib
import shutil
import subprocess

APT = "apt-get -qq -o Dpkg::Use-Pty=0 -o APT::Sandbox::User=root"
CHROOT_ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
              "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive",
              "INSTALL": f"{APT} install -y --no-install-recommends"}


class BuildError(Exception):
    pass


def run(command, log, **options):
    with open(log, "ab") as out:
        code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                              check=False, **options).returncode
    if code:
        tail = pathlib.Path(log).read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        raise BuildError(f"{' '.join(map(str, command[:4]))} ended with {code}:\n  " + "\n  ".join(tail))


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


def apply(recipe, root, log):
    """Puts the recipe's own parts into `root`."""
    if recipe.part("tree"):
        run([recipe.part("tree"), root], log)
    if recipe.part("files"):
        run(["cp", "-a", "--no-preserve=ownership", f"{recipe.part('files')}/.", root], log)
    if recipe.part("install"):
        _install(recipe, root, log)


def _install(recipe, root, log):
    work = pathlib.Path(log).parent
    caches = {"var/lib/apt/lists": work / "apt-lists", "var/cache/apt": work / "apt-cache"}
    for inside, outside in caches.items():
        (outside / ("archives/partial" if inside == "var/cache/apt" else "partial")).mkdir(parents=True, exist_ok=True)
        mount("--bind", outside, root / inside)
    mount("-t", "proc", "proc", root / "proc")
    mount("--rbind", "/dev", root / "dev")
    mount("--bind", "/etc/resolv.conf", root / "etc/resolv.conf")
    script = root / "tmp/install"
    shutil.copy(recipe.part("install"), script)
    try:
        if not any(path.is_file() for path in caches["var/lib/apt/lists"].iterdir()):
            run(["chroot", root, "sh", "-c", f"{APT} update"], log, env=CHROOT_ENV)
        run(["chroot", root, "/tmp/install"], log, env=CHROOT_ENV)
    finally:
        script.unlink()
        for inside in ("etc/resolv.conf", "dev", "proc", *caches):
            subprocess.run(["umount", "-R", "-l", root / inside], check=True)
    for pattern in ("var/cache/debconf/*-old", "var/cache/ldconfig/aux-cache", "var/log/*.log", "var/log/apt/*"):
        for path in root.glob(pattern):
            path.unlink()


def overlay(lowers, folder):
    """Mounts an overlay of `lowers` (lowest first) in `folder`. Returns (merged, upper)."""
    merged, upper, scratch = folder / "merged", folder / "upper", folder / "work"
    for path in (merged, upper, scratch):
        path.mkdir(parents=True)
    stack = ":".join(str(path) for path in reversed(lowers))
    mount("-t", "overlay", "overlay", "-o", f"lowerdir={stack},upperdir={upper},workdir={scratch}", merged)
    return merged, upper


def unpack(layer_path, tree):
    """The reverse of layer.pack, for building on a layer that a former run made."""
    tree.mkdir(parents=True)
    subprocess.run(["tar", "-xzf", layer_path, "-C", tree, "--numeric-owner"], check=True)
    for path in list(tree.rglob(".wh.*")):
        path.unlink()
        if path.name == ".wh..wh..opq":
            os.setxattr(path.parent, "trusted.overlay.opaque", b"y")
        else:
            os.mknod(path.with_name(path.name[len(".wh."):]), 0o600 | 0o020000, 0)
