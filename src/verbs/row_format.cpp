#include "verbs/row_format.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "terminal/table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cli {

namespace {

constexpr std::string_view table_key = "table";
constexpr std::size_t least_width = 10; // of a column, as Docker has them

// Within actions they are escapes of Go's texts already.
std::string with_controls(std::string_view format) {
    std::string text;
    bool action = false;
    for (std::size_t at = 0; at < format.size(); ++at) {
        if (format.substr(at, 2) == "{{" || format.substr(at, 2) == "}}")
            action = format[at] == '{';
        const std::string_view two = format.substr(at, 2);
        if (!action && (two == "\\t" || two == "\\n")) {
            text += two == "\\t" ? '\t' : '\n';
            ++at;
        } else {
            text += format[at];
        }
    }
    return text;
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

std::vector<std::string> cells_of(const std::string &line) {
    std::vector<std::string> cells;
    std::size_t begin = 0;
    for (std::size_t end = line.find('\t'); end != std::string::npos; end = line.find('\t', begin)) {
        cells.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    cells.push_back(line.substr(begin));
    return cells;
}

} // namespace

RowFormat::RowFormat(const std::string &format, Titles titles) : titles_(std::move(titles)) {
    if (format == "json") {
        kind_ = Kind::json;
    } else if (format.find("{{") != std::string::npos) {
        const bool columns = format.starts_with(table_key);
        kind_ = columns ? Kind::columns : Kind::lines;
        const std::string_view text = std::string_view(format).substr(columns ? table_key.size() : 0);
        template_.emplace(with_controls(trimmed(text)));
    } else if (!format.empty() && format != table_key) {
        throw base::Error(
            fmt::format("unsupported format \"{}\"", format),
            fmt::format("use table, json, or a template, e.g. '{{{{.{}}}}}'", titles_.begin()->first));
    }
}

std::string RowFormat::text(const std::vector<base::Json> &rows) const {
    std::string text;
    if (kind_ == Kind::lines) {
        for (const base::Json &row : rows)
            text += template_->render(row) + "\n";
        return text;
    }
    Table table(cells_of(template_->header(titles_)));
    for (const base::Json &row : rows)
        table.add(cells_of(template_->render(row)));
    return table.text(least_width);
}

} // namespace cli
