#include "compose/merge.hpp"

#include "compose/member_index.hpp"
#include "compose/merge_rules.hpp"
#include "compose/values.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace compose {

namespace {

class Merger {
  public:
    Merger(Diagnostics &diagnostics, Values values) : diagnostics_(diagnostics), values_(values) {}

    void merge_value(Node &base, Node over);
    void merge_mapping(Node &base, Node over);

  private:
    void merge_members(Node &base, std::vector<Member> over, bool null_counts);
    void merge_items(Node &base, Node over, const MergeRule &rule);
    void merge_logging(Node &base, Node over);
    void take(Node &base, Node over);
    void settle(Node &fresh);
    void settle_items(Node &fresh);
    void warn_repeated(const Node &earlier, const Node &later);
    [[nodiscard]] std::string shown_path() const;
    [[nodiscard]] bool is_reported(const Node &over) const;

    Diagnostics &diagnostics_;
    Values values_;
    std::vector<std::string> path_;
};

std::string name_of_pair(const Node &item) {
    return item.text.substr(0, item.text.find('='));
}

// KEY=VALUE in the order of the keys, a text alone as the only item; a list stays.
void pairs_to_list(Node &node) {
    if (node.is_scalar()) {
        Node list = Node::sequence(node.location);
        list.items.push_back(std::move(node));
        node = std::move(list);
    }
    if (!node.is_mapping())
        return;
    Node list = Node::sequence(node.location);
    std::sort(node.members.begin(), node.members.end(),
              [](const Member &a, const Member &b) { return a.key < b.key; });
    for (const Member &member : node.members) {
        const Node &value = member.value;
        Node item = Node::string(value.is_null() ? member.key : member.key + "=" + scalar_text(value),
                                 value.location);
        item.tag = value.tag;
        list.items.push_back(std::move(item));
    }
    node = std::move(list);
}

void pairs_to_mapping(Node &node) {
    if (!node.is_sequence())
        return;
    Node pairs = Node::mapping(node.location);
    for (const Node &item : node.items) {
        const auto equals = item.text.find('=');
        pairs.set(item.text.substr(0, equals),
                  equals == std::string::npos ? Node::null(item.location)
                                              : Node::string(item.text.substr(equals + 1), item.location),
                  item.location);
    }
    node = std::move(pairs);
}

std::string Merger::shown_path() const {
    std::string path;
    for (const std::string &key : path_)
        path = join_path(path, key);
    return path;
}

bool is_reset(const Node &node) {
    return node.tag == MergeTag::reset;
}

bool is_keyed(const MergeRule &rule) {
    return rule.method == MergeMethod::keyed || rule.method == MergeMethod::keyed_deep;
}

// A value of the wrong type is told once.
bool Merger::is_reported(const Node &over) const {
    const std::string path = shown_path();
    return std::any_of(diagnostics_.all().begin(), diagnostics_.all().end(), [&](const Diagnostic &each) {
        return each.severity == Severity::error && each.path == path
               && each.location.source == over.location.source && each.location.line == over.location.line
               && each.location.column == over.location.column;
    });
}

// A value where there was none: only its own tags and repeated items are settled.
void Merger::settle(Node &fresh) {
    fresh.tag = MergeTag::none;
    if (fresh.is_sequence())
        return settle_items(fresh);
    if (!fresh.is_mapping())
        return;
    fresh.origins.clear();
    std::erase_if(fresh.members, [](const Member &member) { return is_reset(member.value); });
    for (Member &member : fresh.members) {
        path_.push_back(member.key);
        settle(member.value);
        path_.pop_back();
    }
}

void Merger::settle_items(Node &fresh) {
    if (fresh.items.size() > 1)
        if (const MergeRule &rule = merge_rule(path_); is_keyed(rule)) {
            Node empty = Node::sequence(fresh.location);
            merge_items(empty, std::move(fresh), rule);
            fresh = std::move(empty);
            return;
        }
    fresh.origins.clear();
    std::erase_if(fresh.items, is_reset);
    path_.emplace_back("[]");
    for (Node &item : fresh.items)
        settle(item);
    path_.pop_back();
}

// over replaces base and remembers where base came from.
void Merger::take(Node &base, Node over) {
    std::vector<Location> origins = std::move(base.origins);
    if (base.location.known())
        origins.push_back(base.location);
    settle(over);
    base = std::move(over);
    base.origins = std::move(origins);
}

void Merger::merge_value(Node &base, Node over) {
    if (over.tag == MergeTag::replace)
        return take(base, std::move(over));
    const MergeRule &rule = merge_rule(path_);
    if (rule.method == MergeMethod::replace)
        return take(base, std::move(over));
    if (over.is_null())
        return;
    if (rule.method == MergeMethod::mappings && !(base.is_mapping() && over.is_mapping()))
        return take(base, std::move(over));
    if (rule.method == MergeMethod::scalars && values_ == Values::interpolated) {
        pairs_to_mapping(base);
        pairs_to_mapping(over);
    } else if (rule.method == MergeMethod::scalars
               || (values_ == Values::as_written && rule.method == MergeMethod::keyed)) {
        pairs_to_list(base);
        pairs_to_list(over);
    }
    const bool collection = base.is_mapping() || base.is_sequence();
    if (!collection)
        return take(base, std::move(over));
    if (base.kind != over.kind) {
        if (is_reported(over))
            return;
        Diagnostic &error =
            diagnostics_.error(over.location, shown_path(), "cannot override " + shown_path(),
                               std::string("it is a ") + (base.is_mapping() ? "mapping" : "list")
                                   + " in the file before; use !override to replace it");
        error.notes.push_back({base.location, "the value it would override"});
        return;
    }
    if (base.is_sequence() && rule.method == MergeMethod::scalars)
        return merge_items(base, std::move(over), {rule.pattern, MergeMethod::keyed, name_of_pair});
    if (base.is_sequence())
        return merge_items(base, std::move(over), rule);
    if (rule.method == MergeMethod::logging)
        return merge_logging(base, std::move(over));
    merge_members(base, std::move(over.members), rule.method == MergeMethod::scalars);
}

void Merger::merge_members(Node &base, std::vector<Member> over, bool null_counts) {
    MemberIndex keys;
    std::set<std::string> removed;
    for (Member &member : over) {
        Member *before = keys.find(base.members, member.key);
        path_.push_back(member.key);
        if (is_reset(member.value)) {
            if (before != nullptr)
                removed.insert(member.key);
        } else if (before == nullptr) {
            settle(member.value);
            base.members.push_back(std::move(member));
        } else if (null_counts && member.value.is_null()) {
            take(before->value, std::move(member.value));
        } else {
            merge_value(before->value, std::move(member.value));
        }
        path_.pop_back();
    }
    if (!removed.empty())
        std::erase_if(base.members, [&](const Member &member) { return removed.contains(member.key); });
}

void Merger::merge_items(Node &base, Node over, const MergeRule &rule) {
    const bool keyed = is_keyed(rule);
    const auto key_of = [&](const Node &item) { return rule.key != nullptr ? rule.key(item) : item.text; };
    std::map<std::string, std::size_t> positions;
    if (keyed)
        for (std::size_t index = 0; index < base.items.size(); ++index)
            if (std::string key = key_of(base.items[index]); !key.empty())
                positions.emplace(std::move(key), index);
    std::set<std::size_t> given; // items of base that this list gave
    for (Node &item : over.items) {
        if (is_reset(item))
            continue;
        item.tag = MergeTag::none;
        if (std::string key = keyed ? key_of(item) : ""; !key.empty()) {
            const auto [found, fresh] = positions.emplace(std::move(key), base.items.size());
            if (!fresh) {
                Node &earlier = base.items[found->second];
                if (!given.insert(found->second).second)
                    warn_repeated(earlier, item);
                if (rule.method == MergeMethod::keyed_deep)
                    merge_value(earlier, std::move(item));
                else
                    take(earlier, std::move(item));
                continue;
            }
        }
        given.insert(base.items.size());
        path_.emplace_back("[]");
        settle(item);
        path_.pop_back();
        base.items.push_back(std::move(item));
    }
}

void Merger::warn_repeated(const Node &earlier, const Node &later) {
    if (same_value(earlier, later))
        return;
    Diagnostic &warning = diagnostics_.warning(later.location, shown_path(),
                                               "this entry of " + shown_path() + " replaces one above it",
                                               "remove one of them, or give them different targets");
    warning.notes.push_back({earlier.location, "the entry it replaces"});
}

void Merger::merge_logging(Node &base, Node over) {
    const Node *before = base.find("driver");
    const Node *after = over.find("driver");
    if (before != nullptr && after != nullptr && before->text != after->text)
        return take(base, std::move(over));
    merge_members(base, std::move(over.members), false);
}

void Merger::merge_mapping(Node &base, Node over) {
    if (!base.location.known())
        base.location = over.location;
    merge_members(base, std::move(over.members), false);
}

} // namespace

void merge(Node &base, Node file, Diagnostics &diagnostics, Values values) {
    Merger(diagnostics, values).merge_mapping(base, std::move(file));
}

} // namespace compose
