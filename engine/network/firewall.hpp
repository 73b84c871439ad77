// Brings the host's firewall in line with the records: our table, and the foreign chain that may stand in
// the way. Nothing is remembered between calls, for others flush rules without telling. About 0.6 ms.
#pragma once

#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

class Firewall {
  public:
    // `table` is the name of our table, and the comment of our rules in the foreign chain.
    explicit Firewall(std::string table) : table_(std::move(table)) {}

    // Works in the calling thread's network namespace. @throws base::Error.
    void apply(const std::vector<Network> &networks, const std::vector<Publication> &publications) const;

  private:
    std::string table_;
};

// Lets the kernel forward between links. @throws base::SystemError when it must be changed and can't be.
void enable_forwarding();

} // namespace network
