#!/usr/bin/env bash
# Says what became slower between two commits, by ratios to peers in the same JVM (SpeedRatios), the
# median of 5 runs in turns:   benchmarks/guard.sh FROM [TO]
# Without TO the working tree. Ends with 1 if anything is slower by more than 15 %.
# The same against the figures that are kept of this processor: benchmarks/guard.sh --baseline
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
kept=${KEPT:-$root/benchmarks/speed-ratios.txt}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=${RUNS:-5}
# Ratios differ between processors by up to four times: what C2 makes of a plain loop does.
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1) || true
processor=${processor:-$(uname -sm)} # Where the system does not tell.

# build COMMIT NAME: its classes, and what they need, in a folder
build() {
  mkdir -p "$work/$2"
  if [[ $1 == . ]]; then git ls-files -z | tar -c --null -T - | tar -x -C "$work/$2"
  else git archive "$1" | tar -x -C "$work/$2"; fi
  (cd "$work/$2" && mvn -B -ntp -q compile dependency:copy-dependencies -Dmaven.javadoc.skip -Dspotless.check.skip \
    -DincludeScope=runtime -DexcludeGroupIds=io.facesearch -DoutputDirectory="$work/$2/lib" -pl facesearch-index -am >&2)
}

# measure NAME RUN
measure() {
  java -Xmx2g -cp "$work/$1/facesearch-core/target/classes:$work/$1/facesearch-index/target/classes:$work/$1/lib/*" \
    "$root/benchmarks/src/main/java/io/facesearch/benchmarks/SpeedRatios.java" \
    "$root/facesearch-cli/src/main/resources/io/facesearch/cli/samples/queries/person_03.jpg" 2>"$work/errors" |
    sed "s/^/$1 /" >>"$work/measured" || { cat "$work/errors" >&2; exit 2; }
}

medians() { grep "^$1 " "$work/measured" | sort -k2,2 -k3,3n | awk '{ a[$2]=a[$2]" "$3 } END { for (n in a) { c=split(a[n],v," "); print n, v[int((c+1)/2)] } }' | sort; }

if [[ ${1:-} == --baseline ]]; then
  build . now
  for ((i = 0; i < runs; i++)); do measure now; done
  medians now >"$work/now.txt"
  awk -F';' -v processor="$processor" '$1 == processor { print $2 }' "$kept" | sort >"$work/before.txt"
  if [[ ! -s $work/before.txt ]]; then
    echo "$kept has no figures of this processor; these are to be added:" >&2
    sed "s/^/$processor;/" "$work/now.txt"
    exit 2
  fi
elif [[ $# -ge 1 ]]; then
  build "$1" before
  build "${2:-.}" now
  for ((i = 0; i < runs; i++)); do measure before; measure now; done
  medians before >"$work/before.txt"
else
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
  exit 2
fi
medians now >"$work/now.txt"
if ! diff <(cut -d' ' -f1 "$work/before.txt") <(cut -d' ' -f1 "$work/now.txt") >&2; then
  echo "These ratios are on one side only, so they tell nothing." >&2
  exit 2
fi
join "$work/before.txt" "$work/now.txt" | awk '
  { change = $3 / $2 - 1; printf "%-28s %8.4f -> %8.4f  %+5.1f %%%s\n", $1, $2, $3, 100 * change, (change > .15 ? "  slower by more than 15 %" : "")
    if (change > .15) slow = 1 }
  END { exit slow }'
