// What the parts of one supervisor share. Lives as long as the process.
#pragma once

#include "base/paths.hpp"
#include "dns/server.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/seccomp.hpp"
#include "engine/network/host.hpp"
#include "engine/network/proxy.hpp"
#include "supervisor/condition.hpp"
#include "supervisor/event_bus.hpp"
#include "supervisor/keeper_store.hpp"
#include "supervisor/log_journal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <string>

namespace supervisor {

struct Runtime {
    boost::asio::io_context &io;
    base::Paths paths;
    std::string project;
    KeeperStore &keeper;
    container::DescriptorStore &inherited; // what the keeper held when we started; taken out by their owners
    network::Host &network;
    network::Proxy &proxy;
    dns::Server &dns;
    LogJournal &journal;
    container::Hierarchy hierarchy;
    container::SeccompCache &seccomp;
    EventBus &events;
    Condition &changed;                 // any state of any container
    boost::asio::thread_pool &blocking; // for closing and deleting what takes long
};

} // namespace supervisor
