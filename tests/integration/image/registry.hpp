// The real docker-registry on a loopback port of its own, and skopeo to fill it. Processes end and files go
// with the object.
#pragma once

#include "base/file.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace image::test {

inline sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// A port nobody listens on now.
inline int free_port() {
    const base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr *>(&address), size) == 0);
    REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr *>(&address), &size) == 0);
    return ntohs(address.sin_port);
}

inline bool answers(int port) {
    const base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    return ::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
}

inline pid_t start_process(std::vector<std::string> arguments, const std::string &log) {
    std::vector<char *> pointers;
    for (std::string &argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    INFO(arguments[0]);
    REQUIRE(error == 0);
    return pid;
}

class Registry {
  public:
    // @param auth lines for the configuration's auth section, or none.
    explicit Registry(const base::fs::path &directory, const std::string &auth = {})
        : directory_(directory), port_(free_port()) {
        base::make_dirs(directory_ / "data");
        base::write_file_atomic(
            directory_ / "config.yml",
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: "
                + (directory_ / "data").string() + "\nhttp:\n  addr: 127.0.0.1:" + std::to_string(port_)
                + "\n" + auth);
        pid_ = start_process({"docker-registry", "serve", (directory_ / "config.yml").string()},
                             (directory_ / "log").string());
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!answers(port_)) {
            REQUIRE(std::chrono::steady_clock::now() < end);
            ::poll(nullptr, 0, 20);
        }
    }

    Registry(const Registry &) = delete;
    Registry &operator=(const Registry &) = delete;

    ~Registry() { stop(); }

    void stop() {
        if (pid_ <= 0)
            return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] std::string url() const { return "http://" + host(); }

    [[nodiscard]] base::fs::path data() const { return directory_ / "data"; }

    // @param source as skopeo names it, e.g. docker-archive:FILE. @param options e.g. --dest-creds.
    void push(const std::string &source, const std::string &name, const std::string &options = {}) const {
        const std::string command = "skopeo copy -q --insecure-policy --dest-tls-verify=false " + options
                                    + " " + source + " docker://" + host() + "/" + name + " >> "
                                    + (directory_ / "log").string() + " 2>&1";
        INFO(command << "\n" << base::read_file(directory_ / "log"));
        REQUIRE(std::system(command.c_str()) == 0);
    }

  private:
    base::fs::path directory_;
    int port_;
    pid_t pid_ = 0;
};

} // namespace image::test
