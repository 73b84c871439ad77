// The test program plays the supervisor as well: started by a keeper, it obeys one-line commands on the
// stored descriptor "control" instead of running tests.
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/container/keeper_client.hpp"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <unistd.h>

namespace {

using namespace container;

std::string receive(int control) {
    char text[512];
    const auto size = ::recv(control, text, sizeof text, 0);
    return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : "exit 0";
}

void answer(int control, const std::string &text) {
    ::send(control, text.data(), text.size(), MSG_NOSIGNAL);
}

// As the engine starts a container: a child of the keeper.
pid_t start_sibling(int exit_code, bool wait_for_signal) {
    clone_args args{};
    int pidfd = -1;
    args.flags = CLONE_PARENT | CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof args));
    if (pid == 0) {
        while (wait_for_signal)
            ::pause();
        ::_exit(exit_code);
    }
    ::close(pidfd);
    return pid;
}

// Left behind by a child that ends first.
pid_t start_orphan(int exit_code) {
    const auto ends = base::make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        const pid_t orphan = ::fork();
        if (orphan == 0)
            ::_exit(exit_code);
        (void)!::write(ends.write.get(), &orphan, sizeof orphan);
        ::_exit(0);
    }
    pid_t orphan = 0;
    (void)!::read(ends.read.get(), &orphan, sizeof orphan);
    return orphan;
}

void replace_keeper(const DescriptorStore &store) {
    KeeperSpec spec;
    spec.runtime_dir = std::getenv("COMPOSE_TEST_RUNTIME");
    spec.environment = {"COMPOSE_TEST_SUPERVISOR=1", "COMPOSE_TEST_RUNTIME=" + spec.runtime_dir.string()};
    for (const auto &[name, descriptors] : store)
        for (const auto &descriptor : descriptors)
            spec.descriptors[name].push_back(descriptor.get());
    spec.supervisor_argv = {std::filesystem::read_symlink("/proc/self/exe").string()};
    launch_replacement(spec);
    ::_exit(0);
}

std::string obey(KeeperClient &client, DescriptorStore &store, const std::string &line) {
    std::istringstream words(line);
    std::string verb;
    std::string name;
    long number = 0;
    words >> verb;
    if (verb == "store") {
        words >> name;
        auto memory = base::make_memfd("test", name.data(), name.size());
        const std::vector<int> numbers = {memory.get(), memory.get()};
        client.store(name, numbers);
        return "ok";
    }
    if (verb == "drop") {
        words >> name;
        client.drop(name);
        return "ok";
    }
    if (verb == "contents") {
        words >> name;
        ::lseek(store.at(name).at(1).get(), 0, SEEK_SET);
        return base::read_all(store.at(name).at(1).get(), name);
    }
    words >> number;
    if (verb == "sibling")
        return std::to_string(start_sibling(static_cast<int>(number), false));
    if (verb == "waiting-sibling")
        return std::to_string(start_sibling(0, true));
    if (verb == "orphan")
        return std::to_string(start_orphan(static_cast<int>(number)));
    if (verb == "truncate")
        return client.truncate_exits(static_cast<std::uint64_t>(number)) ? "emptied" : "left";
    if (verb == "refused") {
        try {
            client.store(std::string(1, '\0'), std::vector<int>{0});
            return "accepted";
        } catch (const base::SystemError &error) {
            return base::errno_text(error.code());
        }
    }
    if (verb == "acknowledge") {
        client.acknowledge();
        return "ok";
    }
    if (verb == "replace")
        replace_keeper(store);
    ::_exit(static_cast<int>(number)); // "exit N"
}

int supervise() {
    auto client = KeeperClient::from_environment();
    auto store = client.take_all();
    const int control = store.at("control").at(0).get();
    std::string hello = "hello " + std::to_string(::getpid()) + " " + std::to_string(::getppid());
    for (const auto &[name, descriptors] : store)
        hello += " " + name + ":" + std::to_string(descriptors.size());
    answer(control, hello);
    for (;;)
        answer(control, obey(client, store, receive(control)));
}

[[maybe_unused]] const bool played = [] {
    if (std::getenv("COMPOSE_TEST_SUPERVISOR") == nullptr)
        return false;
    if (std::getenv("COMPOSE_TEST_DIES_YOUNG") != nullptr) {
        const base::UniqueFd log(::dup(STDERR_FILENO));
        base::write_all(log.get(), "born\n", "log");
        ::_exit(3);
    }
    try {
        ::_exit(supervise());
    } catch (const std::exception &error) {
        base::write_all(STDERR_FILENO, std::string(error.what()) + "\n", "stderr");
        ::_exit(2);
    }
}();

} // namespace
