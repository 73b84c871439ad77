#include "compose/shell_words.hpp"
#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

using compose::split_shell_words;
using compose::test::problems;
using Words = std::vector<std::string>;

namespace {

std::string service(const std::string &attributes) {
    return "services:\n  web:\n    image: x\n    " + attributes + "\n";
}

} // namespace

TEST_CASE("a command line is split at blanks outside quotes") {
    CHECK(split_shell_words("a  b\tc")->words == Words{"a", "b", "c"});
    CHECK(split_shell_words(R"(a "b c" 'd e' f\ g)")->words == Words{"a", "b c", "d e", "f g"});
    CHECK(split_shell_words(R"(x'y'"z")")->words == Words{"xyz"});
    CHECK(split_shell_words(R"('' "" a)")->words == Words{"", "", "a"});
    CHECK(split_shell_words(R"("c\"d" 'g\h' #c)")->words == Words{"c\"d", "g\\h", "#c"});
    CHECK(split_shell_words("`a b` $(c d)")->words == Words{"`a b`", "$(c d)"});
    CHECK(split_shell_words("")->words.empty());
}

TEST_CASE("a command line ends at an operator of the shell") {
    CHECK(split_shell_words("echo a; echo b")->words == Words{"echo", "a"});
    CHECK(split_shell_words("a 2>&1")->words == Words{"a"});
    CHECK(split_shell_words("sh -c 'a; b'")->cut == std::nullopt);
    CHECK(split_shell_words("a | b")->cut == 2U);
}

TEST_CASE("an open quote or parenthesis is no command line") {
    for (const char *line : {"a 'b", "a \"b", "a \\", "a (b", "a)", "`a"})
        CHECK_FALSE(split_shell_words(line).has_value());
}

TEST_CASE("a command that a shell would read differently is warned of") {
    CHECK(problems(service("command: echo a && echo b"))
          == "warning: 4: command ends at its \"&\": no shell reads it (write [\"sh\", \"-c\", \"...\"] to "
             "run it with a "
             "shell)");
    CHECK(problems(service("command: echo \"a"))
          == "4: command has a quote or parenthesis that is not closed (write the words as a list, or quote "
             "the special "
             "characters)");
}

TEST_CASE("a wrong port is told with the piece that is wrong") {
    const std::string form = " (write it as HOST:CONTAINER, e.g. \"8080:80\")";
    CHECK(problems(service("ports: [\"a:80\"]")) == "4: \"a\" is not a port of the host" + form);
    CHECK(problems(service("ports: [\"70000:80\"]")) == "4: \"70000\" is not a port of the host" + form);
    CHECK(problems(service("ports: [\"80:0\"]")) == "4: \"0\" is not a container port" + form);
    CHECK(problems(service("ports: [\"\"]")) == "4: \"\" is not a container port" + form);
    CHECK(problems(service("ports: [\"80:80/foo\"]")) == "4: \"foo\" is not a protocol (it is tcp or udp)");
    CHECK(problems(service("ports: [\"8000-8002:80-81\"]"))
          == "4: the ranges 8000-8002 and 80-81 differ in length (give both the same number of ports)");
    CHECK(problems(service("ports: [\"1.1.1:80:80\"]"))
          == "4: \"1.1.1\" is not an address of this machine (write an IP address, e.g. 127.0.0.1)");
}

TEST_CASE("a wrong volume is told, an unknown option with the one that was meant") {
    CHECK(
        problems(service("volumes: [\"a:b:c:d\"]"))
        == "4: \"a:b:c:d\" is not a volume (write it as SOURCE:TARGET[:OPTIONS], e.g. \"./data:/data:ro\")");
    CHECK(problems(service("volumes: [\"./a:/b:noocpy\"]"))
          == "4: unknown volume option \"noocpy\" (did you mean \"nocopy\"?)");
    CHECK(problems(service("volumes: [\"./a:/b:xyzzy\"]"))
          == "4: unknown volume option \"xyzzy\" (known are ro, rw, z, Z, nocopy and the propagations)");
}

TEST_CASE("an extra host without an address is told") {
    CHECK(problems(service("extra_hosts: [alone]"))
          == "4: an extra host needs a name and an address (write \"name=address\", e.g. "
             "\"db.local=10.0.0.5\")");
}

TEST_CASE("a number that loses its form as a string is warned of") {
    CHECK(problems(service("environment: {VERSION: 1.10}"))
          == "warning: 4: 1.10 is read as the number 1.1 (write \"1.10\" with quotes to keep it as it is)");
    CHECK(problems(service("environment: {CODE: 007}"))
          == "warning: 4: 007 is read as the number 7 (write \"007\" with quotes to keep it as it is)");
    CHECK(problems(service("environment: {PORT: 8080, NAME: \"1.10\", RATIO: 0.5}")).empty());
}

TEST_CASE("ranges of ports are no more than a file can want, in all services together") {
    const std::string web = "services:\n  web:\n    image: x\n    ports: [\"1-60000\"]\n";
    CHECK(problems(web).empty());
    CHECK(problems(web + "  other:\n    image: x\n    ports: [\"127.0.0.1:1-60000:1-60000/udp\"]\n")
          == "7: more than 100000 ports are published (publish only the ports that are used from outside)");
}

TEST_CASE("a command that no kernel takes is told") {
    const std::string told = "4: command is longer than what Linux can run (put it into a file that the "
                             "image has or a config gives)";
    CHECK(problems(service("command: \"" + std::string(3 << 20, 'x') + "\"")) == told);
    std::string words;
    for (int count = 0; count < 300'000; ++count)
        words += "x ";
    CHECK(problems(service("command: \"" + words + "\"")) == told);
}
