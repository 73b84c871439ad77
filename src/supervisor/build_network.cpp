#include "supervisor/build_network.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "dns/server.hpp"
#include "engine/network/host.hpp"
#include "supervisor/shared_names.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace supervisor {

namespace asio = boost::asio;

namespace {

constexpr const char *network_name = "compose-build";
constexpr const char *lock_name = "build-network";

network::NetworkSpec network_spec() {
    network::NetworkSpec spec;
    spec.name = network_name;
    spec.key = network_name;
    spec.driver_opts["com.docker.network.bridge.enable_icc"] = "false";
    return spec;
}

// A DNS server with a thread of its own.
class Names {
  public:
    explicit Names(const base::Paths &paths)
        : host_(network::make_system_host(paths)), shared_(paths, std::string(), *host_),
          work_(io_.get_executor()),
          server_(io_, {.before_questions = [this](dns::Zone &zone,
                                                   const dns::View &view) { shared_.refresh(zone, view); }}),
          thread_([this] { io_.run(); }) {}

    Names(const Names &) = delete;
    Names &operator=(const Names &) = delete;

    ~Names() {
        io_.stop();
        thread_.join();
    }

    void add(const std::string &id, const std::string &network, network::BoundSocket udp,
             network::BoundSocket tcp) {
        dns::View view;
        view.networks = {network};
        on_thread([&] { server_.add_listener(id, view, std::move(udp.fd), std::move(tcp.fd)); });
    }

    void remove(const std::string &id) {
        on_thread([&] { server_.remove_listener(id); });
    }

  private:
    template <typename Work>
    void on_thread(const Work &work) {
        std::promise<void> done;
        asio::post(io_, [&] {
            try {
                work();
                done.set_value();
            } catch (...) {
                done.set_exception(std::current_exception());
            }
        });
        done.get_future().get();
    }

    std::unique_ptr<network::Host> host_; // of the thread alone
    SharedNames shared_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    dns::Server server_;
    std::thread thread_;
};

} // namespace

struct BuildNetwork::State {
    explicit State(const base::Paths &paths)
        : in_use(base::FileLock::acquire_shared(paths.lock(lock_name))),
          host(network::make_system_host(paths)), names(paths) {}

    void attach(const std::string &id, int netns, const std::string &wanted) {
        if (wanted.empty())
            static_cast<void>(host->ensure_network(network_spec()));
        else if (!host->find_network(wanted))
            throw base::Error("there is no network " + wanted + " for the build",
                              "start the project that has it, or correct `build.network`");
        const std::string network = wanted.empty() ? network_name : wanted;
        network::EndpointSpec spec;
        spec.container_id = id;
        spec.container_name = "build-" + id.substr(0, 12);
        spec.lease_owner = "build/" + id;
        endpoints[id] = host->attach(netns, network, spec);
        network::BoundSocket udp = host->open_socket_in(netns, network::SocketType::udp, "127.0.0.11", 0);
        network::BoundSocket tcp = host->open_socket_in(netns, network::SocketType::tcp, "127.0.0.11", 0);
        host->redirect_dns(netns, udp.port, tcp.port);
        names.add(id, network, std::move(udp), std::move(tcp));
    }

    void detach(const std::string &id) {
        const auto found = endpoints.find(id);
        if (found == endpoints.end())
            return;
        names.remove(id);
        host->detach(found->second, network::LinkRemoval::with_namespace);
        host->release_lease(found->second.network, found->second.lease_owner);
        endpoints.erase(found);
    }

    std::optional<base::FileLock> in_use;
    std::unique_ptr<network::Host> host;
    std::map<std::string, network::Endpoint> endpoints; // by step
    Names names;
};

BuildNetwork::BuildNetwork(const base::Paths &paths) : paths_(paths) {}

BuildNetwork::~BuildNetwork() {
    if (!state_)
        return;
    state_->in_use.reset();
    try {
        if (const auto alone = base::FileLock::try_acquire(paths_.lock(lock_name)))
            state_->host->remove_networks({network_name});
    } catch (const base::Error &error) {
        // The next build that ends takes it away.
        base::log::warning("{}", error.what());
    }
}

BuildNetwork::Addresses BuildNetwork::join(const std::string &id, int netns, const std::string &network) {
    const std::lock_guard lock(mutex_);
    if (!state_)
        state_ = std::make_unique<State>(paths_);
    try {
        state_->attach(id, netns, network);
    } catch (...) {
        state_->detach(id);
        throw;
    }
    const network::Endpoint &endpoint = state_->endpoints.at(id);
    return {endpoint.address.text(), endpoint.gateway ? endpoint.gateway->text() : std::string()};
}

void BuildNetwork::leave(const std::string &id) {
    const std::lock_guard lock(mutex_);
    if (state_)
        state_->detach(id);
}

} // namespace supervisor
