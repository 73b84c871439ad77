// The short forms of single attributes. Each function turns a value into its long form in place, keeps the
// locations of the pieces, and adds an error where the text is no such form.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"

#include <string>

namespace compose {

using Shaper = void (*)(Node &node, const std::string &path, Diagnostics &diagnostics);

// "8000:80" of a list of ports; a range becomes one entry per port.
void shape_ports(Node &node, const std::string &path, Diagnostics &diagnostics);
// How many entries it makes.
[[nodiscard]] std::size_t ports_in(const Node &node);
// "./data:/data:ro"
void shape_mount(Node &node, const std::string &path, Diagnostics &diagnostics);
// "/dev/a:/dev/b:r"
void shape_device(Node &node, const std::string &path, Diagnostics &diagnostics);
// command and entrypoint
void shape_command(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_dns(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_health_test(Node &node, const std::string &path, Diagnostics &diagnostics);
// "name" of a secret or config
void shape_grant(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_env_file(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_build(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_depends_on(Node &node, const std::string &path, Diagnostics &diagnostics);
// A list of names becomes a mapping of them, as of networks and models.
void shape_names(Node &node, const std::string &path, Diagnostics &diagnostics);
// "host:address", "host=address" or a mapping -> "host=address"
void shape_hosts(Node &node, const std::string &path, Diagnostics &diagnostics);
// external: {name: X} -> external: true, name: X
void shape_external(Node &node, const std::string &path, Diagnostics &diagnostics);
// "all" -> one request for every device
void shape_gpus(Node &node, const std::string &path, Diagnostics &diagnostics);
// 0 -> soft: 0, hard: 0, as Docker Compose prints it; other numbers stay
void shape_ulimit(Node &node, const std::string &path, Diagnostics &diagnostics);
// "all" -> -1
void shape_count(Node &node, const std::string &path, Diagnostics &diagnostics);
void shape_pull_policy(Node &node, const std::string &path, Diagnostics &diagnostics);

// A mapping in the place of node, with its location and tag.
[[nodiscard]] Node mapping_like(const Node &node);
[[nodiscard]] Node sequence_like(const Node &node);

} // namespace compose
