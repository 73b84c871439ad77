// Templates in the language of Go's text/template, as far as command lines use it: fields, variables,
// pipelines, functions, if, with, range, comments and the trimming of white space. Templates that name other
// templates are refused. Pure.
#pragma once

#include "base/json_fwd.hpp"

#include <map>
#include <memory>
#include <string>

namespace go_template {

struct Tree;

// A member of the data with this name is the method `name`: {{.Label "key"}} looks the argument up in the
// object it is; nothing that prints or walks through the data shows it.
[[nodiscard]] std::string method(const std::string &name);

class Template {
  public:
    // @throws base::Error with the line and column of what is wrong.
    explicit Template(const std::string &text);
    Template(const Template &) = default;
    Template(Template &&) = default;
    Template &operator=(const Template &) = default;
    Template &operator=(Template &&) = default;
    ~Template();

    // data: an object; a field that it lacks is an error, one that an object within it lacks is nothing.
    // @throws base::Error for what goes wrong with this data, also for what grows without measure.
    [[nodiscard]] std::string render(const base::Json &data) const;

    // The heading of a table whose rows the template makes: fields are what the map has for them, methods are
    // made of their argument, and functions that change one text leave it alone.
    [[nodiscard]] std::string header(const std::map<std::string, std::string> &titles) const;

  private:
    std::shared_ptr<const Tree> tree_;
};

} // namespace go_template
