#include "engine/network/records.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <unistd.h>

namespace network {

namespace {

namespace fs = base::fs;

constexpr std::string_view suffix = ".json";
constexpr std::string_view temporary = ".json.tmp."; // of base::write_file_atomic

// What killed writers have left: nobody writes now, for the caller has the lock.
void sweep(const fs::path &dir) {
    for (const std::string &name : base::list_dir(dir))
        if (name.find(temporary) != std::string::npos)
            ::unlink((dir / name).c_str());
}

void write_record(const fs::path &path, const base::Json &json) {
    base::make_dirs(path.parent_path());
    sweep(path.parent_path());
    base::write_file_atomic(path, base::pretty_json(json));
}

void remove_record(const fs::path &path) {
    if (::unlink(path.c_str()) < 0 && errno != ENOENT)
        base::throw_errno("remove", path.string());
    sweep(path.parent_path());
    ::rmdir(path.parent_path().c_str()); // nothing is left behind by the last one
}

// File names of records, without temporary files.
std::vector<std::string> record_names(const fs::path &dir) {
    std::vector<std::string> names = base::list_dir(dir);
    std::erase_if(names, [](const std::string &name) { return !name.ends_with(suffix); });
    return names;
}

} // namespace

base::FileLock Records::lock() const {
    return base::FileLock::acquire(paths_.lock("networks"));
}

std::optional<Network> Records::find_network(const std::string &name) const {
    return networks_.read(paths_.network(name), network_from_json);
}

std::vector<Network> Records::networks() const {
    std::vector<Network> found;
    for (const auto &name : record_names(paths_.networks()))
        if (auto network = find_network(name.substr(0, name.size() - suffix.size())))
            found.push_back(std::move(*network));
    return found;
}

void Records::save(const Network &network) const {
    write_record(paths_.network(network.spec.name), to_json(network));
}

void Records::remove_network(const std::string &name) const {
    remove_record(paths_.network(name));
}

std::optional<Publication> Records::find_publication(const std::string &container_id) const {
    return publications_.read(ports() / (container_id + std::string(suffix)), publication_from_json);
}

std::vector<Publication> Records::publications() const {
    std::vector<Publication> found;
    for (const auto &name : record_names(ports()))
        if (auto publication = find_publication(name.substr(0, name.size() - suffix.size())))
            found.push_back(std::move(*publication));
    return found;
}

void Records::save(const Publication &publication) const {
    write_record(ports() / (publication.container_id + std::string(suffix)), to_json(publication));
}

void Records::remove_publication(const std::string &container_id) const {
    remove_record(ports() / (container_id + std::string(suffix)));
}

} // namespace network
