#include "engine/image/decompress.hpp"
#include "engine/image/gzip.hpp"
#include "engine/image/sources.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace image;

namespace {

std::string read_whole(ByteSource &source, std::size_t piece) {
    std::string text;
    std::string buffer(piece, '\0');
    while (const std::size_t count = source.read(buffer.data(), buffer.size()))
        text.append(buffer, 0, count);
    return text;
}

// Gives its bytes in small pieces.
class Slow : public ByteSource {
  public:
    explicit Slow(std::string_view data) : inner_(data) {}

    std::size_t read(char *buffer, std::size_t size) override {
        return inner_.read(buffer, std::min<std::size_t>(size, 7));
    }

  private:
    MemorySource inner_;
};

std::string text_of(int lines) {
    std::string text;
    for (int i = 0; i < lines; ++i)
        text += "line " + std::to_string(i * 7919 % 10007) + "\n";
    return text;
}

std::string compressed(const std::string &text, std::size_t piece = 65536) {
    MemorySource source(text);
    GzipSource gzip(source);
    return read_whole(gzip, piece);
}

} // namespace

TEST_CASE("What is compressed is read back", "[image][gzip]") {
    for (const int lines : {0, 1, 100000}) {
        CAPTURE(lines);
        const std::string text = text_of(lines);
        const std::string gzip = compressed(text);
        CHECK(detect_compression(gzip) == Compression::gzip);
        MemorySource source(gzip);
        CHECK(read_whole(*decompress(source, "test"), 4096) == text);
    }
}

TEST_CASE("Compressed bytes depend on nothing but the input", "[image][gzip]") {
    const std::string text = text_of(100000);
    const std::string first = compressed(text);
    CHECK(compressed(text) == first);
    CHECK(compressed(text, 13) == first);
    Slow slow(text);
    GzipSource gzip(slow);
    CHECK(read_whole(gzip, 1 << 20) == first);
    CHECK(first.substr(4, 4) == std::string(4, '\0')); // no time
}
