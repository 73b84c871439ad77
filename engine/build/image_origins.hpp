// The images that a build begins with or takes files from: found in the store, pulled when they are missing,
// each once. Thread-safe; blocks.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/origin_files.hpp"
#include "engine/build/provenance.hpp"
#include "engine/build/reporter.hpp"
#include "engine/image/ingest.hpp"

#include <future>
#include <map>
#include <mutex>

namespace build {

class ImageOrigins {
  public:
    // References are kept.
    ImageOrigins(image::Store &store, const image::Ingest &ingest, const BuildOptions &options,
                 const Cancellation &cancellation, Reporter &reporter)
        : store_(store), ingest_(ingest), options_(options), cancellation_(cancellation),
          reporter_(reporter) {}

    struct Found {
        image::ImageConfig config;
        LayerStack layers;
        std::string name;   // familiar
        std::string digest; // of the registry where it was pulled, else of its manifest
    };

    // @throws base::Error when it can't be had; image::Cancelled.
    const Found &get(const std::string &name, const image::Platform &platform);

    // All of them at the same time. What goes wrong is thrown by get(), where it is known what asks for it.
    void prefetch(const std::vector<Origin> &images);

    // All that are there, sorted. @pre nobody asks for more.
    [[nodiscard]] std::vector<Material> materials() const;

  private:
    [[nodiscard]] Found find(const std::string &name, const image::Platform &platform);
    [[nodiscard]] image::Image fetch(const std::string &name, const image::Platform &platform);

    image::Store &store_;
    const image::Ingest &ingest_;
    const BuildOptions &options_;
    const Cancellation &cancellation_;
    Reporter &reporter_;
    std::mutex mutex_;
    // Of those that somebody fetches now, too.
    std::map<std::pair<std::string, image::Platform>, std::shared_future<Found>> found_;
};

} // namespace build
