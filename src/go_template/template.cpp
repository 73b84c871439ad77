#include "go_template/template.hpp"

#include "base/json.hpp"
#include "base/suggest.hpp"
#include "go_template/functions.hpp"
#include "go_template/parser.hpp"
#include "go_template/place.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace go_template {

namespace {

constexpr std::size_t longest_output = std::size_t{16} << 20;
// Loops in loops end at some time, but a person does not wait for it.
constexpr std::size_t most_steps = 1'000'000;

enum class Flow { on, leave, next };

// "com.example.my-key" to "MY KEY", as Docker heads such a column.
std::string title_of(const Value &argument) {
    std::string title = printed(argument);
    title.erase(0, title.rfind('.') + 1);
    std::replace_if(
        title.begin(), title.end(), [](char c) { return c == '-' || c == '_'; }, ' ');
    return title;
}

class Execution {
  public:
    Execution(const Tree &tree, const Value &data, bool header)
        : tree_(tree), data_(data), header_(header), dot_(&data_), variables_{{"$", data}} {}

    std::string run() {
        static_cast<void>(run(tree_.body));
        return std::move(output_);
    }

  private:
    [[noreturn]] void fail(std::size_t offset, const std::string &message, std::string hint = {}) const {
        fail_at(tree_.text, offset, message, std::move(hint));
    }

    // A step for each node, and more for large values.
    void step(std::size_t offset, std::size_t cost = 1) {
        steps_ += cost;
        if (steps_ > most_steps)
            fail(offset, "this takes too long");
    }

    static std::size_t cost_of(const Value &value) {
        constexpr std::size_t bytes_a_step = 256;
        return value.is_string() ? value.get_ref<const std::string &>().size() / bytes_a_step : value.size();
    }

    Flow run(const Body &body) {
        for (const Node &node : body) {
            if (const auto *text = std::get_if<Text>(&node.content)) {
                write(text->text);
            } else if (const auto *output = std::get_if<Output>(&node.content)) {
                const Value value = evaluate(output->pipeline);
                if (output->pipeline.variables.empty())
                    write(text_of(value));
            } else if (const auto *leave = std::get_if<Leave>(&node.content)) {
                return leave->loop ? Flow::leave : Flow::next;
            } else if (const Flow flow = run(std::get<Block>(node.content)); flow != Flow::on) {
                return flow;
            }
        }
        return Flow::on;
    }

    void write(const std::string &text) {
        output_ += text;
        if (output_.size() > longest_output)
            throw base::Error("the template makes more than 16 MiB of text of one object");
    }

    Flow run(const Block &block) {
        const std::size_t known = variables_.size();
        const Value value = evaluate(block.pipeline, block.kind == Block::Kind::range);
        Flow flow = Flow::on;
        if (block.kind == Block::Kind::range) {
            flow = loop(block, value);
        } else if (!is_true(value)) {
            flow = run(block.otherwise);
        } else {
            const Value *const outer = dot_;
            if (block.kind == Block::Kind::with)
                dot_ = &value;
            flow = run(block.body);
            dot_ = outer;
        }
        variables_.resize(known);
        return flow;
    }

    Flow loop(const Block &block, const Value &value) {
        step(block.pipeline.offset, cost_of(value));
        const Value members = without_methods(value);
        std::vector<std::pair<Value, const Value *>> rounds;
        if (members.is_array())
            for (std::size_t at = 0; at < members.size(); ++at)
                rounds.emplace_back(at, &members[at]);
        else if (members.is_object())
            for (const auto &[key, member] : members.items())
                rounds.emplace_back(key, &member);
        else if (!members.is_null())
            fail(block.pipeline.offset, "range can't go through what is of type " + type_of(members));
        if (members.is_object())
            std::sort(rounds.begin(), rounds.end(),
                      [](const auto &left, const auto &right) { return left.first < right.first; });
        if (rounds.empty())
            return run(block.otherwise);
        const Value *const outer = dot_;
        const std::size_t known = variables_.size();
        for (const auto &[key, member] : rounds) {
            step(block.pipeline.offset);
            set_round(block.pipeline, key, *member);
            dot_ = member;
            const Flow flow = run(block.body);
            variables_.resize(known);
            if (flow == Flow::leave)
                break;
        }
        dot_ = outer;
        return Flow::on;
    }

    // One variable is the value, of two the first is the key.
    void set_round(const Pipeline &pipeline, const Value &key, const Value &member) {
        const auto &names = pipeline.variables;
        if (names.size() == 2)
            set(names[0], key, pipeline.declares);
        if (!names.empty())
            set(names.back(), member, pipeline.declares);
    }

    void set(const std::string &name, const Value &value, bool declares) {
        if (declares)
            variables_.emplace_back(name, value);
        else
            find(name) = value;
    }

    // The innermost of that name; the parser has seen that there is one.
    Value &find(const std::string &name) {
        return std::find_if(variables_.rbegin(), variables_.rend(),
                            [&](const auto &each) { return each.first == name; })
            ->second;
    }

    Value evaluate(const Pipeline &pipeline, bool of_range = false) {
        std::optional<Value> value;
        for (const Command &command : pipeline.commands)
            value = evaluate(command, value);
        if (!of_range && !pipeline.variables.empty())
            set(pipeline.variables.front(), *value, pipeline.declares);
        return *std::move(value);
    }

    Value evaluate(const Command &command, const std::optional<Value> &piped) {
        step(command.offset);
        const Operand &first = command.words.front();
        if (first.kind == Operand::Kind::function)
            return call_function(command, piped);
        if (command.words.size() == 1 && !piped)
            return evaluate(first);
        return call_method(command, piped);
    }

    Value call_function(const Command &command, const std::optional<Value> &piped) {
        const std::string &name = command.words.front().name;
        if (name == "and" || name == "or")
            return choose(command, piped, name == "and");
        std::vector<Value> arguments;
        for (std::size_t at = 1; at < command.words.size(); ++at)
            arguments.push_back(evaluate(command.words[at]));
        if (piped)
            arguments.push_back(*piped);
        for (const Value &each : arguments)
            step(command.offset, cost_of(each));
        static const std::set<std::string> changing{"json", "lower", "title", "truncate", "upper"};
        if (header_ && changing.contains(name) && !arguments.empty())
            return arguments.front();
        try {
            return call(name, arguments);
        } catch (const BadCall &error) {
            fail(command.offset, name + ": " + error.what());
        }
    }

    // The first that decides it; those behind are not looked at.
    Value choose(const Command &command, const std::optional<Value> &piped, bool all) {
        Value value;
        if (command.words.size() == 1 && !piped)
            fail(command.offset, std::string(all ? "and" : "or") + " has no arguments");
        for (std::size_t at = 1; at < command.words.size(); ++at)
            if (value = evaluate(command.words[at]); is_true(value) != all)
                return value;
        return piped ? *piped : value;
    }

    Value call_method(const Command &command, const std::optional<Value> &piped) {
        const Operand &first = command.words.front();
        const std::size_t arguments = command.words.size() - 1 + (piped ? 1 : 0);
        Operand owner = first;
        const std::string name = owner.fields.back();
        owner.fields.pop_back();
        const Value object = evaluate(owner);
        const auto members = object.is_object() ? object.find(method(name)) : object.end();
        if (!object.is_object() || members == object.end() || arguments != 1)
            fail(first.offset, "." + name + " takes no arguments",
                 "to look something up, write: index ." + name + " \"KEY\"");
        const Value argument = piped ? *piped : evaluate(command.words[1]);
        if (header_)
            return title_of(argument);
        const auto found = argument.is_string() ? members->find(argument.get<std::string>()) : members->end();
        return found == members->end() ? Value("") : Value(*found);
    }

    Value evaluate(const Operand &operand) {
        switch (operand.kind) {
        case Operand::Kind::dot:
            return field_of(*dot_, operand, dot_ == &data_);
        case Operand::Kind::variable:
            return field_of(find(operand.name), operand, operand.name == "$");
        case Operand::Kind::pipeline:
            return field_of(evaluate(*operand.pipeline), operand, false);
        case Operand::Kind::function: {
            Command command{{operand}, operand.offset};
            return call_function(command, std::nullopt);
        }
        case Operand::Kind::literal:
            break;
        }
        return operand.value;
    }

    // strict: the first field must be there.
    Value field_of(const Value &value, const Operand &operand, bool strict) const {
        const Value *at = &value;
        static const Value nothing;
        for (const std::string &name : operand.fields) {
            if (!at->is_object())
                fail(operand.offset, "." + name + " is asked of what is of type " + type_of(*at));
            const auto found = at->find(name);
            if (found == at->end() && strict)
                no_field(*at, name, operand.offset);
            at = found == at->end() ? &nothing : &*found;
            strict = false;
        }
        return *at;
    }

    [[noreturn]] void no_field(const Value &data, const std::string &name, std::size_t offset) const {
        std::vector<std::string> names;
        const Value members = without_methods(data);
        for (const auto &[key, member] : members.items())
            names.push_back(key);
        std::string hint = base::did_you_mean(name, names);
        if (hint.empty()) {
            std::sort(names.begin(), names.end());
            hint = "there are";
            for (const std::string &each : names)
                hint += " ." + each;
        }
        fail(offset, "there is no field ." + name, hint);
    }

    const Tree &tree_;
    const Value &data_;
    bool header_;
    const Value *dot_;
    std::vector<std::pair<std::string, Value>> variables_;
    std::string output_;
    std::size_t steps_ = 0;
};

} // namespace

Template::Template(const std::string &text) : tree_(std::make_shared<const Tree>(parse(text))) {}

Template::~Template() = default;

std::string Template::render(const base::Json &data) const {
    return Execution(*tree_, data, false).run();
}

std::string Template::header(const std::map<std::string, std::string> &titles) const {
    base::Json data = base::Json::object();
    for (const auto &[field, title] : titles)
        data[field] = title;
    data[method("Label")] = base::Json::object();
    return Execution(*tree_, data, true).run();
}

} // namespace go_template
