#include "base/error.hpp"
#include "engine/image/manifest.hpp"
#include "integration/image/odd_server.hpp"
#include "integration/image/world.hpp"

#include <sys/mount.h>

#include <map>

using namespace image;
using namespace image::test;

namespace {

std::string digest_of(const std::string &bytes) {
    return "sha256:" + base::sha256_hex(bytes);
}

// The documents and the layer of one image, to be served well or badly.
struct Parts {
    std::string layer;
    std::string config;
    std::string manifest;

    explicit Parts(const std::string &content = std::string(300000, 'c'),
                   const std::string &architecture = {}) {
        layer = TarBuilder().directory("etc").file("etc/content", content).finish();
        config = R"({"architecture":")"
                 + (architecture.empty() ? Platform::host().architecture : architecture)
                 + R"(","os":"linux","rootfs":{"type":"layers","diff_ids":[")" + digest_of(layer) + R"("]}})";
        manifest =
            Manifest{
                media_type::oci_manifest,
                {media_type::oci_config, digest_of(config), static_cast<std::int64_t>(config.size()), {}, {}},
                {{media_type::oci_layer, digest_of(layer), static_cast<std::int64_t>(layer.size()), {}, {}}}}
                .json();
    }

    [[nodiscard]] std::string serve(const OddRequest &request) const {
        const auto ok = [](const std::string &body, const std::string &type) {
            return OddServer::answer("200 OK", body, "Content-Type: " + type + "\r\n");
        };
        if (request.asks_for("/manifests/"))
            return ok(manifest, media_type::oci_manifest);
        if (request.asks_for(digest_of(config)))
            return ok(config, "application/octet-stream");
        if (request.asks_for(digest_of(layer)))
            return ok(layer, "application/octet-stream");
        return OddServer::answer("404 Not Found",
                                 R"({"errors":[{"code":"NAME_UNKNOWN","message":"unknown"}]})");
    }

    [[nodiscard]] bool is_layer(const OddRequest &request) const {
        return request.asks_for(digest_of(layer));
    }
};

const Reference app = Reference::parse("app:1");

// The server is the registry itself: no other place is asked.
std::string failure_of(World &world, const OddServer &server, const PullOptions &options) {
    const Reference reference = Reference::parse(server.url().substr(7) + "/app:1");
    try {
        (void)pull(world.store, reference, options);
    } catch (const base::Error &error) {
        CHECK(world.is_clean());
        return std::string(error.what()) + "\n" + error.hint();
    }
    return "no failure";
}

} // namespace

TEST_CASE("A broken transfer is resumed where it broke", "[image][pull][bad]") {
    World world;
    const Parts parts;
    std::vector<std::string> ranges;
    const OddServer server([&](const OddRequest &request) {
        if (!parts.is_layer(request))
            return parts.serve(request);
        std::size_t from = 0;
        if (const auto range = request.headers.find("Range: bytes="); range != std::string::npos)
            from = std::stoul(request.headers.substr(range + 13));
        ranges.push_back(std::to_string(from));
        const std::string rest = parts.layer.substr(from);
        std::string answer = OddServer::answer(from == 0 ? "200 OK" : "206 Partial Content", rest,
                                               "Content-Range: bytes " + std::to_string(from) + "-"
                                                   + std::to_string(parts.layer.size() - 1) + "/"
                                                   + std::to_string(parts.layer.size()) + "\r\n");
        if (ranges.size() < 3)
            answer.resize(answer.size() - rest.size() / 2);
        return answer;
    });
    const Image image = pull(world.store, app, world.mirrored(server.url()));
    CHECK(base::read_file(image.layers.at(0) / "etc/content").size() == 300000);
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[0] == "0");
    CHECK(ranges[1] != "0");
    CHECK(std::stoul(ranges[2]) > std::stoul(ranges[1]));
}

TEST_CASE("A server without ranges starts again from the beginning", "[image][pull][bad]") {
    World world;
    const Parts parts;
    int asked = 0;
    const OddServer server([&](const OddRequest &request) {
        std::string answer = parts.serve(request);
        if (parts.is_layer(request) && asked++ == 0)
            answer.resize(answer.size() - 1000);
        return answer;
    });
    CHECK(pull(world.store, app, world.mirrored(server.url())).layers.size() == 1);
    CHECK(asked == 2);
}

TEST_CASE("What a cancelled pull received is used by the next", "[image][pull][bad]") {
    World world;
    const Parts parts;
    std::atomic<bool> cancelled{false};
    std::atomic<bool> stall{true};
    std::string second_request;
    const OddServer server([&](const OddRequest &request) {
        if (!parts.is_layer(request))
            return parts.serve(request);
        if (!stall) {
            second_request = request.headers;
            return parts.serve(request);
        }
        std::string answer = parts.serve(request);
        answer.resize(answer.size() - 1000);
        cancelled = true;
        return answer;
    });
    PullOptions options = world.mirrored(server.url());
    options.cancelled = &cancelled;
    CHECK_THROWS_AS(pull(world.store, app, options), Cancelled);
    CHECK(world.is_clean());
    CHECK(base::list_dir(Content(world.place.paths()).partials()).size() == 1);
    stall = false;
    options.cancelled = nullptr;
    CHECK(pull(world.store, app, options).layers.size() == 1);
    CHECK(second_request.find("Range: bytes=") != std::string::npos);
    CHECK(base::list_dir(Content(world.place.paths()).partials()).empty());
}

TEST_CASE("A cancellation is answered without delay, also by descriptor", "[image][pull][bad]") {
    World world;
    const Parts parts;
    const base::UniqueFd event = base::make_eventfd();
    std::atomic<int> layer_requests{0};
    const OddServer server([&](const OddRequest &request) {
        const std::uint64_t one = 1;
        if (parts.is_layer(request)) {
            ++layer_requests;
            CHECK(::write(event.get(), &one, sizeof one) == sizeof one);
        }
        return parts.is_layer(request)
                   ? std::string("HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n")
                   : parts.serve(request);
    });
    PullOptions options = world.mirrored(server.url());
    options.cancel_fd = event.get();
    // A wait that is deaf to the cancellation would last the day.
    options.retry_after_limit = std::chrono::hours(24);
    CHECK_THROWS_AS(pull(world.store, app, options), Cancelled);
    CHECK(layer_requests == 1);
}

TEST_CASE("Bytes that don't match their digest are refused", "[image][pull][bad]") {
    World world;
    const Parts parts;
    const OddServer server([&](const OddRequest &request) {
        std::string answer = parts.serve(request);
        if (parts.is_layer(request))
            answer.back() = 'x';
        return answer;
    });
    CHECK_THAT(failure_of(world, server, world.options()),
               Catch::Contains("wrong digest: expected " + digest_of(parts.layer)));
}

TEST_CASE("A mirror that serves wrong bytes is passed over", "[image][pull][bad]") {
    World world;
    const Parts parts;
    const OddServer liar([&](const OddRequest &request) {
        std::string answer = parts.serve(request);
        if (parts.is_layer(request))
            answer.back() = 'x';
        return answer;
    });
    const OddServer honest([&](const OddRequest &request) { return parts.serve(request); });
    PullOptions options = world.options();
    options.registries.mirrors["docker.io"] = {liar.url(), honest.url()};
    CHECK(pull(world.store, app, options).layers.size() == 1);
    CHECK(honest.lines().size() >= 2);
}

TEST_CASE("A manifest that isn't the one asked for is refused", "[image][pull][bad]") {
    World world;
    const Parts parts;
    const OddServer server([&](const OddRequest &request) {
        return OddServer::answer("200 OK", parts.manifest,
                                 "Docker-Content-Digest: sha256:" + std::string(64, 'a')
                                     + "\r\nX: " + std::to_string(request.line.size()) + "\r\n");
    });
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("wrong digest"));
}

TEST_CASE("A layer longer than promised is refused before it fills the disk", "[image][pull][bad]") {
    World world;
    const Parts parts;
    const OddServer server([&](const OddRequest &request) {
        return parts.is_layer(request) ? OddServer::answer("200 OK", parts.layer + std::string(5000000, 'x'))
                                       : parts.serve(request);
    });
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("longer than"));
}

TEST_CASE("A busy registry is asked again, a few times", "[image][pull][bad]") {
    World world;
    const Parts parts;
    std::map<std::string, int> seen;
    const OddServer server([&](const OddRequest &request) {
        // Everything is refused twice in another way.
        switch (++seen[request.line]) {
        case 1:
            return OddServer::answer("429 Too Many Requests", "");
        case 2:
            return OddServer::answer("503 Service Unavailable", "");
        case 3:
            return std::string{}; // closed without a word
        default:
            return parts.serve(request);
        }
    });
    CHECK(pull(world.store, app, world.mirrored(server.url())).layers.size() == 1);
}

TEST_CASE("Refusals say what they mean to the user", "[image][pull][bad]") {
    struct Row {
        std::string status, text, hint;
        std::size_t requests;
    };

    const auto row =
        GENERATE(values<Row>({{"401 Unauthorized", "pull access denied", "docker login", 1},
                              {"403 Forbidden", "pull access denied", "compose image load", 1},
                              {"404 Not Found", "not found on", "compose image load", 1},
                              {"429 Too Many Requests", "refuses more requests", "registries.json", 6},
                              {"500 Oops", "status 500", "try again later", 6},
                              {"418 Teapot", "status 418", "", 1}}));
    CAPTURE(row.status);
    World world;
    const OddServer server([&](const OddRequest &) {
        return OddServer::answer(row.status, R"({"errors":[{"message":"because"}]})");
    });
    const std::string failure = failure_of(world, server, world.options());
    CHECK_THAT(failure,
               Catch::Contains(row.text) && Catch::Contains(row.hint) && Catch::Contains("(because)"));
    CHECK(server.lines().size() == row.requests);
}

TEST_CASE("A registry that asks for too long a pause is not waited for", "[image][pull][bad]") {
    World world;
    const OddServer server(
        [&](const OddRequest &) { return OddServer::answer("429 Slow", "", "Retry-After: 3600\r\n"); });
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("refuses more requests"));
    CHECK(server.lines().size() == 1);
}

TEST_CASE("A dead registry is named with its port, and with its mirrors", "[image][pull][bad]") {
    World world;
    const std::string host = "127.0.0.1:" + std::to_string(free_port());
    CHECK_THROWS_WITH(pull(world.store, Reference::parse(host + "/app:1"), world.options()),
                      Catch::Contains("cannot reach registry " + host));
    const OddServer empty([](const OddRequest &) { return OddServer::answer("404 Not Found", ""); });
    PullOptions options = world.options();
    options.registries.mirrors[host] = {empty.url()};
    CHECK_THROWS_WITH(pull(world.store, Reference::parse(host + "/app:1"), options),
                      Catch::Contains("cannot reach registry " + host)
                          && Catch::Contains("mirror " + empty.url() + ": image"));
    CHECK(world.is_clean());
}

TEST_CASE("A registry that stalls is given up", "[image][pull][bad]") {
    World world;
    const Parts parts;
    PullOptions options = world.options();
    options.stall_timeout = std::chrono::seconds(1);
    options.attempts = 1;
    const base::UniqueFd gate = base::make_eventfd();
    std::string failure;
    {
        const OddServer server([&](const OddRequest &request) {
            if (parts.is_layer(request)) {
                pollfd open{gate.get(), POLLIN, 0};
                ::poll(&open, 1, 30000);
            }
            return parts.serve(request);
        });
        failure = failure_of(world, server, options);
        const std::uint64_t one = 1;
        CHECK(::write(gate.get(), &one, sizeof one) == sizeof one);
    }
    CHECK_THAT(failure, Catch::Contains("kept breaking"));
}

TEST_CASE("What is no image for this machine is refused", "[image][pull][bad]") {
    World world;
    const Parts foreign("x", "mips");
    const std::string list = R"({"schemaVersion":2,"mediaType":")" + std::string(media_type::oci_index)
                             + R"(","manifests":[{"mediaType":"x","size":3,"digest":"sha256:)"
                             + std::string(64, 'a')
                             + R"(","platform":{"os":"linux","architecture":"mips"}}]})";
    std::string manifest;
    const OddServer server([&](const OddRequest &request) {
        return request.asks_for("/manifests/1") && !manifest.empty() ? OddServer::answer("200 OK", manifest)
                                                                     : foreign.serve(request);
    });
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("is an image for linux/mips"));
    manifest = list;
    CHECK_THAT(failure_of(world, server, world.options()),
               Catch::Contains("has no image for platform") && Catch::Contains("available for: linux/mips"));
    manifest = R"({"schemaVersion":1,"fsLayers":[]})";
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("schema 1"));
    manifest = "<html>captive portal</html>";
    CHECK_THAT(failure_of(world, server, world.options()), Catch::Contains("not valid JSON"));
}

TEST_CASE("A bearer token is fetched where the registry says and sent", "[image][pull][auth]") {
    World world;
    const Parts parts;
    std::string realm;
    std::string token_request;
    const OddServer server([&](const OddRequest &request) {
        if (request.asks_for("GET /token")) {
            token_request = request.line;
            return OddServer::answer("200 OK", R"({"token":"T0KEN"})");
        }
        if (request.headers.find("Authorization: Bearer T0KEN\r\n") == std::string::npos)
            return OddServer::answer("401 Unauthorized", "",
                                     "WWW-Authenticate: Bearer realm=\"" + realm + "\",service=\"reg\"\r\n");
        return parts.serve(request);
    });
    realm = server.url() + "/token";
    CHECK(pull(world.store, app, world.mirrored(server.url())).layers.size() == 1);
    CHECK(token_request == "GET /token?service=reg&scope=repository%3Alibrary%2Fapp%3Apull HTTP/1.1");
}

TEST_CASE("A full disk is named and nothing half-made stays", "[image][pull][bad]") {
    World world;
    const Parts parts(std::string(3000000, 'c'));
    base::make_dirs(world.place.paths().state());
    REQUIRE(::mount("tmpfs", world.place.paths().state().c_str(), "tmpfs", 0, "size=1m") == 0);
    const OddServer server([&](const OddRequest &request) { return parts.serve(request); });
    CHECK_THAT(failure_of(world, server, world.options()),
               Catch::Contains("No space left on device") && Catch::Contains("free some space"));
    CHECK(base::list_dir(Content(world.place.paths()).partials()).empty());
    CHECK(::umount(world.place.paths().state().c_str()) == 0);
}
