#include "engine/image/fetch_layers.hpp"

#include "engine/image/layer_workers.hpp"

#include <chrono>
#include <mutex>
#include <vector>

namespace image {

namespace {

constexpr std::chrono::milliseconds event_interval{50};

class LayerFetch {
  public:
    LayerFetch(const Downloader &downloader, const Ingest &ingest, const Manifest &manifest,
               const ImageConfig &config, const HttpSettings &settings, const PullOptions &options)
        : downloader_(downloader), ingest_(ingest), manifest_(manifest), config_(config), workers_(settings),
          options_(options), chain_ids_(chain_ids(config.diff_ids)) {
        downloader_.check = workers_.check();
    }

    void run() {
        for (std::size_t i = 0; i < manifest_.layers.size(); ++i)
            report(i, PullPhase::waiting, 0);
        workers_.run(manifest_.layers.size(), options_.parallel,
                     [this](HttpClient &http, std::size_t i) { fetch(http, i); });
    }

  private:
    void fetch(HttpClient &http, std::size_t i) {
        const Descriptor &layer = manifest_.layers[i];
        const bool unpacked = ingest_.layers().exists(chain_ids_[i]);
        auto last = std::chrono::steady_clock::time_point{};
        const auto due = [&last] {
            const auto now = std::chrono::steady_clock::now();
            if (now - last < event_interval)
                return false;
            last = now;
            return true;
        };
        const bool fetched = downloader_.fetch(http, layer, [&](DownloadStep step, std::int64_t bytes) {
            if (step == DownloadStep::verifying)
                report(i, PullPhase::verifying, bytes);
            else if (due())
                report(i, step == DownloadStep::waiting ? PullPhase::waiting : PullPhase::downloading, bytes);
        });
        if (unpacked) {
            report(i, fetched ? PullPhase::done : PullPhase::exists, layer.size);
            return;
        }
        report(i, PullPhase::extracting, 0);
        ingest_.unpack_layer(layer, config_.diff_ids[i], chain_ids_[i],
                             "layer " + layer.digest.substr(7, 12) + " of " + downloader_.subject,
                             [&](std::int64_t consumed) {
                                 workers_.check()();
                                 if (due())
                                     report(i, PullPhase::extracting, consumed);
                             });
        report(i, PullPhase::done, layer.size);
    }

    void report(std::size_t i, PullPhase phase, std::int64_t bytes) {
        if (!options_.on_event)
            return;
        const Descriptor &layer = manifest_.layers[i];
        const std::lock_guard lock(event_mutex_);
        options_.on_event({layer.digest.substr(7, 12), phase, bytes, layer.size});
    }

    Downloader downloader_;
    const Ingest &ingest_;
    const Manifest &manifest_;
    const ImageConfig &config_;
    LayerWorkers workers_;
    const PullOptions &options_;
    std::vector<std::string> chain_ids_;
    std::mutex event_mutex_;
};

} // namespace

void fetch_layers(const Downloader &downloader, const Ingest &ingest, const Manifest &manifest,
                  const ImageConfig &config, const HttpSettings &settings, const PullOptions &options) {
    LayerFetch(downloader, ingest, manifest, config, settings, options).run();
}

} // namespace image
