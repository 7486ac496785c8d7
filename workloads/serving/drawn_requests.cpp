#include "workloads/serving/drawn_requests.hpp"

#include <cmath>

namespace plenum::workload {

DrawnRequests::DrawnRequests(const RequestSpecification& specification, std::uint64_t seed)
    : specification_(specification),
      arrivals_(specification, seed),
      lengths_(seed, "lengths"),
      sessions_(seed, "sessions"),
      groups_(seed, "prefixes") {}

std::optional<Request> DrawnRequests::next() {
  const std::int64_t left = specification_.count - given_;
  if (left == 0) return std::nullopt;
  std::int64_t turns = 1;
  if (specification_.session) turns = std::min<std::int64_t>(left, draw(specification_.session->turns, sessions_));
  Request request = session(turns);
  request.arrival = arrivals_.next();
  given_ += turns;
  return request;
}

/// Every prompt holds the shared prefix and all that was said before.
Request DrawnRequests::session(std::int64_t turns) {
  const auto& shared = specification_.shared_prefix;
  const std::uint64_t session = shares() ? mix(static_cast<std::uint64_t>(given_) + 1) | 1 : 0;
  const std::uint64_t group = shared ? groups_.below(static_cast<std::uint64_t>(shared->count)) : 0;
  std::int64_t said = shared ? shared->tokens : 0;
  std::vector<FollowUp> all;
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const std::int64_t prompt = said + draw(specification_.prompt, lengths_);
    const std::int32_t output = draw(specification_.output, lengths_);
    FollowUp next;
    next.request = {.prompt = static_cast<std::int32_t>(std::min<std::int64_t>(prompt, most_tokens)),
                    .output = output,
                    .prefix = shares() ? prefix(session, group, prompt + output) : nullptr,
                    .session = specification_.session ? session : 0};
    if (turn > 0) next.wait = -std::log1p(-sessions_.uniform()) * specification_.session->wait;
    said = prompt + output;
    all.push_back(std::move(next));
  }
  for (std::size_t turn = all.size() - 1; turn > 0; --turn)
    all[turn - 1].request.then = std::make_shared<FollowUp>(std::move(all[turn]));
  return all.front().request;
}

/// Whole blocks only, those of the output, too: the next turn reads them.
std::shared_ptr<const Prefix> DrawnRequests::prefix(std::uint64_t session, std::uint64_t group,
                                                    std::int64_t tokens) const {
  const std::int64_t size = specification_.prefix_block_tokens;
  const auto shared =
      static_cast<std::uint64_t>(specification_.shared_prefix ? specification_.shared_prefix->tokens / size : 0);
  Prefix prefix{.block_tokens = static_cast<std::int32_t>(size), .ids = {}};
  for (std::uint64_t block = 0; block < static_cast<std::uint64_t>(tokens / size); ++block)
    prefix.ids.push_back(mix((block < shared ? mix(~group) : session) + block));
  prefix.tokens = static_cast<std::int32_t>(static_cast<std::int64_t>(prefix.ids.size()) * size);
  return std::make_shared<Prefix>(std::move(prefix));
}

}  // namespace plenum::workload
