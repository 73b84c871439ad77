#include "engine/build/layer_step.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/copy_sources.hpp"
#include "engine/build/device_request.hpp"
#include "engine/build/mount_stubs.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/run_mounts.hpp"
#include "engine/build/run_network.hpp"
#include "engine/build/run_process.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/container/start_failure.hpp"
#include "engine/image/emulation.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>

namespace build {

namespace {

constexpr const char *host_name = "build";
constexpr const char *script_directory = "/dev/pipes";

std::string quoted(const std::vector<std::string> &argv) {
    std::string text;
    for (const std::string &word : argv)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

void check_entitled(const RunStep &run, const BuildOptions &options) {
    if (run.insecure && !options.privileged)
        throw base::Error("RUN --security=insecure is not allowed for this build",
                          "set `privileged: true` in the service's `build`");
    if (run.network == "host" && !options.host_network)
        throw base::Error("RUN --network=host is not allowed for this build",
                          "set `network: host` or `entitlements: [network.host]` in the service's `build`");
}

// A directory for one script, in memory.
base::UniqueFd script_mount(const InlineFile &script) {
    base::UniqueFd tmpfs = container::make_filesystem("tmpfs", {{"mode", "755"}}, 0);
    const base::UniqueFd file(
        base::check(::openat(tmpfs.get(), script.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755),
                    "create", script.name));
    base::write_all(file.get(), script.content, script.name);
    base::check(::fchmod(file.get(), 0755), "set mode of", script.name);
    return tmpfs;
}

} // namespace

CommandFailed::CommandFailed(const std::vector<std::string> &argv, int code)
    : base::Error("the command \"" + quoted(argv) + "\" ended with exit code " + std::to_string(code)) {}

int LayerStep::run(const ProcessRun &process) const {
    try {
        return run_process(process);
    } catch (const container::StartError &error) {
        const bool foreign = image::Platform::host().distance_to(platform_) < 0;
        if (!foreign || error.failure().error != ENOEXEC)
            throw;
        throw base::Error("this machine can't run programs for " + platform_.text(),
                          image::emulation_hint(platform_), error.exit_code());
    }
}

base::UniqueFd LayerStep::mount(const StepDirectory &directory) const {
    container::OverlayDirs dirs{below_.directories, directory.upper(), directory.work()};
    dirs.makes_layer = true;
    return container::mount_overlay(dirs, false);
}

std::optional<image::Descriptor> LayerStep::execute(const Reporter::Step &report) const {
    const StepDirectory directory(workshop_.store.paths());
    std::visit([&](const auto &action) { make(action, directory, report); }, step_.action);
    if (base::list_dir(directory.upper()).empty())
        return std::nullopt;
    return workshop_.ingest.add_layer(directory.upper(), below_.diff_ids,
                                      {.latest = workshop_.options.source_date_epoch});
}

void LayerStep::make(const ConfigStep &, const StepDirectory &, const Reporter::Step &) const {}

void LayerStep::make(const WorkdirStep &workdir, const StepDirectory &directory,
                     const Reporter::Step &) const {
    const base::UniqueFd root = mount(directory);
    std::optional<std::pair<uid_t, gid_t>> owner;
    if (!step_.user.empty())
        owner = owner_of(root.get(), step_.user);
    make_directories(root.get(), workdir.path, owner);
}

void LayerStep::make(const CopyStep &copy, const StepDirectory &directory, const Reporter::Step &) const {
    base::Diagnostics diagnostics;
    const IgnoreRules excluded(copy.excludes, step_.location, diagnostics);
    const std::string before = selection_key(copy);
    {
        const base::UniqueFd root = copy.link ? base::open_dir(directory.upper()) : mount(directory);
        const CopySources sources(workshop_, copy, excluded);
        copy_files(root.get(), copy, sources.all(), excluded, rights_of(copy));
    }
    // The files were read twice: what was copied must be what the key tells of.
    if (selection_key(copy) != before)
        throw base::Error("files changed while they were copied", "build again when nobody writes them");
}

bool LayerStep::is_linked() const {
    const auto *copy = std::get_if<CopyStep>(&step_.action);
    return copy != nullptr && copy->link;
}

FileRights LayerStep::rights_of(const CopyStep &copy) const {
    if (copy.chown.empty() || below_.directories.empty())
        return file_rights(-1, copy);
    const base::UniqueFd root = container::mount_overlay({below_.directories, {}, {}}, true);
    return file_rights(root.get(), copy);
}

container::Spec LayerStep::spec_of(const RunStep &run, const StepDirectory &directory) const {
    const BuildOptions &options = workshop_.options;
    container::Spec spec;
    spec.id = directory.id();
    spec.name = "build step";
    spec.project = cgroup_project;
    spec.hostname = host_name;
    spec.layers = below_.directories;
    spec.process.argv = run.argv;
    // Nothing of an image may depend on what the host of its build is called.
    spec.process.env = {"HOSTNAME"};
    spec.process.env.insert(spec.process.env.end(), step_.env.begin(), step_.env.end());
    spec.process.env.insert(spec.process.env.end(), run.proxies.begin(), run.proxies.end());
    spec.process.cwd = step_.workdir;
    spec.process.user = step_.user;
    spec.process.rlimits = options.rlimits;
    spec.security.privileged = run.insecure;
    spec.namespaces.network = run_network(run.network, options).mode;
    spec.extra_hosts = options.extra_hosts;
    spec.resources.memory = options.memory;
    if (options.shm_size)
        spec.shm_size = *options.shm_size;
    return spec;
}

void LayerStep::make(const RunStep &step, const StepDirectory &directory,
                     const Reporter::Step &report) const {
    check_entitled(step, workshop_.options);
    const base::UniqueFd lower = below_.directories.empty()
                                     ? base::UniqueFd()
                                     : container::mount_overlay({below_.directories, {}, {}}, true);
    RunMounts mounts = prepare_mounts(step, {.paths = workshop_.store.paths(),
                                             .open = workshop_.open,
                                             .secrets = workshop_.options.secrets,
                                             .agents = workshop_.agents,
                                             .cancellation = workshop_.cancellation,
                                             .scratch = directory.path() / "mounts"});
    if (step.script)
        mounts.trees[script_directory] = script_mount(*step.script);

    container::Spec spec = spec_of(step, directory);
    spec.mounts = mounts.mounts;
    spec.files = mounts.files;
    spec.process.env.insert(spec.process.env.end(), mounts.env.begin(), mounts.env.end());
    give_devices(spec, step.devices, workshop_.options,
                 [&](const std::string &sentence) { report.warn(sentence); });
    std::vector<std::string> targets{"/etc/hosts", "/etc/resolv.conf", "/proc", "/dev", "/sys"};
    for (const container::Mount &each : spec.mounts)
        targets.push_back(each.target);
    for (const container::GrantedFile &each : spec.files)
        targets.push_back(each.target);
    std::map<std::string, int> trees;
    for (const auto &[target, tree] : mounts.trees) {
        targets.push_back(target);
        trees[target] = tree.get();
    }
    const MountStubs stubs(lower.get(), targets);
    const int code = run({.paths = workshop_.store.paths(),
                          .directory = directory,
                          .spec = std::move(spec),
                          .mounts = trees,
                          .network = workshop_.options.step_network,
                          .network_name = run_network(step.network, workshop_.options).name,
                          .cancellation = workshop_.cancellation,
                          .output = [&](std::string_view text) { report.output(text); },
                          .warn = [&](const std::string &sentence) { report.warn(sentence); }});
    if (code != 0)
        throw CommandFailed(step.argv, code);
    const base::UniqueFd upper = base::open_dir(directory.upper());
    stubs.remove(upper.get(), lower.get());
}

} // namespace build
