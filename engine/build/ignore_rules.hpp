// .dockerignore: which files of a build context there are for COPY, ADD and bind mounts. Pure but for read().
#pragma once

#include "base/diagnostic.hpp"
#include "engine/build/path_pattern.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace build {

class IgnoreRules {
  public:
    // Nothing is ignored.
    IgnoreRules() = default;
    // A line is a pattern, a "!pattern" that brings back, or a comment. Wrong ones are errors.
    IgnoreRules(const std::shared_ptr<const base::Source> &source, base::Diagnostics &diagnostics);
    // As the values of --exclude.
    IgnoreRules(const std::vector<std::string> &patterns, const base::Location &location,
                base::Diagnostics &diagnostics);

    // DOCKERFILE.dockerignore, or else .dockerignore in the context; neither need be there.
    // @throws base::SystemError when one can't be read.
    static IgnoreRules read(const std::filesystem::path &context, const std::filesystem::path &dockerfile,
                            base::Diagnostics &diagnostics);

    // path is relative to the context's root, clean and without "./". What is below an ignored directory is
    // ignored, unless a later "!" says otherwise.
    [[nodiscard]] bool ignores(std::string_view path) const;

    // Whether a directory that is ignored need not be looked into.
    [[nodiscard]] bool ignores_all_below(std::string_view directory) const;

    [[nodiscard]] bool empty() const { return rules_.empty(); }

  private:
    struct Rule {
        PathPattern pattern;
        bool brings_back;
    };

    void add(std::string_view line, const base::Location &location, base::Diagnostics &diagnostics);

    std::vector<Rule> rules_;
};

} // namespace build
