#!/bin/sh
# Calls the service with curl: sh curl.sh http://127.0.0.1:8000 ../dispatch.txt
# A key, where the service has keys, stands in EXTRACTOR_KEY.
set -eu

url=${1:-http://127.0.0.1:8000}
article=${2:-examples/dispatch.txt}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# What curl is always given. The key stands in a file, since every user of a machine sees the arguments of its processes.
umask 077
{
  echo silent
  echo show-error
  echo fail-with-body
  [ -z "${EXTRACTOR_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$EXTRACTOR_KEY"
} > "$folder/always"

ask() {
  curl --config "$folder/always" "$@"
}

# The body of a request is JSON.
python3 -c 'import json, sys; print(json.dumps({"text": sys.stdin.read()}))' < "$article" > "$folder/article.json"

echo "# one article, as JSON"
ask --json "@$folder/article.json" "$url/v1/extract"
echo

echo "# the same, one row a claim"
ask --json "@$folder/article.json" --header "Accept: text/csv" "$url/v1/extract"

echo "# the same, part by part"
ask --no-buffer --json "@$folder/article.json" --header "Accept: text/event-stream" "$url/v1/extract" | cut -c 1-80

echo "# many articles, as a job"
printf '{"articles": [%s, {"text": " "}]}' "$(cat "$folder/article.json")" > "$folder/job.json"
# The same key gives the same job, so that a request whose answer was lost can be sent again.
idempotency=$(python3 -c 'import uuid; print(uuid.uuid4())')
ask --json "@$folder/job.json" --header "Idempotency-Key: $idempotency" --dump-header "$folder/headers" "$url/v1/jobs"
echo
job=$(tr -d '\r' < "$folder/headers" | sed -n 's/^[Ll]ocation: //p')

echo "# its results, as they come"
next="$job/results"
while [ -n "$next" ]; do
  ask --dump-header "$folder/headers" "$url$next" | cut -c 1-80
  # The address of the next page is told as long as there is one, or will be.
  next=$(tr -d '\r' < "$folder/headers" | sed -n 's/^[Ll]ink: <\(.*\)>; rel="next"$/\1/p')
  [ -z "$next" ] || sleep 0.5
done
