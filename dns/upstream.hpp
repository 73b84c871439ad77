// Asks the host's resolvers, or a container's own, with c-ares: UDP, then TCP when the answer is truncated,
// the next server when one fails, an answer or a failure within five seconds, at once when nobody listens.
// Used from the io_context's thread only.
#pragma once

#include "base/async.hpp"
#include "dns/address.hpp"
#include "dns/wire.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace dns {

class AresChannel;

class Upstream {
  public:
    // resolv_conf names the host's servers and is read again when it changes. port: of those servers.
    explicit Upstream(boost::asio::io_context &io, std::filesystem::path resolv_conf = "/etc/resolv.conf",
                      std::uint16_t port = 53);
    ~Upstream();

    Upstream(const Upstream &) = delete;
    Upstream &operator=(const Upstream &) = delete;

    // query: one well-formed question, and with edns an OPT record without options; its id is replaced.
    // servers: empty for the host's. The answer is as it came, with any id; nullopt when no server gave one.
    // @pre this outlives the call up to its first suspension only.
    base::Task<std::optional<Bytes>> ask(std::vector<ServerAddress> servers, Bytes query, bool edns);

  private:
    std::vector<ServerAddress> host_servers();
    std::shared_ptr<AresChannel> channel(const std::vector<ServerAddress> &servers, bool edns);

    struct FileVersion {
        std::int64_t seconds = -1, nanoseconds = 0;
        std::uint64_t inode = 0;
        bool operator==(const FileVersion &) const = default;
    };

    boost::asio::io_context &io_;
    std::filesystem::path resolv_conf_;
    std::uint16_t port_;
    FileVersion version_;
    std::vector<ServerAddress> host_servers_;
    std::map<std::pair<std::vector<ServerAddress>, bool>, std::shared_ptr<AresChannel>> channels_;
};

} // namespace dns
