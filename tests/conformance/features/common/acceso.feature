# language: es
@stage-3 @case
Característica: Nadie actúa sin un token apto

  Antecedentes:
    Dado el entorno de pruebas empieza de nuevo a las 09:00 del 2027-03-15
    Y ana tiene un borrador

  @req-common/token-required
  Esquema del escenario: Un token <falta> no vale
    Cuando ana llama a read del caso con un token <falta>
    Entonces la respuesta es 401 "unauthenticated"
    Y cabecera "WWW-Authenticate" está presente
    Cuando ana llama a read del caso
    Entonces la respuesta es 200

    Ejemplos:
      | falta            |
      | vencido          |
      | alterado         |
      | sin firma        |
      | de otro servicio |

  @req-common/scope-required
  Escenario: Sin el permiso nada se hace
    Cuando alguien con derecho llama a cada operación protegida con un token sin el permiso
    Entonces cada respuesta es 403 "missing-scope"
    Y no ha cambiado

  @req-common/correlation-id
  Escenario: El identificador vuelve
    Cuando ana llama a read del caso con la cabecera "Correlation-Id" igual a "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"
    Entonces la respuesta es 200
    Y cabecera "Correlation-Id" es "0b6a2f0e-4c1e-4a55-9c5c-2f3b8a7d1e90"

  @req-common/security-headers
  Escenario: Las cabeceras protegen
    Cuando ana llama a read del caso
    Entonces la respuesta es 200
    Y cabecera "X-Content-Type-Options" es "nosniff"
