#include "sim/core/fields.hpp"

namespace plenum {
namespace {

class Writer final : public Fields {
 public:
  explicit Writer(const Position& where) : where_(where) {}
  json::Value take() { return {std::move(members_), where_}; }

 protected:
  void boolean(const FieldInfo& info, bool& value) override { add(info, value); }
  void integer(const FieldInfo& info, std::int64_t& value) override { add(info, value); }
  void number(const FieldInfo& info, double& value) override { add(info, value); }
  void text(const FieldInfo& info, std::string& value) override { add(info, value); }
  void quantity(const FieldInfo& info, double& value, const UnitFamily& family) override {
    add(info, quantity_text(value, family));
  }
  void choice(const FieldInfo& info, std::size_t& index, std::span<const std::string_view> names) override {
    add(info, std::string(names[index]));
  }
  void object(const FieldInfo& info, const Describe& describe_it) override {
    add(info, write_fields(describe_it, where_).data);
  }
  void optional_object(const FieldInfo& info, bool present, const std::function<void()>&,
                       const Describe& describe_it) override {
    if (present) object(info, describe_it);
  }
  void catalogued(const FieldInfo& info, std::string& entry, bool present, const Catalogue&,
                  const std::function<void()>&, const Describe& describe_it) override {
    if (present)
      object(info, describe_it);
    else
      add(info, entry);
  }
  void objects(const FieldInfo& info, std::size_t size, const Element& element) override {
    json::Array array;
    for (std::size_t i = 0; i < size; ++i) array.push_back(write_fields(element(i), where_));
    add(info, std::move(array));
  }
  void texts(const FieldInfo& info, std::vector<std::string>& values) override { add_list(info, values); }
  void integers(const FieldInfo& info, std::vector<std::int64_t>& values) override { add_list(info, values); }
  void numbers(const FieldInfo& info, std::vector<double>& values) override { add_list(info, values); }

 private:
  template <class T>
  void add(const FieldInfo& info, T data) {
    members_.push_back({std::string(info.name), where_, {std::move(data), where_}});
  }
  template <class T>
  void add_list(const FieldInfo& info, const std::vector<T>& values) {
    json::Array array;
    for (const auto& value : values) array.push_back({value, where_});
    add(info, std::move(array));
  }

  const Position& where_;
  json::Object members_;
};

}  // namespace

json::Value write_fields(const DescribeRoot& describe_root, const Position& where) {
  Writer writer(where);
  describe_root(writer);
  return writer.take();
}

}  // namespace plenum
