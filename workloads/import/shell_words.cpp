#include "workloads/import/shell_words.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace plenum::workload {
namespace {

bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool is_name(std::string_view text) {
  return !text.empty() && !std::isdigit(static_cast<unsigned char>(text[0])) && std::ranges::all_of(text, is_letter);
}

class Splitter {
 public:
  Splitter(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  std::vector<ShellWord> split() {
    while (skip_to_word()) take_word();
    return std::move(words_);
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return text_[at_]; }
  char next() {
    const char c = text_[at_++];
    column_ = c == '\n' ? 1 : column_ + 1;
    line_ += c == '\n';
    return c;
  }

  bool skip_to_word() {
    while (!at_end()) {
      const char c = peek();
      if (c == '#')
        while (!at_end() && peek() != '\n') next();
      else if (std::isspace(static_cast<unsigned char>(c)) || c == '(' || c == ')' || c == ';')
        next();
      else if (c == '\\' && at_ + 1 < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_ + 1])))
        next();
      else
        return true;
    }
    return false;
  }

  void take_word() {
    ShellWord word{.text = {}, .where = {name_, line_, column_}, .unset = {}};
    char quote = 0;
    while (!at_end()) {
      const char c = peek();
      if (quote == 0 && (std::isspace(static_cast<unsigned char>(c)) || c == ')' || c == ';')) break;
      next();
      if (c == quote)
        quote = 0;
      else if (quote == 0 && (c == '"' || c == '\''))
        quote = c;
      else if (c == '\\' && quote != '\'')
        take_escaped(word);
      else if (c == '$' && quote != '\'')
        take_variable(word);
      else if (c == '(' && quote == 0 && is_assignment(word.text))  // NAME=( ... ) is a list of words
        break;
      else
        word.text += c;
    }
    keep(std::move(word));
  }

  void take_escaped(ShellWord& word) {
    if (at_end()) return;
    const char c = next();
    if (c != '\n') word.text += c;
  }

  static bool is_assignment(std::string_view text) {
    const auto equals = text.find('=');
    return equals != text.npos && is_name(text.substr(0, equals));
  }

  void keep(ShellWord word) {
    if (is_assignment(word.text)) {
      const auto equals = word.text.find('=');
      variables_[word.text.substr(0, equals)] = word.text.substr(equals + 1);
    } else {
      words_.push_back(std::move(word));
    }
  }

  /// $NAME, ${NAME}, ${NAME:-default}; "${LIST[@]}" says nothing, the list's words stand where it was made.
  void take_variable(ShellWord& word) {
    std::string inside;
    if (!at_end() && peek() == '{') {
      next();
      while (!at_end() && peek() != '}') inside += next();
      if (!at_end()) next();
    } else {
      while (!at_end() && is_letter(peek())) inside += next();
    }
    const auto dash = inside.find(":-");
    const std::string name = inside.substr(0, dash);
    if (name.ends_with("[@]") || name.ends_with("[*]")) return;
    if (const auto found = variables_.find(name); found != variables_.end())
      word.text += found->second;
    else if (dash != std::string::npos)
      word.text += inside.substr(dash + 2);
    else
      word.unset = name;
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1, column_ = 1;
  std::map<std::string, std::string> variables_;
  std::vector<ShellWord> words_;
};

}  // namespace

std::vector<ShellWord> shell_words(std::string_view text, const std::string& name) {
  return Splitter(text, name).split();
}

}  // namespace plenum::workload
