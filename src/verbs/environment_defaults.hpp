// The COMPOSE_* variables that stand for flags, of the process or of the project's .env.
#pragma once

#include <map>
#include <string>

namespace cli {

struct GlobalOptions;

// 1, true, y or yes in any case; everything else is no.
[[nodiscard]] bool is_truthy(const std::map<std::string, std::string> &environment, const std::string &name);

// Gives the global flags that are absent what their variables say. @throws base::Error for a
// COMPOSE_PARALLEL_LIMIT that is no integer.
void apply_environment(const std::map<std::string, std::string> &environment, GlobalOptions &options);

} // namespace cli
