#include "engine/container/environment.hpp"

#include <algorithm>

namespace container {

namespace {

constexpr const char *default_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string_view name_of(std::string_view assignment) {
    return assignment.substr(0, assignment.find('='));
}

auto find_variable(std::vector<std::string> &environment, std::string_view name) {
    return std::find_if(environment.begin(), environment.end(),
                        [&](const std::string &entry) { return name_of(entry) == name; });
}

void set_variable(std::vector<std::string> &environment, const std::string &assignment) {
    const auto old = find_variable(environment, name_of(assignment));
    if (assignment.find('=') == std::string::npos) {
        if (old != environment.end())
            environment.erase(old);
    } else if (old != environment.end()) {
        *old = assignment;
    } else {
        environment.push_back(assignment);
    }
}

} // namespace

std::vector<std::string> compose_environment(const Spec &spec, const std::vector<std::string> &over,
                                             const std::string &home, bool tty) {
    std::vector<std::string> environment{default_path, "HOSTNAME=" + spec.hostname};
    if (tty)
        environment.push_back("TERM=xterm");
    for (const std::string &assignment : spec.process.env)
        set_variable(environment, assignment);
    for (const std::string &assignment : over)
        set_variable(environment, assignment);
    const auto found = find_variable(environment, "HOME");
    if (found == environment.end() || *found == "HOME=")
        set_variable(environment, "HOME=" + (home.empty() ? "/" : home));
    return environment;
}

std::vector<std::string> candidates(const std::string &program, const std::vector<std::string> &environment) {
    if (program.find('/') != std::string::npos)
        return {program};
    std::vector<std::string> found;
    for (const std::string &entry : environment) {
        if (name_of(entry) != "PATH")
            continue;
        for (std::string_view rest = std::string_view(entry).substr(5);;) {
            const std::size_t end = rest.find(':');
            const std::string_view directory = rest.substr(0, end);
            found.push_back((directory.empty() ? "." : std::string(directory)) + "/" + program);
            if (end == std::string_view::npos)
                break;
            rest.remove_prefix(end + 1);
        }
    }
    return found;
}

} // namespace container
