#include "topologies/import/dot_outline.hpp"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "sim/core/text_cursor.hpp"
#include "topologies/import/number.hpp"

namespace plenum::topology {
namespace {

/// Thrown inside this file only.
struct Refusal {
  int line, column;
  std::string message;
};

bool begins_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalpha(byte) || c == '_' || byte >= 0x80;
}
bool in_word(char c) { return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)); }

struct Token {
  enum class Kind : std::uint8_t { end, identifier, keyword, edge, mark } kind = Kind::end;
  std::string text{};  ///< keywords in lower case, strings without quotes
  int line = 1, column = 1;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : cursor_(text) {}

  Token next() {
    skip();
    Token token{.line = cursor_.line(), .column = cursor_.column()};
    const char c = cursor_.peek();
    if (cursor_.at_end()) return token;
    if (c == '"') return quoted(std::move(token));
    if (c == '<') return angled(std::move(token));
    if (begins_word(c)) return word(std::move(token));
    if (cursor_.rest().starts_with("--") || cursor_.rest().starts_with("->"))
      return take(2, Token::Kind::edge, std::move(token));
    if (std::string_view("{}[];,:=+").find(c) != std::string_view::npos)
      return take(1, Token::Kind::mark, std::move(token));
    if (const auto digits = length_of_number()) return take(digits, Token::Kind::identifier, std::move(token));
    refuse(token, "no name, number, string or mark of DOT begins here; names with other characters stand in quotes");
  }

  [[noreturn]] static void refuse(const Token& token, std::string why) {
    throw Refusal{token.line, token.column, std::move(why)};
  }

 private:
  Token take(std::size_t bytes, Token::Kind kind, Token token) {
    if (bytes > longest_identifier) refuse(token, fmt::format("a name of more than {} bytes", longest_identifier));
    token.kind = kind;
    token.text = cursor_.rest().substr(0, bytes);
    cursor_.advance(bytes);
    return token;
  }

  Token word(Token token) {
    constexpr std::array keywords{"strict", "graph", "digraph", "subgraph", "node", "edge"};
    const auto rest = cursor_.rest();
    std::size_t bytes = 1;
    while (bytes < rest.size() && in_word(rest[bytes])) ++bytes;
    token = take(bytes, Token::Kind::identifier, std::move(token));
    auto lower = token.text;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const auto* keyword : keywords)
      if (lower == keyword) token.kind = Token::Kind::keyword, token.text = lower;
    return token;
  }

  /// -?(.[0-9]+ | [0-9]+(.[0-9]*)?)
  std::size_t length_of_number() const {
    const auto rest = cursor_.rest();
    std::size_t at = rest[0] == '-', digits = 0;
    const auto take_digits = [&] {
      for (; at < rest.size() && std::isdigit(static_cast<unsigned char>(rest[at])); ++at) ++digits;
    };
    take_digits();
    if (at < rest.size() && rest[at] == '.') ++at, take_digits();
    return digits > 0 ? at : 0;
  }

  Token quoted(Token token) {
    const auto rest = cursor_.rest();
    std::size_t end = 1;
    for (; end < rest.size() && rest[end] != '"'; ++end) end += rest[end] == '\\';
    if (end >= rest.size()) refuse(token, "a string that does not end");
    token = take(end + 1, Token::Kind::identifier, std::move(token));
    token.text = token.text.substr(1, token.text.size() - 2);
    return token;
  }

  Token angled(Token token) {
    const auto rest = cursor_.rest();
    std::size_t end = 0, open = 0;
    for (; end < rest.size(); ++end) {
      open += rest[end] == '<';
      if (rest[end] == '>' && --open == 0) return take(end + 1, Token::Kind::identifier, std::move(token));
    }
    refuse(token, "an HTML string whose \"<\" is not closed");
  }

  /// White space and comments.
  void skip() {
    for (;;) {
      cursor_.skip_space();
      const auto rest = cursor_.rest();
      if (rest.starts_with("//") || (rest.starts_with('#') && cursor_.column() == 1)) {
        cursor_.advance(std::min(rest.find('\n'), rest.size()));
      } else if (rest.starts_with("/*")) {
        const auto end = rest.find("*/", 2);
        if (end == rest.npos) throw Refusal{cursor_.line(), cursor_.column(), "a comment that does not end"};
        cursor_.advance(end + 2);
      } else {
        return;
      }
    }
  }

  json::TextCursor cursor_;
};

class Grammar {
 public:
  Grammar(std::string_view text, const std::string& name) : lexer_(text), name_(name), token_(lexer_.next()) {}

  DotOutline graph() {
    if (is_keyword("strict")) advance();
    outline_.directed = is_keyword("digraph");
    if (!outline_.directed && !is_keyword("graph")) expected("\"graph\" or \"digraph\"");
    advance();
    if (token_.kind == Token::Kind::identifier) identifier("a name");
    braces();
    if (token_.kind != Token::Kind::end) expected("the end of the text");
    if (between_subgraphs_) outline_.edges.clear();
    return std::move(outline_);
  }

 private:
  bool is(std::string_view mark) const { return token_.kind == Token::Kind::mark && token_.text == mark; }
  bool is_keyword(std::string_view word) const { return token_.kind == Token::Kind::keyword && token_.text == word; }
  void advance() {
    outline_.plain += plain(token_);
    token_ = lexer_.next();
  }

  /// HTML is left out: only people read it.
  static std::string plain(const Token& token) {
    if (token.kind != Token::Kind::identifier) return token.text + " ";
    return fmt::format("\"{}\" ", token.text.starts_with('<') ? "" : token.text);
  }

  [[noreturn]] void expected(std::string_view what) const {
    constexpr std::size_t enough = 100;  // of a token
    const auto found = token_.kind == Token::Kind::end ? "the text ends"
                                                       : fmt::format("there is \"{}\"", token_.text.substr(0, enough));
    Lexer::refuse(token_, fmt::format("{} is expected, {}", what, found));
  }

  void take(std::string_view mark) {
    if (!is(mark)) expected(fmt::format("\"{}\"", mark));
    advance();
  }

  std::string identifier(std::string_view what) {
    if (token_.kind != Token::Kind::identifier) expected(what);
    auto text = token_.text;
    for (advance(); is("+"); advance()) {
      advance();
      if (token_.kind != Token::Kind::identifier) expected("a string");
      text += token_.text;
    }
    return text;
  }

  void braces() {
    if (++depth_ > deepest_subgraph)
      Lexer::refuse(token_, fmt::format("more than {} braces are open", deepest_subgraph));
    for (take("{"); !is("}");) {
      statement();
      if (is(";")) advance();
    }
    advance();
    --depth_;
  }

  void statement() {
    if (is_keyword("graph") || is_keyword("node") || is_keyword("edge")) {
      advance();
      if (!is("[")) expected("\"[\"");
      return attributes();
    }
    bool subgraph = begins_subgraph();
    if (!subgraph) {
      identifier("a statement");
      if (is("=")) {
        advance();
        identifier("a value");
        return;
      }
      port();
    } else {
      end_of_edge();
    }
    for (; token_.kind == Token::Kind::edge; end_of_edge()) {
      between_subgraphs_ = between_subgraphs_ || subgraph;
      subgraph = false;
      edge();
      between_subgraphs_ = between_subgraphs_ || begins_subgraph();
    }
    if (!subgraph) attributes();
  }

  void edge() {
    if (token_.text != (outline_.directed ? "->" : "--"))
      Lexer::refuse(token_, outline_.directed ? "edges of a digraph are \"->\"" : "edges of a graph are \"--\"");
    outline_.edges.push_back({name_, token_.line, token_.column});
    advance();
  }

  bool begins_subgraph() const { return is("{") || is_keyword("subgraph"); }

  void end_of_edge() {
    if (begins_subgraph()) return subgraph();
    identifier("a vertex or a subgraph");
    port();
  }

  void subgraph() {
    if (is("{")) {
      outline_.plain += "subgraph ";
    } else {
      advance();
      if (token_.kind == Token::Kind::identifier) identifier("a name");
    }
    braces();
  }

  void port() {
    for (int parts = 0; parts < 2 && is(":"); ++parts) {
      advance();
      identifier("a port");
    }
  }

  void attributes() {
    while (is("[")) {
      for (advance(); !is("]");) {
        attribute();
        if (is(",") || is(";")) advance();
      }
      advance();
    }
  }

  void attribute() {
    const auto key = identifier("an attribute or \"]\"");
    if (!is("=")) return;
    advance();
    const Token where{.line = token_.line, .column = token_.column};
    const auto value = identifier("a value");
    if (key == "bytes_per_second" || key == "latency_seconds") require_number(key, value, where);
  }

  static void require_number(std::string_view key, const std::string& value, const Token& where) {
    if (number_in<double>(value)) return;
    Lexer::refuse(where, fmt::format("{} is a number: \"50e9\"", key));
  }

  Lexer lexer_;
  const std::string& name_;
  Token token_;
  DotOutline outline_;
  int depth_ = 0;
  bool between_subgraphs_ = false;
};

}  // namespace

std::optional<DotOutline> outline_of_dot(std::string_view text, const std::string& name, Issues& issues) {
  try {
    return Grammar(text, name).graph();
  } catch (const Refusal& refusal) {
    issues.error({name, refusal.line, refusal.column}, "", refusal.message);
    return std::nullopt;
  }
}

}  // namespace plenum::topology
