// Descriptors kept with the keeper, and a copy of each here: whichever of the two is killed, the other has
// them.
#pragma once

#include "base/fd.hpp"
#include "engine/container/keeper_client.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace supervisor {

class KeeperStore {
  public:
    explicit KeeperStore(container::KeeperClient client) : client_(std::move(client)) {}

    // Replaces what was stored under the name. A dead keeper is no error: its replacement gets everything.
    void store(const std::string &name, std::span<const int> descriptors);
    void drop(const std::string &name);

    // What the keeper holds, for a supervisor that has just started; from then on copies are held here.
    [[nodiscard]] container::DescriptorStore take_all();

    // All copies, as launch_replacement() wants them.
    [[nodiscard]] std::map<std::string, std::vector<int>> descriptors() const;

    [[nodiscard]] container::KeeperClient &client() { return client_; }

  private:
    container::KeeperClient client_;
    std::map<std::string, std::vector<base::UniqueFd>> copies_;
};

} // namespace supervisor
