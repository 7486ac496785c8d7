#include "topologies/import/xml.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace plenum::topology::xml {
namespace {

using Parser = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;

/// Bounds first, then the visitor.
class Reader {
 public:
  Reader(const std::string& name, Visitor& visitor)
      : parser_(XML_ParserCreate(nullptr), XML_ParserFree), file_(name), visitor_(visitor) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
  }

  bool read(std::string_view text, Issues& issues) {
    const bool good = XML_Parse(parser_.get(), text.data(), static_cast<int>(text.size()), XML_TRUE) == XML_STATUS_OK;
    if (good) return true;
    if (refusal_.empty())
      refusal_ = fmt::format("no well-formed XML: {}", XML_ErrorString(XML_GetErrorCode(parser_.get())));
    issues.error(where(), "", refusal_);
    return false;
  }

 private:
  static Reader& self(void* data) { return *static_cast<Reader*>(data); }
  static void on_begin(void* data, const char* name, const char** attributes) { self(data).begin(name, attributes); }
  static void on_end(void* data, const char* name) {
    --self(data).depth_;
    self(data).visitor_.end(name);
  }
  static void on_text(void* data, const char* text, int bytes) {
    self(data).visitor_.text({text, static_cast<std::size_t>(bytes)});
  }
  static void on_doctype(void* data, const char*, const char*, const char*, int) {
    self(data).refuse("a document type declaration (entities) is not accepted");
  }

  void begin(const char* name, const char** attributes) {
    if (++depth_ > deepest) return refuse(fmt::format("elements are nested more than {} deep", deepest));
    if (++elements_ > most_elements) return refuse(fmt::format("more than {} elements", most_elements));
    if (too_long(name)) return refuse("a name of more than 4,096 bytes");
    for (auto word = attributes; *word != nullptr; ++word)
      if (too_long(*word)) return refuse(fmt::format("an attribute of <{}> has more than 4,096 bytes", name));
    visitor_.begin(name, attributes, where());
  }

  static bool too_long(std::string_view word) { return word.size() > longest_word; }

  void refuse(std::string why) {
    if (refusal_.empty()) refusal_ = std::move(why);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  Position where() const {
    return {file_, static_cast<int>(XML_GetCurrentLineNumber(parser_.get())),
            static_cast<int>(XML_GetCurrentColumnNumber(parser_.get())) + 1};
  }

  Parser parser_;
  std::string file_, refusal_;
  Visitor& visitor_;
  std::size_t depth_ = 0, elements_ = 0;
};

class Tree : public Visitor {
 public:
  void begin(std::string_view name, const char** attributes, const Position& where) override {
    auto& element = open_.emplace_back(Element{std::string(name), {}, {}, where});
    for (; *attributes != nullptr; attributes += 2) element.attributes.emplace_back(attributes[0], attributes[1]);
  }
  void end(std::string_view) override {
    auto done = std::move(open_.back());
    open_.pop_back();
    open_.back().children.push_back(std::move(done));
  }
  Element root() { return std::move(open_.front().children.front()); }

 private:
  std::vector<Element> open_{1};
};

}  // namespace

std::string_view Element::attribute(std::string_view key) const {
  const auto found = std::ranges::find(attributes, key, [](const auto& pair) { return std::string_view(pair.first); });
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view attribute(const char** attributes, std::string_view key) {
  for (; *attributes != nullptr; attributes += 2)
    if (key == attributes[0]) return attributes[1];
  return {};
}

bool visit(std::string_view text, const std::string& name, Visitor& visitor, Issues& issues) {
  return Reader(name, visitor).read(text, issues);
}

std::optional<Element> parse(std::string_view text, const std::string& name, Issues& issues) {
  Tree tree;
  return visit(text, name, tree, issues) ? std::optional(tree.root()) : std::nullopt;
}

}  // namespace plenum::topology::xml
