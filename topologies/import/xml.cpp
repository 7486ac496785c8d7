#include "topologies/import/xml.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace plenum::topology::xml {
namespace {

using Parser = std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)>;

/// Bounds first, then whoever wants the elements.
class Reader {
 public:
  using Begin = std::function<void(const char* name, const char** attributes, const Position&)>;
  using End = std::function<void()>;

  Reader(const std::string& name, Begin begin, End end)
      : parser_(XML_ParserCreate(nullptr), XML_ParserFree),
        file_(name),
        begin_(std::move(begin)),
        end_(std::move(end)) {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
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
  static void on_end(void* data, const char*) {
    --self(data).depth_;
    self(data).end_();
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
    begin_(name, attributes, where());
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
  Begin begin_;
  End end_;
  std::size_t depth_ = 0, elements_ = 0;
};

}  // namespace

std::string_view Element::attribute(std::string_view key) const {
  const auto found = std::ranges::find(attributes, key, [](const auto& pair) { return std::string_view(pair.first); });
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Element> parse(std::string_view text, const std::string& name, Issues& issues) {
  std::vector<Element> open(1);
  Reader reader(
      name,
      [&](const char* tag, const char** attributes, const Position& where) {
        auto& element = open.emplace_back(Element{tag, {}, {}, where});
        for (; *attributes != nullptr; attributes += 2) element.attributes.emplace_back(attributes[0], attributes[1]);
      },
      [&] {
        auto done = std::move(open.back());
        open.pop_back();
        open.back().children.push_back(std::move(done));
      });
  if (!reader.read(text, issues)) return std::nullopt;
  return std::move(open.front().children.front());
}

std::optional<std::vector<Position>> positions_of(std::string_view element, std::string_view text,
                                                  const std::string& name, Issues& issues) {
  std::vector<Position> positions;
  Reader reader(
      name,
      [&](const char* tag, const char**, const Position& where) {
        if (tag == element) positions.push_back(where);
      },
      [] {});
  if (!reader.read(text, issues)) return std::nullopt;
  return positions;
}

}  // namespace plenum::topology::xml
