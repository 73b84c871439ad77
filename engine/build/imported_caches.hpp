// What other machines made of steps, as `cache_from` names it. A place that can't be read is a warning, never
// an error: the steps are then made here. Thread-safe; blocks.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/origin_files.hpp"
#include "engine/build/reporter.hpp"
#include "engine/image/cache_reader.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/layer_cache.hpp"
#include "engine/image/transfer.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace build {

class ImportedCaches {
  public:
    // References are kept. Nothing is read before it is asked for.
    ImportedCaches(const base::Paths &paths, const image::Ingest &ingest, const BuildOptions &options,
                   const Cancellation &cancellation, Reporter &reporter);

    [[nodiscard]] bool empty() const { return options_.cache_from.empty() || options_.no_cache; }

    // Whether somebody made a step of that key. @throws image::Cancelled.
    [[nodiscard]] bool has(const std::string &key);

    // Brings what the step gave into the store, its layer unpacked above `below`. nullopt: nobody made it, or
    // it can't be had. @throws image::Cancelled.
    [[nodiscard]] std::optional<image::CachedStep> take(const std::string &key, const LayerStack &below,
                                                        const Reporter::Step &report);

  private:
    struct Source {
        std::unique_ptr<image::CacheReader> reader;
        image::CacheDocument document;
    };

    [[nodiscard]] std::vector<Source> &loaded();
    [[nodiscard]] std::optional<Source> load(const CacheSpec &spec) const;

    const base::Paths &paths_;
    const image::Ingest &ingest_;
    const BuildOptions &options_;
    const Cancellation &cancellation_;
    Reporter &reporter_;
    image::TransferOptions transfer_;
    std::mutex mutex_;
    std::optional<std::vector<Source>> sources_;
};

} // namespace build
