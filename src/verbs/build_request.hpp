// From a service's build section to what the builder is asked for.
#pragma once

#include "base/paths.hpp"
#include "compose/model.hpp"
#include "engine/build/build_options.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cli {

// Where contexts that are not on this machine are fetched to, and what ends that.
struct RequestSource {
    const base::Paths &paths;
    int cancel_fd = -1; // as in BuildOptions
};

// Of the command line, over those of the file.
struct BuildFlagValues {
    std::map<std::string, std::string> args;
    std::map<std::string, std::string> ssh; // id -> path, or empty for the agent
    std::string provenance, sbom;           // as in the file; empty: what the file says
};

// For this machine's platform. Fetches contexts of the web and of git.
// @throws base::Error naming the service for what is missing or not supported; image::Cancelled.
[[nodiscard]] build::BuildOptions build_options(const compose::Project &project,
                                                const compose::Service &service, const BuildFlagValues &flags,
                                                const RequestSource &source);

// What is built for: all of `build.platforms` when that is asked for; else the one that the service runs on:
// its own platform, or of those listed the one that this machine runs best. Each once, at least one.
// @throws base::Error naming the service when there is none, or the service's own is not listed.
[[nodiscard]] std::vector<image::Platform> build_platforms(const compose::Service &service, bool all);

// What the build is to tell of itself. @throws base::Error for what means nothing.
[[nodiscard]] std::optional<build::ProvenanceOptions> wanted_provenance(const compose::Service &service,
                                                                        const BuildFlagValues &flags);

// Which scanner is to look at what is built. @throws base::Error for what means nothing.
[[nodiscard]] std::optional<build::SbomOptions> wanted_sbom(const compose::Service &service,
                                                            const BuildFlagValues &flags);

// Null when there is none of that name, not even one that no profile selects.
[[nodiscard]] const compose::Service *find_service(const compose::Project &project, const std::string &name);

// Of the image that is built: those of the file, and whose it is, as Docker Compose says it. Not by which
// version it was built: the image would be another one after each upgrade.
[[nodiscard]] std::map<std::string, std::string> image_labels(const compose::Project &project,
                                                              const compose::Service &service);

// The service whose image the value of an additional context names; empty for anything else.
[[nodiscard]] std::string service_of_context(const std::string &value);

} // namespace cli
