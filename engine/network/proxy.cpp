#include "engine/network/proxy.hpp"

#include "base/error.hpp"
#include "engine/network/relay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <map>
#include <vector>

namespace network {

struct Proxy::State {
    boost::asio::io_context &io;
    ProxyOptions options;
    std::map<std::string, std::vector<std::shared_ptr<Relay>>> relays; // by container id

    std::shared_ptr<Relay> make_relay(const PublishedPort &port, const base::UniqueFd &socket,
                                      const IpAddress &target) {
        const RelayTarget to{target, port.container_port};
        try {
            return port.protocol == "tcp" ? make_tcp_relay(io, socket.duplicate(), to)
                                          : make_udp_relay(io, socket.duplicate(), to, options);
        } catch (const boost::system::system_error &error) {
            throw base::SystemError("serve", error.code().value(), "port " + host_side_text(port));
        }
    }
};

Proxy::Proxy(boost::asio::io_context &io, ProxyOptions options)
    : state_(std::make_unique<State>(State{io, options, {}})) {}

Proxy::~Proxy() {
    for (const auto &[container, relays] : state_->relays)
        for (const auto &relay : relays)
            relay->close();
}

void Proxy::serve(const std::string &container_id, const std::vector<HeldPort> &ports,
                  const IpAddress &target) {
    stop(container_id);
    auto &relays = state_->relays[container_id];
    for (const HeldPort &held : ports)
        for (const base::UniqueFd &socket : held.sockets)
            relays.push_back(state_->make_relay(held.port, socket, target));
}

void Proxy::retarget(const std::string &container_id, const IpAddress &target) {
    if (const auto found = state_->relays.find(container_id); found != state_->relays.end())
        for (const auto &relay : found->second)
            relay->retarget(target);
}

void Proxy::stop(const std::string &container_id) {
    const auto found = state_->relays.find(container_id);
    if (found == state_->relays.end())
        return;
    for (const auto &relay : found->second)
        relay->close();
    state_->relays.erase(found);
}

} // namespace network
