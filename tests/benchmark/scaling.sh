#!/usr/bin/env bash
# Wall time and memory of whole runs, process start included, from 64 to 131,072 GPUs; prints the tables of the README.
# Needs /usr/bin/time (Debian package "time"). Usage: tests/benchmark/scaling.sh [PROGRAM]
set -euo pipefail
program=${1:-$(dirname "$0")/../../build/release/sim/cli/plenum}
scenario=llama3-405b-16384-h100
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# Best of three runs: "wall seconds | peak MB".
measure() {
  for _ in 1 2 3; do
    /usr/bin/time -o "$report" -a -f '%e %M' "$@" >/dev/null
  done
  sort -n "$report" | awk 'NR == 1 {printf "%.2f s | %.0f MB\n", $1, $2 / 1024}'
  : >"$report"
}

# The demo's job with as many replicas as the GPUs hold; further options are passed on.
training() {
  local stages=16
  (($1 < 128)) && stages=8
  local replicas=$(($1 / 8 / stages))
  options=(--set "/cluster/preset=Llama3-RoCE" --set "/cluster/nodes=$(($1 / 8))"
           --set "/jobs/0/training/plan/pipeline_parallel=$stages" --set "/jobs/0/training/plan/data_parallel=$replicas"
           --set "/jobs/0/training/plan/global_batch=$((16 * replicas))" "${@:2}")
  folded=$("$program" run $scenario "${options[@]}" | sed -n 's/^folded *\(.*\) ranks to \([0-9,]*\);.*/\2/p')
  printf '%s | %s' "$folded" "$(measure "$program" run $scenario "${options[@]}")"
}

echo '| GPUs | ranks simulated | training step, wall | memory | with a slow GPU and a broken link: ranks | wall | memory |'
echo '|---|---|---|---|---|---|---|'
for gpus in 64 256 1024 4096 16384 65536 131072; do
  printf '| %s | %s | %s |\n' "$gpus" "$(training "$gpus")" \
    "$(training "$gpus" --set '/slow_gpus=[{"gpu":37,"speed":0.8}]' \
      --set '/cluster/degraded_links=[{"from":"nic 5","to":"leaf 0","factor":0.5}]')"
done

echo
echo '| GPUs | ring all-reduce of 1 GiB, wall | memory |'
echo '|---|---|---|'
for gpus in 1024 4096 16384; do
  printf '| %s | %s |\n' "$gpus" \
    "$(measure "$program" collective --cluster DGX-H100 --gpus "$gpus" --op all_reduce --algorithm ring \
      --size 1GiB)"
done
