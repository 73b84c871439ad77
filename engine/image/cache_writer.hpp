// Writing what steps of builds gave where other machines can read it: to a registry, or to a directory in the
// OCI layout. Layers go compressed, what is there already is left. Blocks.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "base/units.hpp"
#include "engine/image/manifest.hpp"
#include "engine/image/reference.hpp"
#include "engine/image/transfer.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace image {

// By key; layers are plain tars of the store, whose digests are their diff ids.
struct CacheSteps {
    struct Step {
        base::Timestamp created;
        std::optional<Descriptor> layer; // none: it changed no file
    };

    std::map<std::string, Step> steps;
};

// The document is complete before its name appears, which it takes from whatever had it.
// @throws base::Error, Cancelled.
void write_registry_cache(const base::Paths &paths, const CacheSteps &steps, const Reference &reference,
                          const TransferOptions &options);

// Makes the directory. Layers of what the tag named before go when nothing else in the directory's index
// needs them, so that it does not grow with each build. Writers wait for each other.
// @param check throws to cancel.
void write_directory_cache(const base::Paths &paths, const CacheSteps &steps, const base::fs::path &directory,
                           const std::string &tag, const std::function<void()> &check);

} // namespace image
