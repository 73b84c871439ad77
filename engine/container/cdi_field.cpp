#include "engine/container/cdi_field.hpp"

#include <algorithm>
#include <filesystem>

namespace container {

void CdiField::fail(const std::string &what, const std::string &hint) const {
    throw base::Error(file_ + ": " + (path_.empty() ? "the file" : path_) + " " + what, hint);
}

void CdiField::allow_only(std::initializer_list<const char *> keys) const {
    for (const auto &[key, member] : members())
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            member.fail("is no field of CDI that is known here", "remove it, or correct its name");
}

std::optional<CdiField> CdiField::find(const char *key) const {
    if (!value_.is_object())
        fail("is not an object");
    const auto found = value_.find(key);
    const auto is_nothing = [](const base::Json &value) {
        return value.is_null() || ((value.is_array() || value.is_object()) && value.empty())
               || (value.is_string() && value.get_ref<const std::string &>().empty());
    };
    if (found == value_.end() || is_nothing(*found))
        return std::nullopt;
    return CdiField(*found, path_.empty() ? key : path_ + "." + key, file_);
}

CdiField CdiField::need(const char *key) const {
    if (const auto found = find(key))
        return *found;
    fail(std::string("has no `") + key + "`", "add it");
}

std::vector<std::pair<std::string, CdiField>> CdiField::members() const {
    if (!value_.is_object())
        fail("is not an object");
    std::vector<std::pair<std::string, CdiField>> result;
    for (const auto &[key, value] : value_.items())
        result.emplace_back(key, CdiField(value, path_.empty() ? key : path_ + "." + key, file_));
    return result;
}

std::vector<CdiField> CdiField::items() const {
    if (!value_.is_array())
        fail("is not a list");
    std::vector<CdiField> result;
    for (const base::Json &item : value_)
        result.emplace_back(item, path_ + "[" + std::to_string(result.size()) + "]", file_);
    return result;
}

std::string CdiField::text() const {
    if (!value_.is_string())
        fail("is not a text", "put it in quotes");
    auto result = value_.get<std::string>();
    if (result.find('\0') != std::string::npos)
        fail("holds a NUL character", "remove it");
    return result;
}

std::string CdiField::absolute_path() const {
    const std::string path = text();
    if (!path.starts_with('/') || path.ends_with('/')
        || std::filesystem::path(path).lexically_normal().string() != path)
        fail("is \"" + path + "\", which is no plain absolute path",
             "begin it with \"/\", without \"..\", and without \"/\" at its end");
    return path;
}

} // namespace container
