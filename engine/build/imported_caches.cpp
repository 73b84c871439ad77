#include "engine/build/imported_caches.hpp"

#include "base/error.hpp"

#include <future>

namespace build {

namespace {

// A build does not wait long for a cache that is no help.
constexpr int attempts = 3;
constexpr std::chrono::seconds connect_timeout{5};

} // namespace

ImportedCaches::ImportedCaches(const base::Paths &paths, const image::Ingest &ingest,
                               const BuildOptions &options, const Cancellation &cancellation,
                               Reporter &reporter)
    : paths_(paths), ingest_(ingest), options_(options), cancellation_(cancellation), reporter_(reporter) {
    transfer_.cancelled = cancellation.flag();
    transfer_.cancel_fd = options.cancel_fd;
    transfer_.attempts = attempts;
    transfer_.connect_timeout = connect_timeout;
}

std::optional<ImportedCaches::Source> ImportedCaches::load(const CacheSpec &spec) const {
    const Reporter::Step step = reporter_.start("importing cache " + spec.text);
    try {
        Source source;
        source.reader = spec.reference
                            ? image::registry_cache(paths_, *spec.reference, transfer_)
                            : image::directory_cache(paths_, spec.directory, spec.tag, spec.digest);
        source.document = source.reader->load(options_.request.target_platform);
        if (source.document.steps.empty())
            step.warn("there is no cache in " + spec.text);
        step.done();
        return source;
    } catch (const image::Cancelled &) {
        step.failed("cancelled");
        throw;
    } catch (const base::Error &error) {
        step.warn(std::string(error.what()) + "; the steps are made here");
        step.done();
        return std::nullopt;
    }
}

std::vector<ImportedCaches::Source> &ImportedCaches::loaded() {
    const std::lock_guard lock(mutex_);
    if (!sources_) {
        std::vector<std::future<std::optional<Source>>> loading;
        for (const CacheSpec &spec : options_.cache_from)
            loading.push_back(std::async(std::launch::async, [&] { return load(spec); }));
        std::vector<Source> sources;
        for (auto &each : loading)
            if (auto source = each.get())
                sources.push_back(*std::move(source));
        sources_ = std::move(sources);
    }
    return *sources_;
}

bool ImportedCaches::has(const std::string &key) {
    for (const Source &source : loaded())
        if (source.document.steps.contains(key))
            return true;
    return false;
}

std::optional<image::CachedStep> ImportedCaches::take(const std::string &key, const LayerStack &below,
                                                      const Reporter::Step &report) {
    if (empty())
        return std::nullopt;
    for (const Source &source : loaded()) {
        const auto found = source.document.steps.find(key);
        if (found == source.document.steps.end())
            continue;
        image::CachedStep step{below.diff_ids, {}, found->second.created};
        if (!found->second.layer)
            return step;
        try {
            const image::CacheDocument::Layer &layer = source.document.layers[*found->second.layer];
            step.layer = source.reader->bring(layer);
            std::vector<std::string> chain = below.diff_ids;
            chain.push_back(layer.diff_id);
            ingest_.unpack_layer(*step.layer, layer.diff_id, image::chain_ids(chain).back(),
                                 "layer " + layer.diff_id, [this](std::int64_t) { cancellation_.check(); });
            return step;
        } catch (const image::Cancelled &) {
            throw;
        } catch (const base::Error &error) {
            report.warn(std::string(error.what()) + "; the step is made here");
        }
    }
    return std::nullopt;
}

} // namespace build
