// Whatever the archive says, nothing changes outside of the directory it is unpacked into.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/sources.hpp"
#include "engine/image/unpack.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

struct Place {
    base::fs::path root = "/dev/shm/compose-fuzz-" + base::random_hex(12);

    Place() {
        base::make_dirs(root / "layer");
        base::write_file_atomic(root / "victim", "untouched");
    }

    Place(const Place &) = delete;
    Place &operator=(const Place &) = delete;

    ~Place() { base::remove_tree(root); }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const Place place;
    const std::string_view tar(reinterpret_cast<const char *>(data), size);
    image::MemorySource source(tar);
    image::UnpackOptions options;
    options.max_bytes = 1 << 20;
    options.max_entries = 1000;
    options.max_depth = 32;
    {
        const base::UniqueFd layer = base::open_dir(place.root / "layer");
        try {
            (void)image::unpack(source, layer.get(), options);
        } catch (const base::Error &) {
            // Refused, as it should be.
        }
    }
    if (base::list_dir(place.root) != std::vector<std::string>{"layer", "victim"}
        || base::read_file(place.root / "victim") != "untouched")
        std::abort();
    base::remove_tree(place.root / "layer");
    base::make_dirs(place.root / "layer");
    return 0;
}
