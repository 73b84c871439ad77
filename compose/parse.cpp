#include "compose/parse.hpp"

#include "base/line_index.hpp"
#include "compose/common_yaml.hpp"
#include "compose/syntax_error.hpp"
#include "compose/tree_builder.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <streambuf>

namespace compose {

namespace {

// The text of a source as a stream, without a copy.
class TextBuffer final : public std::streambuf {
  public:
    explicit TextBuffer(const std::string &text) {
        char *begin = const_cast<char *>(text.data());
        setg(begin, begin, begin + text.size());
    }

  protected:
    // yaml-cpp steps back over what it read to find a byte order mark.
    pos_type seekoff(off_type offset, std::ios_base::seekdir direction, std::ios_base::openmode) override {
        char *from = direction == std::ios_base::beg   ? eback()
                     : direction == std::ios_base::cur ? gptr()
                                                       : egptr();
        if (offset < eback() - from || offset > egptr() - from)
            return pos_type(off_type(-1));
        setg(eback(), from + offset, egptr());
        return pos_type(gptr() - eback());
    }
};

// yaml-cpp keeps all of a flow collection in memory, 200 bytes for a letter, until it knows whether it is a
// key.
constexpr std::size_t most_indicators = 500'000;

// Where the text passes the limit, or its size.
std::size_t too_many_indicators(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.find_first_of("[{,"); at < text.size(); at = text.find_first_of("[{,", at + 1))
        if (++count > most_indicators)
            return at;
    return text.size();
}

bool same_place(const Location &a, const Location &b) {
    return a.known() && b.known() && a.line == b.line && a.column == b.column;
}

YAML::Mark mark_of(const Location &location) {
    YAML::Mark mark;
    mark.line = static_cast<int>(location.line) - 1;
    mark.column = static_cast<int>(location.column) - 1;
    return mark;
}

} // namespace

std::vector<Node> parse_any_yaml(const std::shared_ptr<const Source> &source, Diagnostics &diagnostics,
                                 const ParseLimits &limits) {
    std::vector<Node> documents;
    if (const std::size_t at = too_many_indicators(source->text); at < source->text.size()) {
        diagnostics.error(base::LineIndex(source).at(at), {},
                          "the file has more than " + std::to_string(most_indicators)
                              + " brackets and commas",
                          "move large content into files of its own");
        return documents;
    }
    TextBuffer buffer(source->text);
    std::istream stream(&buffer);
    ParseBudget budget{limits.max_nodes, limits.max_text};
    std::optional<std::size_t> last_quoted;
    Location begin;
    try {
        YAML::Parser parser(stream);
        for (;;) {
            TreeBuilder builder(source, diagnostics, limits, budget);
            if (!parser.HandleNextDocument(builder))
                break;
            if (builder.last_quoted())
                last_quoted = builder.last_quoted();
            std::optional<Node> document = builder.take();
            if (!document || document->is_null()) {
                // yaml-cpp makes documents without end of a "," that it does not read.
                if (same_place(begin, builder.begin()))
                    throw YAML::ParserException(mark_of(begin), YAML::ErrorMsg::UNKNOWN_TOKEN);
                begin = builder.begin();
                continue;
            }
            if (document->is_mapping())
                documents.push_back(std::move(*document));
            else
                diagnostics.error(document->location, {}, "the top level of a Compose file must be a mapping",
                                  "begin with \"services:\"");
        }
        if (last_quoted)
            check_closing_quote(source, *last_quoted, diagnostics);
    } catch (const ParseAborted &) {
        return documents;
    } catch (const YAML::Exception &error) {
        report_syntax_error(source, error, diagnostics);
    }
    return documents;
}

std::vector<Node> parse_yaml(const std::shared_ptr<const Source> &source, Diagnostics &diagnostics,
                             const ParseLimits &limits) {
    std::vector<Node> documents;
    Diagnostics found;
    if (std::optional<Node> document = parse_common_yaml(source, found, limits))
        documents.push_back(std::move(*document));
    else if (!found.has_errors())
        return parse_any_yaml(source, diagnostics, limits);
    for (const Diagnostic &each : found.all())
        diagnostics.add(each);
    return documents;
}

} // namespace compose
