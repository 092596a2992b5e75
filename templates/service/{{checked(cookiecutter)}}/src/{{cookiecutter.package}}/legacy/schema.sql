-- The database of an invented older system, of another shape than that of the service: a file for each case, a row for
-- each datum, an index by name and value. CHANGE THIS: yours is there already.
CREATE TABLE expediente (
  numero  INTEGER PRIMARY KEY,
  clave   TEXT NOT NULL UNIQUE,
  clase   TEXT NOT NULL,
  titular TEXT NOT NULL
);
CREATE INDEX expediente_por_clase ON expediente (clase, numero);

CREATE TABLE dato (
  numero INTEGER NOT NULL REFERENCES expediente,
  ruta   TEXT NOT NULL,
  valor  TEXT NOT NULL,
  PRIMARY KEY (numero, ruta)
) WITHOUT ROWID;

CREATE TABLE indice (
  nombre TEXT NOT NULL,
  valor  TEXT NOT NULL,
  numero INTEGER NOT NULL REFERENCES expediente,
  PRIMARY KEY (nombre, valor, numero)
) WITHOUT ROWID;
