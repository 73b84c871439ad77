#include "engine/build/plan.hpp"

#include "base/error.hpp"
#include "engine/build/parse.hpp"
#include "engine/build/stage_builder.hpp"
#include "engine/build/stage_graph.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace build {

namespace {

constexpr const char *default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

class Planner {
  public:
    Planner(const Dockerfile &file, const BuildRequest &request, const BaseConfigs &configs,
            base::Diagnostics &diagnostics)
        : file_(file), request_(request), configs_(configs), diagnostics_(diagnostics),
          graph_(file, request, diagnostics), done_(file.stages.size()) {}

    Plan run() {
        if (const auto target = graph_.target()) {
            visit(*target);
            if (!plan_.stages.empty() && plan_.stages.back().index == *target)
                for (const auto &[name, value] : request_.labels)
                    plan_.stages.back().config.labels[name] = value;
        }
        return std::move(plan_);
    }

  private:
    // Stages only name earlier ones, so this ends.
    void visit(std::size_t index) {
        if (done_[index])
            return;
        const Stage &stage = file_.stages[index];
        const auto base = graph_.base(index);
        done_[index].emplace();
        if (!base)
            return;
        std::vector<Instruction> instructions;
        if (base->kind == Origin::Kind::stage)
            visit(base->stage);
        StageState state = initial(*base, index, instructions);
        if (!graph_.is_replaced(index))
            instructions.insert(instructions.end(), stage.instructions.begin(), stage.instructions.end());
        for (const Instruction &instruction : instructions)
            for (const Origin &origin : graph_.sources(instruction, index))
                if (origin.kind == Origin::Kind::stage)
                    visit(origin.stage);

        StageBuilder builder(file_, request_, graph_, index, std::move(state), diagnostics_);
        for (const Instruction &instruction : instructions)
            builder.add(instruction);

        StagePlan &planned = plan_.stages.emplace_back();
        planned.index = index;
        planned.name = graph_.name(index);
        planned.location = stage.location;
        planned.base = *base;
        planned.platform = builder.state().config.platform;
        planned.steps = builder.take_steps();
        planned.config = builder.state().config;
        done_[index] = std::move(builder.state());
    }

    // With the triggers that the base has for those who build on it.
    StageState initial(const Origin &base, std::size_t index, std::vector<Instruction> &triggers) {
        StageState state;
        if (base.kind == Origin::Kind::stage) {
            state = *done_[base.stage];
        } else {
            auto config = base_config(base, file_.stages[index].from.image.location);
            state.base_is_known = config.has_value();
            if (!config)
                diagnostics_.warning(file_.stages[index].from.image.location, {},
                                     "variables of this stage are not checked, for nobody knows what "
                                         + base.name + " sets",
                                     "check again when it is in the store, or its registry can be reached");
            state.config = config ? *std::move(config) : empty_config(base);
            check_platform(base, state.config.platform, file_.stages[index].from.image.location);
            if (state.config.platform.architecture.empty())
                state.config.platform = base.platform;
            if (!Environment(state.config.env).find("PATH"))
                state.config.env.push_back(std::string("PATH=") + default_path);
            state.workdir_is_absolute =
                base.kind != Origin::Kind::nothing && state.config.working_dir.starts_with('/');
        }
        // The image's own variables come before the arguments of the stage it was built by.
        const Environment image(state.config.env);
        for (const std::string &name : image.names())
            state.variables.set(name, *image.find(name));

        const std::vector<std::string> texts = std::exchange(state.config.on_build, {});
        for (std::size_t number = 0; number < texts.size(); ++number)
            add_trigger(texts[number], base, number, triggers);
        return state;
    }

    void check_platform(const Origin &base, const image::Platform &found, const base::Location &location) {
        const bool differs =
            !found.architecture.empty()
            && (found.architecture != base.platform.architecture || found.os != base.platform.os);
        if (base.kind == Origin::Kind::image && differs)
            file_.checks.report(diagnostics_, check::invalid_base_platform, location,
                                "the image " + base.name + " is for " + found.text() + ", not "
                                    + base.platform.text(),
                                "choose an image for that platform, or write --platform=" + found.text());
    }

    static image::ImageConfig empty_config(const Origin &base) {
        image::ImageConfig empty;
        empty.platform = base.platform;
        empty.working_dir = "/";
        return empty;
    }

    std::optional<image::ImageConfig> base_config(const Origin &base, const base::Location &location) {
        if (base.kind == Origin::Kind::nothing)
            return empty_config(base);
        try {
            return configs_(base);
        } catch (const base::Error &error) {
            diagnostics_.error(location, {}, error.what(), error.hint());
            return empty_config(base);
        }
    }

    void add_trigger(const std::string &text, const Origin &base, std::size_t number,
                     std::vector<Instruction> &triggers) {
        const std::string from = base.kind == Origin::Kind::stage ? graph_.name(base.stage) : base.name;
        auto source = std::make_shared<base::Source>(
            base::Source{"ONBUILD " + std::to_string(number + 1) + " of " + from, text});
        if (auto instruction = parse_trigger(std::move(source), file_.checks, diagnostics_))
            triggers.push_back(std::move(*instruction));
    }

    const Dockerfile &file_;
    const BuildRequest &request_;
    const BaseConfigs &configs_;
    base::Diagnostics &diagnostics_;
    StageGraph graph_;
    std::vector<std::optional<StageState>> done_;
    Plan plan_;
};

class ImageCollector {
  public:
    ImageCollector(const Dockerfile &file, const BuildRequest &request, base::Diagnostics &diagnostics)
        : file_(file), graph_(file, request, diagnostics), seen_(file.stages.size()) {}

    std::vector<Origin> run() {
        if (const auto target = graph_.target())
            visit(*target);
        return std::move(images_);
    }

  private:
    void visit(std::size_t index) {
        if (seen_[index])
            return;
        seen_[index] = true;
        if (const auto base = graph_.base(index))
            take(*base);
        if (graph_.is_replaced(index))
            return;
        for (const Instruction &instruction : file_.stages[index].instructions)
            for (const Origin &origin : graph_.sources(instruction, index))
                take(origin);
    }

    void take(const Origin &origin) {
        if (origin.kind == Origin::Kind::stage)
            visit(origin.stage);
        else if (origin.kind == Origin::Kind::image
                 && std::find(images_.begin(), images_.end(), origin) == images_.end())
            images_.push_back(origin);
    }

    const Dockerfile &file_;
    StageGraph graph_;
    std::vector<bool> seen_;
    std::vector<Origin> images_;
};

} // namespace

Plan make_plan(const Dockerfile &file, const BuildRequest &request, const BaseConfigs &configs,
               base::Diagnostics &diagnostics) {
    return Planner(file, request, configs, diagnostics).run();
}

std::vector<Origin> images_needed(const Dockerfile &file, const BuildRequest &request,
                                  base::Diagnostics &diagnostics) {
    return ImageCollector(file, request, diagnostics).run();
}

} // namespace build
