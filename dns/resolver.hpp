// Decides what happens to a query: answered from the zone, held until a name is published, forwarded, or
// ignored. Pure: bytes in, bytes out; sockets and timers are server.hpp's.
#pragma once

#include "dns/wire.hpp"
#include "dns/zone.hpp"

#include <chrono>
#include <optional>
#include <variant>

namespace dns {

// Of local answers. Not 0, which some stub resolvers take as "never asked" and proxies as one query per
// request; longer would send traffic to an address that is gone.
inline constexpr std::chrono::seconds local_ttl{1};

// How long a question for a service that is being started waits for it.
inline constexpr std::chrono::milliseconds hold_limit{1000};

enum class Transport { udp, tcp };

// What is kept of a query while its answer is being found elsewhere.
struct Pending {
    Header header;
    Question question;
    std::optional<Edns> edns;
    Transport transport = Transport::udp;
};

struct Ignored {}; // not a query at all: answering could feed a loop

struct Answered {
    Bytes message;
};

struct Forwarded {
    Pending pending;
    Bytes query; // for upstream: only what we understood of the client's, id 0
};

struct Held {
    Pending pending;
};

using Outcome = std::variant<Ignored, Answered, Forwarded, Held>;

[[nodiscard]] Outcome resolve(Zone &zone, const View &view, ByteView query, Transport transport);

// Asks again for a held query. last: the limit has passed, so the outcome is not Held.
[[nodiscard]] Outcome resolve_held(Zone &zone, const View &view, const Pending &pending, bool last);

// The client's copy of an upstream answer: its id and, when it does not fit the transport, only the header
// with the truncation bit. An answer that is none becomes a server failure.
[[nodiscard]] Bytes relay(const Pending &pending, Bytes answer);

[[nodiscard]] Bytes server_failure(const Pending &pending);

} // namespace dns
