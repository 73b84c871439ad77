// From a service's build section to what the builder is asked for.
#pragma once

#include "compose/model.hpp"
#include "engine/build/build_options.hpp"

#include <map>
#include <string>

namespace cli {

// args: of the command line. @throws base::Error naming the service for what is missing or not supported.
[[nodiscard]] build::BuildOptions build_options(const compose::Project &project,
                                                const compose::Service &service,
                                                const std::map<std::string, std::string> &args);

// Null when there is none of that name, not even one that no profile selects.
[[nodiscard]] const compose::Service *find_service(const compose::Project &project, const std::string &name);

// The service whose image the value of an additional context names; empty for anything else.
[[nodiscard]] std::string service_of_context(const std::string &value);

} // namespace cli
