-- What the simulator keeps. Money is text: decimals, not floating point. Times are seconds since 1970.
create table if not exists po_line (
  id integer primary key, number text not null unique, created real not null, changed real not null,
  review text not null, fixed text not null, owner text, type text, vendor text, account text, method text,
  mms text, isbn text, issn text, title text, doc text not null, sent blob not null, request text not null);
create index if not exists po_line_isbn on po_line(isbn);
create index if not exists po_line_issn on po_line(issn);
create index if not exists po_line_mms on po_line(mms);
create index if not exists po_line_vendor on po_line(vendor);
create table if not exists bib (
  id integer primary key, mms text not null unique, isbn text, issn text,
  title text, gone integer not null default 0);
create index if not exists bib_isbn on bib(isbn);
create index if not exists bib_issn on bib(issn);
create table if not exists encumbrance (
  id integer primary key, line integer not null, fund text not null, amount text not null,
  currency text not null);
create index if not exists encumbrance_line on encumbrance(line);
create table if not exists purchase_request (
  id integer primary key autoincrement, user text not null, created real not null, changed real not null,
  status text not null,
  line integer, mms text, doc text not null, sent blob not null, request text not null);
create table if not exists counter (name text primary key, value text not null);
create table if not exists code_table (name text primary key, rows text not null);
