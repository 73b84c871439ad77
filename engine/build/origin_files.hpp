// What a stage begins with or takes files from, once it is there: a directory of the host, or layers.
#pragma once

#include "engine/build/plan.hpp"
#include "engine/build/source_tree.hpp"
#include "engine/build/stat_cache.hpp"
#include "engine/image/manifest.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace build {

// A file system of layers.
struct LayerStack {
    std::vector<std::string> diff_ids;    // lowest first
    std::vector<image::Descriptor> blobs; // one for each
    std::vector<std::string> directories; // one for each
    std::vector<image::HistoryEntry> history;
    std::optional<base::Timestamp> created; // of the youngest
    std::string without_change;             // the keys of the steps behind it that changed no file

    // Identifies it; empty for one without layers.
    [[nodiscard]] std::string chain_id() const;
};

// A build context: the main one, or an additional one that is a directory.
struct ContextFiles {
    std::filesystem::path directory;
    IgnoreRules ignored;
    std::shared_ptr<StatCache> cache;
    std::string name; // "the build context", "the context assets": for messages
};

struct OriginFiles {
    const ContextFiles *context = nullptr; // else layers
    LayerStack layers;
    std::string name;
};

// Waits for a stage that is being built. @throws base::Error.
using OpenOrigin = std::function<OriginFiles(const Origin &)>;

// A tree to select files in; of layers they are mounted for its life.
[[nodiscard]] SourceTree open_tree(const OriginFiles &files);

} // namespace build
