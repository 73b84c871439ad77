// The names of other projects' containers on networks that this project shares with them: taken from the
// networks' records whenever somebody asks for a name and a record has changed. One thread.
#pragma once

#include "base/paths.hpp"
#include "dns/zone.hpp"
#include "engine/network/host.hpp"
#include "engine/network/record_cache.hpp"

#include <map>
#include <string>
#include <utility>

namespace supervisor {

class SharedNames {
  public:
    SharedNames(base::Paths paths, std::string project, network::Host &host)
        : paths_(std::move(paths)), project_(std::move(project)), host_(host) {}

    // Brings the zone up to date for the view's networks: one stat(2) each when nothing has changed.
    void refresh(dns::Zone &zone, const dns::View &view);

  private:
    using Leases = std::map<std::string, network::Lease>; // by owner

    // What the zone has been told of a network.
    struct Known {
        std::optional<network::FileStamp> stamp; // none: to be read again
        Leases leases;
    };

    static void tell(dns::Zone &zone, const std::string &network, const Leases &before, const Leases &now);

    base::Paths paths_;
    std::string project_;
    network::Host &host_;
    std::map<std::string, Known> known_; // by network
};

} // namespace supervisor
