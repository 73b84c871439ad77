#include "dns/wire.hpp"

#include <utility>

namespace dns {

namespace {

constexpr std::size_t header_size = 12;
constexpr std::size_t opt_size = 11;
constexpr std::uint16_t name_of_question = 0xc000 | header_size;

struct Reader {
    ByteView bytes;
    std::size_t at = 0;
    bool good = true; // false: something reached beyond the end or was malformed; values since are 0

    std::uint8_t u8() {
        if (at >= bytes.size()) {
            good = false;
            return 0;
        }
        return bytes[at++];
    }

    std::uint16_t u16() {
        const unsigned high = u8();
        return static_cast<std::uint16_t>(high << 8 | u8());
    }

    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16 | u16();
    }

    ByteView take(std::size_t size) {
        if (size > bytes.size() - at) {
            good = false;
            return {};
        }
        return bytes.subspan(std::exchange(at, at + size), size);
    }

    Name name();
};

// Each pointer has to lead before the part of the name it was found in, so there are no loops.
Name Reader::name() {
    Name result;
    std::size_t resume = 0; // behind the first pointer
    std::size_t part = at;  // start of what is being read
    while (good) {
        const std::uint8_t size = u8();
        if (size == 0)
            break;
        if ((size & 0xc0) == 0xc0) {
            const std::size_t target = static_cast<std::size_t>(size & 0x3f) << 8 | u8();
            if (resume == 0)
                resume = at;
            if (target >= part) {
                good = false;
                break;
            }
            at = part = target;
            continue;
        }
        const ByteView label = take(size);
        if (!result.append({reinterpret_cast<const char *>(label.data()), label.size()}))
            good = false; // too long, or one of the label types nobody uses
    }
    if (resume != 0)
        at = resume;
    return result;
}

Header read_header(Reader &reader) {
    Header header;
    header.id = reader.u16();
    const std::uint16_t flags = reader.u16();
    header.response = flags & 0x8000;
    header.opcode = static_cast<Opcode>(flags >> 11 & 0xf);
    header.authoritative = flags & 0x0400;
    header.truncated = flags & 0x0200;
    header.recursion_desired = flags & 0x0100;
    header.recursion_available = flags & 0x0080;
    header.authentic_data = flags & 0x0020;
    header.checking_disabled = flags & 0x0010;
    header.rcode = static_cast<Rcode>(flags & 0xf);
    return header;
}

Record read_record(Reader &reader) {
    Record record;
    record.name = reader.name();
    record.type = static_cast<Type>(reader.u16());
    record.klass = static_cast<Class>(reader.u16());
    record.ttl = reader.u32();
    record.data = reader.take(reader.u16());
    return record;
}

void read_opt(const Record &record, Message &message) {
    Edns edns;
    edns.udp_size = static_cast<std::uint16_t>(record.klass);
    edns.version = static_cast<std::uint8_t>(record.ttl >> 16);
    edns.dnssec_ok = record.ttl & 0x8000;
    message.edns = edns;
    const auto high = static_cast<std::uint16_t>(record.ttl >> 24 << 4);
    message.rcode = static_cast<Rcode>(high | static_cast<std::uint16_t>(message.rcode));
}

void put16(Bytes &bytes, std::uint16_t value) {
    bytes.push_back(static_cast<std::uint8_t>(value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(value));
}

void put32(Bytes &bytes, std::uint32_t value) {
    put16(bytes, static_cast<std::uint16_t>(value >> 16));
    put16(bytes, static_cast<std::uint16_t>(value));
}

void set16(Bytes &bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint16_t flags_of(const Header &header) {
    const unsigned flags = header.response << 15 | (static_cast<unsigned>(header.opcode) & 0xf) << 11
                           | header.authoritative << 10 | header.truncated << 9
                           | header.recursion_desired << 8 | header.recursion_available << 7
                           | header.authentic_data << 5 | header.checking_disabled << 4
                           | (static_cast<unsigned>(header.rcode) & 0xf);
    return static_cast<std::uint16_t>(flags);
}

} // namespace

std::optional<Header> parse_header(ByteView bytes) {
    if (bytes.size() < header_size)
        return std::nullopt;
    Reader reader{bytes};
    return read_header(reader);
}

std::optional<Message> parse_message(ByteView bytes) {
    Reader reader{bytes};
    Message message;
    message.header = read_header(reader);
    message.rcode = message.header.rcode;
    const std::uint16_t questions = reader.u16();
    const std::uint16_t counts[] = {reader.u16(), reader.u16(), reader.u16()};

    for (int i = 0; i < questions && reader.good; ++i) {
        Name name = reader.name();
        const auto type = static_cast<Type>(reader.u16());
        const auto klass = static_cast<Class>(reader.u16());
        message.questions.push_back({std::move(name), type, klass});
    }
    std::vector<Record> *sections[] = {&message.answers, &message.authorities, &message.additionals};
    for (int section = 0; section < 3; ++section) {
        for (int i = 0; i < counts[section] && reader.good; ++i) {
            Record record = read_record(reader);
            if (record.type != Type::opt) {
                sections[section]->push_back(std::move(record));
                continue;
            }
            if (section != 2 || message.edns || !record.name.wire().empty())
                return std::nullopt;
            read_opt(record, message);
        }
    }
    if (!reader.good)
        return std::nullopt;
    return message;
}

Bytes encode(const Name &name) {
    Bytes bytes(name.wire().begin(), name.wire().end());
    bytes.push_back(0);
    return bytes;
}

Writer::Writer(const Header &header, std::size_t max_size, std::optional<Edns> edns)
    : room_(max_size - (edns ? opt_size : 0)), edns_(edns), rcode_(header.rcode) {
    put16(bytes_, header.id);
    put16(bytes_, flags_of(header));
    bytes_.resize(header_size);
}

void Writer::question(const Question &question) {
    const std::string &wire = question.name.wire();
    bytes_.insert(bytes_.end(), wire.begin(), wire.end());
    bytes_.push_back(0);
    put16(bytes_, static_cast<std::uint16_t>(question.type));
    put16(bytes_, static_cast<std::uint16_t>(question.klass));
    set16(bytes_, 4, 1);
}

bool Writer::answer(Type type, std::uint32_t ttl, ByteView data) {
    constexpr std::size_t fixed = 12;
    if (bytes_.size() + fixed + data.size() > room_) {
        bytes_[2] |= 0x02; // TC
        return false;
    }
    put16(bytes_, name_of_question);
    put16(bytes_, static_cast<std::uint16_t>(type));
    put16(bytes_, static_cast<std::uint16_t>(Class::in));
    put32(bytes_, ttl);
    put16(bytes_, static_cast<std::uint16_t>(data.size()));
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    set16(bytes_, 6, ++answers_);
    return true;
}

Bytes Writer::finish() {
    if (edns_) {
        bytes_.push_back(0);
        put16(bytes_, static_cast<std::uint16_t>(Type::opt));
        put16(bytes_, edns_->udp_size);
        bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(rcode_) >> 4));
        bytes_.push_back(edns_->version);
        put16(bytes_, edns_->dnssec_ok ? 0x8000 : 0);
        put16(bytes_, 0);
        set16(bytes_, 10, 1);
    }
    return std::move(bytes_);
}

void set_id(Bytes &message, std::uint16_t id) {
    set16(message, 0, id);
}

} // namespace dns
