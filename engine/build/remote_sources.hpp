// What the ADDs of one build fetch, each once, however often it is asked for. Thread-safe; blocks.
#pragma once

#include "engine/build/plan.hpp"
#include "engine/build/provenance.hpp"
#include "engine/build/remote_files.hpp"

#include <map>
#include <mutex>
#include <vector>

namespace build {

class RemoteSources {
  public:
    // References are kept.
    RemoteSources(const base::Paths &paths, const Cancellation &cancellation)
        : paths_(paths), cancellation_(cancellation) {}

    // source: for which is_remote_source() holds. @throws base::Error; image::Cancelled.
    RemoteFiles get(const std::string &source, const CopyStep::Add &add);

    // What was fetched, sorted. @pre nobody fetches any more.
    [[nodiscard]] std::vector<Material> materials() const;

  private:
    [[nodiscard]] RemoteFiles fetch(const std::string &source, const CopyStep::Add &add) const;

    const base::Paths &paths_;
    const Cancellation &cancellation_;
    std::mutex mutex_;
    std::map<std::string, RemoteFiles> found_; // by the source and what else was asked for
};

} // namespace build
