// A small world for each test: the calling thread's "host" namespace, an outside behind an uplink, a store of
// its own. Everything goes with the object; the thread returns to the namespace it came from.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/network/host.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace world {

base::UniqueFd make_namespace();
void in(const base::UniqueFd &netns, const std::function<void()> &work);
// Runs a shell command in the calling thread's namespace and fails the test if it fails. Its output.
std::string shell(const std::string &command);

struct World {
    World();
    ~World();

    base::UniqueFd origin;  // where the thread came from
    base::UniqueFd host;    // where the thread is now: uplink 10.99.0.1/24, 10.99.0.9/24
    base::UniqueFd outside; // 10.99.0.2/24, without a route to the container networks
    std::filesystem::path directory;
    base::Paths paths;
    std::unique_ptr<network::Host> net;
};

// As Docker leaves a machine: FORWARD drops, DOCKER-USER exists.
void add_docker_firewall();
void set_bridge_netfilter(bool on);

struct Container {
    base::UniqueFd netns;
    network::Endpoint endpoint;
};

Container start(World &world, const std::string &network, const std::string &name);
network::NetworkSpec spec(const std::string &name);

// Answers each TCP connection with "NAME PEER-ADDRESS" after the client has finished sending, and each
// datagram likewise.
class Server {
  public:
    Server(const base::UniqueFd &netns, const std::string &name, const std::string &address,
           std::uint16_t port);
    ~Server();

  private:
    void serve();

    std::string name_;
    base::UniqueFd tcp_, udp_, stop_;
    std::thread thread_;
};

enum class Protocol { tcp, udp };

// The answer of a server, or nullopt when it can't be reached. `source` is "ADDRESS" or "ADDRESS:PORT".
std::optional<std::string> ask(const base::UniqueFd &from, Protocol protocol, const std::string &address,
                               std::uint16_t port, const std::string &source = "",
                               std::chrono::milliseconds patience = std::chrono::seconds(10));

// Whether there is no answer, tried for 0.3 s.
bool unreachable(const base::UniqueFd &from, Protocol protocol, const std::string &address,
                 std::uint16_t port, const std::string &source = "");

// Blocking helpers of the calling thread's namespace, for streams.
base::UniqueFd connect_to(const std::string &address, std::uint16_t port);
void pollfd_wait(int fd);
void send_all(int fd, std::string_view data);
std::string receive_all(int fd);

} // namespace world
