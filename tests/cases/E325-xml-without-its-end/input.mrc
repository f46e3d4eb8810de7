<?xml version="1.0" encoding="UTF-8"?>
<collection xmlns="http://www.loc.gov/MARC21/slim">
<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">bok00002</controlfield><datafield ind1=" " ind2=" " tag="020"><subfield code="a">9789199999913</subfield></datafield><datafield ind1=" " ind2=" " tag="245"><subfield code="a">Sju n&#228;tter</subfield></datafield><datafield ind1=" " ind2=" " tag="960"><subfield code="s">249.00</subfield></datafield></record>
<record><leader>00000nam</leader>
