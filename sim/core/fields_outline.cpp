#include "sim/core/fields_outline.hpp"

namespace plenum {
namespace {

using Kind = OutlineField::Kind;

class Outliner final : public Fields {
 public:
  std::vector<OutlineField> fields;

 protected:
  void boolean(const FieldInfo& info, bool& value) override { add(info, Kind::boolean, value); }
  void integer(const FieldInfo& info, std::int64_t& value) override { add(info, Kind::integer, value); }
  void number(const FieldInfo& info, double& value) override { add(info, Kind::number, value); }
  void text(const FieldInfo& info, std::string& value) override {
    OutlineField& field = add(info, Kind::text, value);
    if (value.empty()) field.default_value = {};
  }
  void quantity(const FieldInfo& info, double& value, const UnitFamily& family) override {
    add(info, Kind::quantity, format(value, family)).family = &family;
  }
  void choice(const FieldInfo& info, std::size_t& index, std::span<const std::string_view> names) override {
    add(info, Kind::choice, std::string(names[index])).names = {names.begin(), names.end()};
  }
  void object(const FieldInfo& info, const Describe& describe_it) override {
    add(info, Kind::object, nullptr).fields = outline(describe_it);
  }
  void optional_object(const FieldInfo& info, bool, const std::function<void()>& create,
                       const Describe& describe_it) override {
    create();
    object(info, describe_it);
  }
  void catalogued(const FieldInfo& info, std::string&, bool, const Catalogue& catalogue,
                  const std::function<void()>& create, const Describe& describe_it) override {
    create();
    object(info, describe_it);
    OutlineField& field = fields.back();
    field.names = catalogue.names();
    field.catalogue_kind = catalogue.kind;
    field.catalogue_listing = catalogue.listing;
    Outliner bases;
    std::string none;
    for (const auto& base : catalogue.bases) {
      bases.text({base.name, base.doc, false, {}}, none);
      field.bases.emplace_back(base.name);
    }
    field.fields.insert(field.fields.begin(), bases.fields.begin(), bases.fields.end());
  }
  void objects(const FieldInfo& info, std::size_t, const Element& element) override {
    object(info, element(0));
    fields.back().list = true;
  }
  void texts(const FieldInfo& info, std::vector<std::string>&) override { add(info, Kind::text, nullptr).list = true; }
  void integers(const FieldInfo& info, std::vector<std::int64_t>&) override {
    add(info, Kind::integer, nullptr).list = true;
  }
  void numbers(const FieldInfo& info, std::vector<double>&) override { add(info, Kind::number, nullptr).list = true; }

 private:
  template <class T>
  OutlineField& add(const FieldInfo& info, Kind kind, T default_value) {
    OutlineField field;
    field.name = info.name;
    field.doc = info.doc;
    field.required = info.required;
    field.kind = kind;
    field.range = info.range;
    if (!info.required) field.default_value.data = std::move(default_value);
    return fields.emplace_back(std::move(field));
  }
};

}  // namespace

std::vector<OutlineField> outline(const DescribeRoot& describe_root) {
  Outliner outliner;
  describe_root(outliner);
  return std::move(outliner.fields);
}

}  // namespace plenum
