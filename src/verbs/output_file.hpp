// Archives go to a file or to standard output, never to a terminal.
#pragma once

#include <functional>
#include <string>

namespace cli {

// @param path empty: standard output. A file is there whole or not at all.
// @param write gets the descriptor and a name for messages. @throws base::Error, and what write throws.
void write_output(const std::string &path,
                  const std::function<void(int fd, const std::string &subject)> &write);

} // namespace cli
