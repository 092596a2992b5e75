"""What the page of a report says in Spanish."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "page.language": "Idioma",
    "page.language-name": "Español",
    "page.heading": "Informe de conformidad",
    "page.sentence.conformant": "{service}: se comporta como pide la norma regional, hasta la etapa {judged} ({name}).",
    "page.sentence.conformant-with-waivers": "{service}: se comporta como pide la norma regional, hasta la etapa "
    "{judged} ({name}), salvo {waived} requisitos que tienen una dispensa.",
    "page.sentence.not-conformant": "{service}: no se comporta como pide la norma regional en la etapa {judged} "
    "({name}); incumple {failed} de sus requisitos.",
    "page.sentence.undecided": "{service}: no se pudo evaluar por completo en la etapa {judged} ({name}); quedan "
    "abiertos {open} de sus requisitos. No es ni conforme ni rechazado.",
    "page.sentence.error": "{service}: no se evaluó, porque la propia batería de pruebas tropezó. Nada se dice del "
    "servicio.",
    "page.sentence.interrupted": "{service}: no se evaluó, porque la ejecución fue interrumpida. Nada se dice del "
    "servicio.",
    "page.selection": "Solo se ejecutó una parte:",
    "page.stage-observed": "Etapa demostrada",
    "page.stage-claimed": "Etapa declarada",
    "page.stage-number": "Etapa {number}",
    "page.judged": "Lo evaluado",
    "page.operator": "Operador, país, entorno",
    "page.spec": "Especificación",
    "page.when": "Evaluado (UTC)",
    "page.counts": "Requisitos según resultado",
    "page.scenarios-sum": "{count} escenarios, {calls} llamadas.",
    "page.contents": "Contenido",
    "page.failed": "Lo que el servicio hace de otro modo",
    "page.open": "Lo que no se pudo evaluar",
    "page.open-explained": "Estos requisitos obligan en esta etapa, pero algo que sus escenarios necesitan no "
    "funcionó. Corrija la causa y evalúe de nuevo.",
    "page.causes": "Lo que se interpuso",
    "page.cause-waits": "Dependen de ello {requirements} requisitos y {scenarios} escenarios.",
    "page.cause-failed": "Incumplido por ello, o junto con ello:",
    "page.waivers": "Dispensas",
    "page.mode": "Hasta dónde llegó la evaluación",
    "page.matrix": "Todos los requisitos",
    "page.reach": "Hasta dónde llegó la ejecución",
    "page.reach-sum": "De {declared} códigos de estado que declaran las operaciones se vieron {observed}. Las llamadas "
    "pueden provocar {possible}. Lo que no se vio no se juzga.",
    "page.reach-operation": "Operación",
    "page.reach-seen": "Códigos vistos",
    "page.reach-unseen": "No vistos, y por qué",
    "page.reach-rules": "Reglas incumplidas a propósito",
    "page.reach-tried": "{body} del cuerpo, {parameters} de parámetros; {together} no se pueden incumplir solas",
    "page.reach-faults": "{count} que se dejaron pasar o no se nombraron",
    "page.reach-national": "nacional",
    "page.words": "Qué significan las palabras",
    "page.requirement": "Requisito",
    "page.text": "Qué dice",
    "page.level": "Nivel",
    "page.level.MUST": "obligatorio",
    "page.level.SHOULD": "recomendado",
    "page.level.MAY": "permitido",
    "page.word": "Resultado",
    "page.scenarios": "Escenarios",
    "page.scenario": "Escenario",
    "page.step": "Paso",
    "page.found": "Esperado y encontrado",
    "page.calls": "Las últimas llamadas ({count})",
    "page.sent": "Lo enviado",
    "page.answered": "Respuesta:",
    "page.headers": "Encabezados de la respuesta",
    "page.observations": "Visto de paso",
    "page.mend": "Cómo corregirlo",
    "page.mend.operation": "Compare la respuesta de {operation} con su definición en la especificación, y con el "
    "texto del requisito de arriba.",
    "page.mend.server": "El servicio respondió con un error propio (5xx): mire primero su bitácora en ese momento.",
    "page.meaning.conformant": "Para la ciudadanía esto significa: lo que la región promete de este servicio se "
    "probó, y se "
    "cumple. Quien lo use aquí puede confiar en las mismas reglas que en los otros países.",
    "page.meaning.conformant-with-waivers": "Para la ciudadanía esto significa: lo que la región promete de este "
    "servicio se probó y se cumple, salvo los puntos exceptuados abajo, cada uno hasta su fecha.",
    "page.meaning.not-conformant": "Para la ciudadanía esto significa: al menos una promesa de la región todavía no se "
    "cumple aquí. Cuál es está abajo, en palabras sencillas, con lo que hay que corregir.",
    "page.meaning.undecided": "Para la ciudadanía esto significa: aún nadie puede decir si las promesas de la región "
    "se "
    "cumplen aquí. No se halló nada contra el servicio, pero no todo pudo probarse.",
    "page.meaning.error": "De esta página no se puede concluir nada sobre el servicio.",
    "page.meaning.interrupted": "De esta página no se puede concluir nada sobre el servicio.",
    "page.source": "Fuente",
    "page.curl": "La llamada como línea de órdenes",
    "page.filter": "Mostrar requisitos por resultado",
    "page.filter-all": "todos",
    "page.mend.status.400": "400 es para lo que no se puede leer: JSON roto, un parámetro desconocido o mal escrito.",
    "page.mend.status.401": "401 es para una credencial ausente o inservible, antes que todo lo demás; con "
    "WWW-Authenticate.",
    "page.mend.status.403": "403 es para una credencial buena sin el permiso, el nivel o el papel que pide la "
    "operación.",
    "page.mend.status.404": "404 es para lo que no existe, y lo mismo para lo que quien llama no puede saber.",
    "page.mend.status.405": "405 es para un verbo que la dirección no conoce; con Allow.",
    "page.mend.status.406": "406 es para una forma de respuesta que la operación no ofrece.",
    "page.mend.status.409": "409 es para una acción que el estado del trámite no permite, o un duplicado.",
    "page.mend.status.410": "410 es para lo que existió y ya no volverá.",
    "page.mend.status.412": "412 es para un cambio sobre una versión vieja: compare If-Match con el ETag vigente.",
    "page.mend.status.413": "413 es para un cuerpo que excede el límite, rechazado antes de leerlo.",
    "page.mend.status.415": "415 es para un cuerpo en un tipo de medio que la operación no acepta.",
    "page.mend.status.422": "422 es para un cuerpo legible que rompe el esquema o una regla; errors nombra cada lugar.",
    "page.mend.status.428": "428 es para un cambio sin If-Match donde la operación lo exige.",
    "page.mend.status.429": "429 es para demasiadas llamadas; con Retry-After.",
    "page.mend.status.503": "503 es para lo que está caído por un rato; con Retry-After, y nada a medias.",
    "page.mend.everywhere": "Lo visto de paso suele corregirse en un solo lugar para todas las operaciones.",
    "page.mend.again": "Luego ejecute de nuevo esta parte: istmo check ... --select {scenario}",
    "page.means.pass": "Se probó, y el servicio hizo lo que se pide.",
    "page.means.fail": "Se probó, y el servicio hizo otra cosa.",
    "page.means.warn": "No se sigue una recomendación; esto no rechaza el servicio.",
    "page.means.waived": "Se incumple, y alguien lo tolera hasta un día; se informan ambas cosas.",
    "page.means.not-testable": "No se pudo evaluar; donde obliga, nada es conforme sin ello.",
    "page.means.not-claimed": "Pertenece a una etapa que aquí no se juzga.",
    "page.means.skip": "No aplica aquí; se da la razón.",
    "page.means.not-run": "No se probó; esto nunca cuenta como cumplido.",
    "page.means.error": "Tropezó la propia batería de pruebas; esto nada dice del servicio.",
    "page.made": "Hecho por Istmo {version}.",
    "page.digest": "SHA-256 de la especificación:",
}
