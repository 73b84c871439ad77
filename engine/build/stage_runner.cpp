#include "engine/build/stage_runner.hpp"

#include "base/error.hpp"
#include "engine/build/step_lock.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/pull.hpp"

namespace build {

namespace {

bool is_config(const Step &step) {
    return std::holds_alternative<ConfigStep>(step.action);
}

[[noreturn]] void throw_at(const Step &step, const base::Error &error) {
    throw base::LoadError({{base::Severity::error, step.location, {}, error.what(), error.hint(), {}}});
}

} // namespace

StageRunner::StageRunner(const Workshop &workshop, Reporter &reporter, const StagePlan &stage)
    : workshop_(workshop), reporter_(reporter), stage_(stage) {
    for (const Step &step : stage.steps)
        count_ += is_config(step) ? 0 : 1;
}

std::string StageRunner::next_title(const std::string &text) {
    return "[" + stage_.name + " " + std::to_string(++shown_) + "/" + std::to_string(count_) + "] " + text;
}

std::optional<base::Timestamp> StageRunner::time_of(const LayerStack &stack) const {
    if (workshop_.options.source_date_epoch)
        return base::Timestamp(std::chrono::seconds(*workshop_.options.source_date_epoch));
    return stack.created;
}

LayerStack StageRunner::run(LayerStack base, const std::string &from) {
    const std::string title = next_title("FROM " + from);
    if (!from.empty())
        reporter_.start(title).cached();
    for (const Step &step : stage_.steps)
        take(step, base);
    return base;
}

void StageRunner::take(const Step &step, LayerStack &stack) {
    workshop_.cancellation.check();
    if (!is_config(step))
        return layer(step, stack);
    stack.history.push_back({time_of(stack), step.created_by, {}, "compose", true});
}

void StageRunner::layer(const Step &step, LayerStack &stack) {
    const Reporter::Step report = reporter_.start(next_title(step.text));
    try {
        const LayerStep work(workshop_, step, stage_.platform, stack);
        const std::string key = work.key();
        const bool fresh =
            workshop_.options.no_cache || workshop_.options.no_cache_stages.contains(stage_.name);
        auto result = fresh ? std::nullopt : workshop_.cache.find(key);
        std::optional<StepLock> alone;
        if (!result && !fresh) {
            alone.emplace(workshop_.store.paths(), key, workshop_.cancellation);
            result = workshop_.cache.find(key);
        }
        const bool cached = result.has_value();
        if (!cached) {
            result = execute(work, report, stack);
            workshop_.cache.put(key, *result);
        }
        alone.reset();
        stack.created = result->created;
        stack.history.push_back({time_of(stack), step.created_by, {}, "compose", !result->layer});
        if (result->layer) {
            stack.diff_ids.push_back(result->layer->digest);
            stack.blobs.push_back(*result->layer);
            stack.without_change.clear();
            // The layer of a COPY --link may have been made above others.
            if (cached && work.is_linked())
                workshop_.ingest.unpack_layer(*result->layer, result->layer->digest, stack.chain_id(),
                                              step.text);
            stack.directories.push_back(workshop_.ingest.layers().filesystem(stack.chain_id()).string());
        } else {
            stack.without_change += key;
        }
        cached ? report.cached() : report.done();
    } catch (const image::Cancelled &) {
        report.failed("cancelled");
        throw;
    } catch (const base::LoadError &error) {
        report.failed("error");
        throw;
    } catch (const base::Error &error) {
        report.failed(error.what());
        throw_at(step, error);
    }
}

image::CachedStep StageRunner::execute(const LayerStep &work, const Reporter::Step &report,
                                       const LayerStack &stack) const {
    image::CachedStep result;
    result.below = stack.diff_ids;
    result.layer = work.execute(report);
    result.created = base::now();
    return result;
}

} // namespace build
