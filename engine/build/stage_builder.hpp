// Turns the instructions of one stage into steps, one after the other. Pure.
#pragma once

#include "engine/build/environment.hpp"
#include "engine/build/expander.hpp"
#include "engine/build/plan.hpp"
#include "engine/build/stage_graph.hpp"

#include <set>
#include <string>
#include <vector>

namespace build {

// What a stage hands on to one that begins with it, besides its image.
struct StageState {
    image::ImageConfig config;
    Environment variables;            // ENV and ARG, the later one of a name
    std::set<std::string> declared;   // by ARG
    bool workdir_is_absolute = false; // one was given
    bool base_is_known = true;        // what it sets, too
};

class StageBuilder {
  public:
    // References are kept.
    StageBuilder(const Dockerfile &file, const BuildRequest &request, const StageGraph &graph,
                 std::size_t stage, StageState state, base::Diagnostics &diagnostics);

    void add(const Instruction &instruction);

    [[nodiscard]] std::vector<Step> take_steps() { return std::move(steps_); }

    [[nodiscard]] StageState &state() { return state_; }

  private:
    // One for each kind of instruction; the new step is the last of steps_.
    void apply(const From &) {}

    void apply(const Run &run);
    void apply(const Copy &copy);
    void apply(const Add &add);
    void apply(const Env &env);
    void apply(const Label &label);
    void apply(const Arg &arg);
    void apply(const Cmd &cmd);
    void apply(const Entrypoint &entrypoint);
    void apply(const Healthcheck &healthcheck);
    void apply(const Expose &expose);
    void apply(const Volume &volume);
    void apply(const User &user);
    void apply(const Workdir &workdir);
    void apply(const StopSignal &signal);
    void apply(const Shell &shell);
    void apply(const Maintainer &maintainer);
    void apply(const OnBuild &onbuild);

    [[nodiscard]] Expander expander() const;
    [[nodiscard]] std::vector<std::string> shell() const;
    [[nodiscard]] std::vector<std::string> with_shell(const CommandLine &command) const;
    [[nodiscard]] std::string workdir() const;
    void set_here_documents(RunStep &step, CommandLine &command) const;
    [[nodiscard]] RunStep::From resolve(const Word &mount) const;
    [[nodiscard]] std::vector<std::string> proxies() const;
    [[nodiscard]] std::string arguments_in_history() const;
    void copy_files(const Files &files, CopyStep step, const char *name);
    void check_fetched(const Add &add, const CopyStep &step);
    void expose(const Word &port, const std::string &text);

    const Dockerfile &file_;
    const BuildRequest &request_;
    const StageGraph &graph_;
    std::size_t stage_;
    StageState state_;
    base::Diagnostics &diagnostics_;
    std::vector<Step> steps_;
    bool cmd_is_set_ = false; // by this stage
};

} // namespace build
