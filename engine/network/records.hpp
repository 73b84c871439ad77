// What exists, on disk: STATE/networks/NAME.json and RUN/ports/CONTAINER.json. Written by rename, readable
// without the lock; whoever changes them holds lock(). One thread per object.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "engine/network/record_cache.hpp"
#include "engine/network/spec.hpp"

#include <optional>
#include <string>
#include <vector>

namespace network {

class Records {
  public:
    explicit Records(base::Paths paths) : paths_(std::move(paths)) {}

    [[nodiscard]] base::FileLock lock() const;

    [[nodiscard]] std::optional<Network> find_network(const std::string &name) const;
    [[nodiscard]] std::vector<Network> networks() const; // by name
    void save(const Network &network) const;
    void remove_network(const std::string &name) const;

    // Lost with the machine's boot, as the firewall rules made from them are.
    [[nodiscard]] std::optional<Publication> find_publication(const std::string &container_id) const;
    [[nodiscard]] std::vector<Publication> publications() const; // by container id
    void save(const Publication &publication) const;
    void remove_publication(const std::string &container_id) const;

  private:
    [[nodiscard]] base::fs::path ports() const { return paths_.run() / "ports"; }

    base::Paths paths_;
    mutable RecordCache<Network> networks_;
    mutable RecordCache<Publication> publications_;
};

} // namespace network
