#include "base/error.hpp"
#include "engine/build/remote_source.hpp"

#include <catch2/catch.hpp>

using namespace build;

TEST_CASE("addresses of repositories are told from those of files") {
    for (const char *text : {"https://h/r.git", "http://h/r.git#v1", "https://h/r.git?ref=x", "git://h/r",
                             "ssh://git@h:22/r", "git@h.com:user/r.git", "git@h:r#main:sub"}) {
        INFO(text);
        CHECK(parse_git_source(text));
        CHECK(is_remote_source(text));
        CHECK_FALSE(is_web_file(text));
    }
    for (const char *text : {"https://h/file.tar.gz", "HTTP://h", "https://h/r.git/file"}) {
        INFO(text);
        CHECK_FALSE(parse_git_source(text));
        CHECK(is_web_file(text));
        CHECK(is_remote_source(text));
    }
    for (const char *text :
         {"file", "./a@b:c", "dir/a@b:c", "github.com/u/r", "@b:c", "a@b", "http:/x", "a:b"}) {
        INFO(text);
        CHECK_FALSE(is_remote_source(text));
        CHECK_FALSE(parse_git_source(text));
    }
    CHECK(is_remote_context("github.com/u/r"));
    CHECK(parse_git_context("github.com/u/r")->repository == "https://github.com/u/r");
}

TEST_CASE("what of a repository is meant stands in the fragment or the query") {
    const auto fragment = parse_git_source("https://h/r.git#v1.0:sub/dir");
    REQUIRE(fragment);
    CHECK(fragment->repository == "https://h/r.git");
    CHECK(fragment->ref == "v1.0");
    CHECK(fragment->directory == "sub/dir");
    CHECK_FALSE(fragment->keep_git_dir);
    CHECK(parse_git_source("git@h:r#:sub")->directory == "sub");
    CHECK(parse_git_source("git@h:r#:sub")->ref.empty());

    const auto query =
        parse_git_source("https://h/r.git?tag=v1&subdir=a%2Fb&checksum=abc&keep-git-dir&submodules=false");
    REQUIRE(query);
    CHECK(query->ref == "refs/tags/v1");
    CHECK(query->directory == "a/b");
    CHECK(query->commit == "abc");
    CHECK(query->keep_git_dir);
    CHECK_FALSE(query->submodules);
    CHECK(parse_git_source("https://h/r.git?branch=b")->ref == "refs/heads/b");

    CHECK_THROWS_AS(parse_git_source("https://h/r.git?x=1"), base::Error);
    CHECK_THROWS_AS(parse_git_source("https://h/r.git?ref=a&tag=b"), base::Error);
    CHECK_THROWS_AS(parse_git_source("https://h/r.git?ref=a#b"), base::Error);
    CHECK_THROWS_AS(parse_git_source("https://h/r.git#--upload-pack=x"), base::Error);
}

TEST_CASE("a file of the web is named by the end of its path") {
    CHECK(name_of_web_file("https://h/a/b.tar.gz?x=/y#z") == "b.tar.gz");
    CHECK(name_of_web_file("https://h/a%20b") == "a b");
    CHECK(name_of_web_file("https://h/dir/") == "dir");
    CHECK(name_of_web_file("https://h") == "__unnamed__");
    CHECK(name_of_web_file("https://h/a/..") == "__unnamed__");
    CHECK(name_of_web_file("https://h/a%2Fb") == "__unnamed__");
}

TEST_CASE("messages show no password") {
    CHECK(without_login("https://user:secret@h/p@q") == "https://h/p@q");
    CHECK(without_login("https://h/p@q") == "https://h/p@q");
    CHECK(without_login("git@h:p") == "git@h:p");
}
