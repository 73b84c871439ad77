#include "base/error.hpp"
#include "engine/image/changes.hpp"

#include <catch2/catch.hpp>

using namespace image;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

ImageConfig changed(const Strings &changes) {
    ImageConfig config;
    for (const std::string &change : changes)
        apply_change(config, change);
    return config;
}

} // namespace

TEST_CASE("Commands have a shell form and an exec form", "[image][changes]") {
    CHECK(changed({"CMD echo hi"}).cmd == Strings{"/bin/sh", "-c", "echo hi"});
    CHECK(changed({"cmd [\"echo\", \"hi\"]"}).cmd == Strings{"echo", "hi"});
    CHECK(changed({"SHELL [\"/bin/bash\", \"-c\"]", "ENTRYPOINT [ -f x ]"}).entrypoint
          == Strings{"/bin/bash", "-c", "[ -f x ]"});
}

TEST_CASE("Variables are set, replaced and used", "[image][changes]") {
    CHECK(changed({"ENV A=1 B=\"two words\" C=a\\ b"}).env == Strings{"A=1", "B=two words", "C=a b"});
    CHECK(changed({"ENV A old form"}).env == Strings{"A=old form"});
    CHECK(changed({"ENV A=1", "ENV A=2"}).env == Strings{"A=2"});
    CHECK(changed({"ENV P=/bin", "ENV P=/x:$P Q=${P}/q R='$P' S=\\$P"}).env
          == Strings{"P=/x:/bin", "Q=/bin/q", "R=$P", "S=$P"});
}

TEST_CASE("Ports, volumes and directories accumulate", "[image][changes]") {
    const auto config = changed({"EXPOSE 80 53/udp 7000-7002", "VOLUME [\"/a\", \"/b c\"]", "VOLUME /d /e",
                                 "WORKDIR /srv", "WORKDIR app", "ONBUILD RUN x", "LABEL \"k\"=v"});
    CHECK(config.exposed_ports
          == std::set<std::string>{"80/tcp", "53/udp", "7000/tcp", "7001/tcp", "7002/tcp"});
    CHECK(config.volumes == std::set<std::string>{"/a", "/b c", "/d", "/e"});
    CHECK(config.working_dir == "/srv/app");
    CHECK(config.on_build == Strings{"RUN x"});
    CHECK(config.labels.at("k") == "v");
}

TEST_CASE("Health checks take options", "[image][changes]") {
    const auto check =
        changed({"HEALTHCHECK --interval=5s --timeout=1m --retries=2 --start-period=3s CMD curl x"})
            .healthcheck;
    REQUIRE(check);
    CHECK(check->test == Strings{"CMD-SHELL", "curl x"});
    CHECK(check->interval == 5s);
    CHECK(check->timeout == 1min);
    CHECK(check->start_period == 3s);
    CHECK(check->retries == 2);
    CHECK(changed({"HEALTHCHECK CMD [\"a\"]"}).healthcheck->test == Strings{"CMD", "a"});
    CHECK(changed({"HEALTHCHECK NONE"}).healthcheck->test == Strings{"NONE"});
}

TEST_CASE("A change that can't be applied is quoted", "[image][changes]") {
    for (const char *change :
         {"RUN x", "CMD", "", "ENV A", "ENV =x", "EXPOSE http", "EXPOSE 80/icmp", "EXPOSE 70000", "USER a b",
          "SHELL bash", "HEALTHCHECK curl", "HEALTHCHECK --interval=5 CMD x", "HEALTHCHECK --what=5s CMD x",
          "LABEL a=\"b", "ENV A=${B:-c}"}) {
        CAPTURE(change);
        CHECK_THROWS_WITH(changed({change}),
                          Catch::Contains("cannot apply the change \"" + std::string(change)));
    }
}
