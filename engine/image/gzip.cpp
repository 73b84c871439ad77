#include "engine/image/gzip.hpp"

#include "base/error.hpp"

#include <vector>
#include <zlib.h>

namespace image {

namespace {

constexpr int level = 6;             // as gzip and Docker compress
constexpr int with_header = 15 + 16; // the largest window, and a gzip header instead of zlib's
constexpr int memory_level = 8;
constexpr std::size_t input_size = 256 * 1024;
constexpr int unknown_system = 255;

} // namespace

struct GzipSource::State {
    z_stream stream{};
    gz_header header{};
    std::vector<char> input = std::vector<char>(input_size);
    bool at_end = false;
    bool finished = false;
};

GzipSource::GzipSource(ByteSource &source) : source_(source), state_(std::make_unique<State>()) {
    z_stream &stream = state_->stream;
    if (deflateInit2(&stream, level, Z_DEFLATED, with_header, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        throw base::Error("cannot compress: out of memory");
    state_->header.os = unknown_system;
    deflateSetHeader(&stream, &state_->header);
}

GzipSource::~GzipSource() {
    deflateEnd(&state_->stream);
}

std::size_t GzipSource::read(char *buffer, std::size_t size) {
    z_stream &stream = state_->stream;
    stream.next_out = reinterpret_cast<Bytef *>(buffer);
    stream.avail_out = static_cast<uInt>(size);
    while (!state_->finished && stream.avail_out == size) {
        if (stream.avail_in == 0 && !state_->at_end) {
            const std::size_t count = source_.read(state_->input.data(), state_->input.size());
            state_->at_end = count == 0;
            stream.next_in = reinterpret_cast<Bytef *>(state_->input.data());
            stream.avail_in = static_cast<uInt>(count);
        }
        state_->finished = deflate(&stream, state_->at_end ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END;
    }
    return size - stream.avail_out;
}

std::string GzipSource::recipe() {
    return std::string("gzip ") + std::to_string(level) + " zlib " + zlibVersion();
}

} // namespace image
