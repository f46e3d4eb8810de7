"""Slips that an editor underlines while they are made: what is written, what is underlined, what is said of it."""

from __future__ import annotations

HEAD = "version: 1\nname: slip\ntarget: po_line\n"

SEEDED = (
    ("guard:\n  max_documents: 500", "guard", "Property guard is not allowed."),
    ("fields:\n  resource_metadata:\n    titel: A", "titel", "Property titel is not allowed."),
    ("fields:\n  type: PRINTED_BOOK", "PRINTED_BOOK", "no such code: write one of the list, or a template"),
    (
        "fields:\n  owner:\n    $value: MAIN\n    $first: [A, B]",
        "$first",
        "beside $value only $include, $let, $if may stand",
    ),
    ("source:\n  connector: cvs", "cvs", "no such connector: etl list connectors"),
    (
        "extends: b.yaml\nsource:\n  connector: csv\n  options:\n    delimeter: ;",
        "delimeter",
        "Property delimeter is not allowed.",
    ),
    ("sink:\n  type: file", "file", "no such sink: etl list sinks"),
    (
        "checks:\n  - if: price > 1000\n    hold: dear",
        "price > 1000",
        'plain text would always be true: write a template, "{{ … }}"',
    ),
)
"""One of each kind."""

MORE = (
    ("fields:\n  material_type: 7", "7", "no such code: write one of the list, or a template"),
    ("fields:\n  price:\n    sum: 1,5", "1,5", "a number with a decimal point or a template belongs here"),
    ("fields:\n  price: 12", "12", 'Incorrect type. Expected "object | string".'),
    ("fields:\n  currency: SEK", "currency", "Property currency is not allowed."),
    ("fields:\n  status: SENT", "status", "Property status is not allowed."),
    ("fields:\n  rush: yes", "yes", "true, false or a template belongs here"),
    (
        "fields:\n  expected_receipt_date: 1/3 2024",
        "1/3 2024",
        "a date YYYY-MM-DD or a template belongs here",
    ),
    (
        "fields:\n  location:\n    - quantity: two",
        "two",
        "a whole number or a template belongs here",
    ),
    (
        "fields:\n  location:\n    library: MAIN",
        "library: MAIN",
        'Incorrect type. Expected "array | string".',
    ),
    ("fields:\n  owner: [A, B]", "[A, B]", "Incorrect type. Expected one of string, number."),
    ("fields:\n  owner:\n    $level: library\n    $value: A", "$value", "Property $value is not allowed."),
    ("fields:\n  $if: '{{ copies }}'\n  owner: A", "$if", "Property $if is not allowed."),
    ("fields:\n  price:\n    $for: one in prices\n    sum: 1", "$for", "Property $for is not allowed."),
    ("let:\n  place:\n    $fist: [A, B]", "$fist", "Property $fist is not allowed."),
    ("let:\n  1st: A", "1st", "Property 1st is not allowed."),
    (
        "let:\n  spots:\n    - $for: '{{ spots }}'",
        "'{{ spots }}'",
        "$for is written  name in list,  without braces",
    ),
    ("when: quantity", "quantity", 'plain text would always be true: write a template, "{{ … }}"'),
    ("key: order no", "order no", "the name of a column or let, or a template"),
    ("user: me", "me", "po_line has no user"),
    (
        "extends: b.yaml\nsource:\n  connector: csv\n  options:\n    header: ja",
        "ja",
        "write true or false",
    ),
    (
        "extends: b.yaml\nsource:\n  connector: bokus\n  options:\n    columns:\n      isbnn: ISBN",
        "isbnn",
        "Property isbnn is not allowed.",
    ),
    ("sink:\n  type: files\n  folder: out", "folder", "Property folder is not allowed."),
    (
        "lookups:\n  s:\n    on_missing: skip",
        "skip",
        'Value is not accepted. Valid values: "reject", "hold", "null".',
    ),
    (
        "checks:\n  - if: '{{ copies }}'\n    reject: A\n    hold: B",
        "if: '{{ copies }}'",
        "Object has more properties",
    ),
)
"""Others of the same kinds."""
