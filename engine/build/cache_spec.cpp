#include "engine/build/cache_spec.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace build {

namespace {

// What others store or compress differently, and what is the way it is done here anyway.
constexpr std::array without_effect{"oci-mediatypes", "image-manifest", "force-compression",
                                    "compression-level"};
constexpr std::array elsewhere{"gha", "s3", "azblob"};

bool is_one_of(const auto &names, const std::string &name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Fields with commas between; one in double quotes may have commas, and "" for a quote. RFC 4180.
std::vector<std::string> fields_of(std::string_view text) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"')
            fields.back() += text[++i];
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == ',' && !quoted)
            fields.emplace_back();
        else
            fields.back() += text[i];
    }
    return fields;
}

class Parser {
  public:
    Parser(std::string_view text, CacheUse use, const std::filesystem::path &base)
        : text_(text), attribute_(use == CacheUse::from ? "cache_from" : "cache_to"), use_(use), base_(base) {
        parsed_.spec.emplace();
        parsed_.spec->text = text_;
    }

    ParsedCache run() {
        const std::vector<std::string> fields = fields_of(text_);
        if (fields.size() == 1 && fields.front().find('=') == std::string::npos)
            parsed_.spec->reference = name(fields.front());
        else
            read(fields);
        return std::move(parsed_);
    }

  private:
    void read(const std::vector<std::string> &fields) {
        for (const std::string &field : fields) {
            const std::size_t equals = field.find('=');
            if (equals == std::string::npos)
                fail(fmt::format("\"{}\" is no KEY=VALUE", field));
            values_[field.substr(0, equals)] = field.substr(equals + 1);
        }
        const std::string type = take("type").value_or("");
        if (type.empty())
            fail("there is no type");
        if (is_one_of(elsewhere, type)) {
            warn(fmt::format("a cache of type {} is not supported, and left out", type));
            parsed_.spec.reset();
            return;
        }
        if (type == "registry")
            registry();
        else if (type == "local")
            local();
        else if (type == "inline" && use_ == CacheUse::to)
            parsed_.spec->type = CacheSpec::Type::in_image;
        else
            fail(fmt::format("there is no type \"{}\"", type));
        if (use_ == CacheUse::to)
            writing();
        rest();
    }

    void registry() {
        const auto ref = take("ref");
        if (!ref)
            fail("type=registry needs a ref");
        parsed_.spec->reference = name(*ref);
    }

    void local() {
        parsed_.spec->type = CacheSpec::Type::local;
        const char *key = use_ == CacheUse::from ? "src" : "dest";
        const auto path = take(key);
        if (!path || path->empty())
            fail(fmt::format("type=local needs a {}", key));
        parsed_.spec->directory = (base_ / *path).lexically_normal();
        parsed_.spec->tag = take("tag").value_or(parsed_.spec->tag);
        if (use_ == CacheUse::to)
            return;
        parsed_.spec->digest = take("digest").value_or("");
        if (!parsed_.spec->digest.empty() && !image::is_sha256_digest(parsed_.spec->digest))
            fail(fmt::format("\"{}\" is no digest", parsed_.spec->digest));
    }

    void writing() {
        const std::string mode = take("mode").value_or("min");
        if (mode != "min" && mode != "max")
            fail(fmt::format("there is no mode \"{}\"", mode));
        parsed_.spec->all_stages = mode == "max";
        if (parsed_.spec->all_stages && parsed_.spec->type == CacheSpec::Type::in_image)
            warn("a cache in the image has the image's own steps only: mode=max has no effect");
        const std::string compression = take("compression").value_or("gzip");
        if (compression != "gzip")
            warn(fmt::format("layers are compressed with gzip, not {}", compression));
        const std::string ignore = take("ignore-error").value_or("false");
        if (ignore != "true" && ignore != "false")
            fail(fmt::format("ignore-error is true or false, not \"{}\"", ignore));
        parsed_.spec->may_fail = ignore == "true";
    }

    void rest() {
        for (const auto &[key, value] : values_)
            if (!is_one_of(without_effect, key))
                warn(fmt::format("{} has no effect", key));
    }

    image::Reference name(const std::string &text) const {
        image::Reference reference = image::Reference::parse(text);
        if (use_ == CacheUse::to && !reference.digest.empty())
            fail("a cache can't be written to a name with a digest");
        return reference;
    }

    std::optional<std::string> take(const std::string &key) {
        const auto found = values_.find(key);
        if (found == values_.end())
            return std::nullopt;
        std::string value = std::move(found->second);
        values_.erase(found);
        return value;
    }

    void warn(const std::string &sentence) {
        parsed_.warnings.push_back(fmt::format("{} {}: {}", attribute_, text_, sentence));
    }

    [[noreturn]] void fail(const std::string &what) const {
        throw base::Error(
            fmt::format("{} \"{}\": {}", attribute_, text_, what),
            use_ == CacheUse::from
                ? "write the name of an image, type=registry,ref=NAME or type=local,src=DIRECTORY"
                : "write type=registry,ref=NAME, type=local,dest=DIRECTORY or type=inline");
    }

    std::string text_;
    const char *attribute_;
    CacheUse use_;
    const std::filesystem::path &base_;
    std::map<std::string, std::string> values_;
    ParsedCache parsed_;
};

} // namespace

ParsedCache parse_cache_spec(std::string_view text, CacheUse use, const std::filesystem::path &base) {
    return Parser(text, use, base).run();
}

} // namespace build
