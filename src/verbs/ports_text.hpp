// Published ports in words: "0.0.0.0:8000->8000/tcp, [::]:8000->8000/tcp, 5432/tcp".
#pragma once

#include "supervisor/observer.hpp"

#include <string>
#include <vector>

namespace cli {

// The addresses a published port listens on: both wildcards when none was given.
[[nodiscard]] std::vector<std::string> shown_addresses(const std::string &host_ip);

// Published ports of a running container, then exposed ones that are not published.
[[nodiscard]] std::string ports_text(const supervisor::ContainerInfo &info);

} // namespace cli
