#include "dns/resolv_conf.hpp"

namespace dns {

namespace {

constexpr std::size_t max_servers = 3;

std::string_view next_word(std::string_view &line) {
    constexpr std::string_view space = " \t\r";
    const std::size_t start = line.find_first_not_of(space);
    line.remove_prefix(start == std::string_view::npos ? line.size() : start);
    const std::string_view word = line.substr(0, line.find_first_of(space));
    line.remove_prefix(word.size());
    return word;
}

} // namespace

std::vector<ServerAddress> parse_resolv_conf(std::string_view text) {
    std::vector<ServerAddress> servers;
    while (!text.empty() && servers.size() < max_servers) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (next_word(line) != "nameserver")
            continue;
        if (const auto address = Address::from_text(next_word(line)))
            servers.push_back({*address, 53});
    }
    if (servers.empty())
        servers.push_back({*Address::from_text("127.0.0.1"), 53});
    return servers;
}

} // namespace dns
