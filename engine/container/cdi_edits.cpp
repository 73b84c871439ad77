#include "engine/container/cdi_edits.hpp"

#include <algorithm>
#include <iterator>

namespace container {

namespace {

constexpr const char *no_permissions = "none";

Device parse_node(const CdiField &field) {
    field.allow_only({"path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid"});
    Device device;
    device.target = field.need("path").absolute_path();
    const auto host_path = field.find("hostPath");
    device.source = host_path ? host_path->absolute_path() : device.target;
    if (const auto mode = field.find("fileMode"))
        device.mode = mode->number<std::uint32_t>() & 07777U;
    if (const auto uid = field.find("uid"))
        device.uid = uid->number<std::uint32_t>();
    if (const auto gid = field.find("gid"))
        device.gid = gid->number<std::uint32_t>();
    if (const auto permissions = field.find("permissions")) {
        device.permissions = permissions->text();
        if (device.permissions == no_permissions)
            device.permissions.clear();
        else if (device.permissions.find_first_not_of("rwm") != std::string::npos)
            permissions->fail("is \"" + device.permissions + "\"",
                              "it is a combination of r, w and m, or none");
    }
    const auto type = field.find("type");
    const std::string kind = type ? type->text() : std::string();
    if (type && kind != "b" && kind != "c" && kind != "u")
        type->fail("is \"" + kind + "\", which is no kind of device that can be made here",
                   "write b for a block device, c for a character device");
    // Without a number it is as on the host.
    const auto major_number = field.find("major");
    const auto minor_number = field.find("minor");
    Device::Number number{kind == "b", major_number ? major_number->number<std::uint32_t>() : 0,
                          minor_number ? minor_number->number<std::uint32_t>() : 0};
    if (type && number.major != 0)
        device.number = number;
    return device;
}

// What an option of mount(8) changes of a bind; false for one that is not known.
bool apply_option(const std::string &option, Mount &mount, BindMount &bind) {
    constexpr std::pair<const char *, Propagation> propagations[] = {
        {"private", Propagation::private_}, {"rprivate", Propagation::rprivate},
        {"slave", Propagation::slave},      {"rslave", Propagation::rslave},
        {"shared", Propagation::shared},    {"rshared", Propagation::rshared}};
    const auto *propagation = std::find_if(std::begin(propagations), std::end(propagations),
                                           [&](const auto &each) { return option == each.first; });
    if (propagation != std::end(propagations)) {
        bind.propagation = propagation->second;
        return true;
    }
    if (option == "ro" || option == "rw")
        mount.read_only = option == "ro";
    else if (option == "bind" || option == "rbind")
        bind.recursive = option == "rbind";
    else if (option == "nosuid" || option == "suid")
        bind.nosuid = option == "nosuid";
    else if (option == "nodev" || option == "dev")
        bind.nodev = option == "nodev";
    else if (option == "noexec" || option == "exec")
        bind.noexec = option == "noexec";
    else
        return false;
    return true;
}

Mount parse_mount(const CdiField &field) {
    field.allow_only({"hostPath", "containerPath", "type", "options"});
    Mount mount;
    BindMount bind;
    bind.recursive = false;
    bind.source = field.need("hostPath").absolute_path();
    mount.target = field.need("containerPath").absolute_path();
    if (const auto type = field.find("type"); type && type->text() != "none" && type->text() != "bind")
        type->fail("is \"" + type->text() + "\", and only binds of host paths can be mounted for a device",
                   "leave it out");
    if (const auto options = field.find("options"))
        for (const CdiField &option : options->items())
            if (!apply_option(option.text(), mount, bind))
                option.fail("is \"" + option.text() + "\", which is no option of a bind that is known here",
                            "known are ro, rw, bind, rbind, nosuid, nodev, noexec, their opposites, and the "
                            "propagations");
    mount.source = std::move(bind);
    return mount;
}

} // namespace

CdiEdits parse_cdi_edits(const CdiField &field, const std::string &file) {
    field.allow_only({"env", "deviceNodes", "mounts", "hooks", "additionalGids", "additionalGIDs", "intelRdt",
                      "netDevices"});
    CdiEdits edits;
    if (const auto env = field.find("env"))
        for (const CdiField &variable : env->items()) {
            edits.env.push_back(variable.text());
            if (const auto equals = edits.env.back().find('='); equals == 0 || equals == std::string::npos)
                variable.fail("is no variable", "write NAME=VALUE");
        }
    if (const auto nodes = field.find("deviceNodes"))
        for (const CdiField &node : nodes->items())
            edits.devices.push_back(parse_node(node));
    if (const auto mounts = field.find("mounts"))
        for (const CdiField &mount : mounts->items())
            edits.mounts.push_back(parse_mount(mount));
    for (const char *name : {"additionalGids", "additionalGIDs"})
        if (const auto groups = field.find(name))
            for (const CdiField &group : groups->items())
                if (const auto id = group.number<std::uint32_t>(); id != 0)
                    edits.groups.push_back(id);
    for (const char *name : {"hooks", "intelRdt", "netDevices"})
        if (const auto asked = field.find(name); asked && edits.unsupported.empty())
            edits.unsupported = file + ": " + asked->path();
    return edits;
}

} // namespace container
