// The keeper, seen from the program: how it is started, and the supervisor's end of its protocol (documented
// in docs/formats-keeper.md). The keeper is the parent of the supervisor and, through CLONE_PARENT, of every
// container; it stores descriptors by name and writes down how each child ended.
#pragma once

#include "base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace container {

using DescriptorStore = std::map<std::string, std::vector<base::UniqueFd>>;

inline constexpr std::size_t keeper_name_limit = 95;
inline constexpr std::size_t keeper_descriptors_per_name = 8;

struct KeeperSpec {
    std::filesystem::path runtime_dir;        // holds the file `exits`
    std::vector<std::string> supervisor_argv; // argv[0] is the path that is executed
    std::vector<std::string> environment;     // NAME=VALUE; the whole of it
    int log_fd = -1;                          // stdout and stderr of both; -1 is /dev/null
    // Names and descriptors the store starts with ("listener", ...). They are not closed here.
    std::map<std::string, std::vector<int>> descriptors;
};

// Starts a keeper detached: own session, working directory /, nobody's child, nothing inherited but the
// above. Costs the same however big this process is. Returns its pid once it was executed.
// @throws base::SystemError.
pid_t launch_keeper(const KeeperSpec &spec);

// For a supervisor whose keeper was killed: as above with everything it holds; the new keeper starts a new
// supervisor only after this process has ended. The caller then exits 0 without touching the containers,
// whose exits are then found by exit_outcome().
// Control connections survive when they are among the descriptors.
pid_t launch_replacement(const KeeperSpec &spec);

class KeeperClient {
  public:
    // The descriptors the keeper gave this process; they are made CLOEXEC and the variables are removed.
    // @throws base::Error when this process was not started by a keeper.
    static KeeperClient from_environment();

    // Each call is one round trip (tens of microseconds) and blocks at most 5 s.
    // @throws base::Error when the keeper refuses or is gone.
    void store(const std::string &name, std::span<const int> descriptors); // replaces an earlier one
    void drop(const std::string &name);                                    // an unknown name is fine
    // Everything stored, duplicated; the keeper goes on holding its own.
    [[nodiscard]] DescriptorStore take_all();
    // Empties the exits file if it is still `consumed` bytes long; else a new record came: read again.
    // Returns whether it was emptied.
    bool truncate_exits(std::uint64_t consumed);

    // An eventfd, readable when a child was reaped since the last acknowledge(). It outlives supervisors, so
    // what was reaped while none ran is announced too.
    [[nodiscard]] int event_fd() const { return event_.get(); }

    void acknowledge();

    // POLLHUP here: the keeper is gone.
    [[nodiscard]] int socket_fd() const { return socket_.get(); }

  private:
    KeeperClient(base::UniqueFd socket, base::UniqueFd event)
        : socket_(std::move(socket)), event_(std::move(event)) {}

    base::UniqueFd socket_;
    base::UniqueFd event_;
};

} // namespace container
