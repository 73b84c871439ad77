"""Writes image archives that both `docker load` (manifest.json) and OCI tools (index.json) read."""
import hashlib
import io
import json
import os
import platform
import tarfile

from layer import EPOCH

CREATED = "2023-11-14T22:13:20Z"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def architecture():
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def _blob_name(digest):
    return "blobs/sha256/" + digest.split(":")[1]


def _encode(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _add_bytes(archive, name, data):
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mtime = EPOCH
    archive.addfile(member, io.BytesIO(data))


def image_config(config, layers):
    history = [{"created": CREATED, "created_by": f"layer {number}"} for number in range(len(layers))]
    return _encode({
        "architecture": architecture(), "os": "linux", "created": CREATED, "config": config, "history": history,
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    })


def write(path, name, config, layers):
    """Writes `path` with one image called `name` (`redis:7-alpine`) made of `layers`, lowest first."""
    config_blob = image_config(config, layers)
    manifest = _encode({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": _digest(config_blob),
                   "size": len(config_blob)},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": layer.digest,
                    "size": layer.size} for layer in layers],
    })
    full_name = "docker.io/" + (name if "/" in name else "library/" + name)
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [{
        "mediaType": MANIFEST, "digest": _digest(manifest), "size": len(manifest),
        "annotations": {"io.containerd.image.name": full_name,
                        "org.opencontainers.image.ref.name": name.rsplit(":", 1)[1]},
        "platform": {"architecture": architecture(), "os": "linux"}}]}
    docker = [{"Config": _blob_name(_digest(config_blob)), "RepoTags": [name],
               "Layers": [_blob_name(layer.digest) for layer in layers]}]

    partial = f"{path}.partial.{os.getpid()}"
    with tarfile.open(partial, "w") as archive:
        for blob in (config_blob, manifest):
            _add_bytes(archive, _blob_name(_digest(blob)), blob)
        for layer in layers:
            archive.add(layer.path, _blob_name(layer.digest))
        _add_bytes(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        _add_bytes(archive, "index.json", _encode(index))
        _add_bytes(archive, "manifest.json", _encode(docker))
    os.rename(partial, path)
