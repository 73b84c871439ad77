// Which namespaces a container has for itself, and how it gets into those of others.
#pragma once

#include "engine/container/program_builder.hpp"
#include "engine/container/spawn.hpp"

#include <cstdint>
#include <functional>

namespace container {

// CLONE_NEW* for clone3. @throws base::Error for what a user namespace excludes. Without the cgroup
// namespace: the kernel would root it at the creator's group.
[[nodiscard]] std::uint64_t namespace_flags(const Spec &spec);

[[nodiscard]] bool owns_network(const Spec &spec);

// The pidfd of a container whose namespace is shared. @throws base::Error when it is not running.
[[nodiscard]] int joined(const StartContext &context, const std::string &container);

// Entering the network, ipc and uts namespaces of others.
void add_joins(ProgramBuilder &builder, const Spec &spec, const StartContext &context);

// Calls `start` while this thread's children are born in the pid namespace the specification asks for.
void with_pid_namespace(const Spec &spec, const StartContext &context, const std::function<void()> &start);

} // namespace container
