// What ranks did, as another tool wrote it down: one graph of tasks per rank. A task starts when those that it waits
// for are done; who computes, communicates with whom, and how much, but nothing of the machine it runs on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/collective.hpp"
#include "sim/core/quantity.hpp"

namespace plenum::workload {

enum class TaskKind : std::uint8_t {
  nothing,  ///< takes no time; others may wait for it
  host,     ///< computed by the CPU, one at a time
  compute,  ///< computed by the GPU, one at a time
  collective,
  send,
  receive
};

struct Task {
  std::uint64_t id = 0;
  std::string name;
  TaskKind kind = TaskKind::nothing;
  std::vector<std::uint64_t> waits_for;  ///< ids
  Seconds duration{};                    ///< as measured; zero: from the following two
  double operations = 0;                 ///< floating-point operations
  double moved = 0;                      ///< bytes of device memory
  CollectiveKind collective = CollectiveKind::all_reduce;
  Bytes bytes{};                ///< of a message or collective: the whole buffer, see workload::Communication
  bool bytes_per_rank = false;  ///< `bytes` is what one rank puts in; the whole is that of all members
  std::string communicator;     ///< empty: all ranks
  std::int64_t peer = -1;       ///< rank
  std::int64_t tag = 0;
  std::int64_t place = 0;  ///< in the file: line, or number of the message
};

/// Something another rank takes part in: tasks of one slot use it one after the other, in the order of their ids. A
/// slot is a communicator, or the messages of one tag to or from one rank.
struct Slot {
  TaskKind kind = TaskKind::collective;
  std::string communicator;
  std::int64_t peer = -1, tag = 0;
  std::vector<std::uint32_t> tasks;
};

/// The tasks of one rank in the order of their ids, linked. Ranks that do the same under other names have the same
/// signature.
struct Program {
  std::string file;
  std::vector<Task> tasks;
  std::vector<std::uint32_t> waits;                   ///< by task: for how many others
  std::vector<std::vector<std::uint32_t>> followers;  ///< by task: who waits for it
  std::vector<Slot> slots;
  std::vector<std::uint32_t> slot, turn;  ///< by task: which slot, and as which of its tasks; none for computation
  std::uint64_t signature = 0;
};

/// Ranks as recorded, in ascending order; or every `stride`-th of the `stride` x `size` ranks among which a rank
/// stands.
struct Communicator {
  std::vector<std::int64_t> ranks;
  std::int64_t stride = 0, size = 0;
};

struct Trace {
  std::vector<std::shared_ptr<const Program>> recorded;  ///< by rank
  std::map<std::string, Communicator> communicators;
  std::int64_t ranks = 0;  ///< that run it; others than were recorded: see replicate()

  const Program& program(std::int64_t rank) const {
    return *recorded[static_cast<std::size_t>(rank) % recorded.size()];
  }
};

/// Who takes part in a collective of `rank`, in ascending order. A communicator that spans all recorded ranks at equal
/// distances spans all that run; others are copied, block by block. Precondition: the communicator is known, or "".
std::vector<std::int64_t> members(const Trace&, std::int64_t rank, const std::string& communicator);
/// Of members() the first and whether the rank itself is one, without counting them up.
std::int64_t first_member(const Trace&, std::int64_t rank, const std::string& communicator);
bool takes_part(const Trace&, std::int64_t rank, const std::string& communicator);

/// Whom a rank exchanges messages with.
std::int64_t peer_of(const Trace&, std::int64_t rank, std::int64_t recorded_peer);

/// The buffer of a collective among so many ranks.
Bytes whole_buffer(const Task&, std::size_t members);

}  // namespace plenum::workload
