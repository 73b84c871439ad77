#include "go_template/parser.hpp"

#include "base/suggest.hpp"
#include "go_template/functions.hpp"
#include "go_template/lexer.hpp"
#include "go_template/place.hpp"

#include <algorithm>
#include <array>

namespace go_template {

namespace {

constexpr int deepest = 100;

class Parser {
  public:
    explicit Parser(const std::string &text) : text_(text), pieces_(split(text)) {}

    Tree run() {
        Tree tree{text_, body()};
        if (piece_ < pieces_.size())
            fail(pieces_[piece_].offset, "there is nothing that {{" + keyword() + "}} belongs to");
        return tree;
    }

  private:
    class Deeper {
      public:
        explicit Deeper(Parser &parser) : depth_(parser.depth_) {
            if (++depth_ > deepest)
                parser.fail(parser.offset(), "this is nested too deeply");
        }

        Deeper(const Deeper &) = delete;
        Deeper &operator=(const Deeper &) = delete;

        ~Deeper() { --depth_; }

      private:
        int &depth_;
    };

    [[noreturn]] void fail(std::size_t offset, const std::string &message, std::string hint = {}) const {
        fail_at(text_, offset, message, std::move(hint));
    }

    [[nodiscard]] const Token &peek() const { return pieces_[piece_].tokens[token_]; }

    [[nodiscard]] std::size_t offset() const {
        return piece_ < pieces_.size() && pieces_[piece_].is_action ? peek().offset : text_.size();
    }

    Token take() { return pieces_[piece_].tokens[token_++]; }

    bool accept(Token::Kind kind) {
        if (peek().kind != kind)
            return false;
        ++token_;
        return true;
    }

    bool accept(const char *word) {
        if (peek().kind != Token::Kind::word || peek().text != word)
            return false;
        ++token_;
        return true;
    }

    // Of an action that begins with one.
    [[nodiscard]] std::string keyword() const {
        const Token &first = pieces_[piece_].tokens.front();
        return first.kind == Token::Kind::word ? first.text : std::string();
    }

    void end_action() {
        if (peek().kind != Token::Kind::end)
            fail(peek().offset, "\"}}\" is missing before this");
        ++piece_;
        token_ = 0;
    }

    // Up to the {{end}} or {{else}} that belongs to what is around it.
    Body body() {
        const Deeper deeper(*this);
        Body nodes;
        for (; piece_ < pieces_.size();) {
            Piece &piece = pieces_[piece_];
            if (!piece.is_action) {
                nodes.push_back({Text{std::move(piece.text)}});
                ++piece_;
                continue;
            }
            const std::string word = keyword();
            if (word == "end" || word == "else")
                break;
            nodes.push_back(action(word));
        }
        return nodes;
    }

    Node action(const std::string &word) {
        constexpr std::array refused{"template", "define", "block"};
        if (std::find(refused.begin(), refused.end(), word) != refused.end())
            fail(peek().offset, "{{" + word + "}} is not supported", "write the template in one piece");
        if (accept("if"))
            return block(Block::Kind::if_);
        if (accept("with"))
            return block(Block::Kind::with);
        if (accept("range"))
            return block(Block::Kind::range);
        if (word == "break" || word == "continue") {
            if (loops_ == 0)
                fail(peek().offset, "{{" + word + "}} is not in a {{range}}");
            ++token_;
            end_action();
            return {Leave{word == "break"}};
        }
        Output output{pipeline()};
        end_action();
        return {std::move(output)};
    }

    Node block(Block::Kind kind) {
        const std::size_t begin = pieces_[piece_].offset;
        const std::size_t known = variables_.size();
        const Deeper deeper(*this);
        Block block{kind, pipeline(kind == Block::Kind::range), {}, {}};
        end_action();
        loops_ += kind == Block::Kind::range ? 1 : 0;
        block.body = body();
        loops_ -= kind == Block::Kind::range ? 1 : 0;
        require_more(begin);
        bool is_over = false;
        if (accept("else"))
            is_over = otherwise(block, begin);
        if (!is_over && !accept("end"))
            fail(peek().offset, "{{end}} must follow on {{else}}");
        if (!is_over)
            end_action();
        variables_.resize(known);
        return {std::move(block)};
    }

    void require_more(std::size_t begin) const {
        if (piece_ == pieces_.size())
            fail(begin, "this has no {{end}}");
    }

    // True when the {{end}} is behind it: {{else if ...}} has that in common with what it belongs to.
    bool otherwise(Block &block, std::size_t begin) {
        if (const bool is_if = accept("if"); is_if || accept("with")) {
            if (block.kind == Block::Kind::range)
                fail(peek().offset, "{{range}} has no {{else}} with a condition");
            block.otherwise.push_back(this->block(is_if ? Block::Kind::if_ : Block::Kind::with));
            return true;
        }
        end_action();
        block.otherwise = body();
        require_more(begin);
        return false;
    }

    Pipeline pipeline(bool of_range = false) {
        const Deeper deeper(*this);
        Pipeline result;
        result.offset = peek().offset;
        variables(result, of_range);
        do
            result.commands.push_back(command());
        while (accept(Token::Kind::pipe));
        if (result.declares)
            variables_.insert(variables_.end(), result.variables.begin(), result.variables.end());
        for (auto each = result.commands.begin() + 1; each != result.commands.end(); ++each)
            if (const Operand &first = each->words.front();
                first.kind != Operand::Kind::function && first.fields.empty())
                fail(each->offset, "what is piped into must be a function");
        return result;
    }

    void variables(Pipeline &result, bool of_range) {
        const std::size_t begin = token_;
        while (peek().kind == Token::Kind::variable) {
            result.variables.push_back(take().text);
            if (!of_range || result.variables.size() == 2 || !accept(Token::Kind::comma))
                break;
        }
        if (!result.variables.empty() && accept(Token::Kind::declare)) {
            result.declares = true;
        } else if (result.variables.empty() || !accept(Token::Kind::assign)) {
            result.variables.clear();
            token_ = begin;
        } else {
            for (const std::string &name : result.variables)
                require_known(name, result.offset);
        }
    }

    void require_known(const std::string &name, std::size_t offset) const {
        if (std::find(variables_.begin(), variables_.end(), name) == variables_.end())
            fail(offset, "there is no variable " + name, base::did_you_mean(name, variables_));
    }

    Command command() {
        Command result;
        result.offset = peek().offset;
        while (peek().kind != Token::Kind::end && peek().kind != Token::Kind::pipe
               && peek().kind != Token::Kind::close) {
            if (!result.words.empty() && !peek().spaced && peek().kind != Token::Kind::open)
                fail(peek().offset, "a blank is missing before this");
            result.words.push_back(operand());
        }
        if (result.words.empty())
            fail(result.offset, "a value is missing here");
        const Operand &first = result.words.front();
        if (first.kind != Operand::Kind::function && first.fields.empty() && result.words.size() > 1)
            fail(result.words[1].offset, "only functions and methods take arguments");
        return result;
    }

    Operand operand() {
        const Token token = take();
        Operand result;
        result.offset = token.offset;
        switch (token.kind) {
        case Token::Kind::dot:
            break;
        case Token::Kind::field:
            result.fields.push_back(token.text);
            break;
        case Token::Kind::variable:
            require_known(token.text, token.offset);
            result.kind = Operand::Kind::variable;
            result.name = token.text;
            break;
        case Token::Kind::literal:
            result.kind = Operand::Kind::literal;
            result.value = token.value;
            break;
        case Token::Kind::open:
            result.kind = Operand::Kind::pipeline;
            result.pipeline = std::make_shared<const Pipeline>(pipeline());
            if (!accept(Token::Kind::close))
                fail(peek().offset, "\")\" is missing before this");
            break;
        case Token::Kind::word:
            word(result, token);
            break;
        default:
            fail(token.offset, "a value is missing here");
        }
        while (peek().kind == Token::Kind::field && !peek().spaced && result.kind != Operand::Kind::literal
               && result.kind != Operand::Kind::function)
            result.fields.push_back(take().text);
        return result;
    }

    void word(Operand &result, const Token &token) const {
        result.kind = Operand::Kind::literal;
        if (token.text == "true" || token.text == "false") {
            result.value = token.text == "true";
        } else if (token.text != "nil") {
            if (!is_function(token.text))
                fail(token.offset, "there is no function \"" + token.text + "\"",
                     base::did_you_mean(token.text, function_names()));
            result.kind = Operand::Kind::function;
            result.name = token.text;
        }
    }

    const std::string &text_;
    std::vector<Piece> pieces_;
    std::size_t piece_ = 0, token_ = 0;
    std::vector<std::string> variables_{"$"};
    int depth_ = 0, loops_ = 0;
};

} // namespace

Tree parse(const std::string &text) {
    return Parser(text).run();
}

} // namespace go_template
