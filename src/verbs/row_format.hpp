// --format of the verbs that list something: the verb's own table or JSON, or a template for each row. Pure.
#pragma once

#include "base/json_fwd.hpp"
#include "go_template/template.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cli {

class RowFormat {
  public:
    // Of the columns that templates can name: field -> heading.
    using Titles = std::map<std::string, std::string>;

    // format: "table" or nothing, "json", a template with "{{", or "table TEMPLATE", whose columns are
    // separated by tabs. "\t" and "\n" outside of actions mean these characters, as in Docker.
    // @throws base::Error for anything else.
    RowFormat(const std::string &format, Titles titles);

    [[nodiscard]] bool is_table() const { return kind_ == Kind::table; }

    [[nodiscard]] bool is_json() const { return kind_ == Kind::json; }

    [[nodiscard]] bool is_template() const { return kind_ == Kind::lines || kind_ == Kind::columns; }

    // Whether its lines have a heading: the verb's own table or a template's.
    [[nodiscard]] bool has_heading() const { return kind_ == Kind::table || kind_ == Kind::columns; }

    // @pre is_template(). @throws base::Error with the place of what a template asks for in vain.
    [[nodiscard]] std::string text(const std::vector<base::Json> &rows) const;

  private:
    enum class Kind { table, json, lines, columns };

    Kind kind_ = Kind::table;
    Titles titles_;
    std::optional<go_template::Template> template_;
};

// For the help of --format.
inline constexpr const char *row_format_help =
    "table, json, or a Go template: '{{.Name}}', 'table {{.Name}}'";

} // namespace cli
