// Dockerfile instructions from the command line of an import.
#include "base/error.hpp"
#include "engine/image/changes.hpp"

#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    image::ImageConfig config;
    config.env = {"A=1", "PATH=/bin"};
    try {
        image::apply_change(config, {reinterpret_cast<const char *>(data), size});
    } catch (const base::Error &) {
        return 0;
    }
    (void)image::ImageConfig::parse(config.json(), "again");
    return 0;
}
