// The parts of decode(): canonical nodes to the structs of the model.
#pragma once

#include "compose/model.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace compose {

[[nodiscard]] Service decode_service(const Member &member, const std::string &project_name);
[[nodiscard]] Build decode_build(const Node &node);
// Of a service and of its build.
[[nodiscard]] std::map<std::string, Ulimit> decode_ulimits(const Node &node);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> decode_hosts(const Node &node);
// Ports, mounts, devices, secrets, configs and tmpfs.
void decode_attachments(Service &service, const Node &node);
// Networks, names and namespaces.
void decode_connections(Service &service, const Node &node);
// Limits, also those below deploy, and the number of containers.
void decode_resources(Service &service, const Node &node);
// Dependencies, health check, restart policies.
void decode_lifecycle(Service &service, const Node &node);

[[nodiscard]] Network decode_network(const Member &member);
[[nodiscard]] Volume decode_volume(const Member &member);
[[nodiscard]] FileObject decode_file_object(const Member &member, std::string_view element,
                                            const NormaliseContext &context);

// Features of a service, network or volume for which what runs must be replaced: the same text for every way
// to write them down. Versioned: another version of the form gives another hash.
[[nodiscard]] std::string service_hash(const Node &service, const std::string &image);
[[nodiscard]] std::string resource_hash(const Node &resource, std::string_view element);

} // namespace compose
