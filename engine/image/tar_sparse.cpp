// The three sparse formats that GNU tar writes with pax headers: 0.0 (repeated records), 0.1 (one record with
// a list) and 1.0 (a decimal map in front of the data).
#include "base/error.hpp"
#include "engine/image/tar_reader.hpp"

#include <algorithm>

namespace image {

namespace {

constexpr std::size_t most_segments = 1 << 20;

[[noreturn]] void wrong_map() {
    throw base::Error("malformed tar archive: the map of a sparse file is wrong");
}

std::uint64_t number(std::string_view text) {
    const auto value = parse_decimal(text);
    if (!value)
        wrong_map();
    return *value;
}

struct SparseRecords {
    std::string name;
    std::string major;
    std::string minor;
    std::string real_size;
    std::vector<std::uint64_t> numbers; // offset, length, offset, length ...
    bool has_map = false;
};

SparseRecords collect(const PaxRecords &records) {
    SparseRecords sparse;
    for (const auto &[key, value] : records) {
        if (key == "GNU.sparse.name")
            sparse.name = value;
        else if (key == "GNU.sparse.major")
            sparse.major = value;
        else if (key == "GNU.sparse.minor")
            sparse.minor = value;
        else if (key == "GNU.sparse.size" || key == "GNU.sparse.realsize")
            sparse.real_size = value;
        else if (key == "GNU.sparse.offset" || key == "GNU.sparse.numbytes")
            sparse.numbers.push_back(number(value));
        else if (key == "GNU.sparse.numblocks")
            sparse.has_map = true;
        else if (key == "GNU.sparse.map") {
            sparse.has_map = true;
            sparse.numbers.clear();
            for (std::size_t start = 0; start < value.size();) {
                const std::size_t comma = std::min(value.find(',', start), value.size());
                sparse.numbers.push_back(number(std::string_view(value).substr(start, comma - start)));
                start = comma + 1;
            }
        }
    }
    return sparse;
}

std::vector<TarSegment> pair_up(const std::vector<std::uint64_t> &numbers) {
    if (numbers.size() % 2 != 0 || numbers.size() / 2 > most_segments)
        wrong_map();
    std::vector<TarSegment> segments;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        segments.push_back({numbers[i], numbers[i + 1]});
    return segments;
}

} // namespace

void TarReader::read_pax_sparse(TarHeader &header, const PaxRecords &records) {
    const SparseRecords sparse = collect(records);
    const bool version_1 = sparse.major == "1" && sparse.minor == "0";
    if (!version_1 && !sparse.has_map)
        return;
    TarEntry &entry = header.entry;
    entry.sparse = true;
    if (!sparse.name.empty())
        entry.name = sparse.name;
    entry.size = number(sparse.real_size);
    if (version_1) {
        const std::uint64_t before = remaining_;
        entry.segments = read_sparse_map();
        header.stored_size -= before - remaining_;
    } else {
        entry.segments = pair_up(sparse.numbers);
    }
}

// Newline-terminated decimals, padded to a whole block: the count of pairs, then the pairs.
std::vector<TarSegment> TarReader::read_sparse_map() {
    std::vector<std::uint64_t> numbers;
    std::string digits;
    std::uint64_t wanted = 1;
    TarBlock block;
    while (numbers.size() < wanted) {
        if (remaining_ < block.size())
            wrong_map();
        read_exactly(block.data(), block.size());
        remaining_ -= block.size();
        for (const char c : block) {
            if (numbers.size() == wanted)
                break;
            if (c != '\n') {
                digits += c;
                if (digits.size() > 20)
                    wrong_map();
                continue;
            }
            numbers.push_back(number(digits));
            digits.clear();
            if (numbers.size() == 1) {
                if (numbers[0] > most_segments)
                    wrong_map();
                wanted = 1 + 2 * numbers[0];
            }
        }
    }
    numbers.erase(numbers.begin());
    return pair_up(numbers);
}

} // namespace image
