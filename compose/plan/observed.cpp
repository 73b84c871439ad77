#include "compose/plan/observed.hpp"

#include <algorithm>
#include <array>

namespace plan {

namespace {

constexpr std::array<const char *, 6> status_names = {"created",    "running", "paused",
                                                      "restarting", "exited",  "dead"};
constexpr std::array<const char *, 4> health_names = {"none", "starting", "healthy", "unhealthy"};

template <typename Enum, std::size_t N>
std::optional<Enum> parse(const std::array<const char *, N> &names, const std::string &text) {
    const auto found = std::find(names.begin(), names.end(), text);
    if (found == names.end())
        return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

template <typename T>
const T *named(const std::vector<T> &things, const std::string &name) {
    const auto found =
        std::find_if(things.begin(), things.end(), [&](const T &thing) { return thing.name == name; });
    return found == things.end() ? nullptr : &*found;
}

} // namespace

const ObservedNetwork *Observed::network(const std::string &name) const {
    return named(networks, name);
}

const ObservedVolume *Observed::volume(const std::string &name) const {
    return named(volumes, name);
}

bool is_active(Status status) {
    return status == Status::running || status == Status::paused || status == Status::restarting;
}

std::string to_string(Status status) {
    return status_names.at(static_cast<std::size_t>(status));
}

std::string to_string(Health health) {
    return health_names.at(static_cast<std::size_t>(health));
}

std::optional<Status> parse_status(const std::string &text) {
    return parse<Status>(status_names, text);
}

std::optional<Health> parse_health(const std::string &text) {
    return parse<Health>(health_names, text);
}

} // namespace plan
