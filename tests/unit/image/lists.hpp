// Images for several platforms, made by hand.
#pragma once

#include "base/remove_tree.hpp"
#include "engine/image/attestation.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/members.hpp"
#include "unit/image/fixtures.hpp"

#include <string>
#include <vector>

namespace image::test {

// One of its platforms: a layer with one file.
inline Descriptor put_platform(const Store &store, const Ingest &ingest, const std::string &platform,
                               const std::string &content) {
    const base::fs::path directory = store.paths().images() / ("upper-" + base::random_hex(8));
    base::make_dirs(directory);
    base::write_file_atomic(directory / "f", content);
    ImageConfig config;
    config.platform = Platform::parse(platform);
    const Descriptor layer = ingest.add_layer(directory, {}, {.latest = 0});
    base::remove_tree(directory);
    config.diff_ids = {layer.digest};
    return ingest.put_manifest(config, {layer});
}

// For amd64, arm64 and s390x, of whichever machine the tests run on; with an attestation of the first.
inline Image add_list(Store &store, const std::string &name, const std::string &content = "1") {
    base::make_dirs(store.paths().images());
    Ingest ingest(store);
    std::vector<Descriptor> members;
    for (const char *platform : {"linux/amd64", "linux/arm64", "linux/s390x"})
        members.push_back(put_platform(store, ingest, platform, platform + content));
    members.push_back(put_attestation(ingest.content(), members.front(),
                                      {{"a-type", "{\"subject\":[{\"digest\":{\"sha256\":\""
                                                      + members.front().digest.substr(7) + "\"}}]}"}}));
    std::vector<std::string> names;
    if (!name.empty())
        names.push_back(Reference::parse(name).canonical());
    return ingest.commit_list(ingest.put_list({members}), names);
}

} // namespace image::test
