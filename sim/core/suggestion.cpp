// The nearest name by optimal string alignment (insert, delete, replace, swap neighbours), ignoring case. What was
// written may also be the beginning of a name ("H10O" of "H100-SXM"), so the candidate's rest costs next to nothing.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/core/issue.hpp"

namespace plenum {
namespace {

constexpr double cost_of_unwritten_letter = 0.01;
constexpr std::size_t longest_compared = 100;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Distances of the whole of `written` from every beginning of `candidate`: element j for its first j letters, `enough`
/// where it is no less. Empty when all are. Only lengths that differ by less than `enough` are compared (Ukkonen's
/// band).
std::vector<double> distances_to_beginnings(std::string_view written, std::string_view candidate, double enough) {
  const auto band = static_cast<std::size_t>(std::ceil(enough));
  std::vector<double> before_last(candidate.size() + 1, enough), last(before_last), row(before_last);
  for (std::size_t j = 0; j <= std::min(band, candidate.size()); ++j) last[j] = static_cast<double>(j);
  double least_of_last = 0;
  for (std::size_t i = 1; i <= written.size(); ++i) {
    double least = row[0] = static_cast<double>(i);
    const std::size_t first = i > band ? i - band : 1, end = std::min(candidate.size(), i + band);
    if (first > 1) row[first - 1] = enough;
    for (std::size_t j = first; j <= end; ++j) {
      const char a = lower(written[i - 1]), b = lower(candidate[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a == b ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a == lower(candidate[j - 2]) && lower(written[i - 2]) == b;
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
      least = std::min(least, row[j]);
    }
    if (std::min(least, least_of_last) >= enough) return {};  // later rows build on the last two
    least_of_last = least;
    std::swap(before_last, last);
    std::swap(last, row);
  }
  for (std::size_t j = 0; j + band < written.size() && j <= candidate.size(); ++j) last[j] = enough;
  return last;
}

bool contains(std::string_view candidate, std::string_view written) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(candidate.begin(), candidate.end(), written.begin(), written.end(), same) != candidate.end();
}

/// `enough` when it is no less.
double distance(std::string_view written, std::string_view candidate, double enough) {
  if (static_cast<double>(written.size()) - static_cast<double>(candidate.size()) >= enough) return enough;
  const auto distances = distances_to_beginnings(written, candidate, enough);
  const auto rest = [&](std::size_t used) {
    return cost_of_unwritten_letter * static_cast<double>(candidate.size() - used);
  };
  double best = distances.empty() ? enough : std::min(enough, distances.back());
  if (written.size() < 3) return best;
  if (contains(candidate, written)) best = std::min(best, rest(written.size()));
  for (std::size_t j = written.size(); j < distances.size(); ++j) best = std::min(best, distances[j] + rest(j));
  return best;
}

}  // namespace

std::string suggestion(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.size() > longest_compared) return {};
  const std::string* nearest = nullptr;
  double least = std::max(1.0, static_cast<double>(written.size()) / 3) + 0.5;
  for (const auto& candidate : candidates) {
    const double d = distance(written, candidate, least);
    if (d < least) least = d, nearest = &candidate;
  }
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "";
}

}  // namespace plenum
