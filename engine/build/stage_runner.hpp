// Makes one stage: its steps one after the other, from the cache where they are there. Blocks.
#pragma once

#include "engine/build/layer_step.hpp"
#include "engine/build/shortcuts.hpp"

#include <string>

namespace build {

class StageRunner {
  public:
    // References are kept.
    StageRunner(const Workshop &workshop, Reporter &reporter, const Shortcuts &shortcuts,
                const StagePlan &stage);

    // from: what FROM is called in the progress; empty: another stage, or nothing.
    // @throws base::LoadError at the instruction that failed; image::Cancelled.
    [[nodiscard]] LayerStack run(LayerStack base, const std::string &from);

  private:
    struct Made {
        std::string key; // empty: it was found by its definition
        image::CachedStep result;
        bool cached = false;
    };

    void take(const Step &step, LayerStack &stack);
    void layer(const Step &step, LayerStack &stack);
    [[nodiscard]] Made make(const Step &step, const LayerStack &stack, const Reporter::Step &report) const;
    [[nodiscard]] Made by_key(const LayerStep &work, const LayerStack &stack,
                              const Reporter::Step &report) const;
    [[nodiscard]] std::string next_title(const std::string &text);
    [[nodiscard]] std::optional<base::Timestamp> time_of(const LayerStack &stack) const;

    const Workshop &workshop_;
    Reporter &reporter_;
    const Shortcuts &shortcuts_;
    const StagePlan &stage_;
    std::size_t count_ = 1; // FROM
    std::size_t shown_ = 0;
};

} // namespace build
