// Numbers the steps of a build and tells about them. Thread-safe.
#pragma once

#include "engine/build/build_options.hpp"

#include <mutex>

namespace build {

class Reporter {
  public:
    explicit Reporter(const BuildOptions &options) : options_(options) {}

    // One step, from its start on.
    class Step {
      public:
        void output(std::string_view text) const;
        void warn(const std::string &sentence) const;

        void done(const std::string &text = {}) const { finish(BuildEvent::Kind::done, text); }

        void cached() const { finish(BuildEvent::Kind::cached, {}); }

        void failed(const std::string &sentence) const { finish(BuildEvent::Kind::failed, sentence); }

      private:
        friend class Reporter;
        Step(Reporter &reporter, std::size_t number, std::string name);
        void finish(BuildEvent::Kind kind, const std::string &text) const;

        Reporter &reporter_;
        std::size_t number_;
        std::string name_;
        std::chrono::steady_clock::time_point began_;
    };

    Step start(const std::string &name);
    void warn(const std::string &sentence);

  private:
    void tell(BuildEvent event);

    const BuildOptions &options_;
    std::mutex mutex_;
    std::size_t started_ = 0;
};

} // namespace build
