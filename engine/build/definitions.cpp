#include "engine/build/definitions.hpp"

namespace build {

Definitions::Definitions(const Workshop &workshop, const Plan &plan, const std::set<std::string> &unknown) {
    std::map<std::size_t, std::string> results; // of stages
    for (const StagePlan &stage : plan.stages) {
        const bool from_stage = stage.base.kind == Origin::Kind::stage;
        std::string current =
            from_stage ? results.at(stage.base.stage) : "base " + workshop.open(stage.base).layers.chain_id();
        if (unknown.contains(stage.name))
            current.clear();
        for (const Step &step : stage.steps) {
            std::string &definition = steps_[&step];
            if (std::holds_alternative<ConfigStep>(step.action))
                continue;
            const LayerStack nothing;
            if (!current.empty())
                definition = LayerStep(workshop, step, stage.platform, nothing).definition(current, results);
            current = definition;
        }
        results[stage.index] = current;
    }
}

const std::string &Definitions::of(const Step &step) const {
    return steps_.at(&step);
}

std::vector<std::size_t> stages_used(const Step &step) {
    std::vector<std::size_t> stages;
    const auto use = [&](const Origin &origin) {
        if (origin.kind == Origin::Kind::stage)
            stages.push_back(origin.stage);
    };
    if (const auto *copy = std::get_if<CopyStep>(&step.action))
        use(copy->origin);
    if (const auto *run = std::get_if<RunStep>(&step.action))
        for (const RunStep::From &from : run->mounts)
            use(from.origin);
    return stages;
}

} // namespace build
