LDR   00000nam a2200000 a 4500
001   bok00001
245   $a Vindens öar
