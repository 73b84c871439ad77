#include "engine/build/ssh_agents.hpp"

#include "base/error.hpp"
#include "engine/build/program.hpp"
#include "engine/build/text.hpp"

#include <csignal>
#include <vector>

namespace build {

namespace fs = std::filesystem;

// Its input is held open: it ends with this object, and a few seconds after a build that was killed, for
// ssh-agent looks whether the program it runs is still there. Names are relative, because the address of a
// socket can't be long.
class SshAgents::OwnAgent {
  public:
    OwnAgent(const fs::path &directory, const std::string &name)
        : socket(directory / name),
          running_({{"ssh-agent", "-a", name, "sh", "-c", "echo $SSH_AGENT_PID && exec cat"}, directory, {}}),
          pid_(running_.read_line()) {
        if (pid_.empty())
            throw base::Error("ssh-agent did not start", "see whether `ssh-agent true` works");
    }

    OwnAgent(const OwnAgent &) = delete;
    OwnAgent &operator=(const OwnAgent &) = delete;

    ~OwnAgent() {
        if (!pid_.empty())
            ::kill(std::stoi(pid_), SIGTERM);
    }

    const fs::path socket;

  private:
    RunningProgram running_;
    std::string pid_; // of the agent itself
};

namespace {

std::vector<std::string> key_files(const std::string &list) {
    std::vector<std::string> files;
    for (std::size_t at = 0; at <= list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        files.push_back(fs::absolute(list.substr(at, end - at)));
        at = end + 1;
    }
    return files;
}

} // namespace

SshAgents::SshAgents(const base::Paths &paths, const std::map<std::string, std::string> &sources,
                     const Cancellation &cancellation)
    : paths_(paths), sources_(sources), cancellation_(cancellation) {}

SshAgents::~SshAgents() = default;

std::optional<fs::path> SshAgents::find(const std::string &id) {
    const auto source = sources_.find(id);
    if (source == sources_.end())
        return std::nullopt;
    if (fs::is_socket(source->second))
        return source->second;
    const std::lock_guard lock(mutex_);
    if (const auto known = own_.find(id); known != own_.end())
        return known->second->socket;
    return start(id, source->second);
}

fs::path SshAgents::start(const std::string &id, const std::string &keys) {
    for (const std::string &key : key_files(keys))
        if (!fs::exists(key))
            throw base::Error("the ssh key \"" + id + "\": there is no " + key,
                              "name the socket of an agent, or a key file");
    if (!directory_)
        directory_ = std::make_unique<StepDirectory>(paths_);
    const std::string name = "agent" + std::to_string(own_.size());
    auto agent = std::make_unique<OwnAgent>(directory_->path(), name);
    for (const std::string &key : key_files(keys)) {
        const ProgramResult added =
            run_program({{"ssh-add", "-q", key},
                         directory_->path(),
                         {"SSH_AUTH_SOCK=" + name, "SSH_ASKPASS_REQUIRE=never", "LC_ALL=C"}},
                        cancellation_);
        if (added.code != 0)
            throw base::Error("the ssh key \"" + id + "\": ssh-add can't use " + key + ": "
                                  + std::string(trim(added.errors)),
                              "give a key without a passphrase, or add it to an agent and give its socket");
    }
    return own_.emplace(id, std::move(agent)).first->second->socket;
}

} // namespace build
