#include "engine/image/index.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/units.hpp"
#include "engine/image/reference.hpp"

#include <algorithm>
#include <sstream>

namespace image {

namespace {

using base::Json;

constexpr const char *name_key = "org.opencontainers.image.ref.name";
constexpr const char *id_key = "compose.image.id";
constexpr const char *source_key = "compose.image.source";
constexpr const char *size_key = "compose.image.size";
constexpr const char *checked_key = "compose.image.checked";
constexpr const char *list_key = "compose.image.list";

base::fs::path file_of(const base::Paths &paths) {
    return paths.images() / "index.json";
}

std::string take(std::map<std::string, std::string> &annotations, const char *key) {
    const auto found = annotations.find(key);
    if (found == annotations.end())
        return {};
    std::string value = std::move(found->second);
    annotations.erase(found);
    return value;
}

// "DIGEST SIZE TYPE"
std::string list_text(const Descriptor &list) {
    return list.digest + " " + std::to_string(list.size) + " " + list.media_type;
}

std::optional<Descriptor> parse_list_text(const std::string &text, const std::string &subject) {
    if (text.empty())
        return std::nullopt;
    std::istringstream words(text);
    Descriptor list;
    words >> list.digest >> list.size >> list.media_type;
    if (!words || !is_sha256_digest(list.digest))
        throw base::Error(subject + ": malformed list of an image: \"" + text + "\"");
    return list;
}

IndexEntry parse_entry(const Json &json, const std::string &subject) {
    IndexEntry entry;
    entry.manifest = parse_descriptor(json, subject);
    entry.image_id = take(entry.manifest.annotations, id_key);
    entry.name = take(entry.manifest.annotations, name_key);
    entry.source = take(entry.manifest.annotations, source_key);
    entry.checked = take(entry.manifest.annotations, checked_key);
    const std::string size = take(entry.manifest.annotations, size_key);
    entry.size = size.empty() ? 0 : std::atoll(size.c_str());
    entry.list = parse_list_text(take(entry.manifest.annotations, list_key), subject);
    return entry;
}

Json entry_json(const IndexEntry &entry) {
    Descriptor descriptor = entry.manifest;
    descriptor.annotations[id_key] = entry.image_id;
    descriptor.annotations[size_key] = std::to_string(entry.size);
    if (!entry.name.empty())
        descriptor.annotations[name_key] = entry.name;
    if (!entry.source.empty())
        descriptor.annotations[source_key] = entry.source;
    if (!entry.checked.empty())
        descriptor.annotations[checked_key] = entry.checked;
    if (entry.list)
        descriptor.annotations[list_key] = list_text(*entry.list);
    return descriptor_json(descriptor);
}

} // namespace

Index Index::read(const base::Paths &paths) {
    Index index;
    const std::string subject = file_of(paths).string();
    const auto text = base::read_file_if(subject);
    if (!text)
        return index;
    const Json json = base::parse_json(*text, subject);
    if (!json.is_object() || !json.contains("manifests") || !json["manifests"].is_array())
        throw base::Error(subject + " is not the index of an image store",
                          "move it away and pull the images again");
    for (const Json &item : json["manifests"])
        index.entries.push_back(parse_entry(item, subject));
    return index;
}

void Index::write(const base::Paths &paths) const {
    Json list = Json::array();
    for (const IndexEntry &entry : entries)
        list.push_back(entry_json(entry));
    const Json json{
        {"schemaVersion", 2}, {"mediaType", media_type::oci_index}, {"manifests", std::move(list)}};
    base::write_file_atomic(file_of(paths), base::pretty_json(json), 0644, base::Durability::synced);
}

void Index::update(const base::Paths &paths, const std::function<void(Index &)> &change) {
    const auto lock = base::FileLock::acquire(paths.lock("images"));
    Index index = read(paths);
    change(index);
    base::make_dirs(paths.images(), 0711);
    index.write(paths);
}

bool Index::keeps_name(const std::string &name, const IndexEntry &entry) const {
    const Platform host = Platform::host();
    const auto runs_here = [&](const IndexEntry &e) {
        return e.manifest.platform && host.distance_to(*e.manifest.platform) >= 0;
    };
    return !entry.source.empty() && !runs_here(entry)
           && std::any_of(entries.begin(), entries.end(), [&](const IndexEntry &e) {
                  return e.name == name && e.source == entry.source && runs_here(e);
              });
}

void Index::check(const std::string &name) {
    for (IndexEntry &entry : entries)
        if (entry.name == name)
            entry.checked = base::format_rfc3339(base::now());
}

void Index::set_source(const std::string &name, const std::string &image_id, const std::string &source) {
    const auto named = std::find_if(entries.begin(), entries.end(),
                                    [&](const auto &e) { return e.name == name && e.image_id == image_id; });
    if (named == entries.end())
        return;
    IndexEntry before = *named;
    named->source = source;
    named->checked = base::format_rfc3339(base::now());
    // Where it came from still names it, too.
    before.name.clear();
    before.checked.clear();
    if (!before.source.empty())
        publish(std::move(before));
}

void Index::untag(const std::string &name) {
    const auto named =
        std::find_if(entries.begin(), entries.end(), [&](const auto &e) { return e.name == name; });
    if (name.empty() || named == entries.end())
        return;
    const auto same = std::count_if(entries.begin(), entries.end(),
                                    [&](const auto &e) { return e.image_id == named->image_id; });
    if (same > 1)
        entries.erase(named);
    else
        named->name.clear();
}

void Index::publish(IndexEntry entry) {
    const auto says_no_less = [&](const IndexEntry &e) {
        return e.image_id == entry.image_id && (entry.source.empty() || e.source == entry.source)
               && (!entry.list || e.list == entry.list);
    };
    if (entry.name.empty() && std::any_of(entries.begin(), entries.end(), says_no_less))
        return;
    untag(entry.name);
    std::erase_if(entries, [&](const auto &e) {
        return e.name.empty() && e.image_id == entry.image_id
               && (e.source.empty() || e.source == entry.source);
    });
    entries.push_back(std::move(entry));
}

void Index::erase(const std::string &image_id) {
    std::erase_if(entries, [&](const auto &e) { return e.image_id == image_id; });
}

} // namespace image
