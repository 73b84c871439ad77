"""A recipe: one folder below recipes/ that says how an image is made.

recipe.json holds `name` (`redis:7-alpine`; absent for a layer that only others build on), `base` (another recipe)
and `config` (the image's OCI config). Beside it, all optional: `files/` is copied over the root first, then
`install` runs inside it as root with apt ready; `tree` runs outside with the new root's path as its argument.
"""
import functools
import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "recipes"
MACHINERY = ["layer.py", "archive.py", "rootfs.py"]


class Recipe:
    def __init__(self, key):
        self.key = key
        self.folder = FOLDER / key
        described = json.loads((self.folder / "recipe.json").read_text(encoding="utf-8"))
        self.name = described.get("name")
        self.config = described.get("config", {})
        self.base = load(described["base"]) if "base" in described else None

    def part(self, name):
        path = self.folder / name
        return path if path.exists() else None

    @property
    def has_layer(self):
        return bool(self.part("files") or self.part("install") or self.part("tree"))

    def chain(self):
        """This recipe and what it builds on, lowest first."""
        return (self.base.chain() if self.base else []) + [self]

    @functools.cached_property
    def hash(self):
        """Of everything that decides the image's content, so that an unchanged recipe is never built twice."""
        digest = hashlib.sha256(self.base.hash.encode() if self.base else b"")
        sources = [p for p in sorted(self.folder.rglob("*")) if p.is_file()]
        for path in sources + [HERE / name for name in MACHINERY]:
            mode = path.stat().st_mode & 0o777
            digest.update(f"{path.relative_to(HERE.parent.parent)} {mode:o}\0".encode() + path.read_bytes() + b"\0")
        return digest.hexdigest()[:16]


@functools.lru_cache(maxsize=None)
def load(key):
    return Recipe(key)


def load_all():
    return [load(path.parent.name) for path in sorted(FOLDER.glob("*/recipe.json"))]
