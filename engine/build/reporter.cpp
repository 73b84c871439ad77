#include "engine/build/reporter.hpp"

namespace build {

void Reporter::tell(BuildEvent event) {
    const std::lock_guard lock(mutex_);
    if (options_.on_event)
        options_.on_event(event);
}

Reporter::Step Reporter::start(const std::string &name) {
    std::size_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        number = ++started_;
        if (options_.on_event)
            options_.on_event({BuildEvent::Kind::started, number, name, {}, {}});
    }
    return Step(*this, number, name);
}

void Reporter::warn(const std::string &sentence) {
    tell({BuildEvent::Kind::warning, 0, {}, sentence, {}});
}

Reporter::Step::Step(Reporter &reporter, std::size_t number, std::string name)
    : reporter_(reporter), number_(number), name_(std::move(name)), began_(std::chrono::steady_clock::now()) {
}

void Reporter::Step::output(std::string_view text) const {
    reporter_.tell({BuildEvent::Kind::output, number_, name_, std::string(text), {}});
}

void Reporter::Step::warn(const std::string &sentence) const {
    reporter_.tell({BuildEvent::Kind::warning, number_, name_, sentence, {}});
}

void Reporter::Step::finish(BuildEvent::Kind kind, const std::string &text) const {
    reporter_.tell({kind, number_, name_, text, std::chrono::steady_clock::now() - began_});
}

} // namespace build
