#include "engine/image/tar_writer.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/tar_member.hpp"

#include <vector>

namespace image {

void TarWriter::header(const std::string &name, TarType type, std::uint64_t size, unsigned mode) {
    TarEntry entry;
    entry.name = name;
    entry.type = type;
    entry.mode = mode;
    entry.size = size;
    base::write_all(fd_, tar_member_header(entry), subject_);
}

void TarWriter::directory(const std::string &name) {
    header(name + "/", TarType::directory, 0, 0755);
}

void TarWriter::file(const std::string &name, std::string_view content) {
    MemorySource source(content);
    file(name, content.size(), source);
}

void TarWriter::file(const std::string &name, std::uint64_t size, ByteSource &content) {
    header(name, TarType::file, size, 0644);
    std::vector<char> buffer(256 * 1024);
    std::uint64_t written = 0;
    while (const std::size_t count = content.read(buffer.data(), buffer.size())) {
        base::write_all(fd_, {buffer.data(), count}, subject_);
        written += count;
    }
    if (written != size)
        throw base::Error(name + " has " + std::to_string(written) + " bytes instead of "
                          + std::to_string(size));
    base::write_all(fd_, tar_padding(size), subject_);
}

void TarWriter::finish() {
    base::write_all(fd_, tar_end(), subject_);
}

} // namespace image
