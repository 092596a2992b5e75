# language: es
@stage-3 @case
Característica: Lo que la ley exime no se cobra, y nada más

  Antecedentes:
    Dado el entorno de pruebas empieza de nuevo a las 09:00 del 2027-03-15

  @req-civil_certificates/social-programme-exempt
  Escenario: Quien prueba que está en un programa social no paga
    Dado este país tiene "/fees/CIV-CERT/exemptions/social-programme"
    Cuando ana llama a createRequest con el ejemplo "birth-social-programme"
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" tiene 1 elemento
    Y "fees" contiene {"code": "CIV-CERT", "quantity": 2, "exemption": "social-programme"}
    Y "/fees/0/amount/amount" es "0.00"

  @req-civil_certificates/social-programme-exempt
  Escenario: Otra prueba no exime de nada
    Dado este país no tiene "/fees/CIV-CERT/exemptions/first-copy"
    Cuando ana llama a createRequest con el ejemplo "birth-legal-interest", donde "/copies" es 4
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" contiene {"code": "CIV-CERT", "quantity": 4}
    Y "/fees/0/exemption" está ausente
    Y "/fees/0/amount/amount" no es "0.00"

  @req-civil_certificates/social-programme-exempt
  Escenario: La exención vale para las tasas que la nombran
    Dado este país tiene "/fees/CIV-CERT/exemptions/social-programme"
    Y este país no tiene "/fees/CIV-APOSTILLE/exemptions/social-programme"
    Y este país tiene "apostilleForPaper"
    Cuando ana llama a createRequest con el ejemplo "birth-social-programme", donde "/delivery" es "post", donde "/apostille" es true
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" contiene {"code": "CIV-CERT", "quantity": 2, "exemption": "social-programme"}
    Y "fees" contiene {"code": "CIV-APOSTILLE"}
    Y "holds" contiene {"code": "fee-unpaid"}

  @req-civil_certificates/first-copy-exempt
  Esquema del escenario: De <copias> copias se pagan todas menos la primera: <código>
    Dado este país tiene "/fees/<código>/exemptions/first-copy"
    Y este país tiene "apostilleForPaper"
    Cuando ana llama a createRequest con el ejemplo "birth-apostille", donde "/copies" es <copias>
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" contiene {"code": "<código>", "quantity": 1, "exemption": "first-copy"}
    Y "fees" contiene {"code": "<código>", "quantity": <otras>}

    Ejemplos:
      | código        | copias | otras |
      | CIV-CERT      | 3      | 2     |
      | CIV-APOSTILLE | 3      | 2     |
      | CIV-APOSTILLE | 10     | 9     |

  @req-civil_certificates/first-copy-exempt
  Escenario: De una sola copia no se paga ninguna apostilla
    Dado este país tiene "/fees/CIV-APOSTILLE/exemptions/first-copy"
    Y este país no tiene "/fees/CIV-CERT/exemptions/first-copy"
    Y este país tiene "apostilleForPaper"
    Cuando ana llama a createRequest con el ejemplo "birth-apostille"
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" tiene 2 elementos
    Y "fees" contiene {"code": "CIV-APOSTILLE", "quantity": 1, "exemption": "first-copy"}
    Y "fees" contiene {"code": "CIV-CERT", "quantity": 1}

  @req-civil_certificates/nothing-due-nothing-held
  Escenario: Donde nada se debe, nada espera un pago
    Dado este país tiene "/fees/CIV-CERT/exemptions/social-programme"
    Cuando ana llama a createRequest con el ejemplo "birth-social-programme"
    Y ana llama a submitRequest para ese recurso
    Entonces "holds" tiene 0 elementos
    Y "paymentRequestIds" tiene 0 elementos
    Cuando ana llama a createRequest con el ejemplo "birth-full-copy"
    Y ana llama a submitRequest para ese recurso
    Entonces "holds" contiene {"code": "fee-unpaid"}
