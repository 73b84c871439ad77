// system prune: removes what nothing needs any more, and says how much that was.
#include "base/disk_usage.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "supervisor/api.hpp"
#include "supervisor/unused.hpp"
#include "terminal/terminal.hpp"
#include "verbs/confirm.hpp"
#include "verbs/disk_report.hpp"
#include "verbs/project_state.hpp"
#include "verbs/prune_filter.hpp"
#include "verbs/request.hpp"
#include "verbs/system_verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct PruneOptions {
    std::vector<std::string> filters;
    bool all = false;
    bool volumes = false;
    bool force = false;
};

std::string warning(const PruneOptions &options) {
    return fmt::format("WARNING! This will remove:\n"
                       "  - all containers of projects of which nothing runs\n"
                       "  - all networks that no container needs\n"
                       "{}"
                       "  - {}\n"
                       "  - the build cache",
                       options.volumes ? "  - all anonymous volumes that no container needs\n" : "",
                       options.all ? "all images that no container needs"
                                   : "all images without a name that no container needs");
}

class Prune {
  public:
    Prune(const Context &context, const PruneOptions &options)
        : context_(context), options_(options), filter_(options.filters) {}

    void run() {
        containers();
        // Who creates containers holds the store: what it has made so far may not be recorded yet.
        if (const auto alone = base::FileLock::try_acquire(paths().lock("images-use"))) {
            networks();
            if (options_.volumes)
                volumes();
        } else {
            warn("something is being created, pulled or built: networks and volumes were left for another "
                 "time");
        }
        images();
        print(STDOUT_FILENO, fmt::format("Total reclaimed space: {}\n", base::format_size(reclaimed_)));
    }

  private:
    [[nodiscard]] const base::Paths &paths() const { return context_.paths(); }

    void tell(const char *title, const std::vector<std::string> &names) const {
        if (names.empty())
            return;
        std::string text = fmt::format("{}:\n", title);
        for (const std::string &name : names)
            text += name + "\n";
        print(STDOUT_FILENO, text + "\n");
    }

    void containers() {
        std::vector<std::string> removed;
        for (const std::string &project : dead_projects(paths())) {
            std::vector<std::string> ids;
            std::vector<std::pair<supervisor::ContainerInfo, base::Bytes>> doomed;
            for (const auto &info : supervisor::read_containers(paths(), project))
                if (filter_.matches(info.spec.created, info.spec.labels)) {
                    ids.push_back(info.spec.id);
                    doomed.emplace_back(info, base::disk_usage(info.directory));
                }
            if (ids.empty())
                continue;
            const auto progress = make_progress(ProgressMode::quiet, "");
            // Only what is stopped then, too: somebody may have started it meanwhile.
            request(context_, project, supervisor::api_remove, {{"ids", ids}}, *progress);
            for (const auto &[info, size] : doomed)
                if (!std::filesystem::exists(info.directory)) {
                    removed.push_back(info.spec.name);
                    reclaimed_.value += size.value;
                }
        }
        tell("Deleted Containers", removed);
    }

    void networks() {
        if (!filter_.empty())
            return;
        const std::vector<std::string> names = supervisor::unused_networks(paths());
        for (const std::string &name : names)
            supervisor::remove_network(paths(), name);
        tell("Deleted Networks", names);
    }

    void volumes() {
        std::vector<std::string> removed;
        for (const supervisor::VolumeRecord &volume : supervisor::unused_volumes(paths())) {
            if (!volume.anonymous || !filter_.matches(volume.created, volume.labels))
                continue;
            reclaimed_.value += base::disk_usage(paths().volume(volume.name)).value;
            supervisor::remove_volume(paths(), volume.name);
            removed.push_back(volume.name);
        }
        tell("Deleted Volumes", removed);
    }

    void images() {
        image::Store store = collecting_store(paths());
        const auto used = images_in_use(paths());
        const image::Removed removed = store.prune(options_.all, used, filter_.for_images());
        reclaimed_.value += removed.reclaimed.value;
        std::vector<std::string> lines;
        for (const std::string &name : removed.untagged)
            lines.push_back("untagged: " + name);
        for (const std::string &id : removed.deleted)
            lines.push_back("deleted: " + id);
        tell("Deleted Images", lines);
        if (removed.postponed)
            warn("something is being created, pulled or built: the images were left for another time");
        if (!filter_.empty())
            return;
        const image::Collected cache = store.prune_build_cache(used);
        reclaimed_.value += cache.reclaimed.value;
        if (cache.postponed && !removed.postponed)
            warn("something is being created, pulled or built: the build cache was left for another time");
    }

    const Context &context_;
    const PruneOptions &options_;
    PruneFilter filter_;
    base::Bytes reclaimed_;
};

int run_prune(const Context &context, const PruneOptions &options) {
    Prune prune(context, options);
    if (!options.force)
        confirm(warning(options));
    prune.run();
    return 0;
}

} // namespace

void add_system_prune(Command &system, Context &context) {
    auto options = std::make_shared<PruneOptions>();
    system.subcommand("prune", "Remove what nothing needs any more")
        .flag("-a,--all", options->all, "Also images with a name that no container needs")
        .flag("--volumes", options->volumes, "Also anonymous volumes that no container needs")
        .flag("-f,--force", options->force, "Do not ask")
        .list("--filter", options->filters, "until=TIME or AGE, label=KEY[=VALUE], label!=KEY[=VALUE]",
              "FILTER")
        .action([&context, options] { return run_prune(context, *options); });
}

} // namespace cli
