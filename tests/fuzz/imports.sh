#!/bin/bash
# Runs the fuzz target of every foreign format; prints how often, and what it found. Exit code 1 when it found something.
# Usage: tests/fuzz/imports.sh FOLDER [RUNS [TARGET...]]
# FOLDER holds the targets (build/fuzz/tests/fuzz); RUNS is 10 million unless told. Corpora are kept beside the targets.
set -euo pipefail
folder=$1 runs=${2:-10000000} here=$(dirname "$(readlink -f "$0")")
targets=("${@:3}")
[ ${#targets[@]} -gt 0 ] || targets=(graphml graphviz edge_list astra_sim nccl_node traces import)
# What costs time and finds nothing here: stacks of allocations, filled memory, a long quarantine.
export ASAN_OPTIONS=malloc_context_size=0:max_malloc_fill_size=0:quarantine_size_mb=16:detect_stack_use_after_return=0
found=0
for target in "${targets[@]}"; do
  seeds=$here/../topologies/import/$target
  [ -d "$seeds" ] || seeds=$here/seeds/$target
  mkdir -p "$folder/corpus_$target"
  log=$folder/$target.log
  "$folder/fuzz_$target" -runs="$runs" -max_len=512 -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$folder/$target-" "$folder/corpus_$target" "$seeds" >"$log" 2>&1 || { found=1; echo "$target: FAILED, see $log"; }
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
done
exit $found
