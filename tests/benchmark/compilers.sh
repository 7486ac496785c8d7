#!/usr/bin/env bash
# Whether two compilers give the same results: scenarios of every kind, with the same seed, bit for bit.
# usage: compilers.sh PLENUM OTHER    the programs; without OTHER it is built with clang++ (cmake --preset clang)
# Exit 0: all results are identical; 1: some differ (the largest relative difference is shown); 77: there is no OTHER.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [[ $# -lt 2 ]]; then
  cmake --preset clang >/dev/null
  cmake --build --preset clang --target plenum >/dev/null
fi
one=${1:-build/release/sim/cli/plenum} other=${2:-build/clang/sim/cli/plenum}
[[ -x $other ]] || { echo "there is no $other: cmake --preset clang && cmake --build --preset clang --target plenum"; exit 77; }
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# How far the numbers of two JSON files are apart, over the larger one.
apart() {
  paste <(grep -oE -- '-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?' "$1") <(grep -oE -- '-?[0-9]+(\.[0-9]+)?(e[-+]?[0-9]+)?' "$2") |
    awk 'function size(x) { return x < 0 ? -x : x }
         { d = size($1 - $2); m = size($1) > size($2) ? size($1) : size($2); if (m > 0 && d / m > most) most = d / m }
         END { printf "%.2g", most }'
}

same() {
  local name=$1
  shift
  "$one" run "$@" --json "$folder/one.json" >"$folder/one.txt" || return 1
  "$other" run "$@" --json "$folder/other.json" >"$folder/other.txt" || return 1
  if cmp -s "$folder/one.json" "$folder/other.json" && cmp -s "$folder/one.txt" "$folder/other.txt"; then
    echo "identical  $name"
  else
    echo "differs    $name, by up to $(apart "$folder/one.json" "$folder/other.json") of a number"
    return 1
  fi
}

failed=0
while read -r scenario options; do
  # shellcheck disable=SC2086
  same "$scenario $options" "$scenario" $options || failed=1
done <<'SCENARIOS'
llama3-405b-16384-h100 --distribution --seed 3
llama3-70b-h200-serving --seed 3
llama3-8b-grpo-16-h100 --seed 3
rag-chat-h100 --seed 3
agents-qwen3-32b-h200 --seed 3
flux-dev-h100-generation --seed 3
wan-14b-512-h100
mixed-h100-a100
congestion-two-tenants
congestion-ring-ecmp
SCENARIOS
exit $failed
