#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/id_map.hpp"
#include "engine/image/pack.hpp"
#include "terminal/terminal.hpp"
#include "verbs/container_root.hpp"
#include "verbs/output_file.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

namespace cli {

namespace {

struct ExportOptions {
    std::string service;
    std::string output;
    std::optional<int> index;
};

void write_root(const base::Paths &paths, const supervisor::ContainerInfo &info, int fd,
                const std::string &subject) {
    const base::UniqueFd root = open_container_root(paths, info);
    image::PackOptions options;
    // Volumes and the like are not the container's own files.
    options.one_mount = true;
    options.owner = [&](uid_t uid, gid_t gid) {
        const container::Owner inside = container::inside_owner(info.spec, {uid, gid});
        return std::pair(inside.uid, inside.gid);
    };
    options.on_change = [](const std::string &sentence) { warn(sentence); };
    (void)image::pack(
        root.get(), [&](std::string_view bytes) { base::write_all(fd, bytes, subject); }, options);
}

int run_export(const Context &context, const ExportOptions &options) {
    const Context::Named named = context.load_or_name({options.service});
    require_known(named, supervisor::read_containers(context.paths(), named.project), {options.service});
    const auto info = container_of_service(context.paths(), named.project, options.service, options.index);
    write_output(options.output,
                 [&](int fd, const std::string &subject) { write_root(context.paths(), info, fd, subject); });
    return 0;
}

} // namespace

void add_export(Command &root, Context &context) {
    auto options = std::make_shared<ExportOptions>();
    root.subcommand("export", "Write the file system of a service's container to a tar archive")
        .option("-o,--output", options->output, "File instead of standard output", "FILE")
        .option("--index", options->index, "Number of the replica; the first one when not given")
        .positional("SERVICE", options->service, "Service")
        .action([&context, options] { return run_export(context, *options); });
}

} // namespace cli
