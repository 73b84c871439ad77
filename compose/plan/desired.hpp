// What should exist, reduced to what decisions need. The specs to create things from travel beside it
// (blueprint.hpp).
#pragma once

#include "compose/plan/operation.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace plan {

struct DesiredService {
    std::string name;
    int replicas = 1;
    std::string container_name; // instead of PROJECT-SERVICE-N
    std::string hash;           // a container made from another hash is out of date
    std::string image;          // image id; another one means out of date
    std::vector<Gate> depends_on;
    std::vector<std::string> networks; // full names, in the order they are joined
    std::vector<std::string> volumes;  // full names
    std::set<std::string> donors;      // services whose namespaces or volumes it uses
};

struct DesiredNetwork {
    std::string name;
    std::string hash;
    bool external = false;
};

struct DesiredVolume {
    std::string name;
    std::string hash;
    bool external = false;
};

struct Desired {
    std::string project;
    std::string separator = "-"; // "_" with --compatibility
    std::map<std::string, DesiredService> services;
    std::set<std::string> disabled; // services a profile switches off: known, so never orphans
    std::vector<DesiredNetwork> networks;
    std::vector<DesiredVolume> volumes;
};

[[nodiscard]] std::string container_name(const Desired &desired, const DesiredService &service, int number);

} // namespace plan
