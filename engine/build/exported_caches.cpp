#include "engine/build/exported_caches.hpp"

#include "base/error.hpp"
#include "engine/image/cache_document.hpp"

#include <algorithm>

namespace build {

namespace {

bool asks_for_image(const BuildOptions &options) {
    const auto argument = options.request.args.find("BUILDKIT_INLINE_CACHE");
    return (argument != options.request.args.end() && argument->second == "1")
           || std::any_of(options.cache_to.begin(), options.cache_to.end(),
                          [](const CacheSpec &place) { return place.type == CacheSpec::Type::in_image; });
}

// The stages whose layers are in the image: the target, and what it begins with.
std::set<std::size_t> stages_of_image(const Plan &plan) {
    std::set<std::size_t> stages;
    std::size_t next = plan.stages.back().index;
    for (auto stage = plan.stages.rbegin(); stage != plan.stages.rend(); ++stage) {
        if (stage->index != next)
            continue;
        stages.insert(next);
        if (stage->base.kind != Origin::Kind::stage)
            break;
        next = stage->base.stage;
    }
    return stages;
}

} // namespace

bool exports_cache(const BuildOptions &options) {
    return !options.cache_to.empty() || asks_for_image(options);
}

ExportedCaches::ExportedCaches(const Workshop &workshop, const Plan &plan, const MadeSteps &made)
    : options_(workshop.options) {
    if (!exports_cache(options_))
        return;
    const Definitions definitions(workshop, plan, {});
    const std::set<std::size_t> in_image = stages_of_image(plan);
    const auto &epoch = options_.source_date_epoch;
    for (const MadeStep &each : made.all()) {
        const base::Timestamp created =
            epoch ? base::Timestamp(std::chrono::seconds(*epoch)) : each.result.created;
        for (const std::string &key : {each.key, definitions.of(*each.step)}) {
            if (key.empty())
                continue;
            steps_.all.steps[key] = {created, each.result.layer};
            if (in_image.contains(each.stage))
                steps_.of_image.steps[key] = {created, each.result.layer};
        }
    }
}

std::string ExportedCaches::for_image(const std::vector<std::string> &diff_ids) const {
    if (!asks_for_image(options_))
        return {};
    image::CacheDocument document;
    for (const std::string &diff_id : diff_ids)
        document.layers.push_back({{}, diff_id});
    for (const auto &[key, step] : steps_.of_image.steps) {
        std::optional<std::size_t> layer;
        if (step.layer)
            layer = static_cast<std::size_t>(std::find(diff_ids.begin(), diff_ids.end(), step.layer->digest)
                                             - diff_ids.begin());
        document.steps[key] = {step.created, layer};
    }
    return document.steps_json();
}

namespace {

void write_to(const CacheSpec &place, const CacheWriting &writing, const CacheableSteps &steps) {
    const image::CacheSteps &written = place.all_stages ? steps.all : steps.of_image;
    const Cancellation &cancellation = writing.cancellation;
    if (!place.reference) {
        image::write_directory_cache(writing.paths, written, place.directory, place.tag,
                                     [&] { cancellation.check(); });
        return;
    }
    image::TransferOptions transfer;
    transfer.cancelled = cancellation.flag();
    transfer.cancel_fd = writing.options.cancel_fd;
    image::write_registry_cache(writing.paths, written, *place.reference, transfer);
}

} // namespace

void write_caches(const CacheWriting &writing, const CacheableSteps &steps) {
    for (const CacheSpec &place : writing.options.cache_to) {
        if (place.type == CacheSpec::Type::in_image)
            continue;
        const Reporter::Step step = writing.reporter.start("exporting cache " + place.text);
        try {
            write_to(place, writing, steps);
            step.done();
        } catch (const image::Cancelled &) {
            step.failed("cancelled");
            throw;
        } catch (const base::Error &error) {
            if (!place.may_fail) {
                step.failed(error.what());
                throw base::Error("the image is built, but its cache was not written to " + place.text + ": "
                                      + error.what(),
                                  error.hint().empty() ? "add ignore-error=true to build all the same"
                                                       : error.hint());
            }
            step.warn(std::string(error.what()) + "; the cache is not written");
            step.done();
        }
    }
}

} // namespace build
