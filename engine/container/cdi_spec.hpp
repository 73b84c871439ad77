// One specification of the Container Device Interface: what a container gets with a device, by the vendor's
// file. The text is pure data and may be anything. https://github.com/cncf-tags/container-device-interface
// SPEC.md
#pragma once

#include "engine/container/spec.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace container {

// "containerEdits".
struct CdiEdits {
    std::vector<std::string> env; // NAME=VALUE
    std::vector<Device> devices;
    std::vector<Mount> mounts; // binds
    std::vector<std::uint32_t> groups;
    // The first field that asks for what the engine can't do: "FILE: devices[0].containerEdits.hooks"; else
    // empty.
    std::string unsupported;
};

struct CdiDevice {
    std::string name;
    std::map<std::string, std::string> annotations;
    CdiEdits edits;
};

struct CdiSpec {
    std::string file;
    std::string kind; // "vendor.com/class"
    std::map<std::string, std::string> annotations;
    std::vector<CdiDevice> devices;
    CdiEdits edits; // with any of the devices
};

// Reads YAML when the file's name ends in .yaml or .yml, else JSON.
// @throws base::Error naming the file and the field.
[[nodiscard]] CdiSpec parse_cdi_spec(const std::string &text, const std::string &file);

} // namespace container
