#include "engine/build/mount.hpp"

#include "base/suggest.hpp"
#include "engine/build/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace build {

namespace {

using base::Diagnostics;
using Type = Mount::Type;

const std::map<std::string, Type> types{{"bind", Type::bind},
                                        {"cache", Type::cache},
                                        {"tmpfs", Type::tmpfs},
                                        {"secret", Type::secret},
                                        {"ssh", Type::ssh}};
const std::map<std::string, Mount::Sharing> sharings{{"shared", Mount::Sharing::shared},
                                                     {"private", Mount::Sharing::private_},
                                                     {"locked", Mount::Sharing::locked}};
const std::vector<std::string> all_keys{
    "type",      "from", "source", "src",     "target", "dst",  "destination", "ro",  "readonly", "rw",
    "readwrite", "id",   "env",    "sharing", "size",   "mode", "required",    "uid", "gid"};

std::string name_of(Type type) {
    return std::find_if(types.begin(), types.end(), [type](const auto &each) { return each.second == type; })
        ->first;
}

template <typename Map>
std::vector<std::string> keys_of(const Map &map) {
    std::vector<std::string> result;
    for (const auto &[key, value] : map)
        result.push_back(key);
    return result;
}

bool is_one_of(const std::string &key, std::initializer_list<const char *> names) {
    return std::find(names.begin(), names.end(), key) != names.end();
}

class Parser {
  public:
    Parser(const std::function<std::string(const Word &)> &expand, Diagnostics &diagnostics)
        : expand_(expand), diagnostics_(diagnostics) {}

    Mount run(const Word &word) {
        const std::vector<MountField> fields = mount_fields(word, diagnostics_);
        // What a key means depends on the type, wherever that stands.
        for (const MountField &field : fields)
            if (field.key == "type")
                set_type(field);
        for (const MountField &field : fields)
            if (field.key != "type")
                set(field);
        if (!read_only_given_)
            mount_.read_only = mount_.type != Type::cache && mount_.type != Type::tmpfs;
        finish(word);
        return std::move(mount_);
    }

  private:
    void fail(const base::Location &location, const std::string &message, std::string hint = {}) {
        diagnostics_.error(location, {}, message, std::move(hint));
    }

    void wrong(const MountField &field, const std::string &value, const char *expected) {
        fail(field.location, "\"" + value + "\" is no value of " + field.key, expected);
    }

    void set_type(const MountField &field) {
        const std::string value = field.value ? lower(expand_(*field.value)) : std::string();
        if (const auto found = types.find(value); found != types.end()) {
            mount_.type = found->second;
            return;
        }
        const std::string near = base::did_you_mean(value, keys_of(types));
        fail(field.location, "there is no mount type \"" + value + "\"",
             near.empty() ? "it is one of bind, cache, secret, ssh, tmpfs" : near);
    }

    void set(const MountField &field) {
        const std::string &key = field.key;
        if (std::find(all_keys.begin(), all_keys.end(), key) == all_keys.end())
            return fail(field.location, "a mount has no option \"" + key + "\"",
                        base::did_you_mean(key, all_keys));
        if (!allowed(key))
            return fail(field.location,
                        "a mount of type " + name_of(mount_.type) + " has no option \"" + key + "\"",
                        "leave it out, or write the type= that it belongs to");
        const bool flag = is_one_of(key, {"ro", "readonly", "rw", "readwrite", "required"});
        if (!field.value && !flag)
            return fail(field.location, "the mount option \"" + key + "\" needs a value",
                        "write " + key + "=VALUE");
        const std::string value = field.value ? expand_(*field.value) : "true";
        if (flag)
            return set_flag(field, value);
        if (key == "from")
            mount_.from = value;
        else if (is_one_of(key, {"source", "src"}))
            mount_.source = value;
        else if (is_one_of(key, {"target", "dst", "destination"}))
            mount_.target = value;
        else if (key == "id")
            mount_.id = value;
        else if (key == "env")
            mount_.env = value;
        else if (key == "sharing")
            set_sharing(field, value);
        else if (key == "size")
            set_size(field, value);
        else if (key == "mode")
            mount_.mode = number(field, value, 8, "write an octal number, e.g. mode=0755");
        else if (key == "uid")
            mount_.uid = number(field, value, 10, "write a number, e.g. uid=1000");
        else
            mount_.gid = number(field, value, 10, "write a number, e.g. gid=1000");
    }

    [[nodiscard]] bool allowed(const std::string &key) const {
        const Type type = mount_.type;
        const bool credential = type == Type::secret || type == Type::ssh;
        if (is_one_of(key, {"mode", "uid", "gid"}))
            return credential || type == Type::cache;
        if (key == "required")
            return credential;
        if (key == "size")
            return type == Type::tmpfs;
        if (key == "sharing")
            return type == Type::cache;
        if (key == "from")
            return type != Type::secret;
        return true;
    }

    void set_flag(const MountField &field, const std::string &value) {
        if (!is_true(value) && !is_false(value))
            return wrong(field, value, "it is true or false");
        const bool on = is_true(value);
        if (field.key == "required") {
            mount_.required = on;
            return;
        }
        mount_.read_only = on == is_one_of(field.key, {"ro", "readonly"});
        read_only_given_ = true;
    }

    void set_sharing(const MountField &field, const std::string &value) {
        if (const auto found = sharings.find(lower(value)); found != sharings.end())
            mount_.sharing = found->second;
        else
            wrong(field, value, "it is one of locked, private, shared");
    }

    void set_size(const MountField &field, const std::string &value) {
        if (const auto bytes = base::parse_bytes(value); bytes && bytes->value >= 0)
            mount_.size = *bytes;
        else
            wrong(field, value, "write a size, e.g. size=64m");
    }

    std::optional<std::uint32_t> number(const MountField &field, const std::string &value, int radix,
                                        const char *hint) {
        std::uint32_t result = 0;
        const char *end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, result, radix);
        if (parsed.ec == std::errc() && parsed.ptr == end)
            return result;
        wrong(field, value, hint);
        return std::nullopt;
    }

    void finish(const Word &word) {
        if (mount_.type == Type::secret) {
            if (mount_.source.empty() && mount_.target.empty() && mount_.id.empty())
                fail(word.location, "the secret mount does not say which secret", "write id=NAME");
            else if (!mount_.source.empty() && !mount_.id.empty())
                fail(word.location, "the secret mount has both id and source", "keep id");
        } else if (mount_.target.empty() && mount_.type != Type::ssh) {
            fail(word.location, "the mount has no target", "write target=PATH");
        }
    }

    const std::function<std::string(const Word &)> &expand_;
    Diagnostics &diagnostics_;
    Mount mount_;
    bool read_only_given_ = false;
};

} // namespace

std::vector<MountField> mount_fields(const Word &mount, Diagnostics &diagnostics) {
    const std::string &text = mount.text;
    std::vector<MountField> fields;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        std::string field;
        if (at < text.size() && text[at] == '"') {
            ++at;
            while (at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\"")) {
                at += text[at] == '"' ? 1 : 0;
                field += text[at++];
            }
            if (at == text.size())
                diagnostics.error(mount.location, {}, "a quote in the mount is not closed", "close it");
            ++at;
        }
        const std::size_t end = std::min(text.find(',', std::min(at, text.size())), text.size());
        if (at < end)
            field += text.substr(at, end - at);
        at = end;
        const std::size_t equals = field.find('=');
        MountField &added = fields.emplace_back();
        added.key = lower(std::string_view(field).substr(0, equals));
        added.location = mount.location;
        if (equals != std::string::npos)
            added.value = Word{field.substr(equals + 1), mount.location};
    }
    return fields;
}

Word mount_from(const Word &mount, Diagnostics &diagnostics) {
    Word from{{}, mount.location};
    base::Diagnostics seen; // a quote that is not closed is reported with everything else
    for (const MountField &field : mount_fields(mount, seen)) {
        if (field.key != "from" || !field.value)
            continue;
        from = *field.value;
        const std::size_t dollar = from.text.find('$');
        if (dollar != std::string::npos && dollar + 1 < from.text.size())
            diagnostics.error(from.location, {}, "from= of a mount takes no variables",
                              "define a stage with FROM " + from.text + " AS NAME and write from=NAME");
    }
    return from;
}

Mount parse_mount(const Word &mount, const std::function<std::string(const Word &)> &expand,
                  Diagnostics &diagnostics) {
    return Parser(expand, diagnostics).run(mount);
}

} // namespace build
