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

StageRunner::StageRunner(const Workshop &workshop, Reporter &reporter, const Shortcuts &shortcuts,
                         const StagePlan &stage)
    : workshop_(workshop), reporter_(reporter), shortcuts_(shortcuts), stage_(stage) {
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
    if (!step.created_by.empty())
        stack.history.push_back({time_of(stack), step.created_by, {}, "compose", true});
}

void StageRunner::layer(const Step &step, LayerStack &stack) {
    const Reporter::Step report = reporter_.start(next_title(step.text));
    try {
        const Made made = make(step, stack, report);
        const image::CachedStep &result = made.result;
        if (workshop_.made != nullptr)
            workshop_.made->add({stage_.index, &step, made.key, result});
        stack.created = result.created;
        stack.history.push_back({time_of(stack), step.created_by, {}, "compose", !result.layer});
        if (result.layer) {
            stack.diff_ids.push_back(result.layer->digest);
            stack.blobs.push_back(*result.layer);
            stack.without_change.clear();
            // The layer of a COPY --link may have been made above others.
            if (made.cached)
                workshop_.ingest.unpack_layer(*result.layer, result.layer->digest, stack.chain_id(),
                                              step.text);
            stack.directories.push_back(workshop_.ingest.layers().filesystem(stack.chain_id()).string());
        } else {
            stack.without_change += made.key.empty() ? shortcuts_.definitions.at(&step) : made.key;
        }
        made.cached ? report.cached() : report.done();
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

StageRunner::Made StageRunner::make(const Step &step, const LayerStack &stack,
                                    const Reporter::Step &report) const {
    if (const auto shortcut = shortcuts_.definitions.find(&step); shortcut != shortcuts_.definitions.end())
        if (auto taken = workshop_.imports.take(shortcut->second, stack, report))
            return {{}, *std::move(taken), true};
    return by_key(LayerStep(workshop_, step, stage_.platform, stack), stack, report);
}

StageRunner::Made StageRunner::by_key(const LayerStep &work, const LayerStack &stack,
                                      const Reporter::Step &report) const {
    const std::string key = work.key();
    std::optional<StepLock> alone;
    if (!workshop_.options.no_cache && !workshop_.options.no_cache_stages.contains(stage_.name)) {
        if (auto known = workshop_.cache.find(key))
            return {key, *std::move(known), true};
        alone.emplace(workshop_.store.paths(), key, workshop_.cancellation);
        if (auto known = workshop_.cache.find(key))
            return {key, *std::move(known), true};
        if (auto taken = workshop_.imports.take(key, stack, report)) {
            workshop_.cache.put(key, *taken);
            return {key, *std::move(taken), true};
        }
    }
    image::CachedStep result{stack.diff_ids, work.execute(report), {}};
    result.created = base::now();
    workshop_.cache.put(key, result);
    return {key, std::move(result), false};
}

} // namespace build
