#include "base/paths.hpp"

#include <cstdlib>
#include <unistd.h>

namespace base {

namespace {

std::filesystem::path from_environment(const char *name) {
    const char *value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::filesystem::path user_dir(const char *xdg, const std::filesystem::path &fallback) {
    const auto dir = from_environment(xdg);
    return (dir.is_absolute() ? dir : fallback) / "compose";
}

} // namespace

Paths Paths::detect() {
    auto state = from_environment("COMPOSE_STATE_DIR");
    auto run = from_environment("COMPOSE_RUN_DIR");
    const bool root = ::geteuid() == 0;
    if (state.empty())
        state =
            root ? "/var/lib/compose" : user_dir("XDG_DATA_HOME", from_environment("HOME") / ".local/share");
    if (run.empty())
        run = root ? "/run/compose" : user_dir("XDG_RUNTIME_DIR", "/run/user/" + std::to_string(::geteuid()));
    return {std::filesystem::absolute(state), std::filesystem::absolute(run)};
}

} // namespace base
