// The ssh agents that the steps of one build may ask: those that run on the host, and agents of our own for
// keys that are given as files. Thread-safe; blocks.
#pragma once

#include "base/paths.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/step_directory.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace build {

class SshAgents {
  public:
    // sources: id -> a socket, or key files separated by commas. References are kept.
    SshAgents(const base::Paths &paths, const std::map<std::string, std::string> &sources,
              const Cancellation &cancellation);
    // Ends those of its own.
    ~SshAgents();
    SshAgents(const SshAgents &) = delete;
    SshAgents &operator=(const SshAgents &) = delete;

    // The socket of the agent with that id; none when it was not given.
    // @throws base::Error for a file that is neither a socket nor a key without a passphrase.
    std::optional<std::filesystem::path> find(const std::string &id);

  private:
    class OwnAgent;

    [[nodiscard]] std::filesystem::path start(const std::string &id, const std::string &keys);

    const base::Paths &paths_;
    const std::map<std::string, std::string> &sources_;
    const Cancellation &cancellation_;
    std::mutex mutex_;
    std::unique_ptr<StepDirectory> directory_; // of the agents' sockets
    std::map<std::string, std::unique_ptr<OwnAgent>> own_;
};

} // namespace build
