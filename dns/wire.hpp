// DNS messages (RFC 1035, EDNS of RFC 6891) from and to bytes. Pure; every read is bounds-checked and every
// compressed name is followed strictly backwards, so any input ends in time linear in its size.
#pragma once

#include "dns/name.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace dns {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// Types with a meaning to us; every other value is carried through.
enum class Type : std::uint16_t { a = 1, ptr = 12, aaaa = 28, opt = 41, ixfr = 251, axfr = 252, any = 255 };
enum class Class : std::uint16_t { in = 1, any = 255 };
enum class Opcode : std::uint8_t { query = 0 };
enum class Rcode : std::uint16_t {
    no_error = 0,
    format_error = 1,
    server_failure = 2,
    no_such_name = 3,
    not_implemented = 4,
    refused = 5,
    bad_version = 16, // needs an OPT record
};

struct Header {
    std::uint16_t id = 0;
    bool response = false;
    Opcode opcode = Opcode::query;
    bool authoritative = false;
    bool truncated = false;
    bool recursion_desired = false;
    bool recursion_available = false;
    bool authentic_data = false;
    bool checking_disabled = false;
    Rcode rcode = Rcode::no_error; // the low four bits; the others are in OPT

    bool operator==(const Header &) const = default;
};

struct Question {
    Name name; // in the case it was written
    Type type = Type::a;
    Class klass = Class::in;

    bool operator==(const Question &) const = default;
};

struct Record {
    Name name;
    Type type = Type::a;
    Class klass = Class::in;
    std::uint32_t ttl = 0; // seconds
    ByteView data;         // into the message; names inside may be compressed
};

// The OPT pseudo record, without its options.
struct Edns {
    std::uint16_t udp_size = 0; // largest answer its sender takes over UDP
    std::uint8_t version = 0;
    bool dnssec_ok = false;

    bool operator==(const Edns &) const = default;
};

struct Message {
    Header header;
    std::vector<Question> questions;
    std::vector<Record> answers, authorities, additionals; // additionals without OPT
    std::optional<Edns> edns;
    Rcode rcode = Rcode::no_error; // with the bits of OPT
};

// nullopt when fewer bytes than a header are given.
[[nodiscard]] std::optional<Header> parse_header(ByteView bytes);
// nullopt unless the whole message is well formed; bytes after the last record are ignored. Record data
// points into bytes.
[[nodiscard]] std::optional<Message> parse_message(ByteView bytes);

// Writes a message front to back: question, answers, OPT.
class Writer {
  public:
    // max_size: of the message; 512 at least. edns: the OPT record finish() closes the message with, for
    // which room is kept.
    Writer(const Header &header, std::size_t max_size, std::optional<Edns> edns);

    // @pre called once, before the answers.
    void question(const Question &question);

    // Adds a record owned by the question's name. false, and the truncation bit is set, when it does not
    // fit.
    bool answer(Type type, std::uint32_t ttl, ByteView data);

    [[nodiscard]] Bytes finish();

  private:
    Bytes bytes_;
    std::size_t room_;
    std::optional<Edns> edns_;
    Rcode rcode_;
    std::uint16_t answers_ = 0;
};

// A name as record data, not compressed.
[[nodiscard]] Bytes encode(const Name &name);
// @pre message has a header.
void set_id(Bytes &message, std::uint16_t id);

} // namespace dns
