// Images as files: root file system tars, `docker save` archives, OCI archives and directories. Everything
// may be plain or compressed with gzip, zstd, xz or bzip2. Blocks.
#pragma once

#include "engine/image/platform.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace image {

struct ImportOptions {
    std::optional<Reference> name;
    // Dockerfile instructions as `docker import --change` takes them: CMD, ENTRYPOINT, ENV, EXPOSE,
    // HEALTHCHECK, LABEL, ONBUILD, SHELL, STOPSIGNAL, USER, VOLUME, WORKDIR.
    std::vector<std::string> changes;
    std::string message; // for the history
    Platform platform = Platform::host();
};

// A root file system becomes an image of one layer. @param fd a tar stream, read to its end.
// @throws base::Error for an unknown instruction (before anything is read) or a bad archive.
Image import_rootfs(Store &store, int fd, const ImportOptions &options);
Image import_rootfs(Store &store, const base::fs::path &tar, const ImportOptions &options);

// Loads every image of a docker-save archive, an OCI archive or an OCI layout directory, under the names it
// carries. An image for several platforms is kept as it is when all of it is in the archive and no platform
// is asked for; else the one for `platform` (the host's when missing) is taken.
std::vector<Image> load(Store &store, const base::fs::path &archive, std::optional<Platform> platform = {});
std::vector<Image> load(Store &store, int fd, std::optional<Platform> platform = {});

// Writes one tar that is a docker-save archive and an OCI layout at once, so that docker load, podman load
// and skopeo read it. An image for several platforms is all in the layout; docker-save has one.
// @param names names or ids; those given by id are saved without a name.
void save(const Store &store, const std::vector<std::string> &names, int fd);

} // namespace image
