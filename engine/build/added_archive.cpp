#include "engine/build/added_archive.hpp"

#include "base/error.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/tar_header.hpp"
#include "engine/image/unpack.hpp"

#include <unistd.h>

namespace build {

bool is_archive(int file, const std::string &name) {
    image::TarBlock block{};
    std::size_t filled = 0;
    try {
        image::FdSource source(file, name);
        const auto tar = image::decompress(source, name);
        while (filled < block.size()) {
            const std::size_t count = tar->read(block.data() + filled, block.size() - filled);
            if (count == 0)
                break;
            filled += count;
        }
        if (filled == block.size() && !image::is_zero_block(block))
            static_cast<void>(image::parse_tar_header(block));
        else
            filled = 0;
    } catch (const base::Error &) {
        filled = 0; // whatever it is, it is copied
    }
    base::check(::lseek(file, 0, SEEK_SET), "rewind", name);
    return filled == block.size();
}

void unpack_archive(int file, const std::string &name, int directory,
                    const std::optional<std::pair<uid_t, gid_t>> &owner) {
    image::FdSource source(file, name);
    const auto tar = image::decompress(source, name);
    image::UnpackOptions options;
    options.whiteouts = image::Whiteouts::none;
    options.describes_root = false; // the destination stays as it is
    if (owner)
        options.owner = [owner](uid_t, gid_t) { return *owner; };
    image::unpack(*tar, directory, options);
}

} // namespace build
