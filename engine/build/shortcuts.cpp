#include "engine/build/shortcuts.hpp"

#include "base/error.hpp"
#include "engine/image/transfer.hpp"

#include <algorithm>

namespace build {

namespace {

// Whether a stage begins with a step that nobody made here.
bool is_new_here(const Workshop &workshop, const Plan &plan) {
    for (const StagePlan &stage : plan.stages) {
        if (stage.base.kind == Origin::Kind::stage)
            continue;
        const auto first = std::find_if(stage.steps.begin(), stage.steps.end(), [](const Step &step) {
            return !std::holds_alternative<ConfigStep>(step.action);
        });
        if (first == stage.steps.end() || !stages_used(*first).empty())
            continue;
        const LayerStack base = workshop.open(stage.base).layers;
        if (!workshop.cache.find(LayerStep(workshop, *first, stage.platform, base).key()))
            return true;
    }
    return false;
}

Shortcuts choose(const Workshop &workshop, const Plan &plan, ImportedCaches &imports) {
    const Definitions definitions(workshop, plan, workshop.options.no_cache_stages);
    Shortcuts shortcuts;
    std::set<std::size_t> needed{plan.stages.back().index};
    for (auto stage = plan.stages.rbegin(); stage != plan.stages.rend(); ++stage) {
        if (!needed.contains(stage->index)) {
            shortcuts.on_demand.insert(stage->index);
            continue;
        }
        if (stage->base.kind == Origin::Kind::stage)
            needed.insert(stage->base.stage);
        for (const Step &step : stage->steps) {
            const std::vector<std::size_t> used = stages_used(step);
            const std::string &definition = definitions.of(step);
            if (!used.empty() && !definition.empty() && imports.has(definition))
                shortcuts.definitions[&step] = definition;
            else
                needed.insert(used.begin(), used.end());
        }
    }
    return shortcuts;
}

} // namespace

Shortcuts find_shortcuts(const Workshop &workshop, const Plan &plan, ImportedCaches &imports) {
    const auto &places = workshop.options.cache_to;
    const bool all_wanted =
        std::any_of(places.begin(), places.end(), [](const CacheSpec &each) { return each.all_stages; });
    if (imports.empty() || all_wanted || plan.stages.size() == 1)
        return {};
    try {
        return is_new_here(workshop, plan) ? choose(workshop, plan, imports) : Shortcuts{};
    } catch (const image::Cancelled &) {
        throw;
    } catch (const base::Error &) {
        // What is wrong with a step is said where it is made.
        return {};
    }
}

} // namespace build
