// A template as the parser leaves it. Data only.
#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace go_template {

struct Pipeline;

// One word of a command: what it begins with, and the fields taken of that.
struct Operand {
    enum class Kind { dot, variable, literal, function, pipeline };
    Kind kind = Kind::dot;
    std::string name;                         // of a variable or function
    base::Json value;                         // of a literal
    std::shared_ptr<const Pipeline> pipeline; // within parentheses
    std::vector<std::string> fields;
    std::size_t offset = 0;
};

// The first word is a value, or a function or method with its arguments behind it.
struct Command {
    std::vector<Operand> words;
    std::size_t offset = 0;
};

struct Pipeline {
    std::vector<std::string> variables; // that it sets; two only in range
    bool declares = false;              // := instead of =
    std::vector<Command> commands;
    std::size_t offset = 0;
};

struct Node;
using Body = std::vector<Node>;

struct Text {
    std::string text;
};

struct Output {
    Pipeline pipeline;
};

struct Block {
    enum class Kind { if_, with, range };
    Kind kind = Kind::if_;
    Pipeline pipeline;
    Body body, otherwise;
};

struct Leave { // {{break}}, {{continue}}
    bool loop = false;
};

struct Node {
    std::variant<Text, Output, Block, Leave> content;
};

struct Tree {
    std::string text; // for errors
    Body body;
};

} // namespace go_template
