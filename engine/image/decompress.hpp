// Compressed streams, recognised by their first bytes as Docker does, whatever their media type claims.
#pragma once

#include "engine/image/byte_source.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace image {

enum class Compression { none, gzip, zstd, xz, bzip2 };

[[nodiscard]] Compression detect_compression(std::string_view first_bytes);

// A source with the uncompressed bytes. @param compression receives what was found when not null.
// @pre source outlives the result. @throws base::Error, here or when reading, naming `subject`.
[[nodiscard]] std::unique_ptr<ByteSource> decompress(ByteSource &source, const std::string &subject,
                                                     Compression *compression = nullptr);

} // namespace image
