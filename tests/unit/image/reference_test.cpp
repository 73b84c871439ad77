#include "base/error.hpp"
#include "engine/image/reference.hpp"

#include <catch2/catch.hpp>

using image::Reference;

namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

} // namespace

TEST_CASE("References get Docker's defaults", "[image][reference]") {
    struct Row {
        std::string text, registry, repository, tag, digest, familiar, canonical;
    };

    const std::vector<Row> rows{
        {"redis", "docker.io", "library/redis", "latest", "", "redis:latest",
         "docker.io/library/redis:latest"},
        {"redis:7-alpine", "docker.io", "library/redis", "7-alpine", "", "redis:7-alpine",
         "docker.io/library/redis:7-alpine"},
        {"example/web", "docker.io", "example/web", "latest", "", "example/web:latest",
         "docker.io/example/web:latest"},
        {"docker.io/redis", "docker.io", "library/redis", "latest", "", "redis:latest",
         "docker.io/library/redis:latest"},
        {"index.docker.io/library/redis:1", "docker.io", "library/redis", "1", "", "redis:1",
         "docker.io/library/redis:1"},
        {"library/a/b", "docker.io", "library/a/b", "latest", "", "library/a/b:latest",
         "docker.io/library/a/b:latest"},
        {"localhost/app", "localhost", "app", "latest", "", "localhost/app:latest", "localhost/app:latest"},
        {"localhost:5000/a/b:c", "localhost:5000", "a/b", "c", "", "localhost:5000/a/b:c",
         "localhost:5000/a/b:c"},
        {"[::1]:5000/app", "[::1]:5000", "app", "latest", "", "[::1]:5000/app:latest",
         "[::1]:5000/app:latest"},
        {"ghcr.io/o/app@" + digest, "ghcr.io", "o/app", "", digest, "ghcr.io/o/app@" + digest,
         "ghcr.io/o/app@" + digest},
        {"redis:7@" + digest, "docker.io", "library/redis", "7", digest, "redis:7@" + digest,
         "docker.io/library/redis:7@" + digest},
        {"Host/app", "Host", "app", "latest", "", "Host/app:latest", "Host/app:latest"},
        {"a.b/c__d/e-f--g/h.i_j", "a.b", "c__d/e-f--g/h.i_j", "latest", "", "a.b/c__d/e-f--g/h.i_j:latest",
         "a.b/c__d/e-f--g/h.i_j:latest"},
        // A user of Docker Hub that would be taken for a registry.
        {"docker.io/ocker.io/app", "docker.io", "ocker.io/app", "latest", "", "docker.io/ocker.io/app:latest",
         "docker.io/ocker.io/app:latest"},
        {"docker.io/localhost/app", "docker.io", "localhost/app", "latest", "",
         "docker.io/localhost/app:latest", "docker.io/localhost/app:latest"},
        {"x:_T.a-g", "docker.io", "library/x", "_T.a-g", "", "x:_T.a-g", "docker.io/library/x:_T.a-g"},
    };
    for (const Row &row : rows) {
        CAPTURE(row.text);
        const Reference reference = Reference::parse(row.text);
        CHECK(reference.registry == row.registry);
        CHECK(reference.repository == row.repository);
        CHECK(reference.tag == row.tag);
        CHECK(reference.digest == row.digest);
        CHECK(reference.familiar() == row.familiar);
        CHECK(reference.canonical() == row.canonical);
        CHECK(Reference::parse(reference.familiar()) == reference);
        CHECK(Reference::parse(reference.canonical()) == reference);
    }
}

TEST_CASE("A wrong reference is refused with the rule it breaks", "[image][reference]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "empty"},
        {std::string(64, 'a'), "image id"},
        {"Redis", "lower case"},
        {"redis:", "tag"},
        {"redis:-x", "tag"},
        {"redis:" + std::string(129, 'x'), "tag"},
        {"redis@sha256:123", "digest"},
        {"redis@md5:" + std::string(32, 'a'), "digest"},
        {"a//b", "empty"},
        {"a/", "empty"},
        {"/a", "empty"},
        {"-a", "a-z"},
        {"a..b", "a-z"},
        {"a___b", "a-z"},
        {"a b", "a-z"},
        {"host_.x/app", "registry"},
        {"host:port/app", "registry"},
        {"localhost:5000/", "missing"},
        {"a/" + std::string(250, 'b'), "255"},
    };
    for (const auto &[text, why] : rows) {
        CAPTURE(text);
        REQUIRE_THROWS_AS(Reference::parse(text), base::Error);
        CHECK_THROWS_WITH(Reference::parse(text),
                          Catch::Contains("invalid image name") && Catch::Contains(why));
    }
}
