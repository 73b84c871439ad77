// Events of containers, for everybody who listens: API clients and the project's own log.
#pragma once

#include "supervisor/api.hpp"

#include <functional>
#include <map>

namespace supervisor {

class EventBus {
  public:
    using Listener = std::function<void(const Answer &)>;
    using Token = int;

    Token listen(Listener listener) {
        listeners_[++last_] = std::move(listener);
        return last_;
    }

    void ignore(Token token) { listeners_.erase(token); }

    // A listener may remove itself while it is called.
    void publish(const Answer &event) {
        const auto current = listeners_;
        for (const auto &[token, listener] : current)
            listener(event);
    }

  private:
    std::map<Token, Listener> listeners_;
    Token last_ = 0;
};

} // namespace supervisor
