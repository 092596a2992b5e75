# language: es
@stage-1
Característica: Cualquiera puede leer qué es el servicio antes de usarlo

  Antecedentes:
    Dado el entorno de pruebas empieza de nuevo a las 09:00 del 2027-03-15

  @req-common/service-description-complete
  Escenario: La descripción dice lo mismo de completo en los dos idiomas
    Cuando nadie llama a getServiceDescription con la cabecera "Accept-Language" igual a "en"
    Entonces la respuesta es 200
    Y la descripción está completa
    Y su "description" se recuerda como "en inglés"
    Cuando nadie llama a getServiceDescription con la cabecera "Accept-Language" igual a "es"
    Entonces la respuesta es 200
    Y la descripción está completa
    Y "description" no es lo recordado como "en inglés"

  @req-common/service-links-work
  Escenario: Los enlaces de la descripción llevan a donde dicen
    Cuando nadie llama a getServiceDescription
    Y nadie obtiene cada enlace de la descripción
    Entonces cada respuesta es 200
    Cuando nadie llama a getOpenApi
    Entonces la respuesta tiene "/paths/~1"
