#include "engine/image/ingest.hpp"
#include "engine/image/layer_cache.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace image;

namespace {

const std::string key = "sha256:" + std::string(64, '1');

// A layer of one file in the store.
CachedStep stored_step(const Store &store) {
    const Ingest ingest(store);
    const base::fs::path upper = store.paths().images() / "upper";
    base::make_dirs(upper);
    base::write_file_atomic(upper / "file", "content");
    return {{}, ingest.add_layer(upper, {}, {}), base::Timestamp(std::chrono::seconds(5))};
}

} // namespace

TEST_CASE("what a build step gave is found by its key, in every process") {
    const test::TemporaryDirectory place;
    const Store store(place.paths());
    const CachedStep step = stored_step(store);
    const LayerCache cache(place.paths());
    CHECK_FALSE(cache.find(key));
    cache.put(key, step);
    CHECK(LayerCache(place.paths()).find(key) == step);
    const CachedStep nothing{{}, std::nullopt, step.created};
    cache.put(key, nothing);
    CHECK(cache.find(key) == nothing);
}

TEST_CASE("a record is as good as none when its layer or its text is not whole") {
    const test::TemporaryDirectory place;
    const Store store(place.paths());
    const CachedStep step = stored_step(store);
    const LayerCache cache(place.paths());
    const base::fs::path file = place.paths().images() / "cache" / (key.substr(7) + ".json");
    for (const char *text : {"", "{", "{\"version\": 2}", "{\"version\": 1}"}) {
        cache.put(key, step);
        base::write_file_atomic(file, text);
        CHECK_FALSE(cache.find(key));
    }
    cache.put(key, step);
    base::remove_tree(Content(place.paths()).path(step.layer->digest));
    CHECK_FALSE(cache.find(key));
}

TEST_CASE("a cached layer outlives garbage collection, and goes when everything is pruned") {
    const test::TemporaryDirectory place;
    Store store(place.paths());
    const CachedStep step = stored_step(store);
    const LayerCache cache(place.paths());
    cache.put(key, step);
    store.collect_garbage();
    CHECK(cache.find(key));
    store.prune(false, {});
    CHECK(cache.find(key));
    store.prune(true, {});
    CHECK_FALSE(cache.find(key));
    CHECK_FALSE(Layers(place.paths()).exists(step.layer->digest));
}

TEST_CASE("facts are texts by key") {
    const test::TemporaryDirectory place;
    const LayerCache cache(place.paths());
    CHECK_FALSE(cache.find_fact(key));
    cache.put_fact(key, "text");
    CHECK(cache.find_fact(key) == "text");
}
