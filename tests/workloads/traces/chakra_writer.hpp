// Writes Chakra execution traces byte by byte from the published field numbers: a second opinion on the reader's
// schema.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace plenum::test::chakra {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
inline std::string number(int field, std::uint64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
inline std::string text(int field, const std::string& bytes) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(bytes.size()) + bytes;
}
inline std::string delimited(const std::string& message) { return varint(message.size()) + message; }

/// AttributeProto: int64 in field 9, bool in 27, string in 29.
inline std::string attribute(const std::string& name, std::int64_t value) {
  return text(10, text(1, name) + number(9, static_cast<std::uint64_t>(value)));
}
inline std::string flag(const std::string& name, bool value) { return text(10, text(1, name) + number(27, value)); }
inline std::string attribute(const std::string& name, const std::string& value) {
  return text(10, text(1, name) + text(29, value));
}

enum Type { metadata = 1, memory_load = 2, compute = 4, send = 5, receive = 6, collective = 7 };

/// A node; `more` holds its duration and attributes.
inline std::string node(std::uint64_t id, Type type, const std::vector<std::uint64_t>& waits_for,
                        const std::string& more) {
  std::string packed;
  for (const auto dependency : waits_for) packed += varint(dependency);
  return number(1, id) + text(2, "node " + std::to_string(id)) + number(3, type) +
         (packed.empty() ? "" : text(5, packed)) + more;
}
inline std::string computation(std::uint64_t id, const std::vector<std::uint64_t>& waits_for, std::uint64_t micros) {
  return node(id, compute, waits_for, number(7, micros) + flag("is_cpu_op", false));
}
inline std::string all_reduce(std::uint64_t id, const std::vector<std::uint64_t>& waits_for, std::int64_t bytes,
                              const std::string& group = "") {
  return node(
      id, collective, waits_for,
      attribute("comm_type", 0) + attribute("comm_size", bytes) + (group.empty() ? "" : attribute("pg_name", group)));
}
inline std::string message(std::uint64_t id, Type type, const std::vector<std::uint64_t>& waits_for, std::int64_t peer,
                           std::int64_t bytes) {
  return node(id, type, waits_for,
              attribute(type == send ? "comm_dst" : "comm_src", peer) + attribute("comm_size", bytes));
}

inline std::string file_of(const std::vector<std::string>& nodes) {
  std::string bytes = delimited(text(1, "0.0.4"));
  for (const auto& node : nodes) bytes += delimited(node);
  return bytes;
}

/// PREFIX.0.et, PREFIX.1.et, ...
inline void write_trace(const std::filesystem::path& prefix, const std::vector<std::vector<std::string>>& ranks) {
  for (std::size_t rank = 0; rank < ranks.size(); ++rank)
    std::ofstream(prefix.string() + "." + std::to_string(rank) + ".et", std::ios::binary) << file_of(ranks[rank]);
}

}  // namespace plenum::test::chakra
