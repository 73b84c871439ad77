#include "compose/common_yaml.hpp"

#include "compose/yaml_line.hpp"

#include <map>

namespace compose {

namespace {

// Far below yaml-cpp's limit of 1024.
constexpr std::size_t longest_key = 256;

class Reader {
  public:
    Reader(const Source &source, TreeBuilder &events) : lines_(source.text), events_(events) {}

    // @throws NotCommon
    void document() {
        lines_.next();
        if (lines_.at_end() || lines_.indent() != 0 || lines_.begins_item())
            throw NotCommon{};
        block(0);
        if (!lines_.at_end())
            throw NotCommon{};
    }

  private:
    // The collection whose entries begin in this column, the first of them in the current line.
    void block(std::size_t column, const YAML::Mark *mark = nullptr, YAML::anchor_t anchor = 0) {
        const YAML::Mark here = lines_.mark();
        if (lines_.begins_item())
            sequence(column, mark == nullptr ? here : *mark, anchor);
        else
            mapping(column, mark == nullptr ? here : *mark, anchor);
    }

    void mapping(std::size_t column, const YAML::Mark &mark, YAML::anchor_t anchor) {
        events_.OnMapStart(mark, no_tag, anchor, YAML::EmitterStyle::Block);
        do {
            if (lines_.begins_item())
                throw NotCommon{};
            key(Context::block);
            value(column);
        } while (lines_.is_entry(column));
        events_.OnMapEnd();
    }

    void sequence(std::size_t column, const YAML::Mark &mark, YAML::anchor_t anchor) {
        events_.OnSequenceStart(mark, no_tag, anchor, YAML::EmitterStyle::Block);
        do {
            lines_.take('-');
            item(column);
        } while (lines_.is_entry(column) && lines_.begins_item());
        events_.OnSequenceEnd();
    }

    // What follows "key:".
    void value(std::size_t column) {
        lines_.skip_blanks();
        const YAML::Mark mark = lines_.mark();
        const YAML::anchor_t name = anchor();
        if (!lines_.line_is_over())
            return one_line(name, mark, column);
        const bool last_break = lines_.ends_with_break();
        lines_.next();
        const bool list = lines_.is_entry(column) && lines_.begins_item();
        if (!lines_.at_end() && (lines_.indent() > column || list))
            return block(lines_.indent(), name == 0 ? nullptr : &mark, name);
        if (!last_break || name != 0)
            throw NotCommon{};
        events_.OnNull(lines_.mark(), 0);
    }

    // What follows "-".
    void item(std::size_t column) {
        lines_.skip_blanks();
        const YAML::Mark mark = lines_.mark();
        const YAML::anchor_t name = anchor();
        if (lines_.line_is_over()) {
            lines_.next();
            if (lines_.at_end() || lines_.indent() <= column)
                throw NotCommon{};
            return block(lines_.indent(), name == 0 ? nullptr : &mark, name);
        }
        if (!lines_.holds_key())
            return one_line(name, mark, column);
        if (name != 0 || lines_.begins_item())
            throw NotCommon{};
        mapping(lines_.column(), mark, 0);
    }

    // A value that ends with its line.
    void one_line(YAML::anchor_t name, const YAML::Mark &mark, std::size_t column) {
        node(Context::block, name, mark);
        if (!lines_.line_is_over())
            throw NotCommon{};
        lines_.next();
        if (!lines_.at_end() && lines_.indent() > column)
            throw NotCommon{}; // it goes on
    }

    // A scalar, an alias or a flow collection.
    void node(Context context, YAML::anchor_t name, const YAML::Mark &mark) {
        switch (lines_.peek()) {
        case '[':
            return flow_sequence(name, mark);
        case '{':
            return flow_mapping(name, mark);
        case '*':
            return alias(name, mark);
        default:
            scalar(lines_.scalar(context), name, mark);
        }
    }

    void scalar(const Scalar &read, YAML::anchor_t name, const YAML::Mark &mark) {
        if (!read.quoted && is_null_text(read.text))
            events_.OnNull(mark, name);
        else
            events_.OnScalar(mark, read.quoted ? quoted_tag : no_tag, name, read.text);
    }

    void key(Context context) {
        const YAML::Mark mark = lines_.mark();
        const Scalar read = lines_.scalar(context);
        lines_.take(':');
        if (!lines_.at_blank_or_break() || read.text.size() > longest_key)
            throw NotCommon{};
        scalar(read, 0, mark);
    }

    void alias(YAML::anchor_t name, const YAML::Mark &mark) {
        lines_.take('*');
        const auto found = anchors_.find(lines_.name());
        if (name != 0 || found == anchors_.end())
            throw NotCommon{};
        events_.OnAlias(mark, found->second);
    }

    // The number of the anchor that is set here, or 0.
    YAML::anchor_t anchor() {
        if (lines_.peek() != '&')
            return 0;
        lines_.take('&');
        anchors_[lines_.name()] = ++last_anchor_;
        lines_.skip_blanks();
        return last_anchor_;
    }

    void flow_sequence(YAML::anchor_t name, const YAML::Mark &mark) {
        events_.OnSequenceStart(mark, no_tag, name, YAML::EmitterStyle::Flow);
        flow('[', ']', [this] { flow_node(); });
        events_.OnSequenceEnd();
    }

    void flow_mapping(YAML::anchor_t name, const YAML::Mark &mark) {
        events_.OnMapStart(mark, no_tag, name, YAML::EmitterStyle::Flow);
        flow('{', '}', [this] {
            key(Context::flow);
            lines_.skip_blanks();
            flow_node();
        });
        events_.OnMapEnd();
    }

    template <typename Entry>
    void flow(char open, char close, Entry entry) {
        lines_.take(open);
        lines_.skip_blanks();
        for (bool first = true; lines_.peek() != close; first = false) {
            if (!first) {
                lines_.take(',');
                lines_.skip_blanks();
            }
            entry();
            lines_.skip_blanks();
        }
        lines_.take(close);
    }

    void flow_node() {
        const YAML::Mark mark = lines_.mark();
        node(Context::flow, anchor(), mark);
    }

    static bool is_null_text(std::string_view text) {
        return text == "~" || text == "null" || text == "Null" || text == "NULL";
    }

    // yaml-cpp's, see TreeBuilder.
    const std::string no_tag = "?";
    const std::string quoted_tag = "!";

    YamlLines lines_;
    TreeBuilder &events_;
    std::map<std::string, YAML::anchor_t, std::less<>> anchors_;
    YAML::anchor_t last_anchor_ = 0;
};

} // namespace

std::optional<Node> parse_common_yaml(const std::shared_ptr<const Source> &source, Diagnostics &diagnostics,
                                      const ParseLimits &limits) {
    Diagnostics found;
    ParseBudget budget{limits.max_nodes, limits.max_text};
    TreeBuilder builder(source, found, limits, budget);
    try {
        Reader(*source, builder).document();
    } catch (const NotCommon &) {
        return std::nullopt;
    } catch (const ParseAborted &) {
        for (const Diagnostic &each : found.all())
            diagnostics.add(each);
        return std::nullopt;
    }
    if (!found.all().empty())
        return std::nullopt;
    return builder.take();
}

} // namespace compose
