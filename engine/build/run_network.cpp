#include "engine/build/run_network.hpp"

namespace build {

namespace {

container::NamespaceMode mode_of(const std::string &asked, const BuildOptions &options) {
    using Kind = container::NamespaceMode::Kind;
    const std::string &network = asked == "default" && !options.network.empty() ? options.network : asked;
    if (network == "none")
        return {Kind::none, {}};
    if (network == "host")
        return {Kind::host, {}};
    return {Kind::private_, {}};
}

std::string name_of(const std::string &asked, const std::string &of_build) {
    const bool is_mode = of_build == "default" || of_build == "none" || of_build == "host";
    return asked != "default" || is_mode ? std::string() : of_build;
}

} // namespace

RunNetwork run_network(const std::string &asked, const BuildOptions &options) {
    return {mode_of(asked, options), name_of(asked, options.network)};
}

} // namespace build
