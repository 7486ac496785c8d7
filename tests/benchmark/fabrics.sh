#!/bin/bash
# Five fabrics of 16,384 H100 side by side, as a Markdown table with the step of the demo's job on each, and the wall
# times of large collectives and of a fabric of 131,072 GPUs. Needs /usr/bin/time (Debian package "time").
# Usage: tests/benchmark/fabrics.sh [PLENUM]
set -euo pipefail
root=$(dirname "$0")/../..
plenum=${1:-$root/build/release/sim/cli/plenum}
catalogue=$root/sim/scenario/catalogue

number() { grep -o "\"$1\": *[0-9.e+]*" | head -1 | sed 's/.*: *//'; }

# The demo's job. Where it takes longer than STEP_LIMIT seconds (whole flows that adapt differ, and don't fold), between
# which two steps it lies when every packet adapts: that of ideal routing, and that of a detour for every packet. The
# cluster is written anew, or fields of the demo's own would stay.
scenario=$(mktemp --suffix .json)
ecmp=$(mktemp --suffix .json)
trap 'rm -f "$scenario" "$ecmp"' EXIT
step_of() { timeout "${STEP_LIMIT:-60}" "$plenum" run "$scenario" "$@" --json - | number step_time_seconds || true; }
training() {
  sed "s|\"cluster\": \"Llama3-RoCE\"|\"cluster\": {\"preset\": \"$1\", \"nodes\": 2048}|" \
    "$catalogue/llama3-405b-16384-h100.json" > "$scenario"
  local step detours
  step=$(step_of)
  if [ -n "$step" ]; then printf '%.3f' "$step"; return; fi
  step=$(step_of --set /cluster/fabric/routing=ideal)
  detours=$(step_of --set /cluster/fabric/routing=valiant_packets)
  if [ -n "$step" ] && [ -n "$detours" ]; then printf '%.3f to %.3f (packet by packet)' "$step" "$detours"; fi
}

echo "| fabric | switches | cables | price, M\$ | power, MW | bisection, TB/s | all-to-all bound, GB/s per GPU | all-reduce of 1 GiB (NVLS and trees or rings by rail), ms | all-to-all of 1 GiB over 512 GPUs, ms | step of Llama 3 405B, s |"
echo "|---|---|---|---|---|---|---|---|---|---|"
for cluster in DGX-H100 Dragonfly-16384 SlimFly-16384 HyperX-16384 Torus-16384; do
  facts=$("$plenum" topology "$cluster" --gpus 16384 --json -)
  time=$(for algorithm in nvls_tree hierarchical; do
    "$plenum" collective --cluster "$cluster" --gpus 16384 --algorithm $algorithm --size 1GiB --json - | number time_seconds
  done | sort -g | head -1)
  exchange=$("$plenum" collective --cluster "$cluster" --gpus 512 --op all_to_all --size 1GiB --json - | number time_seconds)
  step=$(training "$cluster")
  get() { echo "$facts" | number "$1"; }
  awk -v name="$cluster" -v switches="$(get switches)" -v between="$(get switch_cables)" -v nics="$(get nic_cables)" \
    -v price="$(get price_dollars)" -v power="$(get power_watts)" -v bisection="$(get bisection_bytes_per_second)" \
    -v bound="$(get all_to_all_bus_bound_bytes_per_second)" -v seconds="$time" -v exchange="$exchange" -v step="$step" 'BEGIN {
      printf "| %s | %d | %d | %.1f | %.2f | %.0f | %.1f | %.1f | %.1f | %s |\n", name, switches, between + nics, price / 1e6,
        power / 1e6, bisection / 1e12, bound / 1e9, seconds * 1e3, exchange * 1e3, step == "" ? "-" : step }'
done

wall() {
  /usr/bin/time -f '%e s | %M' "${@:2}" 2>&1 >/dev/null | awk -v what="$1" '{ printf "| %s | %s %s | %.0f MB |\n", what, $1, $2, $4 / 1024 }'
}
collective() { wall "$1" "$plenum" collective --op "$2" --size 1GiB "${@:3}"; }
echo
echo "| what | wall time | memory |"
echo "|---|---|---|"
collective "hierarchical all-reduce of 1 GiB, 16,384 GPUs, three-level fat tree" all_reduce --cluster DGX-H100 --gpus 16384 --algorithm hierarchical
echo '{"gpu": "H100-SXM", "nodes": 128, "fabric": {"routing": "ecmp", "nodes_per_leaf_group": 4}}' > "$ecmp"
collective "all-to-all of 1 GiB, 256 GPUs, ECMP" all_to_all --cluster "$ecmp" --gpus 256
collective "all-to-all of 1 GiB, 1,024 GPUs, ECMP" all_to_all --cluster "$ecmp" --gpus 1024
wall "DeepEP's dispatch and combine, 16,384 GPUs" "$plenum" collective --cluster DGX-H100 --gpus 16384 --op expert_exchange --mode normal
wall "131,072 GPUs generated, analyzed and drawn" "$plenum" topology DGX-B300 --gpus 131072 --svg /dev/null
