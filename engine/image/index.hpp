// index.json of the store: which images there are under which names. Read without a lock (it is replaced as
// a whole); changed only under the images lock.
#pragma once

#include "base/paths.hpp"
#include "engine/image/manifest.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace image {

// A name of an image; an image with several names has several entries, one without a name has one.
struct IndexEntry {
    Descriptor manifest; // of one platform
    std::string image_id;
    std::string name; // canonical; empty when untagged
    // Where it was pulled from, "docker.io/library/redis@sha256:..." with the digest the registry serves for
    // the tag (often a manifest list's); empty for what was loaded or imported.
    std::string source;
    std::int64_t size = 0; // of the unpacked layers
    std::string checked;   // when a registry last said that the name means this image, RFC 3339; else empty
    // Of an image for several platforms, or with attestations: its list, in which `manifest` is the one that
    // this host runs best. All that is in it is in the store.
    std::optional<Descriptor> list;
};

class Index {
  public:
    // A missing file is an empty index. @throws base::Error when it is damaged.
    static Index read(const base::Paths &paths);
    // Under the exclusive images lock: reads, lets change, writes durably.
    static void update(const base::Paths &paths, const std::function<void(Index &)> &change);

    // Adds the entry. The name leaves the image that had it, which stays without a name.
    void publish(IndexEntry entry);
    // Whether the name stays with the image that has it when this one comes: that one was pulled under the
    // same digest and is for this host, this one is for another platform.
    [[nodiscard]] bool keeps_name(const std::string &name, const IndexEntry &entry) const;
    // Notes that the name was compared with a registry just now.
    void check(const std::string &name);
    // The name, if it still means this image, was pushed and is found there from now on.
    void set_source(const std::string &name, const std::string &image_id, const std::string &source);
    // Takes a name away; the image's last entry stays, nameless.
    void untag(const std::string &name);
    void erase(const std::string &image_id);

    std::vector<IndexEntry> entries;

  private:
    void write(const base::Paths &paths) const;
};

} // namespace image
