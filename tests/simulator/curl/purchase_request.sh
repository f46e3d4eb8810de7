#!/bin/sh
# Create a purchase request for a user, approve it, and list what there is. Needs ALMA and KEY.
set -eu
call() { curl --silent --show-error --fail-with-body --header "Authorization: apikey $KEY" --header 'Accept: application/json' --header 'Content-Type: application/json' "$@"; }
call --data '{"resource_metadata":{"citation_type":{"value":"BOOK"},"title":"Önskad bok","author":"Ask, C."},"format":{"value":"P"},"owning_library":{"value":"HBG"}}' \
  "$ALMA/almaws/v1/users/reader%40example.org/purchase-requests?user_id_type=all_unique"
call --data '{"approved_by":"anna.lind"}' "$ALMA/almaws/v1/acq/purchase-requests/1?op=approve"
call "$ALMA/almaws/v1/acq/purchase-requests/?status=APPROVED"
