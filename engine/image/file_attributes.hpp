// What belongs to a file besides its content, by directory descriptor and name, never following a link.
#pragma once

#include <map>
#include <string>

namespace image {

// Extended attributes but those of overlay and of security modules other than capabilities, which are this
// host's and not the file's. @throws base::SystemError.
[[nodiscard]] std::map<std::string, std::string> file_attributes(int directory, const std::string &name);

// @throws base::SystemError.
[[nodiscard]] std::string link_target(int directory, const std::string &name);

} // namespace image
