#include "engine/image/tar_writer.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/tar_header.hpp"

#include <cstdio>
#include <vector>

namespace image {

namespace {

constexpr std::uint64_t first_beyond_octal = 1ULL << 33; // 11 octal digits

void put_octal(TarBlock &block, std::size_t offset, int digits, std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    for (int i = 0; i < digits; ++i)
        block[offset + static_cast<std::size_t>(i)] = text[i];
}

void put_size(TarBlock &block, std::uint64_t size) {
    if (size < first_beyond_octal) {
        put_octal(block, 124, 11, size);
        return;
    }
    block[124] = static_cast<char>(0x80);
    for (std::size_t i = 0; i < 8; ++i)
        block[135 - i] = static_cast<char>(size >> (8 * i) & 0xff);
}

} // namespace

void TarWriter::header(const std::string &name, char type, std::uint64_t size, unsigned mode) {
    TarBlock block{};
    name.copy(block.data(), 99);
    put_octal(block, 100, 7, mode);
    put_octal(block, 108, 7, 0);
    put_octal(block, 116, 7, 0);
    put_size(block, size);
    put_octal(block, 136, 11, 0);
    block[156] = type;
    constexpr std::string_view magic("ustar\00000", 8);
    magic.copy(block.data() + 257, magic.size());
    unsigned sum = 8 * ' ';
    for (const char c : block)
        sum += static_cast<unsigned char>(c);
    put_octal(block, 148, 6, sum);
    block[155] = ' ';
    base::write_all(fd_, {block.data(), block.size()}, subject_);
}

void TarWriter::pad(std::uint64_t size) {
    const std::string zeros((tar_block_size - size % tar_block_size) % tar_block_size, '\0');
    base::write_all(fd_, zeros, subject_);
}

void TarWriter::directory(const std::string &name) {
    header(name + "/", '5', 0, 0755);
}

void TarWriter::file(const std::string &name, std::string_view content) {
    MemorySource source(content);
    file(name, content.size(), source);
}

void TarWriter::file(const std::string &name, std::uint64_t size, ByteSource &content) {
    header(name, '0', size, 0644);
    std::vector<char> buffer(256 * 1024);
    std::uint64_t written = 0;
    while (const std::size_t count = content.read(buffer.data(), buffer.size())) {
        base::write_all(fd_, {buffer.data(), count}, subject_);
        written += count;
    }
    if (written != size)
        throw base::Error(name + " has " + std::to_string(written) + " bytes instead of "
                          + std::to_string(size));
    pad(size);
}

void TarWriter::finish() {
    base::write_all(fd_, std::string(2 * tar_block_size, '\0'), subject_);
}

} // namespace image
