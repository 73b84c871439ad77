// What a build does: the stages its target needs, each a list of steps with every variable replaced. Data
// only.
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/instruction.hpp"
#include "engine/build/mount.hpp"
#include "engine/image/config.hpp"
#include "engine/image/platform.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace build {

struct BuildRequest {
    std::string target;                      // the name or number of a stage; empty: the last
    std::map<std::string, std::string> args; // for ARG
    image::Platform build_platform;
    image::Platform target_platform;
    std::set<std::string> contexts; // names of additional contexts, which replace stages and images
    std::map<std::string, std::string> labels;
};

// Where a stage begins, or files come from.
struct Origin {
    enum class Kind {
        nothing, // an empty file system
        context, // the build context
        named,   // the additional context `name`
        stage,   // the stage `stage`
        image,   // the image `name` for `platform`
    };
    Kind kind = Kind::nothing;
    std::size_t stage = 0; // its index in the Dockerfile
    std::string name;
    image::Platform platform;

    auto operator<=>(const Origin &) const = default;
};

struct InlineFile {
    std::string name;
    std::string content;
};

struct RunStep {
    struct From {
        Mount mount;
        Origin origin;
    };

    std::vector<std::string> argv;
    std::optional<InlineFile> script; // an executable at /dev/pipes/NAME, for a here-document with "#!"
    std::vector<From> mounts;         // targets are absolute
    std::string network;              // "default", "none", "host"
    bool insecure = false;
    std::vector<DeviceRequest> devices;
    std::vector<std::string> proxies; // "HTTP_PROXY=...": set for the command, no part of its cache key
};

struct CopyStep {
    Origin origin;
    std::vector<std::string> sources; // patterns and, for ADD, URLs
    std::vector<InlineFile> contents;
    std::string destination;     // absolute, without "/" at its end
    bool into_directory = false; // "/" at its end, or several sources
    std::string chown, chmod;    // as written; empty: 0:0, and the mode of the source
    bool link = false;
    bool parents = false;
    std::vector<std::string> excludes;

    struct Add {
        std::string checksum;
        std::optional<bool> keep_git_dir, unpack;
    };

    std::optional<Add> add; // for ADD
};

// Makes the directory, and the working directory of what follows.
struct WorkdirStep {
    std::string path;
};

// Changes nothing but the image's configuration.
struct ConfigStep {};

struct Step {
    base::Location location;
    std::string text;             // as written
    std::string created_by;       // for the image's history; empty: it is not in there
    std::vector<std::string> env; // ENV and ARG together, as RUN sees them
    std::string workdir;
    std::string user;
    std::variant<ConfigStep, RunStep, CopyStep, WorkdirStep> action;
};

struct StagePlan {
    std::size_t index = 0;
    std::string name; // of the stage, "stage-N" when it has none
    base::Location location;
    Origin base;
    image::Platform platform;
    std::vector<Step> steps;
    image::ImageConfig config; // of the result; its layers and history are still those of the base
};

struct Plan {
    std::vector<StagePlan> stages; // each behind those it needs; the target last
};

// The configuration of an image (or additional context) that a stage begins with. May pull it, and throw.
// Only for a plan that is not carried out may it be none: what such a stage does not define is then unknown,
// and not reported.
using BaseConfigs = std::function<std::optional<image::ImageConfig>(const Origin &)>;

// Errors go to diagnostics, and the plan is then of no use. Only what the target needs is looked at.
[[nodiscard]] Plan make_plan(const Dockerfile &file, const BuildRequest &request, const BaseConfigs &configs,
                             base::Diagnostics &diagnostics);

// The images that the target's stages begin with or take files from, each once: what to pull before
// make_plan(). Those that only ONBUILD triggers name are not among them.
[[nodiscard]] std::vector<Origin> images_needed(const Dockerfile &file, const BuildRequest &request,
                                                base::Diagnostics &diagnostics);

} // namespace build
