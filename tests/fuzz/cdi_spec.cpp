// Specifications of CDI, as JSON and as YAML: refused with an error of ours, or edits that a container's
// specification can keep.
#include "engine/container/cdi_spec.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void read(const std::string &text, const std::string &file) {
    try {
        const container::CdiSpec parsed = container::parse_cdi_spec(text, file);
        for (const container::CdiDevice &device : parsed.devices) {
            container::Spec spec;
            spec.process.env = device.edits.env;
            spec.devices = device.edits.devices;
            spec.mounts = device.edits.mounts;
            if (container::spec_from_json(container::to_json(spec)) != spec)
                std::abort();
        }
    } catch (const base::Error &) {
        return;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string text(reinterpret_cast<const char *>(data), size);
    read(text, "fuzz.json");
    read(text, "fuzz.yaml");
    return 0;
}
