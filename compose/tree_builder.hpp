// Turns yaml-cpp's events of one document into a Node. Part of parse.cpp; not for other users.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/member_index.hpp"
#include "compose/node.hpp"
#include "compose/parse.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace compose {

// What the documents of one file may still use.
struct ParseBudget {
    std::size_t nodes;
    std::size_t text;
};

// Thrown to leave the YAML parser once a limit is passed; its reason is already among the diagnostics.
struct ParseAborted {};

class TreeBuilder final : public YAML::EventHandler {
  public:
    TreeBuilder(const std::shared_ptr<const Source> &source, Diagnostics &diagnostics,
                const ParseLimits &limits, ParseBudget &budget)
        : source_(source), diagnostics_(diagnostics), limits_(limits), budget_(budget) {}

    // The document; nullopt when there were no events.
    [[nodiscard]] std::optional<Node> take() { return std::move(root_); }

    // Where the last quoted or block scalar begins, as an offset.
    [[nodiscard]] std::optional<std::size_t> last_quoted() const { return last_quoted_; }

    // Where the document begins.
    [[nodiscard]] const Location &begin() const { return begin_; }

    void OnDocumentStart(const YAML::Mark &mark) override { begin_ = at(mark); }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark &mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                  const std::string &value) override;
    void OnSequenceStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override;
    void OnMapStart(const YAML::Mark &mark, const std::string &tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override;

  private:
    // An open collection.
    struct Frame {
        Node node;
        YAML::anchor_t anchor = 0;
        bool has_key = false;
        bool is_key = false; // a collection where a key should be: read, then dropped
        bool merge_key = false;
        std::string key;
        Location key_location;
        MemberIndex keys;         // of node
        std::vector<Node> merged; // values of <<
    };

    // A finished node and what an alias to it costs.
    struct Anchor {
        Node node;
        std::size_t nodes = 0;
        std::size_t text = 0;
    };

    [[nodiscard]] Location at(const YAML::Mark &mark) const;
    [[nodiscard]] bool expects_key() const;
    void open(Node node, YAML::anchor_t anchor);
    void close();
    void add(Node node, YAML::anchor_t anchor);
    void set_key(const Node &node, bool plain);
    void keep_anchor(YAML::anchor_t anchor, const Node &node);
    void apply_tag(Node &node, const std::string &tag);
    void apply_merges(Frame &frame);
    void merge_mapping(Frame &frame, const Node &from);
    void charge(std::size_t nodes, std::size_t text, const Location &location);
    [[noreturn]] void abort(const Location &location, std::string message, std::string hint);

    std::shared_ptr<const Source> source_;
    Diagnostics &diagnostics_;
    const ParseLimits &limits_;
    ParseBudget &budget_;
    std::vector<Frame> frames_;
    std::map<YAML::anchor_t, Anchor> anchors_;
    Location begin_;
    std::optional<Node> root_;
    std::optional<std::size_t> last_quoted_;
};

} // namespace compose
