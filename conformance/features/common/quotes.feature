# language: es
@stage-2
Característica: Cualquiera puede saber cuánto va a pagar

  Antecedentes:
    Dado el entorno de pruebas empieza de nuevo a las 09:00 del 2027-03-15

  @req-common/fee-quote-deterministic
  Escenario: La misma pregunta recibe la misma respuesta
    Cuando nadie pregunta cuánto cuestan 3 de cada tasa publicada
    Y pasa una hora
    Y nadie pregunta cuánto cuestan 3 de cada tasa publicada
    Entonces cada cotización trata de lo preguntado
    Y cada cotización repite la anterior

  @req-common/fee-quote-deterministic
  Escenario: Quienes preguntan lo mismo en el mismo momento reciben la misma respuesta
    Cuando nadie pregunta cuánto cuestan 2 de cada tasa publicada, 5 veces a la vez
    Entonces cada respuesta es 200
    Y cada cotización trata de lo preguntado
    Y cada cotización repite la anterior

  @req-common/fee-quote-equals-published-fee
  Esquema del escenario: Una cotización de <cantidad> es el precio publicado por <cantidad>
    Cuando nadie pregunta cuánto cuestan <cantidad> de cada tasa publicada
    Entonces cada cotización trata de lo preguntado
    Y cada cotización es al precio publicado

    Ejemplos:
      | cantidad |
      | 1        |
      | 7        |

  @req-common/fee-quote-without-login
  Escenario: Para preguntar cuánto cuesta no hace falta iniciar sesión
    Cuando nadie pregunta cuánto cuestan 12 de cada tasa publicada
    Entonces cada respuesta es 200
    Y cada cotización trata de lo preguntado

  @stage-4 @case @req-common/bill-equals-quote
  Escenario: Se cobra lo que se cotizó
    Dado ana tiene un caso en "submitted"
    Y ana pregunta cuánto cuesta el caso
    Y su "quoteId" se recuerda como "cotización"
    Y ana lleva el caso a "withdrawn"
    Y ana tiene un borrador
    Cuando ana llama a submit del caso donde "/feeQuoteId" es lo recordado como "cotización"
    Entonces la respuesta es 200
    Y el cobro es el cotizado

  @req-common/quote-base-fits
  Escenario: Un precio fijo no depende de ningún monto
    Dado este país tiene "/fees/0/amount"
    Y nadie llama a listFees
    Y su "/items/0/amount" se recuerda como "precio"
    Cuando nadie llama a createFeeQuote donde "/lines/0/code" es una tarifa de este país, donde "/lines/0/base" es lo recordado como "precio"
    Entonces la respuesta es 422
    Y el problema nombra "/lines/0/base"
    Cuando nadie llama a createFeeQuote donde "/lines/0/code" es una tarifa de este país
    Entonces la respuesta es 200

  @req-common/quote-base-fits
  Escenario: Una fórmula no vale sin el monto al que se aplica
    Dado este país tiene "/fees/0/formula"
    Cuando nadie llama a createFeeQuote donde "/lines/0/code" es una tarifa de este país
    Entonces la respuesta es 422
    Y el problema nombra "/lines/0/base"

  @stage-3 @case @req-common/forged-quote-refused
  Esquema del escenario: Una cotización con otro carácter es de nadie: <lugar>
    Dado nadie llama a createFeeQuote donde "/lines/0/code" es una tarifa de este país
    Y su "quoteId" se recuerda como "cotización"
    Y "cotización" con otro <lugar> carácter en su "quoteId" se recuerda como "falsa"
    Y ana tiene un borrador
    Cuando ana llama a submit del caso donde "/feeQuoteId" es lo recordado como "falsa"
    Entonces la respuesta es 422
    Cuando ana llama a submit del caso para ese recurso
    Entonces la respuesta es 200

    Ejemplos:
      | lugar   |
      | primer  |
      | central |
      | final   |
