// Lines that are JSON objects: Mooncake's, and LLMServingSim's with the tokens themselves.
#include <array>

#include "sim/core/json.hpp"
#include "sim/core/random.hpp"
#include "workloads/serving/request_line.hpp"

namespace plenum::workload {
namespace {

std::optional<double> number_in(const json::Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return static_cast<double>(*whole);
  const auto* real = std::get_if<double>(&value.data);
  return real ? std::optional(*real) : std::nullopt;
}

std::optional<double> member(const json::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value ? number_in(*value) : std::nullopt;
}

/// Whole numbers of a list; nothing when there is no such list or something else is in it.
std::optional<std::vector<std::uint64_t>> whole_numbers(const json::Value& object, std::string_view name) {
  const auto* list = object.find(name);
  if (!list || !list->is_array()) return std::nullopt;
  std::vector<std::uint64_t> numbers;
  for (const auto& element : std::get<json::Array>(list->data)) {
    const auto* whole = std::get_if<std::int64_t>(&element.data);
    if (!whole) return std::nullopt;
    numbers.push_back(static_cast<std::uint64_t>(*whole));
  }
  return numbers;
}

/// Sessions are named by numbers or texts.
std::uint64_t session_of(const json::Value& object) {
  const auto* id = object.find("session_id");
  if (!id) return 0;
  const auto* text = std::get_if<std::string>(&id->data);
  return text ? hash_of(*text) | 1 : mix(static_cast<std::uint64_t>(number_in(*id).value_or(0))) | 1;
}

class JsonLine {
 public:
  JsonLine(std::int32_t block_tokens, LineProblem& problem) : block_tokens_(block_tokens), problem_(problem) {}

  std::optional<RequestLine> mooncake(const json::Value& object) {
    const auto delay = member(object, "delay");
    auto milliseconds = member(object, "timestamp");
    if (!milliseconds && delay) milliseconds = 0;
    auto request = checked(milliseconds, 1e3, member(object, "input_length"), member(object, "output_length"));
    if (!request) return std::nullopt;
    request->session = session_of(object);
    if (object.find("hash_ids") && !add_hash_ids(object, *request)) return std::nullopt;
    RequestLine line{std::move(*request), {}};
    if (delay && !object.find("timestamp")) line.wait = Seconds(*delay / 1e3);
    return line;
  }

  std::optional<RequestLine> llm_serving_sim(const json::Value& object) {
    const auto* turns = object.find("sub_requests");
    if (!turns) return single(object, arrival_of(object));
    if (!turns->is_array() || std::get<json::Array>(turns->data).empty()) return refuse("its sub_requests are no list");
    std::optional<RequestLine> line;
    for (const auto& turn : std::get<json::Array>(turns->data)) {
      auto each = single(turn, arrival_of(object));
      if (!each) return std::nullopt;
      each->request.session = session_of(object);
      if (line)
        line->turns.push_back({Seconds(member(turn, "tool_duration_ns").value_or(0) / 1e9), std::move(each->request)});
      else
        line = std::move(each);
    }
    return line;
  }

 private:
  std::nullopt_t refuse(std::string why) {
    problem_.text = std::move(why);
    return std::nullopt;
  }

  std::optional<Request> checked(std::optional<double> time, double per_second, std::optional<double> prompt,
                                 std::optional<double> output) {
    if (time) *time /= per_second;
    return checked_request(time, prompt, output, problem_);
  }

  /// Nanoseconds.
  static std::optional<double> arrival_of(const json::Value& object) {
    const auto queued = member(object, "queued_ts");
    return queued ? std::optional(*queued * 1e9) : member(object, "arrival_time_ns");
  }

  /// The last one may stand for fewer tokens.
  bool add_hash_ids(const json::Value& object, Request& request) {
    auto ids = whole_numbers(object, "hash_ids");
    if (ids && ids->size() == static_cast<std::size_t>((request.prompt + block_tokens_ - 1) / block_tokens_)) {
      request.prefix = std::make_shared<Prefix>(Prefix{block_tokens_, request.prompt, std::move(*ids)});
      return true;
    }
    problem_.text = "its hash_ids must be whole numbers, one for every " + std::to_string(block_tokens_) +
                    " tokens of the prompt (/requests/prefix_block_tokens)";
    return false;
  }

  std::optional<RequestLine> single(const json::Value& object, std::optional<double> nanoseconds) {
    auto request = checked(nanoseconds, 1e9, member(object, "input_toks"), member(object, "output_toks"));
    if (!request) return std::nullopt;
    if (const auto tokens = whole_numbers(object, "input_tok_ids")) request->prefix = hashed(*tokens);
    return RequestLine{std::move(*request), {}};
  }

  /// Each id is a hash of all tokens up to the end of its block.
  std::shared_ptr<const Prefix> hashed(const std::vector<std::uint64_t>& tokens) const {
    auto prefix = std::make_shared<Prefix>(Prefix{block_tokens_, static_cast<std::int32_t>(tokens.size()), {}});
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      hash = mix(hash ^ mix(tokens[i]));
      if ((i + 1) % static_cast<std::size_t>(block_tokens_) == 0 || i + 1 == tokens.size()) prefix->ids.push_back(hash);
    }
    return prefix;
  }

  std::int32_t block_tokens_;
  LineProblem& problem_;
};

}  // namespace

LineReader json_line_reader(std::int32_t block_tokens) {
  return [block_tokens](const std::string& line, LineProblem& problem) -> std::optional<RequestLine> {
    Issues issues;
    const auto object = json::parse(line, "", issues);
    if (!object || issues.has_errors() || !object->is_object()) {
      problem = {"is no JSON object", issues.has_errors() ? issues.all().front().where.column : 1};
      return std::nullopt;
    }
    JsonLine reader(block_tokens, problem);
    return object->find("input_length") ? reader.mooncake(*object) : reader.llm_serving_sim(*object);
  };
}

}  // namespace plenum::workload
