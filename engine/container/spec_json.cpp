#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "engine/container/spec_fields.hpp"

#include <span>
#include <type_traits>

namespace container {

namespace {

using base::Json;

constexpr int newest_version = 1;

template <typename E>
struct EnumName {
    E value;
    const char *name;
};

constexpr EnumName<NamespaceMode::Kind> kinds[] = {{NamespaceMode::Kind::private_, "private"},
                                                   {NamespaceMode::Kind::host, "host"},
                                                   {NamespaceMode::Kind::none, "none"},
                                                   {NamespaceMode::Kind::container, "container"}};
constexpr EnumName<Propagation> propagations[] = {
    {Propagation::rprivate, "rprivate"}, {Propagation::private_, "private"}, {Propagation::rslave, "rslave"},
    {Propagation::slave, "slave"},       {Propagation::rshared, "rshared"},  {Propagation::shared, "shared"}};
constexpr EnumName<RestartPolicy::Kind> policies[] = {
    {RestartPolicy::Kind::no, "no"},
    {RestartPolicy::Kind::always, "always"},
    {RestartPolicy::Kind::on_failure, "on-failure"},
    {RestartPolicy::Kind::unless_stopped, "unless-stopped"}};

std::span<const EnumName<NamespaceMode::Kind>> table(NamespaceMode::Kind) {
    return kinds;
}

std::span<const EnumName<Propagation>> table(Propagation) {
    return propagations;
}

std::span<const EnumName<RestartPolicy::Kind>> table(RestartPolicy::Kind) {
    return policies;
}

struct Writer;
struct Reader;

template <typename T>
Json write(T value);
template <typename T>
void read(const Json &json, T &value, const std::string &where);

struct Writer {
    Json json = Json::object();

    template <typename T>
    void operator()(const char *name, T &value) {
        json[name] = write(value);
    }

    template <typename Variant, typename T>
    void alternative(const char *name, Variant &value, T) {
        if (const T *held = std::get_if<T>(&value))
            json[name] = write(*held);
    }
};

struct Reader {
    const Json &json;
    std::string where;

    template <typename T>
    void operator()(const char *name, T &value) {
        const auto found = json.find(name);
        if (found != json.end())
            read(*found, value, where.empty() ? name : where + "." + name);
    }

    template <typename Variant, typename T>
    void alternative(const char *name, Variant &value, T held) {
        if (!json.contains(name))
            return;
        (*this)(name, held);
        value = held;
    }
};

[[noreturn]] void wrong_type(const std::string &where) {
    throw base::Error("container.json: \"" + where + "\" has the wrong type",
                      "the file was edited or is damaged; recreate the container");
}

template <typename T>
struct IsOptional : std::false_type {};

template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
struct IsVector : std::false_type {};

template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

using StringMap = std::map<std::string, std::string>;
using StringPair = std::pair<std::string, std::string>;

template <typename T>
Json write_all(T value) {
    Writer writer;
    describe(writer, value);
    return std::move(writer.json);
}

template <typename T>
Json write(T value) {
    if constexpr (IsOptional<T>::value) {
        return value ? write(*value) : Json();
    } else if constexpr (IsVector<T>::value) {
        Json array = Json::array();
        for (const auto &element : value)
            array.push_back(write(element));
        return array;
    } else if constexpr (std::is_enum_v<T>) {
        for (const auto &entry : table(value))
            if (entry.value == value)
                return entry.name;
        return nullptr;
    } else if constexpr (std::is_same_v<T, StringPair>) {
        return Json::array({value.first, value.second});
    } else if constexpr (std::is_same_v<T, base::Bytes>) {
        return value.value;
    } else if constexpr (std::is_same_v<T, base::Duration>) {
        return value.count();
    } else if constexpr (std::is_same_v<T, base::Timestamp>) {
        return base::format_rfc3339(value);
    } else if constexpr (std::is_same_v<T, Resources>) {
        return to_json(value);
    } else if constexpr (std::is_arithmetic_v<
                             T> || std::is_same_v<T, std::string> || std::is_same_v<T, StringMap>) {
        return value;
    } else {
        static const Json defaults = write_all(T{});
        Json members = write_all(value);
        for (auto member = defaults.begin(); member != defaults.end(); ++member)
            if (members.contains(member.key()) && members[member.key()] == member.value())
                members.erase(member.key());
        return members;
    }
}

template <typename T>
void read_plain(const Json &json, T &value, const std::string &where) {
    auto converted = base::json_as<T>(json);
    if (!converted)
        wrong_type(where);
    value = std::move(*converted);
}

template <typename T>
void read(const Json &json, T &value, const std::string &where) {
    if constexpr (IsOptional<T>::value) {
        read(json, value.emplace(), where);
    } else if constexpr (IsVector<T>::value) {
        if (!json.is_array())
            wrong_type(where);
        value.clear();
        for (const Json &element : json)
            read(element, value.emplace_back(), where + "[" + std::to_string(value.size()) + "]");
    } else if constexpr (std::is_enum_v<T>) {
        for (const auto &entry : table(value))
            if (json == entry.name) {
                value = entry.value;
                return;
            }
        wrong_type(where);
    } else if constexpr (std::is_same_v<T, base::Bytes>) {
        read_plain(json, value.value, where);
    } else if constexpr (std::is_same_v<T, base::Duration>) {
        std::int64_t count = 0;
        read_plain(json, count, where);
        value = base::Duration(count);
    } else if constexpr (std::is_same_v<T, base::Timestamp>) {
        const auto time = json.is_string() ? base::parse_rfc3339(json.get<std::string>()) : std::nullopt;
        if (!time)
            wrong_type(where);
        value = *time;
    } else if constexpr (std::is_same_v<T, Resources>) {
        value = resources_from_json(json);
    } else if constexpr (
        std::is_arithmetic_v<
            T> || std::is_same_v<T, std::string> || std::is_same_v<T, StringMap> || std::is_same_v<T, StringPair>) {
        read_plain(json, value, where);
    } else {
        if (!json.is_object())
            wrong_type(where);
        Reader reader{json, where};
        describe(reader, value);
    }
}

} // namespace

base::Json to_json(const Spec &spec) {
    Json json = Json::object();
    json["version"] = newest_version;
    Json members = write(spec);
    for (auto member = members.begin(); member != members.end(); ++member)
        json[member.key()] = std::move(member.value());
    return json;
}

Spec spec_from_json(const base::Json &json) {
    if (!json.is_object())
        throw base::Error("container.json: not an object");
    if (base::json_or(json, "version", 0) > newest_version)
        throw base::Error("container.json was written by a newer version of compose", "upgrade compose");
    Spec spec;
    read(json, spec, "");
    return spec;
}

std::optional<Spec> read_spec(const std::filesystem::path &directory) {
    const std::filesystem::path path = directory / "container.json";
    const auto text = base::read_file_if(path);
    if (!text || base::is_torn(*text))
        return std::nullopt;
    return spec_from_json(base::parse_json(*text, path.string()));
}

} // namespace container
