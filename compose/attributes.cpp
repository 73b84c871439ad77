#include "compose/attributes.hpp"

#include <deque>

namespace compose {

namespace {

std::vector<Attribute> collect() {
    std::vector<Attribute> all;
    for (const auto &rows :
         {project_attributes(), service_attributes(), service_list_attributes(), build_attributes(),
          deploy_attributes(), develop_attributes(), network_attributes(), volume_attributes(),
          secret_attributes(), config_attributes()})
        all.insert(all.end(), rows.begin(), rows.end());
    return all;
}

class Tree {
  public:
    Tree() {
        rules_.emplace_back();
        for (const Attribute &attribute : attributes())
            add(attribute);
    }

    [[nodiscard]] const Rule &root() const { return rules_.front(); }

  private:
    void add(const Attribute &attribute) {
        Rule *rule = &rules_.front();
        std::string_view rest = attribute.path;
        while (!rest.empty()) {
            const auto dot = rest.find('.');
            rule = &step(*rule, rest.substr(0, dot));
            rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
        }
        rule->attribute = &attribute;
    }

    Rule &step(Rule &from, std::string_view key) {
        if (key == "*")
            return get(from.any);
        if (key == "[]")
            return get(from.item);
        for (Rule::Child &child : from.named)
            if (child.key == key)
                return const_cast<Rule &>(*child.rule);
        Rule &made = rules_.emplace_back();
        made.order = static_cast<unsigned>(from.named.size());
        from.named.push_back({key, &made});
        return made;
    }

    Rule &get(const Rule *&slot) {
        if (slot == nullptr)
            slot = &rules_.emplace_back();
        return const_cast<Rule &>(*slot);
    }

    std::deque<Rule> rules_; // addresses stay
};

} // namespace

const std::vector<Attribute> &attributes() {
    static const std::vector<Attribute> all = collect();
    return all;
}

const Rule &rules() {
    static const Tree tree;
    return tree.root();
}

const Rule *Rule::child(std::string_view key) const {
    for (const Child &candidate : named)
        if (candidate.key.size() == key.size() && candidate.key.front() == key.front()
            && candidate.key == key)
            return candidate.rule;
    return any;
}

std::string_view name(Status status) {
    switch (status) {
    case Status::works:
        return "works";
    case Status::ignored:
        return "ignored";
    case Status::refused:
        return "refused";
    }
    return {};
}

} // namespace compose
