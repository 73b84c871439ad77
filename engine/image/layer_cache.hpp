// What build steps gave, by everything that went into them: images/cache/HEX.json. Shared by all projects; a
// record keeps its layer from garbage collection. Records are replaced by rename, so no lock is needed.
// Blocks.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "base/units.hpp"
#include "engine/image/manifest.hpp"

#include <optional>
#include <string>
#include <vector>

namespace image {

struct CachedStep {
    std::vector<std::string> below;  // diff ids of the layers the step began with, lowest first
    std::optional<Descriptor> layer; // none: it changed no file
    base::Timestamp created;

    bool operator==(const CachedStep &) const = default;
};

class LayerCache {
  public:
    explicit LayerCache(const base::Paths &paths) : paths_(paths) {}

    // nullopt when there is no record, or its layer is not whole.
    // @param key "sha256:..." of what went in.
    [[nodiscard]] std::optional<CachedStep> find(const std::string &key) const;
    void put(const std::string &key, const CachedStep &step) const;

    // A text that was found out about something that never changes, e.g. the digest of files in a layer.
    [[nodiscard]] std::optional<std::string> find_fact(const std::string &key) const;
    void put_fact(const std::string &key, const std::string &text) const;

    // Every readable record, for garbage collection.
    [[nodiscard]] std::vector<CachedStep> all() const;
    // Forgets everything.
    void clear() const;

  private:
    [[nodiscard]] base::fs::path root() const { return paths_.images() / "cache"; }

    [[nodiscard]] base::fs::path file(const std::string &key, const char *suffix) const;

    base::Paths paths_;
};

} // namespace image
