#include "compose/tree_builder.hpp"

#include "compose/scalar.hpp"

#include <set>

namespace compose {

namespace {

// yaml-cpp's marks for "no tag" on a plain and on a quoted or block scalar.
constexpr const char *plain_tag = "?";
constexpr const char *quoted_tag = "!";
constexpr std::string_view core_prefix = "tag:yaml.org,2002:";

void measure(const Node &node, std::size_t &nodes, std::size_t &text) {
    ++nodes;
    text += node.text.size();
    for (const Node &item : node.items)
        measure(item, nodes, text);
    for (const Member &member : node.members) {
        text += member.key.size();
        measure(member.value, nodes, text);
    }
}

std::optional<Kind> core_kind(std::string_view name) {
    static const std::map<std::string_view, Kind> kinds{
        {"null", Kind::null},  {"bool", Kind::boolean}, {"int", Kind::integer}, {"float", Kind::real},
        {"str", Kind::string}, {"seq", Kind::sequence}, {"map", Kind::mapping},
    };
    const auto found = kinds.find(name);
    return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

Location TreeBuilder::at(const YAML::Mark &mark) const {
    return {source_, static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

void TreeBuilder::abort(const Location &location, std::string message, std::string hint) {
    diagnostics_.error(location, {}, std::move(message), std::move(hint));
    throw ParseAborted{};
}

void TreeBuilder::charge(std::size_t nodes, std::size_t text, const Location &location) {
    if (nodes > budget_.nodes)
        abort(location, "the file has more than " + std::to_string(limits_.max_nodes) + " values",
              "aliases count once for every use; split the file or use fewer of them");
    if (text > budget_.text)
        abort(location,
              "the values of this file take more than " + std::to_string(limits_.max_text >> 20) + " MiB",
              "aliases count once for every use; move large content into files of its own");
    budget_.nodes -= nodes;
    budget_.text -= text;
}

bool TreeBuilder::expects_key() const {
    return !frames_.empty() && frames_.back().node.is_mapping() && !frames_.back().has_key;
}

void TreeBuilder::OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) {
    Location location = at(mark);
    // An absent value is marked where the next token begins, which may be lines away.
    if (!frames_.empty() && frames_.back().has_key && (location.line != frames_.back().key_location.line))
        location = frames_.back().key_location;
    charge(1, 0, location);
    if (expects_key())
        return set_key(Node::null(location), true);
    add(Node::null(location), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) {
    const Location location = at(mark);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end())
        abort(location, "this alias is inside the value it stands for", "an anchor cannot contain itself");
    charge(found->second.nodes, found->second.text, location);
    if (expects_key())
        return set_key(found->second.node, false);
    add(found->second.node, 0);
}

void TreeBuilder::OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                           const std::string &value) {
    const Location location = at(mark);
    charge(1, value.size(), location);
    const bool plain = tag != quoted_tag;
    if (tag != plain_tag)
        last_quoted_ = static_cast<std::size_t>(mark.pos);
    const Kind kind = plain ? resolve_plain_scalar(value) : Kind::string;
    Node node = Node::scalar(kind, kind == Kind::null ? std::string() : value, location, !plain);
    if (tag != plain_tag && plain) {
        if (kind == Kind::null)
            node.text = value;
        apply_tag(node, tag);
    }
    if (expects_key()) {
        keep_anchor(anchor, node);
        return set_key(node, plain);
    }
    add(std::move(node), anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
    Node node = Node::sequence(at(mark));
    apply_tag(node, tag);
    open(std::move(node), anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
    Node node = Node::mapping(at(mark));
    apply_tag(node, tag);
    open(std::move(node), anchor);
}

void TreeBuilder::OnSequenceEnd() {
    close();
}

void TreeBuilder::OnMapEnd() {
    apply_merges(frames_.back());
    close();
}

void TreeBuilder::open(Node node, YAML::anchor_t anchor) {
    charge(1, 0, node.location);
    if (frames_.size() >= limits_.max_depth)
        abort(node.location, "nested deeper than " + std::to_string(limits_.max_depth) + " levels",
              "no Compose file needs this; check for brackets that are never closed");
    const bool is_key = expects_key();
    Frame &frame = frames_.emplace_back();
    frame.is_key = is_key;
    frame.node = std::move(node);
    frame.anchor = anchor;
}

void TreeBuilder::close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (!frame.is_key)
        return add(std::move(frame.node), frame.anchor);
    keep_anchor(frame.anchor, frame.node);
    set_key(frame.node, false);
}

// A finished value goes to the collection it is in.
void TreeBuilder::add(Node node, YAML::anchor_t anchor) {
    keep_anchor(anchor, node);
    if (frames_.empty()) {
        root_ = std::move(node);
        return;
    }
    Frame &frame = frames_.back();
    if (frame.node.is_sequence()) {
        frame.node.items.push_back(std::move(node));
        return;
    }
    frame.has_key = false;
    if (frame.merge_key) {
        frame.merged.push_back(std::move(node));
        return;
    }
    if (const Member *earlier = frame.keys.find(frame.node.members, frame.key)) {
        Diagnostic &error = diagnostics_.error(frame.key_location, {}, "duplicate key \"" + frame.key + "\"",
                                               "remove one of them or give it another name");
        error.notes.push_back({earlier->key_location, "the key is first given here"});
        return;
    }
    Member &member = frame.node.members.emplace_back();
    member.key = std::move(frame.key);
    member.key_location = frame.key_location;
    member.value = std::move(node);
}

void TreeBuilder::set_key(const Node &node, bool plain) {
    Frame &frame = frames_.back();
    frame.has_key = true;
    frame.key_location = node.location;
    frame.key = node.text;
    frame.merge_key = plain && node.kind == Kind::string && node.text == "<<";
    if (node.kind == Kind::string)
        return;
    // Read on with a name nobody can write, so that what follows is still checked.
    const std::string shown = node.is_null() ? std::string("null") : node.text;
    if (node.is_sequence() || node.is_mapping())
        diagnostics_.error(node.location, {}, "a key cannot be a list or a mapping",
                           "quote the key; \"{\" and \"[\" begin a collection in YAML");
    else
        diagnostics_.error(node.location, {}, "the key " + shown + " is not a string",
                           "quote it: \"" + shown + "\"");
    frame.key = "\n" + to_string(node.location);
}

void TreeBuilder::keep_anchor(YAML::anchor_t anchor, const Node &node) {
    if (anchor == 0)
        return;
    Anchor kept;
    measure(node, kept.nodes, kept.text);
    charge(kept.nodes, kept.text, node.location);
    kept.node = node;
    anchors_[anchor] = std::move(kept);
}

void TreeBuilder::apply_tag(Node &node, const std::string &tag) {
    if (tag.empty() || tag == plain_tag || tag == quoted_tag)
        return;
    if (tag == "!reset" || tag == "!override") {
        node.tag = tag == "!reset" ? MergeTag::reset : MergeTag::replace;
        return;
    }
    if (tag.starts_with(core_prefix)) {
        const auto kind = core_kind(std::string_view(tag).substr(core_prefix.size()));
        const bool collection = node.is_sequence() || node.is_mapping();
        if (kind && (collection ? node.kind == *kind : *kind != Kind::sequence && *kind != Kind::mapping)) {
            const Kind written = collection ? node.kind : resolve_plain_scalar(node.text);
            if (*kind != Kind::string && written != *kind
                && !(*kind == Kind::real && written == Kind::integer))
                diagnostics_.error(node.location, {},
                                   "\"" + node.text + "\" is not what the tag !!"
                                       + tag.substr(core_prefix.size()) + " says",
                                   "remove the tag");
            node.kind = *kind;
            node.quoted = node.kind == Kind::string;
            return;
        }
    }
    diagnostics_.error(node.location, {}, "the YAML tag " + tag + " is not supported here",
                       "Compose files know !reset and !override");
}

void TreeBuilder::apply_merges(Frame &frame) {
    const std::vector<Node> merged = std::move(frame.merged);
    for (const Node &value : merged) {
        if (value.is_mapping()) {
            merge_mapping(frame, value);
            continue;
        }
        bool valid = value.is_sequence();
        for (const Node &item : value.items)
            valid = valid && item.is_mapping();
        if (!valid)
            diagnostics_.error(value.location, {}, "\"<<\" merges a mapping or a list of mappings",
                               "give it an alias of a mapping, as in \"<<: *common\"");
        else
            for (const Node &item : value.items)
                merge_mapping(frame, item);
    }
}

void TreeBuilder::merge_mapping(Frame &frame, const Node &from) {
    for (const Member &member : from.members)
        if (frame.keys.find(frame.node.members, member.key) == nullptr)
            frame.node.members.push_back(member);
}

} // namespace compose
