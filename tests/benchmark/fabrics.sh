#!/bin/bash
# Five fabrics of 16,384 H100 side by side, as a Markdown table, and the wall times of large collectives.
# Usage: tests/benchmark/fabrics.sh [PLENUM]
set -euo pipefail
plenum=${1:-$(dirname "$0")/../../build/release/sim/cli/plenum}

number() { grep -o "\"$1\": *[0-9.e+]*" | head -1 | sed 's/.*: *//'; }

echo "| fabric | switches | cables | price, M\$ | power, MW | bisection, TB/s | all-to-all bound, GB/s per GPU | all-reduce of 1 GiB (NVLS and trees or rings by rail), ms |"
echo "|---|---|---|---|---|---|---|---|"
for cluster in DGX-H100 Dragonfly-16384 SlimFly-16384 HyperX-16384 Torus-16384; do
  facts=$("$plenum" topology "$cluster" --gpus 16384 --json -)
  time=$(for algorithm in nvls_tree hierarchical; do
    "$plenum" collective --cluster "$cluster" --gpus 16384 --algorithm $algorithm --size 1GiB --json - | number time_seconds
  done | sort -g | head -1)
  get() { echo "$facts" | number "$1"; }
  awk -v name="$cluster" -v switches="$(get switches)" -v between="$(get switch_cables)" -v nics="$(get nic_cables)" \
    -v price="$(get price_dollars)" -v power="$(get power_watts)" -v bisection="$(get bisection_bytes_per_second)" \
    -v bound="$(get all_to_all_bus_bound_bytes_per_second)" -v seconds="$time" 'BEGIN {
      printf "| %s | %d | %d | %.1f | %.2f | %.0f | %.1f | %.1f |\n", name, switches, between + nics, price / 1e6,
        power / 1e6, bisection / 1e12, bound / 1e9, seconds * 1e3 }'
done

ecmp=''
wall() {
  local start=$EPOCHREALTIME
  "$plenum" collective "$@" > /dev/null
  echo "| ${*/$ecmp/ECMP} | $(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f s", b - a }') |"
}
echo
echo "| collective | wall time |"
echo "|---|---|"
wall --cluster DGX-H100 --gpus 16384 --op all_reduce --algorithm hierarchical --size 1GiB
ecmp=$(mktemp --suffix .json)
trap 'rm -f "$ecmp"' EXIT
echo '{"gpu": "H100-SXM", "nodes": 128, "fabric": {"routing": "ecmp"}}' > "$ecmp"
wall --cluster "$ecmp" --gpus 256 --op all_to_all --size 1GiB
wall --cluster "$ecmp" --gpus 1024 --op all_to_all --size 1GiB
