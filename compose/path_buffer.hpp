// "services.web.ports[0]" of the node that a walk over a tree is at, in one string that grows and shrinks:
// most walks say nothing of most nodes, and a string for each would take most of their time.
#pragma once

#include <charconv>
#include <iterator>
#include <string>
#include <string_view>

namespace compose {

class PathBuffer {
  public:
    // Below a key or an index for as long as it lives.
    class Step {
      public:
        Step(std::string &text, std::string_view key) : text_(text), before_(text.size()) {
            if (!text.empty())
                text += '.';
            text += key;
        }

        Step(std::string &text, std::size_t index) : text_(text), before_(text.size()) {
            char digits[20];
            const char *const end = std::to_chars(std::begin(digits), std::end(digits), index).ptr;
            text += "[";
            text.append(std::cbegin(digits), end).append("]");
        }

        Step(const Step &) = delete;
        Step &operator=(const Step &) = delete;

        ~Step() { text_.resize(before_); }

      private:
        std::string &text_;
        std::size_t before_;
    };

    [[nodiscard]] Step enter(std::string_view key) { return {text_, key}; }

    [[nodiscard]] Step enter(std::size_t index) { return {text_, index}; }

    [[nodiscard]] const std::string &text() const { return text_; }

  private:
    std::string text_;
};

} // namespace compose
