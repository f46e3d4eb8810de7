#!/bin/sh
# Search a line, read it, cancel it, and see that it is cancelled. Needs ALMA, KEY and NUMBER.
set -eu
get() { curl --silent --show-error --fail-with-body --header "Authorization: apikey $KEY" --header 'Accept: application/json' "$@"; }
get --get "$ALMA/almaws/v1/acq/po-lines" --data-urlencode "q=number~$NUMBER" --data limit=10 --data offset=0
get "$ALMA/almaws/v1/acq/po-lines/$NUMBER"
get --request DELETE --output /dev/null --write-out 'cancelled with %{http_code}' "$ALMA/almaws/v1/acq/po-lines/$NUMBER?reason=LIBRARY_CANCELLED&bib=retain"
get --write-out ' and then %{http_code}' --request DELETE "$ALMA/almaws/v1/acq/po-lines/$NUMBER?reason=LIBRARY_CANCELLED" || true
