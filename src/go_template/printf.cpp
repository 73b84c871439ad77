#include "go_template/printf.hpp"

#include "go_template/functions.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

namespace go_template {

namespace {

constexpr std::size_t widest = 1000;

struct Verb {
    bool left = false, plus = false, zero = false, blank = false;
    std::size_t width = 0;
    std::optional<std::size_t> precision;
    char letter = 0;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class Formatter {
  public:
    Formatter(const std::string &format, const std::vector<Value> &arguments)
        : format_(format), arguments_(arguments) {}

    std::string run() {
        while (at_ < format_.size()) {
            const char c = format_[at_++];
            if (c != '%')
                text_ += c;
            else
                verb();
            if (text_.size() > longest_text)
                throw BadCall("the text becomes too long");
        }
        if (next_ < arguments_.size()) {
            std::string extra;
            for (; next_ < arguments_.size(); ++next_)
                extra += (extra.empty() ? "" : ", ") + type_of(arguments_[next_]) + "="
                         + printed(arguments_[next_]);
            text_ += "%!(EXTRA " + extra + ")";
        }
        return std::move(text_);
    }

  private:
    std::size_t number() {
        std::size_t value = 0;
        for (; at_ < format_.size() && is_digit(format_[at_]); ++at_)
            if ((value = value * 10 + static_cast<std::size_t>(format_[at_] - '0')) > widest)
                throw BadCall("printf: a width is above 1000");
        return value;
    }

    void verb() {
        Verb verb;
        for (bool flag = true; flag && at_ < format_.size(); at_ += flag ? 1 : 0) {
            switch (format_[at_]) {
            case '-':
                verb.left = true;
                break;
            case '+':
                verb.plus = true;
                break;
            case '0':
                verb.zero = true;
                break;
            case ' ':
                verb.blank = true;
                break;
            case '#':
                break;
            default:
                flag = false;
            }
        }
        verb.width = number();
        if (at_ < format_.size() && format_[at_] == '.') {
            ++at_;
            verb.precision = number();
        }
        if (at_ == format_.size()) {
            text_ += "%!(NOVERB)";
            return;
        }
        verb.letter = format_[at_++];
        if (verb.letter == '%')
            text_ += '%';
        else if (next_ == arguments_.size())
            text_ += std::string("%!") + verb.letter + "(MISSING)";
        else
            add(verb, arguments_[next_++]);
    }

    void add(const Verb &verb, const Value &value) {
        std::optional<std::string> text;
        bool numeric = false;
        if (verb.letter == 'v' || (verb.letter == 's' && !value.is_number() && !value.is_boolean()))
            text = cut(printed(value), value.is_string() ? verb.precision : std::nullopt);
        else if (verb.letter == 'q' && value.is_string())
            text = quoted(value.get<std::string>());
        else if (verb.letter == 't' && value.is_boolean())
            text = printed(value);
        else if (value.is_number() && !value.is_number_float())
            text = of_integer(verb, value.get<std::int64_t>());
        else if (value.is_number_float())
            text = of_float(verb, value.get<double>());
        else if ((verb.letter == 'x' || verb.letter == 'X') && value.is_string())
            text = hex(value.get<std::string>(), verb.letter == 'X');
        numeric = value.is_number() && verb.letter != 'c';
        if (!text)
            text = std::string("%!") + verb.letter + "(" + type_of(value) + "=" + printed(value) + ")";
        if (numeric && !text->starts_with('-') && (verb.plus || verb.blank) && !text->starts_with('%'))
            text->insert(0, verb.plus ? "+" : " ");
        pad(verb, *std::move(text), numeric);
    }

    static std::string cut(std::string text, std::optional<std::size_t> precision) {
        if (precision && text.size() > *precision)
            text.resize(*precision);
        return text;
    }

    static std::optional<std::string> of_integer(const Verb &verb, std::int64_t value) {
        switch (verb.letter) {
        case 'd':
            return fmt::format("{}", value);
        case 'x':
            return fmt::format("{:x}", value);
        case 'X':
            return fmt::format("{:X}", value);
        case 'o':
            return fmt::format("{:o}", value);
        case 'b':
            return fmt::format("{:b}", value);
        case 'c':
            return value > 0 && value < 128 ? std::optional(std::string(1, static_cast<char>(value)))
                                            : std::nullopt;
        default:
            return std::nullopt;
        }
    }

    static std::optional<std::string> of_float(const Verb &verb, double value) {
        const int precision = static_cast<int>(verb.precision.value_or(6));
        switch (verb.letter) {
        case 'f':
        case 'F':
            return fmt::format("{:.{}f}", value, precision);
        case 'e':
            return fmt::format("{:.{}e}", value, precision);
        case 'g':
            return verb.precision ? fmt::format("{:.{}g}", value, precision) : printed(value);
        default:
            return std::nullopt;
        }
    }

    static std::string hex(const std::string &text, bool upper) {
        std::string result;
        for (const unsigned char c : text)
            result += upper ? fmt::format("{:02X}", c) : fmt::format("{:02x}", c);
        return result;
    }

    void pad(const Verb &verb, std::string text, bool numeric) {
        std::size_t width = 0;
        for (const char c : text)
            width += (c & 0xc0) != 0x80 ? 1 : 0;
        const std::size_t missing = verb.width > width ? verb.width - width : 0;
        if (verb.left)
            text.append(missing, ' ');
        else if (verb.zero && numeric)
            text.insert(text.find_first_not_of("+- ") == 1 ? 1 : 0, missing, '0');
        else
            text.insert(0, missing, ' ');
        text_ += text;
    }

    const std::string &format_;
    const std::vector<Value> &arguments_;
    std::string text_;
    std::size_t at_ = 0, next_ = 0;
};

} // namespace

std::string formatted(const std::string &format, const std::vector<Value> &arguments) {
    return Formatter(format, arguments).run();
}

std::string quoted(const std::string &text) {
    std::string result = "\"";
    constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"";
    constexpr std::string_view letters = "abfnrtv\\\"";
    for (const char c : text) {
        if (const std::size_t found = special.find(c); found != std::string_view::npos)
            result += std::string("\\") + letters[found];
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            result += c;
    }
    return result + "\"";
}

} // namespace go_template
