"""The image store as docs/formats.md describes it, read without the program: whether all that it names is whole."""
import hashlib
import json
import os


def _blob(images, digest, problems):
    path = images / "blobs" / digest.replace(":", "/")
    try:
        data = path.read_bytes()
    except OSError as error:
        problems.append(f"{digest}: {error.strerror}")
        return None
    if hashlib.sha256(data).hexdigest() != digest.partition(":")[2]:
        problems.append(f"{digest} has other bytes than its name says")
    return data


def _chain_ids(diff_ids):
    chain = []
    for diff_id in diff_ids:
        chain.append(diff_id if not chain else
                     "sha256:" + hashlib.sha256(f"{chain[-1]} {diff_id}".encode()).hexdigest())
    return chain


def _check_image(images, entry, problems):
    manifest = _blob(images, entry["digest"], problems)
    if manifest is None:
        return
    manifest = json.loads(manifest)
    for layer in manifest["layers"]:
        data = _blob(images, layer["digest"], problems)
        if data is not None and len(data) != layer["size"]:
            problems.append(f"{layer['digest']} has {len(data)} bytes instead of {layer['size']}")
    config = _blob(images, manifest["config"]["digest"], problems)
    for chain_id in _chain_ids(json.loads(config)["rootfs"]["diff_ids"]) if config else ():
        layer = images / "layers" / chain_id.partition(":")[2]
        if not (layer / "fs").is_dir() or not (layer / "layer.json").exists():
            problems.append(f"layer {chain_id} is not unpacked")


def problems_of(images):
    """Sentences about the images that the index names; none when all is well."""
    found = []
    index = images / "index.json"
    for entry in json.loads(index.read_text())["manifests"] if index.exists() else ():
        problems = []
        _check_image(images, entry, problems)
        name = entry["annotations"].get("org.opencontainers.image.ref.name", entry["digest"])
        found += [f"{name}: {problem}" for problem in problems]
    return found


def left_in(folder, expected=()):
    """Every file below the folder, and every directory that has a name of its own: that is not a fixed part of it."""
    fixed = {"images", "images/blobs", "images/blobs/sha256", "images/layers", "images/partial", "images/tmp", "images/build",
             "images/build/running", "images/build/steps", "images/cache", "images/oci-layout", "images/index.json",
             "networks", "volumes", "projects", "lib", *expected}
    return sorted(path for top, folders, files in os.walk(folder) for name in folders + files
                  if (path := os.path.relpath(os.path.join(top, name), folder)) not in fixed)
