# language: es
@stage-3 @case
Característica: Cada copia se paga una vez y sin pago no se emite nada

  Antecedentes:
    Dado el entorno de pruebas empieza de nuevo a las 09:00 del 2027-03-15
    Y este país tiene "fees"

  @req-civil_certificates/fee-per-copy
  Escenario: Tres copias cuestan lo que el presupuesto anuncia para tres
    Dado este país no tiene "/fees/CIV-CERT/exemptions/first-copy"
    Y nadie llama a createFeeQuote con el cuerpo "{'lines': [{'code': 'CIV-CERT', 'quantity': 3}]}"
    Y su "/lines/0/amount" se recuerda como "tres copias"
    Cuando ana llama a createRequest con el ejemplo "birth-self", donde "/copies" es 3
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" tiene 1 elemento
    Y "fees" contiene {"code": "CIV-CERT", "quantity": 3}
    Y "/fees/0/amount" es lo recordado como "tres copias"

  @req-civil_certificates/fee-per-copy
  Escenario: La apostilla se cobra por cada copia y solo si se pide
    Dado este país tiene "apostilleForPaper"
    Y este país no tiene "/fees/CIV-APOSTILLE/exemptions/first-copy"
    Cuando ana llama a createRequest con el ejemplo "birth-apostille", donde "/copies" es 2
    Y ana llama a submitRequest para ese recurso
    Entonces "fees" tiene 2 elementos
    Y "fees" contiene {"code": "CIV-CERT", "quantity": 2}
    Y "fees" contiene {"code": "CIV-APOSTILLE", "quantity": 2}

  @req-civil_certificates/fee-hold-blocks-issue @stage-4
  Escenario: Un registrador no puede emitir lo que nadie ha pagado
    Dado ana tiene un caso según el ejemplo "birth-legal-interest" en "approved"
    Cuando eva llama a issueRequest para ese recurso
    Entonces la respuesta es 409 "hold-active"
    Y no ha cambiado
    Cuando llega el evento "payments.request.paid"
    Y ana lleva el caso a "completed"
    Entonces "outputs" tiene 1 elemento

  @req-civil_certificates/fee-hold-blocks-issue @stage-4
  Escenario: Tampoco el sistema emite antes del pago
    Dado ana tiene un borrador según el ejemplo "birth-self"
    Cuando ana llama a submitRequest para ese recurso
    Y pasa un día
    Y ana llama a getRequest para ese recurso
    Entonces "outputs" tiene 0 elementos
    Y "holds" contiene {"code": "fee-unpaid"}
    Cuando ana lleva el caso a "completed"
    Entonces "outputs" tiene 1 elemento

  @req-civil_certificates/payment-releases-issue @stage-4
  Escenario: El pago basta para recibir el certificado
    Dado ana tiene un caso según el ejemplo "birth-self" en "approved"
    Cuando llega el evento "payments.request.paid"
    Y ana llama a getRequest para ese recurso
    Entonces "status" es "completed"
    Cuando ana llama a listCertificates
    Y su "/items/0" se recuerda como "certificado"
    Y ana llama a getCertificateContent para "certificado"
    Entonces la respuesta es 200
