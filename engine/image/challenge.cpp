#include "engine/image/challenge.hpp"

#include <cctype>

namespace image {

namespace {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return text_.empty(); }

    bool take(char c) {
        if (!text_.starts_with(c))
            return false;
        text_.remove_prefix(1);
        return true;
    }

    void skip_blanks() {
        while (take(' ') || take('\t')) {
        }
    }

    void skip_separators() {
        while (take(' ') || take('\t') || take(',')) {
        }
    }

    std::string token() {
        constexpr std::string_view others = "!#$%&'*+-.^_`|~/:";
        std::size_t size = 0;
        while (size < text_.size()
               && (std::isalnum(static_cast<unsigned char>(text_[size])) != 0
                   || others.find(text_[size]) != std::string_view::npos))
            ++size;
        std::string result(text_.substr(0, size));
        text_.remove_prefix(size);
        return result;
    }

    std::string quoted() {
        std::string result;
        while (!text_.empty()) {
            const char c = text_.front();
            text_.remove_prefix(1);
            if (c == '"')
                break;
            if (c == '\\' && !text_.empty()) {
                result += text_.front();
                text_.remove_prefix(1);
            } else {
                result += c;
            }
        }
        return result;
    }

    // A name is a parameter when '=' follows, else it begins the next challenge.
    bool is_assignment() {
        skip_blanks();
        if (!take('='))
            return false;
        skip_blanks();
        return true;
    }

  private:
    std::string_view text_;
};

std::string lower(std::string text) {
    for (char &c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

} // namespace

std::string Challenge::parameter(const std::string &key) const {
    const auto found = parameters.find(key);
    return found == parameters.end() ? std::string{} : found->second;
}

std::vector<Challenge> parse_challenges(std::string_view header) {
    std::vector<Challenge> challenges;
    Scanner scanner(header);
    for (scanner.skip_separators(); !scanner.at_end(); scanner.skip_separators()) {
        const std::string name = lower(scanner.token());
        if (name.empty())
            break;
        if (!scanner.is_assignment())
            challenges.push_back({name, {}});
        else if (challenges.empty())
            break;
        else
            challenges.back().parameters[name] = scanner.take('"') ? scanner.quoted() : scanner.token();
    }
    return challenges;
}

} // namespace image
