// The model as text: byte for byte what `docker compose config` prints. Works on what present() made.
#pragma once

#include "compose/load.hpp"
#include "compose/node.hpp"

#include <string>
#include <vector>

namespace compose {

// Of interpolated values `$` is doubled, so that the text can be read again. A model that was not
// interpolated has its keys in alphabetical order in JSON too.
[[nodiscard]] std::string render_yaml(const Node &canonical, bool interpolated = true);
[[nodiscard]] std::string render_json(const Node &canonical,
                                      bool interpolated = true); // no newline at the end

// What `config --FLAG` prints, one entry a line.
[[nodiscard]] std::vector<std::string> list_services(const Project &project); // dependencies first
[[nodiscard]] std::vector<std::string> list_elements(const Node &canonical, const std::string &element);
[[nodiscard]] std::vector<std::string> list_profiles(const Project &project); // disabled services' as well
[[nodiscard]] std::vector<std::string> list_images(const Project &project,
                                                   const std::vector<std::string> &services);
// "web 0123..." of the named services, all of them for "*". @throws base::Error naming an unknown service.
[[nodiscard]] std::vector<std::string> list_hashes(const Project &project, const std::string &names);
[[nodiscard]] std::vector<std::string> list_environment(const Project &project); // KEY=VALUE

} // namespace compose
