#include "base/json.hpp"
#include "integration/image/odd_server.hpp"
#include "integration/image/push_world.hpp"

using namespace image;
using namespace image::test;

namespace {

// A registry that has nothing and takes everything.
std::string take(const OddRequest &request) {
    if (request.line.starts_with("HEAD"))
        return OddServer::answer("404 Not Found", "");
    if (request.line.starts_with("POST") || request.line.starts_with("PATCH"))
        return OddServer::answer("202 Accepted", "", "Location: /v2/app/blobs/uploads/1\r\n");
    return OddServer::answer("201 Created", "");
}

std::string refusal(const std::string &status, const std::string &message) {
    return OddServer::answer(status, R"({"errors":[{"code":"X","message":")" + message + R"("}]})");
}

Reference name_at(const OddServer &server) {
    return Reference::parse(server.url().substr(7) + "/app:1");
}

bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("The login for a push asks for the right to write", "[image][push][bad]") {
    World world;
    std::string url;
    const OddServer server([&](const OddRequest &request) {
        if (request.asks_for("/token"))
            return OddServer::answer("200 OK", R"({"token":"granted"})");
        if (!has(request.headers, "Authorization: Bearer granted"))
            return OddServer::answer("401 Unauthorized", "",
                                     "WWW-Authenticate: Bearer realm=\"" + url
                                         + "/token\",service=\"odd\"\r\n");
        return take(request);
    });
    url = server.url();
    (void)import_named(world.store, name_at(server), "x");
    (void)push(world.store, name_at(server), push_options());
    const auto lines = server.lines();
    CHECK(std::count_if(
              lines.begin(), lines.end(),
              [](const std::string &line) { return has(line, "scope=repository%3Aapp%3Apull%2Cpush"); })
          == 1);
    CHECK(std::any_of(lines.begin(), lines.end(),
                      [](const std::string &line) { return line.starts_with("PUT /v2/app/manifests/1 "); }));
}

TEST_CASE("A registry that refuses a push is quoted, with what to do", "[image][push][bad]") {
    struct Case {
        std::string status, sentence, hint;
    };

    const Case cases[] = {
        {"401 Unauthorized", "push access denied", "docker login"},
        {"403 Forbidden", "push access denied", "a repository of yours"},
        {"404 Not Found", "has no repository app (because)", "create the repository"},
        {"405 Method Not Allowed", "takes no images", "read-only"},
        {"413 Payload Too Large", "too large", "raise the limit"},
        {"429 Too Many Requests", "refuses more requests for now", "wait"},
        {"500 Internal Server Error", "answered with status 500 (because)", "look into its log"},
    };
    for (const Case &each : cases) {
        CAPTURE(each.status);
        World world;
        const OddServer server([&](const OddRequest &request) {
            return request.line.starts_with("POST") ? refusal(each.status, "because") : take(request);
        });
        (void)import_named(world.store, name_at(server), "x");
        const std::string failure = failure_of_push(world.store, name_at(server));
        CAPTURE(failure);
        CHECK(has(failure, each.sentence));
        CHECK(has(failure, each.hint));
        CHECK(world.store.get(name_at(server).canonical()).digests.empty());
    }
}

TEST_CASE("A registry that is not there is named", "[image][push][bad]") {
    World world;
    const Reference reference = Reference::parse("127.0.0.1:" + std::to_string(free_port()) + "/app:1");
    (void)import_named(world.store, reference, "x");
    const std::string failure = failure_of_push(world.store, reference);
    CHECK(has(failure, "cannot reach registry " + reference.registry));
    CHECK(has(failure, "that the registry runs"));
}

TEST_CASE("An upload that breaks or is forgotten is sent again from its beginning", "[image][push][bad]") {
    World world;
    const std::string content = std::string(500000, 'x');
    std::vector<std::size_t> received;
    const OddServer server([&](const OddRequest &request) -> std::string {
        if (request.line.starts_with("PATCH")) {
            received.push_back(request.body.size());
            if (received.size() == 1)
                return ""; // closed without an answer
            if (received.size() == 2)
                return refusal("404 Not Found", "upload unknown");
        }
        return take(request);
    });
    (void)import_named(world.store, name_at(server), content);
    (void)push(world.store, name_at(server), push_options());
    REQUIRE(received.size() == 3);
    CHECK(received[2] == received[0]);
}

TEST_CASE("A push tries a broken registry so often and no more", "[image][push][bad]") {
    World world;
    int asked = 0;
    const OddServer server([&](const OddRequest &request) {
        if (!request.line.starts_with("PUT") || !request.asks_for("/manifests/"))
            return take(request);
        ++asked;
        return refusal("503 Service Unavailable", "later");
    });
    (void)import_named(world.store, name_at(server), "x");
    PushOptions options = push_options();
    options.attempts = 3;
    CHECK(has(failure_of_push(world.store, name_at(server), options), "status 503 (later)"));
    CHECK(asked == 3);
}

TEST_CASE("A registry that stored another manifest is found out", "[image][push][bad]") {
    World world;
    const OddServer server([&](const OddRequest &request) {
        if (request.asks_for("/manifests/"))
            return OddServer::answer("201 Created", "",
                                     "Docker-Content-Digest: sha256:" + std::string(64, '0') + "\r\n");
        return take(request);
    });
    (void)import_named(world.store, name_at(server), "x");
    CHECK(has(failure_of_push(world.store, name_at(server)), "wrong digest"));
}

TEST_CASE("Garbage is not collected while an image is pushed", "[image][push][gc]") {
    World world;
    bool postponed = false;
    const OddServer server([&](const OddRequest &request) {
        if (request.line.starts_with("PATCH")) {
            Store other(world.place.paths());
            other.remove("gone:1", {}, true);
            postponed = other.collect_garbage().postponed;
        }
        return take(request);
    });
    (void)import_named(world.store, name_at(server), "x");
    world.store.tag(name_at(server).canonical(), Reference::parse("gone:1"));
    (void)push(world.store, name_at(server), push_options());
    CHECK(postponed);
    CHECK_FALSE(world.store.collect_garbage().postponed);
}

TEST_CASE("A cancelled push ends at once", "[image][push][bad]") {
    World world;
    std::atomic<bool> cancelled{false};
    const OddServer server([&](const OddRequest &request) {
        cancelled = cancelled || request.line.starts_with("PATCH");
        return take(request);
    });
    (void)import_named(world.store, name_at(server), "x");
    PushOptions options = push_options();
    options.cancelled = &cancelled;
    CHECK_THROWS_AS(push(world.store, name_at(server), options), Cancelled);
    const auto lines = server.lines();
    CHECK(std::none_of(lines.begin(), lines.end(),
                       [](const std::string &line) { return line.starts_with("PUT /v2/app/manifests/"); }));
}

TEST_CASE("A name with a digest can't be pushed", "[image][push][bad]") {
    World world;
    const Reference reference = Reference::parse("127.0.0.1:5000/app@sha256:" + std::string(64, 'a'));
    CHECK(has(failure_of_push(world.store, reference), "a name with a digest"));
}
