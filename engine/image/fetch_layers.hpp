// The layers of one image, several at a time: while some are downloaded, others are unpacked. Internal to
// pull.
#pragma once

#include "engine/image/download.hpp"
#include "engine/image/ingest.hpp"
#include "engine/image/pull.hpp"

namespace image {

// Returns when all layers are in the store, unpacked. @throws the first failure, after all threads ended.
void fetch_layers(const Downloader &downloader, const Ingest &ingest, const Manifest &manifest,
                  const ImageConfig &config, const HttpSettings &settings, const PullOptions &options);

} // namespace image
