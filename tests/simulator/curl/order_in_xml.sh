#!/bin/sh
# Create an order line in XML with the key in the query. Needs ALMA (base URL) and KEY.
set -eu
curl --silent --show-error --fail-with-body --request POST "$ALMA/almaws/v1/acq/po-lines?apikey=$KEY" \
  --header 'Content-Type: application/xml' --data-binary @- <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<po_line>
  <owner desc="Main">MAIN</owner><type>PRINTED_BOOK_OT</type><vendor>BTJ</vendor><vendor_account>BTJ</vendor_account>
  <price><sum>199.00</sum><currency>SEK</currency></price>
  <resource_metadata><title>Hav &amp; himmel</title><isbn>9789100000059</isbn>
    <system_control_numbers><system_control_number>(SE-LIBR)123</system_control_number></system_control_numbers></resource_metadata>
  <fund_distributions><fund_distribution><fund_code>BOCKER</fund_code>
    <amount><sum>199.00</sum><currency>SEK</currency></amount></fund_distribution></fund_distributions>
  <notes><note><note_text>ett</note_text></note><note><note_text>två</note_text></note></notes>
  <locations><location><quantity>1</quantity><library>MAIN</library><shelving_location>STACK</shelving_location></location></locations>
</po_line>
XML
