#include "engine/build/sbom_scan.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/key_builder.hpp"
#include "engine/build/run_network.hpp"
#include "engine/build/run_process.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/pull.hpp"

#include <sys/stat.h>

#include <fcntl.h>

namespace build {

namespace {

constexpr const char *source = "/run/src/core/sbom"; // as BuildKit's
constexpr const char *destination = "/run/out";
constexpr std::int64_t largest_document = 15 << 20; // bytes: as a statement the store takes 16 MiB

class Scan {
  public:
    Scan(const Workshop &workshop, const ImageOrigins::Found &scanner, const LayerStack &image)
        : workshop_(workshop), scanner_(scanner), image_(image) {
        for (const auto &part : {scanner.config.entrypoint, scanner.config.cmd})
            if (part)
                argv_.insert(argv_.end(), part->begin(), part->end());
        if (argv_.empty())
            throw base::Error("the image has neither an entrypoint nor a command",
                              "name an image that follows BuildKit's protocol for scanners");
    }

    [[nodiscard]] std::string key() const {
        const BuildOptions &options = workshop_.options;
        KeyBuilder key;
        key.add("compose sbom 1").add(scanner_.layers.chain_id()).add(argv_).add(environment());
        key.add(scanner_.config.user).add(scanner_.config.working_dir).add(options.network);
        return key.add(image_.chain_id()).finish();
    }

    [[nodiscard]] std::vector<SbomDocument> run(const Reporter::Step &report) const {
        const StepDirectory directory(workshop_.store.paths());
        const base::fs::path output = directory.path() / "out";
        base::make_dirs(output);
        const int code = run(directory, output, report);
        if (code != 0)
            throw base::Error("it ended with exit code " + std::to_string(code));
        std::vector<SbomDocument> documents;
        for (const std::string &name : base::list_dir(output))
            documents.push_back(read(output, name));
        if (documents.empty())
            throw base::Error("it wrote nothing to $BUILDKIT_SCAN_DESTINATION",
                              "name an image that follows BuildKit's protocol for scanners");
        return documents;
    }

  private:
    [[nodiscard]] std::vector<std::string> environment() const {
        // Nothing of it may depend on what the host is called.
        std::vector<std::string> env{"HOSTNAME"};
        env.insert(env.end(), scanner_.config.env.begin(), scanner_.config.env.end());
        env.push_back(std::string("BUILDKIT_SCAN_SOURCE=") + source);
        env.push_back(std::string("BUILDKIT_SCAN_DESTINATION=") + destination);
        for (const auto &[name, value] : workshop_.options.sbom->parameters) {
            std::string variable = "BUILDKIT_SCAN_";
            env.push_back(variable.append(name).append("=").append(value));
        }
        return env;
    }

    [[nodiscard]] container::Spec spec(const StepDirectory &directory, const base::fs::path &output) const {
        const BuildOptions &options = workshop_.options;
        container::Spec spec;
        spec.id = directory.id();
        spec.name = "sbom scanner";
        spec.project = cgroup_project;
        spec.hostname = "build";
        spec.layers = scanner_.layers.directories;
        spec.process.argv = argv_;
        spec.process.env = environment();
        if (!scanner_.config.working_dir.empty())
            spec.process.cwd = scanner_.config.working_dir;
        spec.process.user = scanner_.config.user;
        spec.process.rlimits = options.rlimits;
        spec.extra_hosts = options.extra_hosts;
        spec.resources.memory = options.memory;
        if (options.shm_size)
            spec.shm_size = *options.shm_size;
        container::BindMount bind;
        bind.source = output.string();
        spec.mounts.push_back({destination, false, std::move(bind)});
        container::TmpfsMount scratch;
        scratch.exec = true;
        spec.mounts.push_back({"/tmp", false, scratch});
        return spec;
    }

    [[nodiscard]] base::UniqueFd mounted(const StepDirectory &directory) const {
        container::OverlayDirs dirs{image_.directories, {}, {}};
        if (dirs.layers.empty()) {
            const base::fs::path nothing = directory.path() / "nothing";
            base::make_dirs(nothing);
            dirs.layers.push_back(nothing.string());
        }
        return container::mount_overlay(dirs, true);
    }

    [[nodiscard]] int run(const StepDirectory &directory, const base::fs::path &output,
                          const Reporter::Step &report) const {
        const base::UniqueFd files = mounted(directory);
        const std::map<std::string, int> trees{{source, files.get()}};
        const RunNetwork network = run_network("default", workshop_.options);
        container::Spec scanner = spec(directory, output);
        scanner.namespaces.network = network.mode;
        return run_process({.paths = workshop_.store.paths(),
                            .directory = directory,
                            .spec = std::move(scanner),
                            .mounts = trees,
                            .network = workshop_.options.step_network,
                            .network_name = network.name,
                            .cancellation = workshop_.cancellation,
                            .output = [&](std::string_view text) { report.output(text); },
                            .warn = [&](const std::string &sentence) { report.warn(sentence); }});
    }

    // The scanner is somebody else's program: what it writes may be a link out of its file system, or
    // endless.
    static SbomDocument read(const base::fs::path &directory, const std::string &name) {
        const std::string subject = "its file " + name;
        const base::UniqueFd top = base::open_dir(directory);

        struct stat status {};

        base::check(::fstatat(top.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW), "examine", subject);
        if (!S_ISREG(status.st_mode))
            throw base::Error(subject + " is not a regular file");
        if (status.st_size > largest_document)
            throw base::Error(subject + " is larger than 15 MiB", "let it look at less");
        const base::UniqueFd file(base::check(
            ::openat(top.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "open", subject));
        return parse_sbom_document(base::read_all(file.get(), subject), subject);
    }

    const Workshop &workshop_;
    const ImageOrigins::Found &scanner_;
    const LayerStack &image_;
    std::vector<std::string> argv_;
};

std::optional<std::vector<SbomDocument>> known(const Workshop &workshop, const std::string &key) {
    if (workshop.options.no_cache)
        return std::nullopt;
    const auto text = workshop.cache.find_fact(key);
    try {
        return text ? std::optional(split_sbom_documents(*text)) : std::nullopt;
    } catch (const base::Error &) {
        return std::nullopt; // made again
    }
}

} // namespace

std::vector<SbomDocument> scan(const Workshop &workshop, Reporter &reporter,
                               const ImageOrigins::Found &scanner, const LayerStack &image) {
    const std::string what = "generating sbom using " + scanner.name;
    const Reporter::Step report = reporter.start(what);
    try {
        const Scan work(workshop, scanner, image);
        const std::string key = work.key();
        if (auto documents = known(workshop, key)) {
            report.cached();
            return *std::move(documents);
        }
        std::vector<SbomDocument> documents = work.run(report);
        workshop.cache.put_fact(key, join_sbom_documents(documents));
        report.done();
        return documents;
    } catch (const image::Cancelled &) {
        report.failed("cancelled");
        throw;
    } catch (const base::Error &error) {
        report.failed(error.what());
        throw base::Error(what + ": " + error.what(), error.hint());
    }
}

} // namespace build
