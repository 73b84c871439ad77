// image rm, tag, prune.
#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/confirm.hpp"
#include "verbs/image_verbs.hpp"
#include "verbs/project_state.hpp"
#include "verbs/prune_filter.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t short_id = 12;
constexpr std::size_t digest_prefix = sizeof "sha256:" - 1;

int run_remove(const Context &context, const std::vector<std::string> &names, bool force) {
    image::Store store = collecting_store(context.paths());
    for (const std::string &name : names) {
        const image::Removed removed = store.remove(name, images_in_use(context.paths()), force);
        for (const std::string &untagged : removed.untagged)
            print(STDOUT_FILENO, "Untagged: " + untagged + "\n");
        for (const std::string &deleted : removed.deleted)
            print(STDOUT_FILENO, "Deleted: " + deleted + "\n");
    }
    store.collect_garbage(images_in_use(context.paths()));
    return 0;
}

struct PruneOptions {
    std::vector<std::string> filters;
    bool all = false;
    bool force = false;
};

int run_prune(const Context &context, const PruneOptions &options) {
    const PruneFilter filter(options.filters);
    if (!options.force)
        confirm(options.all
                    ? "WARNING! This will remove all images that no container uses, and the build cache."
                    : "WARNING! This will remove all images without a name that no container uses.");
    image::Store store = collecting_store(context.paths());
    const auto removed = store.prune(options.all, images_in_use(context.paths()), filter.for_images());
    if (removed.postponed)
        warn("something is being created, pulled or built: the images were left for another time");
    for (const std::string &untagged : removed.untagged)
        print(STDOUT_FILENO, "Untagged: " + untagged + "\n");
    for (const std::string &deleted : removed.deleted)
        print(STDOUT_FILENO, "Deleted: " + deleted + "\n");
    print(STDOUT_FILENO, fmt::format("Total reclaimed space: {}\n", base::format_size(removed.reclaimed)));
    return 0;
}

} // namespace

std::string short_image_id(const std::string &id) {
    return id.substr(digest_prefix, short_id);
}

std::pair<std::string, std::string> repository_and_tag(const std::string &name) {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string::npos || name.find('/', colon) != std::string::npos)
        return {name, "<none>"};
    return {name.substr(0, colon), name.substr(colon + 1)};
}

std::string age_of(const std::optional<base::Timestamp> &created) {
    return created ? base::format_age(base::now() - *created) + " ago" : "N/A";
}

std::string time_of(const std::optional<base::Timestamp> &created) {
    return created ? base::format_rfc3339(*created) : "N/A";
}

void add_image_store(Command &image, Context &context) {
    auto names = std::make_shared<std::vector<std::string>>();
    auto force = std::make_shared<bool>(false);
    image.subcommand("rm", "Remove images")
        .flag("-f,--force", *force, "Also with several names or in use")
        .positionals("IMAGE", *names, "Names or ids", true)
        .action([&context, names, force] { return run_remove(context, *names, *force); });
    auto source = std::make_shared<std::string>();
    auto target = std::make_shared<std::string>();
    image.subcommand("tag", "Give an image another name")
        .positional("IMAGE", *source, "Name or id")
        .positional("NAME", *target, "The new name")
        .action([&context, source, target] {
            image::Store(context.paths()).tag(*source, image::Reference::parse(*target));
            return 0;
        });
    auto options = std::make_shared<PruneOptions>();
    image.subcommand("prune", "Remove images without a name that no container uses")
        .flag("-a,--all", options->all, "Also named ones that no container uses, and the build cache")
        .flag("-f,--force", options->force, "Do not ask")
        .list("--filter", options->filters, "until=TIME or AGE, label=KEY[=VALUE], label!=KEY[=VALUE]",
              "FILTER")
        .action([&context, options] { return run_prune(context, *options); });
}

} // namespace cli
