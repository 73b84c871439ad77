#include "engine/image/upload.hpp"

#include <catch2/catch.hpp>

using namespace image;

TEST_CASE("An upload goes on where the registry says", "[image][upload]") {
    const std::string endpoint = "https://registry.lan:5000";
    CHECK(upload_url(endpoint, "/v2/app/blobs/uploads/1?state=x")
          == "https://registry.lan:5000/v2/app/blobs/uploads/1?state=x");
    CHECK(upload_url(endpoint, "https://registry.lan:5000/u/1") == "https://registry.lan:5000/u/1");
    CHECK(upload_url(endpoint, "https://storage.lan/u/1") == "https://storage.lan/u/1");
    CHECK(upload_url(endpoint, "//storage.lan/u/1") == "https://storage.lan/u/1");
}

TEST_CASE("A proxy that ends TLS does not turn an upload to plain HTTP", "[image][upload]") {
    CHECK(upload_url("https://registry.lan", "http://registry.lan/u/1") == "https://registry.lan/u/1");
    CHECK(upload_url("http://registry.lan:5000", "http://registry.lan:5000/u/1")
          == "http://registry.lan:5000/u/1");
}

TEST_CASE("A place that is no address is none", "[image][upload]") {
    CHECK(upload_url("https://registry.lan", "").empty());
    CHECK(upload_url("https://registry.lan", "uploads/1").empty());
}
