// A gzip stream made of another source. The same bytes always give the same stream (no name, no time, one
// level), so that a layer which is compressed again has the digest it had before.
#pragma once

#include "engine/image/byte_source.hpp"

#include <memory>
#include <string>

namespace image {

class GzipSource : public ByteSource {
  public:
    // @pre source outlives this object.
    explicit GzipSource(ByteSource &source);
    ~GzipSource() override;

    std::size_t read(char *buffer, std::size_t size) override;

    // Names everything that decides about the bytes besides the input: what was remembered under another
    // recipe is no longer true.
    static std::string recipe();

  private:
    struct State;
    ByteSource &source_;
    std::unique_ptr<State> state_;
};

} // namespace image
