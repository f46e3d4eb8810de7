#!/bin/sh
# Create an order line in JSON, in the form of the official documentation. Needs ALMA (base URL) and KEY.
set -eu
curl --silent --show-error --fail-with-body --request POST "$ALMA/almaws/v1/acq/po-lines?profile_code=&requires_manual_review=false" \
  --header "Authorization: apikey $KEY" --header 'Accept: application/json' --header 'Content-Type: application/json' \
  --data '{"link":"","owner":{"value":"LAW"},"type":{"value":"PRINTED_BOOK_OT"},"vendor":{"value":"MVEN"},"vendor_account":"MVEN",
    "reclaim_interval":"1","expected_receipt_interval":"1","claiming_interval":"1","acquisition_method":{"value":"VENDOR_SYSTEM"},
    "no_charge":"false","rush":"false","cancellation_restriction":"false","price":{"sum":"150.0","currency":{"value":"USD"}},
    "discount":"20","vendor_reference_number":"125","vendor_reference_number_type":{"value":"SCO"},
    "resource_metadata":{"title":"A world of paper / A. Writer.","author":"Writer, A.","issn":"","isbn":"9789100000042",
      "publisher":"Ankaret,","publication_place":"Malmö :","publication_year":"c2007.","system_control_number":[""]},
    "fund_distribution":[{"fund_code":{"value":"00LIS"},"amount":{"sum":"120.0","currency":{"value":"USD"}}}],
    "note":[{"note_text":"Created by: a script"}],
    "location":[{"quantity":"1","library":{"value":"LAW"},"shelving_location":"LAWPER","copy":[{"link":"","barcode":"2379499752",
      "item_policy":{"value":"09"},"is_temp_location":"false","permanent_library":{"value":""},"permanent_shelving_location":""}]}],
    "interested_user":[{"primary_id":"bo.ek","notify_receiving_activation":"false"}],
    "base_status":"ACTIVE","manual_renewal":"false","renewal_cycle":{"value":"1"},"renewal_period":"100","material_type":{"value":"BOOK"}}'
