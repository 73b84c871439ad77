// A stream of bytes that is pulled by whoever consumes it.
#pragma once

#include <cstddef>

namespace image {

class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource &) = delete;
    ByteSource &operator=(const ByteSource &) = delete;
    virtual ~ByteSource() = default;

    // Up to size bytes into buffer; 0 only at the end. @throws base::Error.
    virtual std::size_t read(char *buffer, std::size_t size) = 0;
};

} // namespace image
