#!/usr/bin/env bash
# Writes the README's outputs anew, so that what it shows was produced by the commit it is in. A block between
#   <!-- output: COMMAND --> and <!-- end of output -->
# becomes what COMMAND prints. "| by A, B" after the command keeps the summary and these groupings of a table of errors.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The head of every quantity's table and the sections "by NAME" that were asked for.
sections() {
  awk -v wanted=", $1, " '
    /^  absolute error of / { shown = 1 }
    /^by / { shown = index(wanted, ", " substr($0, 4) ", ") > 0 }
    /^[^ ]/ && !/^(by|all|judged)/ { shown = 0 }
    shown'
}

output() {
  local command=${1%% | by *} groupings=${1##* | by }
  echo "readme: $command" >&2
  if [[ $1 == *" | by "* ]]; then $command | sections "$groupings"; else eval "$command"; fi
}

while IFS= read -r line; do
  if [[ $line == '<!-- end of output -->' ]]; then skipping=; fi
  if [[ -z ${skipping-} ]]; then printf '%s\n' "$line"; fi
  if [[ $line == '<!-- output: '*' -->' ]]; then
    command=${line#'<!-- output: '}
    printf '```\n'
    output "${command%' -->'}"
    printf '```\n'
    skipping=1
  fi
done <README.md >README.md.new
mv README.md.new README.md
