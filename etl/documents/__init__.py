"""Plain values → the two Alma documents an order can become → their payload bytes.

`etl.documents.targets` is the door: `PoLineTarget` and `PurchaseRequestTarget`.
"""
