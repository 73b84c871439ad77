#include "base/error.hpp"
#include "engine/container/cdi_spec.hpp"

#include <catch2/catch.hpp>

using namespace container;

namespace {

// A whole file around the members of the edits of its one device.
std::string with_edits(const std::string &edits) {
    return R"({"cdiVersion": "0.6.0", "kind": "vendor.com/class",
               "devices": [{"name": "one", "containerEdits": {)"
           + edits + "}}]}";
}

std::string refusal(const std::string &text, const std::string &file = "/f.json") {
    try {
        static_cast<void>(parse_cdi_spec(text, file));
    } catch (const base::Error &error) {
        return error.what();
    }
    return "accepted";
}

std::string edit_refusal(const std::string &edits) {
    const std::string prefix = "/f.json: devices[0].containerEdits";
    const std::string message = refusal(with_edits(edits));
    return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

CdiEdits edits_of(const std::string &text) {
    return parse_cdi_spec(with_edits(text), "/f.json").devices.at(0).edits;
}

} // namespace

TEST_CASE("a CDI specification has devices with edits, and edits of its own") {
    const CdiSpec spec = parse_cdi_spec(R"({
        "cdiVersion": "1.0.0", "kind": "vendor.com/a.class", "annotations": {"a": "file"},
        "containerEdits": {"env": ["ALL=1"]},
        "devices": [{"name": "0:1", "annotations": {"a": "device"}, "containerEdits": {
            "env": ["A=b=c"], "additionalGids": [0, 44],
            "deviceNodes": [{"path": "/dev/x", "hostPath": "/dev/zero", "permissions": "rw", "fileMode": 432,
                             "uid": 1, "gid": 2},
                            {"path": "/dev/y", "type": "b", "major": 7, "minor": 3, "permissions": "none"}],
            "mounts": [{"hostPath": "/usr/lib/x", "containerPath": "/lib/x",
                        "options": ["ro", "nosuid", "nodev", "rbind", "rslave"]}]}},
          {"name": "two"}]})",
                                        "/etc/cdi/v.json");
    CHECK(spec.kind == "vendor.com/a.class");
    CHECK(spec.edits.env == std::vector<std::string>{"ALL=1"});
    REQUIRE(spec.devices.size() == 2);
    CHECK(spec.devices[0].name == "0:1");
    CHECK(spec.devices[0].annotations.at("a") == "device");
    const CdiEdits &edits = spec.devices[0].edits;
    CHECK(edits.env == std::vector<std::string>{"A=b=c"});
    CHECK(edits.groups == std::vector<std::uint32_t>{44});
    CHECK(edits.unsupported.empty());
    REQUIRE(edits.devices.size() == 2);
    CHECK(edits.devices[0] == Device{"/dev/zero", "/dev/x", "rw", 0660, 1, 2, {}});
    CHECK(edits.devices[1] == Device{"/dev/y", "/dev/y", "", {}, {}, {}, Device::Number{true, 7, 3}});
    REQUIRE(edits.mounts.size() == 1);
    CHECK(edits.mounts[0].target == "/lib/x");
    CHECK(edits.mounts[0].read_only);
    const auto &bind = std::get<BindMount>(edits.mounts[0].source);
    CHECK(bind.source == "/usr/lib/x");
    CHECK(bind.recursive);
    CHECK(bind.propagation == Propagation::rslave);
    CHECK((bind.nosuid && bind.nodev && !bind.noexec));
}

TEST_CASE("a CDI specification in YAML is the same") {
    const std::string text = "cdiVersion: 0.6.0\nkind: vendor.com/class\ndevices:\n- name: \"0\"\n"
                             "  containerEdits:\n    env: [A=1]\n    deviceNodes:\n"
                             "    - {path: /dev/x, major: 1, type: c, minor: 5, fileMode: 0640}\n";
    const CdiSpec spec = parse_cdi_spec(text, "/f.yaml");
    CHECK(spec.devices.at(0).name == "0");
    CHECK(spec.devices[0].edits.devices.at(0).mode == 0640);
    CHECK(refusal("a: [", "/f.yaml").starts_with("/f.yaml: not valid YAML: "));
    CHECK(refusal("cdiVersion: 0.6.0\nkind: v.com/c\ndevices: [{name: 0}]", "/f.yml")
          == "/f.yml: devices[0].name is not a text");
    CHECK(refusal("? [a]\n: b", "/f.yaml") == "/f.yaml: a name in it is not a text");
}

TEST_CASE("YAML that grows without bound, or holds itself, is refused") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 9; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + below;
        for (int count = 1; count < 9; ++count)
            bomb += ", " + below;
        bomb += "]\n";
    }
    CHECK(refusal(bomb, "/f.yaml") == "/f.yaml: is nested too deep or too large to be a CDI specification");
    CHECK(refusal("&a [*a]", "/f.yaml")
          == "/f.yaml: is nested too deep or too large to be a CDI specification");
}

TEST_CASE("what is wrong in a CDI specification is told by file and field") {
    CHECK(refusal("{").starts_with("/f.json: not valid JSON: "));
    CHECK(refusal("[]") == "/f.json: the file is not an object");
    CHECK(refusal("{}") == "/f.json: the file has no `cdiVersion`");
    CHECK(refusal(R"({"cdiVersion": "1"})") == "/f.json: cdiVersion is \"1\", which is no version");
    CHECK(refusal(R"({"cdiVersion": "2.0.0"})")
          == "/f.json: cdiVersion is 2.0.0, which is newer than this program");
    CHECK(refusal(R"({"cdiVersion": "0.6.0"})") == "/f.json: the file has no `kind`");
    for (const char *kind : {"vendor.com", "vendor.com/", "/class", "v/a/b", "-v/a", "v/a b", "v/a="})
        CHECK(refusal(R"({"cdiVersion": "0.6.0", "kind": ")" + std::string(kind) + "\"}")
              == "/f.json: kind is \"" + std::string(kind) + "\", which is no kind of device");
    const std::string head = R"({"cdiVersion": "0.6.0", "kind": "v.com/c", )";
    CHECK(refusal(head + R"("devices": []})") == "/f.json: the file has no `devices`");
    CHECK(refusal(head + R"("devices": {"a": 1}})") == "/f.json: devices is not a list");
    CHECK(refusal(head + R"("devices": [{}]})") == "/f.json: devices[0] has no `name`");
    CHECK(refusal(head + R"("devices": [{"name": "a/b"}]})")
          == "/f.json: devices[0].name is \"a/b\", which is no name of a device");
    CHECK(refusal(head + R"("devices": [{"name": "a"}, {"name": "a"}]})")
          == "/f.json: devices[1] has the name of another device: a");
    CHECK(refusal(head + R"("devices": [{"name": "a", "x": 1}]})")
          == "/f.json: devices[0].x is no field of CDI that is known here");
    CHECK(refusal(head + R"("kind": "x", "devices": [{"name": ")" + std::string(100'000, 'a') + "\"}]}")
              .starts_with("/f.json: "));
}

TEST_CASE("what is wrong in the edits of a device is told by field") {
    CHECK(edit_refusal(R"("env": ["A"])") == ".env[0] is no variable");
    CHECK(edit_refusal(R"("env": ["=A"])") == ".env[0] is no variable");
    CHECK(edit_refusal(R"("env": ["A=\u0000"])") == ".env[0] holds a NUL character");
    CHECK(edit_refusal(R"("env": [1])") == ".env[0] is not a text");
    CHECK(edit_refusal(R"("deviceNodes": [{"hostPath": "/dev/x"}])") == ".deviceNodes[0] has no `path`");
    for (const char *path : {"dev/x", "/dev/../x", "/dev/x/", "/", "/dev//x", "/./x"})
        CHECK(edit_refusal(R"("deviceNodes": [{"path": ")" + std::string(path) + "\"}]")
              == ".deviceNodes[0].path is \"" + std::string(path) + "\", which is no plain absolute path");
    const auto node = [](const std::string &member) {
        return edit_refusal(R"("deviceNodes": [{"path": "/dev/x", )" + member + "}]");
    };
    CHECK(node(R"("type": "p")")
          == ".deviceNodes[0].type is \"p\", which is no kind of device that can be made here");
    CHECK(node(R"("type": "c", "major": -1)") == ".deviceNodes[0].major is not a whole number in its range");
    CHECK(node(R"("uid": 4294967296)") == ".deviceNodes[0].uid is not a whole number in its range");
    CHECK(node(R"("fileMode": 1e300)") == ".deviceNodes[0].fileMode is not a whole number in its range");
    CHECK(node(R"("permissions": "rwx")") == ".deviceNodes[0].permissions is \"rwx\"");
    CHECK(edit_refusal(R"("mounts": [{"hostPath": "/x"}])") == ".mounts[0] has no `containerPath`");
    CHECK(edit_refusal(R"("mounts": [{"hostPath": "/x", "containerPath": "/y", "type": "tmpfs"}])")
          == ".mounts[0].type is \"tmpfs\", and only binds of host paths can be mounted for a device");
    CHECK(
        edit_refusal(R"("mounts": [{"hostPath": "/x", "containerPath": "/y", "options": ["ro", "size=1"]}])")
        == ".mounts[0].options[1] is \"size=1\", which is no option of a bind that is known here");
    CHECK(edit_refusal(R"("additionalGids": [-1])")
          == ".additionalGids[0] is not a whole number in its range");
}

TEST_CASE("what the engine can't do for a device is remembered by file and field") {
    CHECK(edits_of(R"("hooks": [{"hookName": "createContainer", "path": "/x"}])").unsupported
          == "/f.json: devices[0].containerEdits.hooks");
    CHECK(edits_of(R"("netDevices": [{"name": "x"}])").unsupported
          == "/f.json: devices[0].containerEdits.netDevices");
    CHECK(edits_of(R"("hooks": [], "intelRdt": null)").unsupported.empty());
}
