// What a build is asked for, and what it tells on its way. Data only.
#pragma once

#include "base/units.hpp"
#include "engine/build/cache_spec.hpp"
#include "engine/build/plan.hpp"
#include "engine/build/provenance_options.hpp"
#include "engine/build/sbom_options.hpp"
#include "engine/build/step_network.hpp"
#include "engine/container/spec.hpp"
#include "engine/image/reference.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace build {

struct BuildEvent {
    enum class Kind {
        started,
        output, // text: bytes as the command wrote them
        done,   // text: empty, or what it came to
        cached,
        failed,
        warning, // text: a sentence; of no step when number is 0
    };
    Kind kind = Kind::started;
    std::size_t number = 0; // of the step, from 1, in the order they start
    std::string name;       // "[web 2/4] RUN make"
    std::string text;
    std::chrono::nanoseconds elapsed{0};
};

// An additional context: a directory, or an image of the store (pulled when it is missing).
using NamedContext = std::variant<std::filesystem::path, std::string>;

struct Secret {
    std::string content;
    std::optional<std::uint32_t> uid, gid, mode; // where RUN --mount does not say
};

struct BuildOptions {
    std::shared_ptr<const base::Source> dockerfile;
    std::filesystem::path dockerfile_path; // its own .dockerignore is beside it; empty: there is none
    std::filesystem::path context;         // a directory
    BuildRequest request;                  // its `contexts` are the keys of `contexts`
    std::map<std::string, NamedContext> contexts;
    std::vector<image::Reference> names;

    std::vector<CacheSpec> cache_from, cache_to;
    bool no_cache = false;
    std::set<std::string> no_cache_stages;  // these are run whatever is cached
    bool pull = false;                      // ask the registry for images that are there, too
    std::map<std::string, Secret> secrets;  // by id
    std::map<std::string, std::string> ssh; // id -> the socket of an agent, or key files with commas between

    // Of RUN.
    std::string network; // "", "default", "none", "host", or the name of one: for steps that don't say
    std::optional<base::Bytes> shm_size, memory;
    std::vector<std::pair<std::string, std::string>> extra_hosts;
    std::vector<container::Rlimit> rlimits;
    bool privileged = false;   // RUN --security=insecure is allowed
    bool host_network = false; // RUN --network=host is allowed
    // RUN --device is allowed for every device; else for these, and those of these kinds.
    bool all_devices = false;
    std::set<std::string> devices;

    std::optional<ProvenanceOptions> provenance;   // none: nothing is told of how the image was built
    std::optional<SbomOptions> sbom;               // none: no scanner is run
    std::optional<std::int64_t> source_date_epoch; // seconds: the time of everything that is made
    StepNetwork *step_network = nullptr;
    int cancel_fd = -1; // readable: end it
    // Called from several threads, never two at once; must not throw.
    std::function<void(const BuildEvent &)> on_event;
};

} // namespace build
