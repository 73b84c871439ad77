// Everything the supervisor needs to make a project true: what should exist, and the specs to create it from.
// Made by the CLI from the model and the images, sent as JSON.
#pragma once

#include "base/json_fwd.hpp"
#include "base/paths.hpp"
#include "compose/model.hpp"
#include "compose/plan/desired.hpp"
#include "engine/container/spec.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace plan {

// What of an image a container is made from.
struct ImageInfo {
    std::string id;
    std::vector<std::string> layers; // directories, lowest first
    std::vector<std::string> env;    // NAME=VALUE
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::vector<std::string> shell;
    std::string user;
    std::string working_dir;
    std::vector<std::string> volumes;       // absolute paths
    std::vector<std::string> exposed_ports; // "80/tcp"
    std::map<std::string, std::string> labels;
    std::string stop_signal;
    container::Healthcheck healthcheck;
};

struct NetworkBlueprint {
    std::string key;
    std::string name;
    std::string driver;
    std::map<std::string, std::string> options;
    std::map<std::string, std::string> labels;
    bool internal = false;
    bool attachable = false;
    std::string subnet, gateway, ip_range;
    std::map<std::string, std::string> aux_addresses;
};

struct VolumeBlueprint {
    std::string key;
    std::string name;
    std::string driver;
    std::map<std::string, std::string> options;
    std::map<std::string, std::string> labels;
};

struct Blueprint {
    Desired desired;
    // By service; without id, name and number. A namespace shared with a service has "service:NAME" where the
    // container's id goes: it is looked up at each start.
    std::map<std::string, container::Spec> services;
    std::map<std::string, NetworkBlueprint> networks; // by full name
    std::map<std::string, VolumeBlueprint> volumes;   // by full name
};

// @param image of a service's `image:`. @throws base::Error naming the service for what can't be turned into
// a container.
[[nodiscard]] Blueprint make_blueprint(const compose::Project &project, const base::Paths &paths,
                                       const std::string &separator,
                                       const std::function<ImageInfo(const compose::Service &)> &image);

// One service alone, for `run` with its overrides already in `service`.
[[nodiscard]] container::Spec make_spec(const compose::Project &project, const compose::Service &service,
                                        const base::Paths &paths, const ImageInfo &image);

[[nodiscard]] base::Json to_json(const Blueprint &blueprint);
[[nodiscard]] Blueprint blueprint_from_json(const base::Json &json);

// A spec with the content of its granted files, which container.json leaves out.
[[nodiscard]] base::Json spec_with_files(const container::Spec &spec);
[[nodiscard]] container::Spec spec_with_files(const base::Json &json);

} // namespace plan
