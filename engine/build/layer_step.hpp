// One step that may change files: what its result depends on, and how it is made. Blocks.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/copy_files.hpp"
#include "engine/build/imported_caches.hpp"
#include "engine/build/made_steps.hpp"
#include "engine/build/origin_files.hpp"
#include "engine/build/remote_sources.hpp"
#include "engine/build/reporter.hpp"
#include "engine/build/run_mounts.hpp"
#include "engine/build/ssh_agents.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/layer_cache.hpp"

#include <map>
#include <string>

namespace build {

// What all steps of a build share.
struct Workshop {
    const image::Store &store;
    const BuildOptions &options;
    const image::Ingest &ingest;
    image::LayerCache cache;
    const Cancellation &cancellation;
    RemoteSources &remote;
    SshAgents &agents;
    ImportedCaches &imports;
    MadeSteps *made = nullptr; // null: nobody asks what the steps gave
    OpenOrigin open;
};

class LayerStep {
  public:
    // References are kept. below: what the step begins with.
    LayerStep(const Workshop &workshop, const Step &step, const image::Platform &platform,
              const LayerStack &below)
        : workshop_(workshop), step_(step), platform_(platform), below_(below) {}

    // "sha256:...": equal keys give equal layers, as far as a command's result depends on what it is given.
    // Reads no file that the stat cache knows. @throws base::Error, e.g. for a source that is missing.
    [[nodiscard]] std::string key() const;

    // As key(), but of what is below and of other stages only their definitions count (definitions.hpp).
    // @param stages definitions of the results of stages. @returns empty when one that is used has none.
    [[nodiscard]] std::string definition(const std::string &below,
                                         const std::map<std::size_t, std::string> &stages) const;

    // COPY or ADD --link: the layer is the same whatever is below it.
    [[nodiscard]] bool is_linked() const;

    // Makes the layer; none when no file changed. @throws base::Error; CommandFailed; image::Cancelled.
    [[nodiscard]] std::optional<image::Descriptor> execute(const Reporter::Step &report) const;

  private:
    [[nodiscard]] std::string key_of(const RunStep &run, const BoundContent &bound) const;
    [[nodiscard]] std::string key_of(const CopyStep &copy, const BoundContent &bound) const;
    [[nodiscard]] std::string key_of(const WorkdirStep &workdir, const BoundContent &bound) const;
    [[nodiscard]] std::string key_of(const ConfigStep &config, const BoundContent &bound) const;
    [[nodiscard]] std::string text_key(const CopyStep &copy) const;
    [[nodiscard]] std::string epoch_key() const;

    void make(const RunStep &run, const class StepDirectory &directory, const Reporter::Step &report) const;
    void make(const CopyStep &copy, const StepDirectory &directory, const Reporter::Step &report) const;
    void make(const WorkdirStep &workdir, const StepDirectory &directory, const Reporter::Step &report) const;
    void make(const ConfigStep &config, const StepDirectory &directory, const Reporter::Step &report) const;

    [[nodiscard]] int run(const struct ProcessRun &process) const;
    [[nodiscard]] base::UniqueFd mount(const StepDirectory &directory) const;
    [[nodiscard]] FileRights rights_of(const CopyStep &copy) const;
    [[nodiscard]] std::string selection_key(const CopyStep &copy) const;
    [[nodiscard]] container::Spec spec_of(const RunStep &run, const StepDirectory &directory) const;

    const Workshop &workshop_;
    const Step &step_;
    const image::Platform &platform_;
    const LayerStack &below_;
};

// A command that ended with another code than 0.
class CommandFailed : public base::Error {
  public:
    CommandFailed(const std::vector<std::string> &argv, int code);
};

} // namespace build
