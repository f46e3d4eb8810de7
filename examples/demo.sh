#!/bin/sh
# Maps the shipped samples of two vendors into demo-out/, says what happened, and posts one of them to an Alma that
# this machine plays. Nothing is sent anywhere else.
# Run from the root of the repository:  make demo   (ETL=… names another etl command)
set -u
ETL=${ETL:-etl}
OUT=${DEMO_OUT:-demo-out}
mkdir -p "$OUT" || exit 1

# The samples hold bad records on purpose. Exit code 1 says so; anything above is a failure of the demo.
map() {
  name=$1
  mapping=$2
  echo
  echo "== $name: etl run $mapping"
  "$ETL" run "$mapping" --sink files --sink-option "directory=$OUT/$name" --report "$OUT/report-$name" \
    2>"$OUT/$name.log"
  code=$?
  if [ "$code" -gt 1 ]; then
    cat "$OUT/$name.log" >&2
    echo "etl ended with exit code $code" >&2
    exit "$code"
  fi
  sed -n "/^$name: /,\$p" "$OUT/$name.log"
  echo "  problems, with their places: $OUT/$name.log ($(grep -c '^[a-z]*\[E' "$OUT/$name.log") kinds)"
  if [ "$code" -eq 1 ]; then
    echo "  exit code 1: some records were held or rejected (in a pipeline: somebody should look)"
  fi
}

map generic-csv mappings/generic-csv/po_line.yaml
map generic-marc mappings/generic-marc/po_line.yaml

first=$OUT/generic-csv/000217_A-1041_1.json
echo
echo "== one payload, as Alma would get it: $first"
head -n 24 "$first"
echo "  …"
echo
echo "== one problem, as the person on duty would get it"
sed -n '/E412/,/help/p' "$OUT/generic-csv.log"
echo
echo "== posting to a simulated Alma on this machine, twice: etl run … --sink alma"
rm -f "$OUT/simulator.url"
"$ETL" simulator --port 0 >"$OUT/simulator.url" 2>"$OUT/simulator.log" &
simulator=$!
trap 'kill "$simulator" 2>/dev/null' EXIT
tries=0
while [ ! -s "$OUT/simulator.url" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 100 ]; then
    cat "$OUT/simulator.log" >&2
    exit 1
  fi
  sleep 0.2
done
url=$(head -n 1 "$OUT/simulator.url")
rm -f "$OUT"/ledger.sqlite*
"$ETL" ledger create --ledger "$OUT/ledger.sqlite" 2>>"$OUT/simulator.log" || exit 1
ALMA_KEY=simulator-key
export ALMA_KEY
for round in first second; do
  "$ETL" run mappings/generic-csv/po_line.yaml --sink alma --sink-option "base_url=$url" \
    --sink-option key=env:ALMA_KEY --sink-option "ledger=$OUT/ledger.sqlite" \
    --sink-option institution=simulator --report "$OUT/report-alma" 2>"$OUT/alma.log"
  code=$?
  if [ "$code" -gt 1 ]; then
    cat "$OUT/alma.log" >&2
    exit "$code"
  fi
  echo "  the $round time: $(sed -n 's/^generic-csv: //p' "$OUT/alma.log")"
done
"$ETL" ledger list --ledger "$OUT/ledger.sqlite" | sed -n '1,3p'
echo "  …"
echo
echo "== where things are"
echo "  payloads        $OUT/generic-csv/*.json  $OUT/generic-marc/*.json"
echo "  held            $OUT/report-generic-csv/held/  (documents that wait for a person, reasons in held.ndjson)"
echo "  rejected        $OUT/report-generic-csv/rejected.ndjson  (every record, why, and its values or raw bytes)"
echo
echo "== what to try next"
echo "  $ETL explain E412                                       what a code means and what to do"
echo "  $ETL preview mappings/generic-csv/po_line.yaml --record 3   where each value of a document came from"
echo "  edit a field in mappings/generic-csv/po_line.yaml, then"
echo "  $ETL snapshot mappings/generic-csv/po_line.yaml          what that changes, file by file"
echo "  $ETL simulator                                          the same Alma with a page for the browser"
echo "  README.md                                             your first mapping in ten minutes"
