// The image store: an OCI image layout under Paths::images() (blobs by digest, index.json with names) plus
// each layer unpacked once, by chain id, in layers/. Shared by all projects and processes of a user without
// any daemon: writers take file locks, readers none. Every state on disk is valid: a process killed at any
// point leaves only temporary names, which the next writer sweeps. All calls block on file I/O.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "base/units.hpp"
#include "engine/image/config.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/reference.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace image {

struct Image {
    std::string id;                   // digest of the configuration, "sha256:..."; what Docker calls image id
    std::string manifest_digest;      // of this platform's manifest
    std::vector<std::string> names;   // familiar form with tag, sorted; empty when untagged
    std::vector<std::string> digests; // "redis@sha256:...": where it was pulled from, sorted
    ImageConfig config;
    base::Bytes size; // of the unpacked layers
    // Of an image for several platforms, or with attestations, that was found by a name: all of it.
    std::optional<Descriptor> list;
    // When a registry last said that one of the names means this image; empty when it was never pulled.
    std::optional<base::Timestamp> checked;
    // Each is ready to be an overlay lower directory, with whiteouts in overlay's own form. Lowest first.
    std::vector<base::fs::path> layers;
};

struct Removed {
    std::vector<std::string> untagged; // familiar names
    std::vector<std::string> deleted;  // image ids that are gone
    base::Bytes reclaimed;             // on the disk, with everything else that was collected
    bool postponed = false;            // of prune: nothing was done, as of Collected
};

struct Collected {
    std::size_t blobs = 0;
    std::size_t layers = 0;
    base::Bytes reclaimed;  // on the disk
    bool postponed = false; // somebody is pulling or creating: the next collection takes what is left
};

class Store {
  public:
    // Ids of the images that containers use.
    using InUse = std::function<std::set<std::string>()>;

    // Creates nothing until something is written. @param in_use asked whenever something is collected, while
    // nobody can begin to use an image: what was true before may no longer be.
    explicit Store(base::Paths paths, InUse in_use = {})
        : paths_(std::move(paths)), in_use_(std::move(in_use)) {}

    // Keeps garbage collection away while it lives, in any process: hold it from find() until the container
    // is recorded where the in-use sets of other processes see it. Cheap.
    [[nodiscard]] base::FileLock hold() const;

    // By name ("redis:7", "redis@sha256:...") or image id, full or a unique prefix, with or without
    // "sha256:". Less than a millisecond. nullopt when it is not there or not whole.
    // @throws base::Error when an id prefix fits several images, or the store is damaged.
    [[nodiscard]] std::optional<Image> find(std::string_view name_or_id) const;
    // Of what the name means, the image that a machine of this platform runs best: of a list, or of what was
    // pulled under one digest for several platforms. nullopt when it runs none.
    [[nodiscard]] std::optional<Image> find(std::string_view name_or_id, const Platform &platform) const;
    // As find. @throws base::Error that says how to get the image when there is none.
    [[nodiscard]] Image get(std::string_view name_or_id) const;
    // Newest first, then by id.
    [[nodiscard]] std::vector<Image> list() const;

    // Gives an image one more name; the name is taken from whichever image had it.
    void tag(std::string_view name_or_id, const Reference &name);

    // `docker image rm`: a name is untagged and the image deleted with its last name; an id is deleted when
    // it has one name at most. @param in_use ids of images that containers use. @throws base::Error when it
    // is unknown, in use or has several names; force overrides the last two (a used image is only untagged).
    Removed remove(std::string_view name_or_id, const std::set<std::string> &in_use, bool force = false);
    // Deletes untagged images that are not in use (all: every image, and what builds have cached), then
    // collects. Postponed as a whole while somebody builds, pulls or creates: what they have just got has no
    // user yet. @param wanted only those it says yes to; the cache is then left alone.
    Removed prune(bool all, const std::set<std::string> &in_use,
                  const std::function<bool(const ImageConfig &)> &wanted = {});
    // Deletes what builds have cached, then collects. Postponed as a whole while somebody builds.
    Collected prune_build_cache(const std::set<std::string> &in_use = {});
    // Deletes blobs and layers that no image needs, except layers of images in use, and leftovers.
    Collected collect_garbage(const std::set<std::string> &in_use = {});

    [[nodiscard]] const base::Paths &paths() const { return paths_; }

  private:
    [[nodiscard]] std::set<std::string> all_used(std::set<std::string> used) const;

    base::Paths paths_;
    InUse in_use_;
};

} // namespace image
