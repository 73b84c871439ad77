#include "engine/image/fetch_layers.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace image {

namespace {

constexpr std::chrono::milliseconds event_interval{50};

// Thrown in the threads of a pull that has failed elsewhere; the other failure is the one to report.
struct Abandoned {};

class LayerFetch {
  public:
    LayerFetch(const Downloader &downloader, const Ingest &ingest, const Manifest &manifest,
               const ImageConfig &config, const HttpSettings &settings, const PullOptions &options)
        : downloader_(downloader), ingest_(ingest), manifest_(manifest), config_(config), settings_(settings),
          options_(options), chain_ids_(chain_ids(config.diff_ids)) {
        downloader_.check = settings_.check = [this, outer = settings.check] {
            if (failed_.load())
                throw Abandoned{};
            outer();
        };
    }

    void run() {
        const std::size_t count = manifest_.layers.size();
        for (std::size_t i = 0; i < count; ++i)
            report(i, PullPhase::waiting, 0);
        const auto wanted = static_cast<std::size_t>(std::max(1, options_.parallel_downloads));
        std::vector<std::thread> threads;
        try {
            for (std::size_t i = 0; i < std::min(count, wanted); ++i)
                threads.emplace_back([this] { work(); });
        } catch (...) {
            keep_failure();
        }
        for (std::thread &thread : threads)
            thread.join();
        if (failure_)
            std::rethrow_exception(failure_);
    }

  private:
    void keep_failure() {
        const std::lock_guard lock(mutex_);
        if (!failure_)
            failure_ = std::current_exception();
        failed_ = true;
    }

    void work() {
        try {
            HttpClient http(settings_);
            for (std::size_t i = next_++; i < manifest_.layers.size(); i = next_++)
                fetch(http, i);
        } catch (const Abandoned &) {
            return;
        } catch (...) {
            keep_failure();
        }
    }

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
                                 settings_.check();
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
    HttpSettings settings_;
    const PullOptions &options_;
    std::vector<std::string> chain_ids_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::mutex event_mutex_;
    std::exception_ptr failure_;
};

} // namespace

void fetch_layers(const Downloader &downloader, const Ingest &ingest, const Manifest &manifest,
                  const ImageConfig &config, const HttpSettings &settings, const PullOptions &options) {
    LayerFetch(downloader, ingest, manifest, config, settings, options).run();
}

} // namespace image
