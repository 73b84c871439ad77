// A container's directory, STATE/projects/PROJECT/containers/ID: made whole or not at all, removed whole.
// No process is involved. Everything blocks on file I/O; a start needs nothing else on disk.
#pragma once

#include "base/paths.hpp"
#include "engine/container/spec.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace container {

struct CreateOptions {
    // What "host-gateway" in extra_hosts stands for; empty refuses it.
    std::string host_gateway;
    // The host's resolver configuration.
    std::filesystem::path resolv_conf = "/etc/resolv.conf";
    std::filesystem::path hosts = "/etc/hosts"; // given to containers of the host's network
};

// Makes the directory (container.json, upper/, work/, hostname, hosts, resolv.conf, files/) under a temporary
// name and renames it; then fills empty volumes with the image's content. Returns the directory.
// @pre volume directories exist, layers are kept from garbage collection.
// @throws base::Error or SystemError; nothing of the container is left then. A bind source that is missing
// and may not be created, or a device that is missing, is refused here.
std::filesystem::path create(const base::Paths &paths, const Spec &spec, const CreateOptions &options);

// The same files (but for volumes, which are left alone) in an existing directory, for a build step.
void prepare(const std::filesystem::path &directory, const Spec &spec, const CreateOptions &options);

// Deletes what is no whole container: a creation or removal that was cut off, or a record that was not on
// disk yet when the power went. Returns the directories' names. @pre nobody else creates or removes in the
// project.
std::vector<std::string> sweep(const base::Paths &paths, const std::string &project);

// Deletes the directories below STATE and RUN. A missing one is fine.
// @pre its process has ended and its cgroup is removed.
void remove(const base::Paths &paths, const std::string &project, const std::string &id);

struct HostsEntry {
    std::string address;
    std::vector<std::string> names; // canonical first
};

// Rewrites the container's hosts file in place (it is bind-mounted): the fixed part, then these. Called
// between spawn() and release() with the addresses the network gave; see own_names().
void write_hosts(const std::filesystem::path &directory, const Spec &spec, const CreateOptions &options,
                 const std::vector<HostsEntry> &own);

// The names the container's own addresses carry: "web.example.org web", or "web".
[[nodiscard]] std::vector<std::string> own_names(const Spec &spec);

} // namespace container
