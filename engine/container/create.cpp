#include "engine/container/create.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/mount_steps.hpp"
#include "engine/container/namespaces.hpp"
#include "engine/container/network_files.hpp"
#include "engine/container/sysctls.hpp"
#include "engine/container/volume_content.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

constexpr std::size_t id_digits = 64;

void check_sources(const Spec &spec) {
    for (const Mount &mount : spec.mounts) {
        const auto *bind = std::get_if<BindMount>(&mount.source);
        if (bind == nullptr || ::access(bind->source.c_str(), F_OK) == 0)
            continue;
        if (errno != ENOENT || !bind->create_source)
            throw base::SystemError("bind source path", errno, bind->source,
                                    "create it, or set `create_host_path: true` to have a directory made");
        base::make_dirs(bind->source);
    }
}

// What the start would refuse is refused while nothing exists yet.
void check(const Spec &spec) {
    check_sources(spec);
    static_cast<void>(mount_targets(spec));
    static_cast<void>(requested_devices(spec));
    static_cast<void>(effective_sysctls(spec));
    static_cast<void>(namespace_flags(spec));
    static_cast<void>(parse_signal(spec.stop_signal));
}

void write_files(const base::fs::path &directory, const Spec &spec) {
    if (spec.files.empty())
        return;
    base::make_dirs(directory / "files", 0700);
    for (std::size_t index = 0; index < spec.files.size(); ++index)
        base::write_file_atomic(directory / "files" / std::to_string(index), spec.files[index].content, 0600);
}

std::string host_hosts(const Spec &spec, const CreateOptions &options) {
    return spec.namespaces.network.kind == NamespaceMode::Kind::host
               ? base::read_file_if(options.hosts).value_or("")
               : std::string();
}

void populate(const base::fs::path &directory, const Spec &spec, const CreateOptions &options) {
    for (const char *name : {"upper", "work"})
        base::make_dirs(directory / name, 0755);
    const Owner root = host_owner(spec, {});
    base::check(::chown((directory / "upper").c_str(), root.uid, root.gid), "set owner of",
                (directory / "upper").string());
    base::write_file_atomic(directory / "container.json", base::pretty_json(to_json(spec)), 0600);
    base::write_file_atomic(directory / "hostname", hostname_text(spec));
    base::write_file_atomic(directory / "hosts",
                            hosts_text(spec, options.host_gateway, host_hosts(spec, options), {}));
    base::write_file_atomic(
        directory / "resolv.conf",
        resolv_conf_text(spec, base::read_file_if(options.resolv_conf).value_or("nameserver 127.0.0.1\n")));
    write_files(directory, spec);
}

} // namespace

std::filesystem::path create(const base::Paths &paths, const Spec &spec, const CreateOptions &options) {
    check(spec);
    const base::fs::path directory = paths.container(spec.project, spec.id);
    const base::fs::path unfinished = directory.parent_path() / ("." + spec.id);
    base::remove_tree(unfinished);
    try {
        base::make_dirs(unfinished, 0755);
        populate(unfinished, spec, options);
        fill_volumes(spec);
        if (::rename(unfinished.c_str(), directory.c_str()) < 0)
            base::throw_errno("create container", directory.string());
    } catch (...) {
        base::remove_tree(unfinished);
        throw;
    }
    return directory;
}

void prepare(const std::filesystem::path &directory, const Spec &spec, const CreateOptions &options) {
    check(spec);
    populate(directory, spec, options);
}

std::vector<std::string> sweep(const base::Paths &paths, const std::string &project) {
    std::vector<std::string> removed;
    const base::fs::path directory = paths.project(project) / "containers";
    for (const std::string &name : base::list_dir(directory)) {
        const bool named_as_whole = name.size() == id_digits;
        if (!name.starts_with('.') && (!named_as_whole || read_spec(directory / name)))
            continue;
        base::remove_tree(directory / name);
        removed.push_back(name);
    }
    return removed;
}

void remove(const base::Paths &paths, const std::string &project, const std::string &id) {
    const base::fs::path directory = paths.container(project, id);
    // Under another name first: what is half deleted must not look like a container.
    const base::fs::path doomed = directory.parent_path() / ("." + id);
    if (::rename(directory.c_str(), doomed.c_str()) < 0 && errno != ENOENT)
        base::throw_errno("remove container", directory.string());
    base::remove_tree(paths.container_run(project, id));
    base::remove_tree(doomed);
}

void write_hosts(const std::filesystem::path &directory, const Spec &spec, const CreateOptions &options,
                 const std::vector<HostsEntry> &own) {
    const base::fs::path path = directory / "hosts";
    const std::string text = hosts_text(spec, options.host_gateway, host_hosts(spec, options), own);
    const base::UniqueFd file = base::open_file(path, O_WRONLY | O_TRUNC | O_CREAT, 0644);
    base::write_all(file.get(), text, path.string());
}

} // namespace container
