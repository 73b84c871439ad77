// Any text either is refused or survives a round trip through both of its printed forms.
#include "base/error.hpp"
#include "engine/image/challenge.hpp"
#include "engine/image/reference.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    (void)image::parse_challenges(text);
    image::Reference reference;
    try {
        reference = image::Reference::parse(text);
    } catch (const base::Error &) {
        return 0;
    }
    if (image::Reference::parse(reference.familiar()) != reference
        || image::Reference::parse(reference.canonical()) != reference)
        std::abort();
    return 0;
}
