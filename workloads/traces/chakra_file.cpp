#include "workloads/traces/chakra_file.hpp"

#include <et_def.pb.h>
#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace plenum::workload {
namespace {

constexpr std::int64_t largest_number = std::int64_t{1} << 53;  // bytes, operations: exact as doubles

/// Names are shown on terminals and written into JSON.
std::string printable(std::string text) {
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}

std::optional<double> number_in(const chakra::AttributeProto& attribute) {
  using A = chakra::AttributeProto;
  switch (attribute.value_case()) {
    case A::kDoubleVal:
      return attribute.double_val();
    case A::kFloatVal:
      return attribute.float_val();
    case A::kInt32Val:
      return attribute.int32_val();
    case A::kInt64Val:
      return static_cast<double>(attribute.int64_val());
    case A::kUint32Val:
      return attribute.uint32_val();
    case A::kUint64Val:
      return static_cast<double>(attribute.uint64_val());
    case A::kSint32Val:
      return attribute.sint32_val();
    case A::kSint64Val:
      return static_cast<double>(attribute.sint64_val());
    case A::kFixed32Val:
      return attribute.fixed32_val();
    case A::kFixed64Val:
      return static_cast<double>(attribute.fixed64_val());
    case A::kSfixed32Val:
      return attribute.sfixed32_val();
    case A::kSfixed64Val:
      return static_cast<double>(attribute.sfixed64_val());
    case A::kBoolVal:
      return attribute.bool_val() ? 1 : 0;
    default:
      return std::nullopt;
  }
}

struct CollectiveType {
  CollectiveKind kind;
  bool bytes_per_rank;  ///< comm_size is what one rank puts in, the whole is that of all
};
using C = CollectiveKind;

/// The published collective types by number. GATHER and SCATTER load the root's link as all_gather and reduce_scatter
/// do.
constexpr std::array<CollectiveType, 10> collective_types{{{C::all_reduce, false},
                                                           {C::reduce, false},
                                                           {C::all_gather, true},
                                                           {C::all_gather, true},
                                                           {C::reduce_scatter, false},
                                                           {C::broadcast, false},
                                                           {C::all_to_all, false},
                                                           {C::reduce_scatter, false},
                                                           {C::reduce_scatter, false},
                                                           {C::barrier, false}}};

/// One node of the file, turned into a task.
class NodeReader {
 public:
  NodeReader(const chakra::Node& node, std::int64_t place, const TraceFile& file, Issues& issues)
      : node_(node), file_(file), issues_(issues) {
    task_.id = node.id();
    task_.name = printable(node.name());
    task_.place = place;
    task_.waits_for.assign(node.ctrl_deps().begin(), node.ctrl_deps().end());
    task_.waits_for.insert(task_.waits_for.end(), node.data_deps().begin(), node.data_deps().end());
  }

  Task read() {
    switch (node_.type()) {
      case chakra::METADATA_NODE:
        break;
      case chakra::MEM_LOAD_NODE:
      case chakra::MEM_STORE_NODE:
      case chakra::COMP_NODE:
        read_computation();
        break;
      case chakra::COMM_SEND_NODE:
        read_message(TaskKind::send, "comm_dst");
        break;
      case chakra::COMM_RECV_NODE:
        read_message(TaskKind::receive, "comm_src");
        break;
      case chakra::COMM_COLL_NODE:
        read_collective();
        break;
      default:
        problem(fmt::format("is of type {}; types are 1 to 7 (METADATA to COMM_COLL)", static_cast<int>(node_.type())));
    }
    return std::move(task_);
  }

 private:
  void problem(std::string message) { complain(issues_, file_, task_, std::move(message)); }

  const chakra::AttributeProto* find(std::string_view name) const {
    const auto found = std::ranges::find_if(node_.attr(), [&](const auto& a) { return a.name() == name; });
    return found == node_.attr().end() ? nullptr : &*found;
  }

  /// A number within [low, high], or `missing` without that attribute.
  double number(std::string_view name, double missing, double low, double high) {
    const auto* attribute = find(name);
    if (!attribute) return missing;
    const auto value = number_in(*attribute);
    if (value && *value >= low && *value <= high) return *value;
    problem(fmt::format("its {} is {}; a number from {:g} to {:g} would be right", name,
                        value ? fmt::format("{:g}", *value) : "no number", low, high));
    return missing;
  }
  std::int64_t integer(std::string_view name, std::int64_t missing, double low, double high) {
    return static_cast<std::int64_t>(number(name, static_cast<double>(missing), low, high));
  }
  std::int64_t needed(std::string_view name, double low, double high) {
    if (!find(name)) problem(fmt::format("has no {}", name));
    return integer(name, 0, low, high);
  }

  void read_computation() {
    const bool by_cpu = number("is_cpu_op", 0, 0, 1) > 0;
    task_.kind = by_cpu ? TaskKind::host : TaskKind::compute;
    constexpr double longest = 1e15;  // microseconds: thirty years
    const auto micros = static_cast<double>(node_.duration_micros());
    if (micros > longest) problem(fmt::format("takes {:g} us", micros));
    task_.duration = Seconds(micros * 1e-6);
    task_.operations = number("num_ops", 0, 0, 1e30);
    task_.moved = number("tensor_size", 0, 0, static_cast<double>(largest_number));
  }

  void read_bytes() { task_.bytes = Bytes(needed("comm_size", 0, static_cast<double>(largest_number))); }

  void read_message(TaskKind kind, std::string_view peer) {
    task_.kind = kind;
    read_bytes();
    task_.peer = needed(peer, 0, std::numeric_limits<std::int32_t>::max());
    task_.tag =
        integer("comm_tag", 0, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  }

  void read_collective() {
    task_.kind = TaskKind::collective;
    const auto type = needed("comm_type", 0, collective_types.size() - 1);
    const auto& [kind, bytes_per_rank] = collective_types[static_cast<std::size_t>(type)];
    task_.collective = kind;
    task_.bytes_per_rank = bytes_per_rank;
    if (task_.collective != CollectiveKind::barrier) read_bytes();
    if (const auto* group = find("pg_name")) task_.communicator = communicator_in(*group);
  }

  std::string communicator_in(const chakra::AttributeProto& group) {
    if (group.value_case() == chakra::AttributeProto::kStringVal) return printable(group.string_val());
    const auto number = number_in(group);
    return number ? fmt::format("{:.0f}", *number) : "";
  }

  const chakra::Node& node_;
  const TraceFile& file_;
  Issues& issues_;
  Task task_;
};

/// Cuts a file into its messages.
class MessageReader {
 public:
  explicit MessageReader(std::string_view bytes)
      : bytes_(bytes), stream_(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

  bool at_end() const { return position() == bytes_.size(); }
  std::size_t position() const { return static_cast<std::size_t>(stream_.CurrentPosition()); }

  /// Why there is no further message, or nothing.
  template <class Message>
  std::string next(Message& message, std::string_view what) {
    const std::size_t start = position();
    std::uint64_t size = 0;
    if (!stream_.ReadVarint64(&size)) return fmt::format("byte {}: the length of {} is cut off", start, what);
    const std::size_t left = bytes_.size() - position();
    if (size > left)
      return fmt::format("byte {}: {} has {} bytes, the file has {} more: it is cut off, or no Chakra trace", start,
                         what, size, left);
    if (!message.ParseFromArray(bytes_.data() + position(), static_cast<int>(size)))
      return fmt::format("byte {}: {} is no valid protobuf message", start, what);
    stream_.Skip(static_cast<int>(size));
    return "";
  }

 private:
  std::string_view bytes_;
  google::protobuf::io::CodedInputStream stream_;
};

std::vector<Task> tasks_in(std::string_view bytes, const TraceFile& file, Issues& issues) {
  MessageReader messages(bytes);
  std::vector<Task> tasks;
  const auto fail = [&](const std::string& why) { issues.error({file.name}, "", why); };
  chakra::GlobalMetadata metadata;
  if (const auto why = messages.next(metadata, "the file's metadata"); !why.empty()) return fail(why), tasks;
  while (!messages.at_end()) {
    chakra::Node node;
    const auto number = static_cast<std::int64_t>(tasks.size()) + 1;
    if (const auto why = messages.next(node, fmt::format("node number {}", number)); !why.empty()) {
      fail(why);
      break;
    }
    tasks.push_back(NodeReader(node, number, file, issues).read());
  }
  return tasks;
}

}  // namespace

std::shared_ptr<const Program> read_chakra(std::string_view bytes, const std::string& name, Issues& issues) {
  const TraceFile file{name, "node"};
  Issues found;
  auto tasks = tasks_in(bytes, file, found);
  if (tasks.empty() && !found.has_errors()) found.error({name}, "", "holds no nodes");
  add_first(issues, found, name);
  if (found.has_errors()) return nullptr;
  return link(file, std::move(tasks), issues);
}

}  // namespace plenum::workload
