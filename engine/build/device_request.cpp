#include "engine/build/device_request.hpp"

#include "base/error.hpp"
#include "engine/build/text.hpp"

#include <algorithm>

namespace build {

namespace {

constexpr const char *class_annotation = "org.mobyproject.buildkit.device.class";
constexpr const char *allow_annotation = "org.mobyproject.buildkit.device.autoallow";

std::string kind_of(const std::string &name) {
    return name.substr(0, name.find('='));
}

bool has_annotation(const container::CdiRegistry &registry, const std::string &device, const char *key,
                    const std::function<bool(const std::string &)> &accepts) {
    const auto annotations = registry.annotations(device);
    const auto found = annotations.find(key);
    return found != annotations.end() && accepts(found->second);
}

void check_allowed(const std::string &device, const container::CdiRegistry &registry,
                   const BuildOptions &options) {
    if (options.all_devices || options.devices.contains(device) || options.devices.contains(kind_of(device))
        || has_annotation(registry, device, allow_annotation, is_true))
        return;
    throw base::Error("RUN --device=" + device + " is not allowed for this build",
                      "set `entitlements: [device]` or `entitlements: [\"device=" + device
                          + "\"]` in the service's `build`");
}

// A node elsewhere would become part of the layer.
void check_nodes(const container::Spec &spec) {
    for (const container::Device &device : spec.devices)
        if (!device.target.starts_with("/dev/"))
            throw base::Error("the device node " + device.target + " is not below /dev",
                              "a step of a build can have nodes only there");
}

} // namespace

DeviceRequest parse_device(const Word &written, base::Diagnostics &diagnostics) {
    DeviceRequest request;
    const auto wrong = [&](const std::string &message) {
        diagnostics.error(written.location, {}, message,
                          "write --device=vendor.com/class=name, or --device=vendor.com/class=name,required");
    };
    const std::string &text = written.text;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::string field = text.substr(at, end - at);
        at = end + 1;
        const std::size_t equals = std::min(field.find('='), field.size());
        const std::string key = lower(field.substr(0, equals));
        const std::string value = equals == field.size() ? "" : field.substr(equals + 1);
        if (key == "required") {
            if (equals != field.size() && !is_true(value) && !is_false(value))
                wrong("\"" + value + "\" is no value of required");
            request.required = equals == field.size() || is_true(value);
        } else if (!request.name.empty()) {
            wrong("a device has no option \"" + field + "\"");
        } else {
            request.name = key == "name" ? value : field;
        }
    }
    if (request.name.empty())
        wrong("the device has no name");
    return request;
}

std::vector<std::string> chosen_devices(const std::string &name, const container::CdiRegistry &registry) {
    if (registry.knows(name))
        return {name};
    const std::string kind = kind_of(name);
    std::vector<std::string> of_kind = registry.names();
    std::erase_if(of_kind, [&](const std::string &each) { return kind_of(each) != kind; });
    if (name == kind + "=*")
        return of_kind;
    if (name == kind) {
        of_kind.resize(std::min<std::size_t>(of_kind.size(), 1));
        return of_kind;
    }
    const std::string wanted = name.substr(kind.size() + 1);
    std::erase_if(of_kind, [&](const std::string &each) {
        return !has_annotation(registry, each, class_annotation,
                               [&](const std::string &value) { return value == wanted; });
    });
    return of_kind;
}

void give_devices(container::Spec &spec, const std::vector<DeviceRequest> &requests,
                  const BuildOptions &options, const std::function<void(const std::string &)> &warn) {
    if (requests.empty())
        return;
    const container::CdiRegistry registry(container::cdi_directories());
    std::vector<std::string> names;
    for (const DeviceRequest &request : requests) {
        const std::vector<std::string> chosen = chosen_devices(request.name, registry);
        if (chosen.empty()) {
            const base::Error missing = registry.missing(request.name);
            if (request.required.value_or(false))
                throw missing;
            if (!request.required)
                warn(std::string(missing.what()) + ", and the step runs without it (" + missing.hint() + ")");
        }
        for (const std::string &device : chosen) {
            check_allowed(device, registry, options);
            names.push_back(device);
        }
    }
    registry.add_to(spec, names);
    check_nodes(spec);
}

} // namespace build
