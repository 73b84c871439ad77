#include "dns/server.hpp"

#include "dns/listener.hpp"

#include <map>

namespace dns {

struct Server::State {
    std::shared_ptr<Shared> shared; // with the coroutines, which may outlive the server
    std::map<std::string, std::shared_ptr<Listener>> listeners;
};

Server::Server(boost::asio::io_context &io, ServerOptions options) : state_(std::make_unique<State>()) {
    state_->shared = std::make_shared<Shared>(io, std::move(options));
}

Server::~Server() {
    for (const auto &[container, listener] : state_->listeners)
        listener->close();
    wake();
}

void Server::update(const std::function<void(Zone &)> &change) {
    change(state_->shared->zone);
    wake();
}

void Server::wake() {
    for (boost::asio::steady_timer *timer : state_->shared->holds)
        timer->cancel();
}

void Server::add_listener(const std::string &container, View view, base::UniqueFd udp, base::UniqueFd tcp) {
    auto listener = std::make_shared<Listener>(state_->shared, container, std::move(view), std::move(udp),
                                               std::move(tcp));
    remove_listener(container);
    state_->listeners[container] = listener;
    listener->start();
}

void Server::set_view(const std::string &container, View view) {
    const auto found = state_->listeners.find(container);
    if (found == state_->listeners.end())
        return;
    found->second->set_view(std::move(view));
    wake();
}

void Server::remove_listener(const std::string &container) {
    const auto found = state_->listeners.find(container);
    if (found == state_->listeners.end())
        return;
    found->second->close();
    state_->listeners.erase(found);
    wake();
}

} // namespace dns
