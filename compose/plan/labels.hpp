// The labels of Docker Compose, which other tools read.
#pragma once

#include <string>

namespace plan {

inline const std::string label_project = "com.docker.compose.project";
inline const std::string label_service = "com.docker.compose.service";
inline const std::string label_number = "com.docker.compose.container-number";
inline const std::string label_one_off = "com.docker.compose.oneoff";
inline const std::string label_slug = "com.docker.compose.slug";
inline const std::string label_config_hash = "com.docker.compose.config-hash";
inline const std::string label_image = "com.docker.compose.image";
inline const std::string label_depends_on = "com.docker.compose.depends_on";
inline const std::string label_working_dir = "com.docker.compose.project.working_dir";
inline const std::string label_config_files = "com.docker.compose.project.config_files";
inline const std::string label_environment_file = "com.docker.compose.project.environment_file";
inline const std::string label_version = "com.docker.compose.version";
inline const std::string label_network = "com.docker.compose.network";
inline const std::string label_volume = "com.docker.compose.volume";
inline const std::string label_replace = "com.docker.compose.replace";

// An annotation of ours: the container is removed when it has ended (run --rm).
inline const std::string annotation_auto_remove = "compose.auto-remove";

} // namespace plan
