// Any bytes as a query and as an upstream answer: no crash, no overrun, and what we answer is well formed.
#include "dns/resolver.hpp"

#include <cstdlib>

namespace {

dns::Zone example_zone() {
    dns::Zone zone;
    zone.publish({"net", std::string(64, 'a'), "p-a-1", {"a"}, {*dns::Address::from_text("10.0.0.1")}});
    zone.declare("net", "b", dns::Standing::expected);
    return zone;
}

void require(bool condition) {
    if (!condition)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static dns::Zone zone = example_zone();
    dns::View view;
    view.networks = {"net"};
    const dns::ByteView bytes(data, size);
    for (const auto transport : {dns::Transport::udp, dns::Transport::tcp}) {
        const dns::Outcome outcome = dns::resolve(zone, view, bytes, transport);
        if (const auto *answered = std::get_if<dns::Answered>(&outcome))
            require(dns::parse_message(answered->message).has_value());
        if (const auto *held = std::get_if<dns::Held>(&outcome))
            require(!std::holds_alternative<dns::Held>(dns::resolve_held(zone, view, held->pending, true)));
        if (const auto *forwarded = std::get_if<dns::Forwarded>(&outcome)) {
            require(dns::parse_message(forwarded->query).has_value());
            require(dns::parse_header(dns::relay(forwarded->pending, {data, data + size})).has_value());
        }
    }
    return 0;
}
