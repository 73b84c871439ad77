// [[ADDRESS:]PUBLISHED[-LAST]:]TARGET[-LAST][/PROTOCOL]
#include "compose/canonical_shapes.hpp"
#include "compose/values.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace compose {

namespace {

struct Range {
    unsigned first = 0;
    unsigned last = 0;

    [[nodiscard]] unsigned size() const { return last - first + 1; }
};

std::optional<unsigned> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size() || port > 65535)
        return std::nullopt;
    return port;
}

std::optional<Range> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = parse_port(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
    if (!first || !last || *last < *first)
        return std::nullopt;
    return Range{*first, *last};
}

bool is_address(const std::string &text) {
    in_addr v4{};
    in6_addr v6{};
    return inet_pton(AF_INET, text.c_str(), &v4) == 1 || inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

class PortExpansion {
  public:
    PortExpansion(const Node &item, std::string path, Diagnostics &diagnostics)
        : item_(item), path_(std::move(path)), diagnostics_(diagnostics) {}

    void into(Node &list) {
        std::string_view rest = item_.text;
        std::string protocol = "tcp";
        if (const auto slash = rest.rfind('/'); slash != std::string_view::npos) {
            protocol = rest.substr(slash + 1);
            for (char &c : protocol)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            rest = rest.substr(0, slash);
        }
        if (protocol != "tcp" && protocol != "udp" && protocol != "sctp")
            return fail("\"" + protocol + "\" is not a protocol", "it is tcp or udp");

        const auto colon = rest.rfind(':');
        const std::string_view target_text = colon == std::string_view::npos ? rest : rest.substr(colon + 1);
        rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(0, colon);
        const auto host_colon = rest.rfind(':');
        const std::string_view published_text =
            host_colon == std::string_view::npos ? rest : rest.substr(host_colon + 1);
        std::string address(host_colon == std::string_view::npos ? std::string_view{}
                                                                 : rest.substr(0, host_colon));
        if (address.size() > 2 && address.front() == '[' && address.back() == ']')
            address = address.substr(1, address.size() - 2);

        const auto target = parse_range(target_text);
        if (!target || target->first == 0)
            return fail("\"" + std::string(target_text) + "\" is not a container port", form);
        if (host_colon != std::string_view::npos && !is_address(address))
            return fail("\"" + address + "\" is not an address of this machine",
                        "write an IP address, e.g. 127.0.0.1");
        std::optional<Range> published;
        if (!published_text.empty() && !(published = parse_range(published_text)))
            return fail("\"" + std::string(published_text) + "\" is not a port of the host", form);
        if (published && target->size() != 1 && published->size() != target->size())
            return fail("the ranges " + std::string(published_text) + " and " + std::string(target_text)
                            + " differ in length",
                        "give both the same number of ports");

        for (unsigned offset = 0; offset < target->size(); ++offset) {
            std::string text;
            if (published && target->size() == 1 && published->size() != 1)
                text = std::to_string(published->first) + "-" + std::to_string(published->last);
            else if (published)
                text = std::to_string(published->first + offset);
            list.items.push_back(entry(address, target->first + offset, text, protocol));
        }
    }

  private:
    static constexpr const char *form = "write it as HOST:CONTAINER, e.g. \"8080:80\"";

    void fail(const std::string &why, const std::string &hint) {
        diagnostics_.error(item_.location, path_, why, hint);
    }

    [[nodiscard]] Node entry(const std::string &address, unsigned target, const std::string &published,
                             const std::string &protocol) const {
        const Location &at = item_.location;
        Node port = Node::mapping(at);
        port.set("mode", Node::string("ingress", at), at);
        if (!address.empty())
            port.set("host_ip", Node::string(address, at), at);
        port.set("target", Node::integer(target, at), at);
        if (!published.empty())
            port.set("published", Node::string(published, at), at);
        port.set("protocol", Node::string(protocol, at), at);
        return port;
    }

    const Node &item_;
    std::string path_;
    Diagnostics &diagnostics_;
};

} // namespace

std::size_t ports_in(const Node &node) {
    std::size_t count = 0;
    for (const Node &item : node.items) {
        std::string_view text = item.is_scalar() ? std::string_view(item.text) : std::string_view();
        text = text.substr(0, text.find('/'));
        const auto target = parse_range(text.substr(text.rfind(':') + 1));
        count += target ? target->size() : 1;
    }
    return count;
}

void shape_ports(Node &node, const std::string &path, Diagnostics &diagnostics) {
    if (!node.is_sequence())
        return;
    Node list = sequence_like(node);
    for (std::size_t index = 0; index < node.items.size(); ++index) {
        Node &item = node.items[index];
        if (item.is_scalar() && !(is_unresolved(item)))
            PortExpansion(cast(item, Type::text), join_path(path, index), diagnostics).into(list);
        else
            list.items.push_back(std::move(item));
    }
    node = std::move(list);
}

} // namespace compose
