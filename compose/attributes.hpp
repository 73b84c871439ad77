// The attributes of the Compose Specification as one table: what a value may be, in which order Docker
// Compose prints it, and whether it works here. check_schema, the canonical form, the renderer and
// docs/compat.md all read it, so that an attribute is one row. Rows are constants; looking one up allocates
// nothing.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

enum class Status {
    works,
    ignored, // accepted; without effect on one machine, as with Docker Compose
    refused, // an error at its line
};

// What a value is. The canonical form is given where it differs from what may be written.
enum class Type {
    any,      // not looked into
    text,     // string
    word,     // string or number -> string
    boolean,  // or a string that reads as one -> boolean
    integer,  // or a string that reads as one -> integer
    number,   // with a fraction
    bytes,    // "64m" or a number -> string with the number of bytes
    duration, // "1m30s"
    octal,    // file mode: a number, or octal digits in a string -> integer
    texts,    // list of strings
    words,    // list of strings or numbers -> list of strings
    pairs,    // mapping of scalars, or list of KEY[=VALUE] -> mapping to string or null
    options,  // mapping to strings or numbers -> mapping to string
    list,     // items have the row PATH.[]
    object,   // attributes have the rows PATH.NAME
    table,    // user-defined keys; values have the row PATH.*
};

// Other forms that may be written, and how the value is printed.
enum Flag : unsigned {
    or_text = 1 << 0,
    or_number = 1 << 1,
    or_boolean = 1 << 2,
    or_null = 1 << 3,
    or_list = 1 << 4,
    or_table = 1 << 5,
    needed = 1 << 6,         // the enclosing object must have it where it is written
    kept = 1 << 7,           // printed even when empty, zero or false
    json_object = 1 << 8,    // {} in JSON when missing
    json_null = 1 << 9,      // null in JSON when missing
    empty_pairs = 1 << 10,   // a missing value is "" (labels), not null (environment)
    capitalised = 1 << 11,   // the key starts with a capital in JSON
    needed_merged = 1 << 12, // the enclosing object must have it once all files are merged
};

struct Attribute {
    std::string_view path; // "services.*.ports.[].target": * any key, [] any item
    Type type;
    unsigned flags = 0;
    Status status = Status::works;
    std::string_view note = {}; // why it does not work, what to use instead, or how far it works
    std::string_view choices =
        {}; // "a|b"; a leading ! marks one that is refused. Of a number: a word for one
};

// Every row, in the order elements and their attributes are printed.
[[nodiscard]] const std::vector<Attribute> &attributes();

// A row with the rows below it.
struct Rule {
    const Attribute *attribute = nullptr; // null only above the rows
    unsigned order = 0;

    struct Child {
        std::string_view key;
        const Rule *rule;
    };

    std::vector<Child> named; // in printing order
    const Rule *any = nullptr;
    const Rule *item = nullptr;

    // The rule of an attribute: the named one, else that of any key, else nullptr.
    [[nodiscard]] const Rule *child(std::string_view key) const;

    [[nodiscard]] bool has(Flag flag) const { return attribute != nullptr && (attribute->flags & flag) != 0; }

    [[nodiscard]] Type type() const { return attribute == nullptr ? Type::any : attribute->type; }
};

// The rule of the whole file.
[[nodiscard]] const Rule &rules();

[[nodiscard]] std::string_view name(Status status);

[[nodiscard]] inline bool is_extension(std::string_view key) {
    return key.starts_with("x-");
}

// The rows of each element, one file each.
[[nodiscard]] std::span<const Attribute> project_attributes();
[[nodiscard]] std::span<const Attribute> service_attributes();
[[nodiscard]] std::span<const Attribute> service_list_attributes();
[[nodiscard]] std::span<const Attribute> build_attributes();
[[nodiscard]] std::span<const Attribute> deploy_attributes();
[[nodiscard]] std::span<const Attribute> develop_attributes();
[[nodiscard]] std::span<const Attribute> network_attributes();
[[nodiscard]] std::span<const Attribute> volume_attributes();
[[nodiscard]] std::span<const Attribute> secret_attributes();
[[nodiscard]] std::span<const Attribute> config_attributes();

} // namespace compose
