#include "dns/resolver.hpp"

#include <algorithm>

namespace dns {

namespace {

constexpr std::size_t classic_udp_size = 512; // without EDNS
constexpr std::size_t largest_udp_size = 4096;
constexpr std::size_t largest_tcp_size = 65535;
constexpr std::uint16_t our_udp_size = 1232; // what we take and offer: fits every path unfragmented

std::size_t size_limit(const Pending &pending) {
    if (pending.transport == Transport::tcp)
        return largest_tcp_size;
    const std::size_t offered = pending.edns ? pending.edns->udp_size : 0;
    return std::clamp(offered, classic_udp_size, largest_udp_size);
}

Writer reply(const Pending &pending, Rcode rcode, bool truncated = false) {
    Header header;
    header.id = pending.header.id;
    header.response = true;
    header.opcode = pending.header.opcode;
    header.truncated = truncated;
    header.recursion_desired = pending.header.recursion_desired;
    header.recursion_available = true;
    header.checking_disabled = pending.header.checking_disabled;
    header.rcode = rcode;
    std::optional<Edns> edns;
    if (pending.edns)
        edns = Edns{our_udp_size, 0, pending.edns->dnssec_ok};
    Writer writer(header, size_limit(pending), edns);
    writer.question(pending.question);
    return writer;
}

Answered failure(const Pending &pending, Rcode rcode) {
    return {reply(pending, rcode).finish()};
}

// For what cannot be understood beyond its header.
Answered header_only(Header header, Rcode rcode) {
    header.response = true;
    header.authoritative = header.truncated = header.authentic_data = false;
    header.recursion_available = true;
    header.rcode = rcode;
    return {Writer(header, classic_udp_size, std::nullopt).finish()};
}

Answered addresses(const Pending &pending, const std::vector<Address> &addresses) {
    Writer writer = reply(pending, Rcode::no_error);
    for (const Address &address : addresses) {
        const Type type = address.family() == Address::Family::v4 ? Type::a : Type::aaaa;
        if (!writer.answer(type, local_ttl.count(), address.bytes()))
            break;
    }
    return {writer.finish()};
}

Forwarded forward(const Pending &pending) {
    Header header;
    header.recursion_desired = pending.header.recursion_desired;
    header.authentic_data = pending.header.authentic_data;
    header.checking_disabled = pending.header.checking_disabled;
    std::optional<Edns> edns;
    if (pending.edns)
        edns = Edns{our_udp_size, 0, pending.edns->dnssec_ok};
    Writer writer(header, classic_udp_size, edns);
    writer.question(pending.question);
    return {pending, writer.finish()};
}

Outcome elsewhere(const View &view, const Pending &pending) {
    if (!view.forward)
        return failure(pending, Rcode::server_failure);
    return forward(pending);
}

Outcome reverse(Zone &zone, const View &view, const Pending &pending) {
    const auto address = Address::from_reverse_name(pending.question.name);
    const auto name = address ? zone.name_of(view, *address) : std::nullopt;
    if (!name)
        return elsewhere(view, pending);
    Writer writer = reply(pending, Rcode::no_error);
    writer.answer(Type::ptr, local_ttl.count(), encode(*name));
    return Answered{writer.finish()};
}

Name linked(const View &view, const Name &name) {
    if (view.links.empty())
        return name;
    const auto link = view.links.find(name.lower().text());
    return link == view.links.end() ? name : Name::from_text(link->second).value_or(name);
}

Outcome find(Zone &zone, const View &view, const Pending &pending, bool last) {
    const Type type = pending.question.type;
    const auto family = type == Type::a      ? std::optional(Address::Family::v4)
                        : type == Type::aaaa ? std::optional(Address::Family::v6)
                                             : std::nullopt;
    const Lookup lookup = zone.find(view, linked(view, pending.question.name), family);
    switch (lookup.kind) {
    case Lookup::Kind::found: {
        const bool has_data = family || type == Type::any;
        return addresses(pending, has_data ? lookup.addresses : std::vector<Address>{});
    }
    case Lookup::Kind::expected:
        if (!last)
            return Held{pending};
        return failure(pending, Rcode::no_such_name);
    case Lookup::Kind::stopped:
        return failure(pending, Rcode::no_such_name);
    case Lookup::Kind::unknown:
        break;
    }
    return type == Type::ptr ? reverse(zone, view, pending) : elsewhere(view, pending);
}

} // namespace

Outcome resolve(Zone &zone, const View &view, ByteView query, Transport transport) {
    const auto header = parse_header(query);
    if (!header || header->response)
        return Ignored{};
    if (header->opcode != Opcode::query)
        return header_only(*header, Rcode::not_implemented);
    const auto message = parse_message(query);
    if (!message || message->questions.size() != 1)
        return header_only(*header, Rcode::format_error);

    const Pending pending{*header, message->questions.front(), message->edns, transport};
    if (pending.edns && pending.edns->version != 0)
        return failure(pending, Rcode::bad_version);
    const Type type = pending.question.type;
    if (pending.question.klass != Class::in || type == Type::axfr || type == Type::ixfr || type == Type::opt)
        return failure(pending, Rcode::refused);
    return find(zone, view, pending, false);
}

Outcome resolve_held(Zone &zone, const View &view, const Pending &pending, bool last) {
    return find(zone, view, pending, last);
}

Bytes relay(const Pending &pending, Bytes answer) {
    const auto header = parse_header(answer);
    if (!header || !header->response)
        return server_failure(pending);
    if (answer.size() > size_limit(pending))
        return reply(pending, header->rcode, true).finish();
    set_id(answer, pending.header.id);
    return answer;
}

Bytes server_failure(const Pending &pending) {
    return failure(pending, Rcode::server_failure).message;
}

} // namespace dns
