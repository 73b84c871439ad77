// Stages by name and number: what each begins with, and what the names in its instructions mean. Pure.
#pragma once

#include "engine/build/environment.hpp"
#include "engine/build/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace build {

class StageGraph {
  public:
    // References are kept.
    StageGraph(const Dockerfile &file, const BuildRequest &request, base::Diagnostics &diagnostics);

    // The stage to build; nullopt after an error.
    [[nodiscard]] std::optional<std::size_t> target() const;

    // What FROM names: an earlier stage, an additional context, an image, or nothing (scratch). A context
    // with the stage's own name stands for the whole stage. nullopt after an error.
    [[nodiscard]] std::optional<Origin> base(std::size_t stage) const;
    [[nodiscard]] bool is_replaced(std::size_t stage) const;
    [[nodiscard]] image::Platform platform(std::size_t stage) const;

    // What --from or from= in the stage names; nullopt after an error.
    [[nodiscard]] std::optional<Origin> source(const Word &name, std::size_t stage) const;

    // The stages and images a written instruction takes files from.
    [[nodiscard]] std::vector<Origin> sources(const Instruction &instruction, std::size_t stage) const;

    // The ARGs before the first FROM, and those that are always there.
    [[nodiscard]] const Environment &globals() const { return globals_; }

    [[nodiscard]] std::string name(std::size_t stage) const;

  private:
    [[nodiscard]] Environment globals_with(const std::map<std::string, std::string> &args,
                                           base::Diagnostics &diagnostics) const;
    void check_default(const Word &image) const;
    [[nodiscard]] std::optional<std::size_t> named_before(const std::string &name, std::size_t stage) const;
    [[nodiscard]] std::vector<std::string> names() const;

    const Dockerfile &file_;
    const BuildRequest &request_;
    base::Diagnostics &diagnostics_;
    Environment globals_;
    Environment defaults_; // the same without what the caller gives
};

} // namespace build
