#include "base/error.hpp"
#include "engine/build/cache_spec.hpp"

#include <catch2/catch.hpp>

using namespace build;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

namespace {

CacheSpec from(const std::string &text) {
    const ParsedCache parsed = parse_cache_spec(text, CacheUse::from, "/project");
    CHECK(parsed.warnings.empty());
    return parsed.spec.value();
}

CacheSpec to(const std::string &text) {
    const ParsedCache parsed = parse_cache_spec(text, CacheUse::to, "/project");
    CHECK(parsed.warnings.empty());
    return parsed.spec.value();
}

std::string failure(const std::string &text, CacheUse use) {
    try {
        static_cast<void>(parse_cache_spec(text, use, "/project"));
    } catch (const base::Error &error) {
        return error.what();
    }
    return "no failure";
}

} // namespace

TEST_CASE("a name alone is that of an image in a registry") {
    for (const char *text : {"team/app:main", "type=registry,ref=team/app:main",
                             "ref=team/app:main,type=registry", "\"type=registry\",\"ref=team/app:main\""}) {
        CAPTURE(text);
        CHECK(from(text).type == CacheSpec::Type::registry);
        CHECK(from(text).reference.value().familiar() == "team/app:main");
        CHECK(from(text).text == text);
    }
}

TEST_CASE("a directory is of the project's") {
    CHECK(from("type=local,src=../cache").directory == "/cache");
    CHECK(from("type=local,src=/var/cache").directory == "/var/cache");
    CHECK(from("type=local,src=c").tag == "latest");
    CHECK(from("type=local,src=c,tag=main").tag == "main");
    const std::string digest = "sha256:" + std::string(64, 'a');
    CHECK(from("type=local,src=c,digest=" + digest).digest == digest);
    CHECK(to("type=local,\"dest=a,b\"").directory == "/project/a,b");
}

TEST_CASE("how much is written, and what happens when it can't be") {
    CHECK_FALSE(to("team/app").all_stages);
    CHECK_FALSE(to("type=registry,ref=team/app,mode=min").all_stages);
    CHECK(to("type=registry,ref=team/app,mode=max").all_stages);
    CHECK_FALSE(to("type=local,dest=c").may_fail);
    CHECK(to("type=local,dest=c,ignore-error=true").may_fail);
    CHECK(to("type=inline").type == CacheSpec::Type::in_image);
    CHECK(to("type=local,dest=c,oci-mediatypes=true,image-manifest=true,compression=gzip,compression-level=9,"
             "force-compression=true")
              .directory
          == "/project/c");
}

TEST_CASE("what others keep caches in is left out with a warning") {
    for (const char *type : {"gha", "s3", "azblob"}) {
        const ParsedCache parsed =
            parse_cache_spec("type=" + std::string(type) + ",scope=x", CacheUse::from, "/");
        CHECK_FALSE(parsed.spec);
        CHECK(parsed.warnings
              == Texts{"cache_from type=" + std::string(type) + ",scope=x: a cache of type " + type
                       + " is not supported, and left out"});
    }
    CHECK(parse_cache_spec("type=local,dest=c,compression=zstd,foo=1", CacheUse::to, "/").warnings
          == Texts{
              "cache_to type=local,dest=c,compression=zstd,foo=1: layers are compressed with gzip, not zstd",
              "cache_to type=local,dest=c,compression=zstd,foo=1: foo has no effect"});
    CHECK(parse_cache_spec("type=inline,mode=max", CacheUse::to, "/").warnings.size() == 1);
}

TEST_CASE("entries that nobody understands") {
    const auto [text, use, expected] = GENERATE(table<const char *, CacheUse, const char *>({
        {"ref=app", CacheUse::from, "cache_from \"ref=app\": there is no type"},
        {"type=tape,ref=app", CacheUse::from, "there is no type \"tape\""},
        {"type=inline", CacheUse::from, "there is no type \"inline\""},
        {"type=registry", CacheUse::to, "type=registry needs a ref"},
        {"type=local,src=c", CacheUse::to, "type=local needs a dest"},
        {"type=local,dest=c", CacheUse::from, "type=local needs a src"},
        {"type=local,src=c,digest=x", CacheUse::from, "\"x\" is no digest"},
        {"type=local,dest=c,mode=all", CacheUse::to, "there is no mode \"all\""},
        {"type=local,dest=c,ignore-error=yes", CacheUse::to, "ignore-error is true or false, not \"yes\""},
        {"type=local,dest=c,max", CacheUse::to, "\"max\" is no KEY=VALUE"},
        {"UPPER", CacheUse::from, "UPPER"},
        {"", CacheUse::from, ""},
    }));
    CAPTURE(text);
    CHECK_THAT(failure(text, use), Contains(expected) && !Contains("no failure"));
    CHECK_THAT(failure("app@sha256:" + std::string(64, 'a'), CacheUse::to), Contains("a name with a digest"));
}
