order,title,isbn,price,value
A-1,Vindens öar,9789199999913,249.00,
