#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/copy_tree.hpp"
#include "engine/container/file_system_ids.hpp"
#include "engine/image/pack.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/unpack.hpp"
#include "verbs/copy_place.hpp"
#include "verbs/output_file.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <unistd.h>

namespace cli {

namespace {

struct CpOptions {
    std::string from;
    std::string to;
    std::optional<int> index;
    bool all = false;
    bool archive = false;
    bool follow = false;
};

struct Side {
    std::string service; // empty: this machine
    std::string path;
};

// "SERVICE:PATH". A path that starts with / or . may have a colon of its own.
Side parse_side(const std::string &text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || text.starts_with('/') || text.starts_with('.'))
        return {"", text};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

bool means_content(const std::string &path) {
    return path == "." || path.ends_with("/.");
}

// As `docker cp`: into a directory that exists, under its own name; else as the name given. A source that
// ends in "/." stands for what is in it.
void copy(const CopyPlace &from, const std::string &source, const CopyPlace &to, const std::string &target,
          const CpOptions &options, const container::CopyOptions &how) {
    const Entry what = from.find(source, options.follow);
    if (!what.exists)
        throw base::Error(fmt::format("no such file or directory: {}", from.describe(source)));
    const Entry where = to.find(target, true);
    const std::string subject = to.describe(target);
    if (where.exists && !where.is_directory && what.is_directory)
        throw base::Error(fmt::format("cannot copy a directory to a file: {}", subject));
    const bool as_directory = target.ends_with('/') || means_content(target);
    if (!where.is_directory && as_directory && (where.exists || !what.is_directory))
        throw base::Error(fmt::format("{} is not a directory", subject), "create it, or drop the slash");

    if (what.is_directory && (means_content(source) || what.name == ".")) {
        if (!where.exists && ::mkdirat(where.directory.get(), where.name.c_str(), 0755) < 0)
            base::throw_errno("create directory", subject);
        const base::UniqueFd into = to.open_directory(target);
        container::copy_tree(from.open_directory(source).get(), into.get(), subject, how);
    } else if (where.is_directory) {
        const base::UniqueFd into = to.open_directory(target);
        container::copy_entry(what.directory.get(), what.name, into.get(), what.called, subject, how);
    } else {
        container::copy_entry(what.directory.get(), what.name, where.directory.get(), where.name, subject,
                              how);
    }
}

std::vector<supervisor::ContainerInfo> containers_meant(const Context &context, const std::string &service,
                                                        const CpOptions &options) {
    const Context::Named named = context.load_or_name({service});
    auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, {service});
    containers = containers_of(std::move(containers), {service}, options.all && !options.index);
    if (options.index)
        std::erase_if(containers, [&](const auto &info) { return info.spec.number != *options.index; });
    if (containers.empty())
        throw base::Error(options.index
                              ? fmt::format("service \"{}\" has no container #{}", service, *options.index)
                              : fmt::format("no container found for service \"{}\"", service),
                          fmt::format("create it with: compose up -d {}", service));
    return containers;
}

void unpack_standard_input(const container::Spec &spec, const CopyPlace &to, const std::string &target) {
    image::FdSource input(STDIN_FILENO, "standard input");
    (void)image::unpack(input, to.open_directory(target).get(),
                        {.whiteouts = image::Whiteouts::none, .owner = [&spec](uid_t uid, gid_t gid) {
                             const container::Owner owner = container::host_owner(spec, {uid, gid});
                             return std::pair(owner.uid, owner.gid);
                         }});
}

// With the owners that are seen in the container, whoever unpacks it may leave them out.
void pack_to_standard_output(const container::Spec &spec, const CopyPlace &from, const std::string &source,
                             const CpOptions &options) {
    const Entry what = from.find(source, options.follow);
    if (!what.exists)
        throw base::Error(fmt::format("no such file or directory: {}", from.describe(source)));
    const bool content = means_content(source) || what.name == ".";
    image::PackOptions pack;
    pack.owner = [&spec](uid_t uid, gid_t gid) {
        const container::Owner inside = container::inside_owner(spec, {uid, gid});
        return std::pair(inside.uid, inside.gid);
    };
    pack.on_change = [](const std::string &sentence) { warn(sentence); };
    write_output("", [&](int fd, const std::string &subject) {
        (void)image::pack_entry(
            what.directory.get(), what.name, content ? "." : what.called,
            [&](std::string_view bytes) { base::write_all(fd, bytes, subject); }, pack);
    });
}

// Without --archive all belongs to who asks for it, or to the container's root.
container::CopyOptions copying_out(const container::Spec &spec, const CpOptions &options) {
    const container::Owner self{::getuid(), ::getgid()};
    const bool keep = options.archive;
    return {.replace = true,
            .owner =
                [&spec, self, keep](container::Owner owner) {
                    return keep ? container::inside_owner(spec, owner) : self;
                },
            .durable = false};
}

container::CopyOptions copying_in(const container::Spec &spec, const CpOptions &options) {
    const bool keep = options.archive;
    return {.replace = true,
            .owner =
                [&spec, keep](container::Owner owner) {
                    return container::host_owner(spec, keep ? owner : container::Owner{});
                },
            .durable = false};
}

int run_cp(const Context &context, const CpOptions &options) {
    const Side from = parse_side(options.from);
    const Side to = parse_side(options.to);
    if (!from.service.empty() && !to.service.empty())
        throw base::Error("copying between services is not supported",
                          "copy to this machine first, then to the other service");
    if (from.service.empty() && to.service.empty())
        throw base::Error("unknown copy direction",
                          "one of both is SERVICE:PATH, e.g. compose cp web:/etc/hosts .");
    if (!from.service.empty()) {
        const auto containers = containers_meant(context, from.service, options);
        if (to.path == "-") {
            pack_to_standard_output(containers.front().spec, CopyPlace(context.paths(), containers.front()),
                                    from.path, options);
            return 0;
        }
        copy(CopyPlace(context.paths(), containers.front()), from.path, CopyPlace(), to.path, options,
             copying_out(containers.front().spec, options));
        return 0;
    }
    const auto containers = containers_meant(context, to.service, options);
    if (from.path == "-" && containers.size() > 1)
        throw base::Error("standard input can be copied to one container only", "choose one with --index");
    for (const supervisor::ContainerInfo &info : containers) {
        const CopyPlace place(context.paths(), info);
        const container::FileSystemIds ids(container::host_owner(info.spec, {}));
        if (from.path == "-")
            unpack_standard_input(info.spec, place, to.path);
        else
            copy(CopyPlace(), from.path, place, to.path, options, copying_in(info.spec, options));
    }
    return 0;
}

} // namespace

void add_cp(Command &root, Context &context) {
    auto options = std::make_shared<CpOptions>();
    root.subcommand("cp", "Copy files and directories between containers and this machine")
        .flag("-a,--archive", options->archive, "Keep the owners")
        .flag("-L,--follow-link", options->follow, "Copy what a symbolic link leads to, not the link")
        .option("--index", options->index, "Number of the replica; without it copying in is to all")
        .flag("--all", options->all, "Also into containers of run")
        .positional("SOURCE", options->from, "SERVICE:PATH or PATH; - is a tar on standard input")
        .positional("TARGET", options->to, "SERVICE:PATH or PATH; - is a tar on standard output")
        .action([&context, options] { return run_cp(context, *options); });
}

} // namespace cli
