// An image's configuration: what a container started from it does unless told otherwise. Typed form of the
// config JSON of Docker and OCI images (the two differ only in fields that Docker added). Pure.
#pragma once

#include "base/units.hpp"
#include "engine/image/platform.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace image {

struct Healthcheck {
    // {"CMD", program, args...}, {"CMD-SHELL", script} or {"NONE"}.
    std::vector<std::string> test;
    std::optional<base::Duration> interval;
    std::optional<base::Duration> timeout;
    std::optional<base::Duration> start_period;
    std::optional<base::Duration> start_interval;
    std::optional<int> retries;

    bool operator==(const Healthcheck &) const = default;
};

struct HistoryEntry {
    std::optional<base::Timestamp> created;
    std::string created_by;
    std::string author;
    std::string comment;
    bool empty_layer = false;

    bool operator==(const HistoryEntry &) const = default;
};

struct ImageConfig {
    Platform platform;
    std::optional<base::Timestamp> created;
    std::string author;

    std::vector<std::string> env; // "NAME=VALUE"
    std::optional<std::vector<std::string>> entrypoint;
    std::optional<std::vector<std::string>> cmd;
    std::string user;
    std::string working_dir;
    std::set<std::string> exposed_ports; // "5432/tcp"
    std::set<std::string> volumes;       // absolute paths
    std::map<std::string, std::string> labels;
    std::string stop_signal;
    std::optional<Healthcheck> healthcheck;
    std::vector<std::string> shell;
    std::vector<std::string> on_build;

    std::vector<std::string> diff_ids; // digests of the uncompressed layers, lowest first
    std::vector<HistoryEntry> history;

    std::string
        build_cache; // the steps that made the layers, as cache_document.hpp has them; empty: not said

    // @throws base::Error naming `subject` when the text is no image configuration.
    static ImageConfig parse(std::string_view json, const std::string &subject);
    // Compact JSON that Docker and OCI tools read; parse(json()) is the same value.
    [[nodiscard]] std::string json() const;

    bool operator==(const ImageConfig &) const = default;
};

} // namespace image
