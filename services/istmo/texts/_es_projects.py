"""What the kit says of national projects in Spanish: `istmo new`, `istmo upgrade`."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "cli.new.short": "Inicia un servicio nacional, un perfil o una sala del kit.",
    "cli.new.help": "Crea el proyecto de un servicio nacional: funciona, sus pruebas pasan y cumple el estándar"
    " regional desde la primera ejecución. Lo que decide el país está marcado. En una terminal "
    "se pregunta lo que no se dio. Con --template spec, NAME es un servicio nuevo, que se coloca en una copia de "
    "trabajo del kit; con --template profile es un país, o uno de sus municipios.",
    "cli.new.template": "Qué se crea: service, profile o spec.",
    "cli.new.set": "Cualquier respuesta por su nombre, como title_es=Permisos; se puede dar varias veces.",
    "cli.new.no-setting": "un ajuste no tiene =",
    "cli.new.set-hint": "escríbalo como --set NOMBRE=TEXTO",
    "cli.new.examples": "istmo new civil_certificates --country HN\nistmo new civil_certificates --country HN "
    "--bare --output projects\nistmo new --json answers.json\nistmo new water_permits --template spec --set "
    "title_es=Permisos",
    "cli.new.country": "País cuyo perfil rige (por omisión, el ficticio XX).",
    "cli.new.project": "Nombre de la carpeta y de la distribución (por omisión, país y servicio).",
    "cli.new.package": "Nombre del paquete de Python (por omisión, el del proyecto).",
    "cli.new.agency": "La institución pública (por omisión, la del perfil del país).",
    "cli.new.contact": "Dirección para los usuarios del servicio.",
    "cli.new.bare": "Esbozos y una lista de tareas en lugar de las reglas de la referencia.",
    "cli.new.output": "Carpeta en la que se crea el proyecto (por omisión, la actual).",
    "cli.new.json": "Respuestas en JSON, de un archivo o, con -, de la entrada estándar; el resultado se "
    "imprime en JSON.",
    "cli.new.service-hint": "nombre un servicio: istmo new civil_certificates --country HN; istmo services los muestra",
    "cli.new.json-hint": "un objeto JSON con service, country, project, package, agency, contact, bare; todos menos "
    "service pueden omitirse",
    "cli.new.too-large": "las respuestas superan 64 KiB",
    "cli.new.unread": "no se pueden leer las respuestas: {reason}",
    "cli.new.no-json": "las respuestas no son un objeto JSON con cada nombre una vez",
    "cli.new.ask-service": "Servicio",
    "cli.new.ask-country": "País",
    "cli.new.ask-project": "Carpeta y distribución",
    "cli.new.ask-package": "Paquete de Python",
    "cli.new.ask-agency": "Institución pública",
    "cli.new.ask-contact": "Dirección para usuarios",
    "cli.new.ask-slug": "Servicio, un identificador de Python",
    "cli.new.ask-title_en": "Título en inglés",
    "cli.new.ask-title_es": "Título en español",
    "cli.new.ask-code": "Tres letras de las referencias",
    "cli.new.ask-collection": "Lo que se presenta, un plural en inglés",
    "cli.new.ask-audience": "Para quién: citizen, business o administration",
    "cli.new.ask-bare": "¿Vacío, con esbozos en lugar de las reglas de la referencia?",
    "cli.new.made": "Creado: {folder}",
    "cli.new.then-run": "sirve el sandbox",
    "cli.new.then-test": "estilo y pruebas del proyecto",
    "cli.new.then-check": "lo evalúa frente al estándar regional",
    "cli.new.spec-hint": "nombre un servicio: istmo new water_permits --template spec --set title_es=Permisos",
    "cli.new.spec-next": "CHANGE THIS marca lo que es suyo. Después, allí: make expected ONLY={name}, make test e "
    "istmo check --reference {name}. docs/guides/new-room.md dice el resto.",
    "cli.new.profile-hint": "nombre un país: istmo new CU --template profile",
    "cli.new.profile-next": "README.md dice adónde va el archivo y quién debe responder lo que en él no se sabe.",
    "cli.new.next": "README.md dice qué cambiar primero.",
    "cli.new.checklist": "CHECKLIST.md dice lo que falta por hacer.",
    "scaffold.answer-unknown": "no hay ninguna respuesta llamada {name}",
    "scaffold.answer-unusable": "la respuesta para {name} no se puede usar",
    "scaffold.known": "se conocen: {names}",
    "scaffold.switch-hint": "true o false",
    "scaffold.no-template": "no hay ninguna plantilla llamada {name}",
    "scaffold.slug-hint": "un identificador de Python en minúsculas, como máximo 40 signos, como water_permits",
    "scaffold.code-hint": "tres letras",
    "scaffold.collection-hint": "una o dos palabras inglesas en plural, como applications; están ocupadas {taken}, y "
    "los nombres que tienen los esquemas comunes",
    "scaffold.no-checkout": "{folder} no es una copia de trabajo del kit",
    "scaffold.no-checkout-hint": "una sala se coloca en una copia de trabajo: ejecútelo allí o nómbrela con --output",
    "scaffold.taken": "otra sala, {slug}, tiene este {name}",
    "scaffold.taken-hint": "elija otro; no se cambió nada",
    "scaffold.profile-text": "los valores no se pueden añadir a {file}",
    "scaffold.profile-text-hint": "sus partes empiezan como NOMBRE: en líneas propias; no se cambió nada",
    "scaffold.index-hint": "su tabla de servicios tiene una línea por sala; no se cambió nada",
    "scaffold.generate": "{command} de la copia de trabajo falló: {said}",
    "scaffold.generate-hint": "ejecútelo allí a mano; no se cambió nada",
    "scaffold.text-hint": "un texto que no esté vacío",
    "scaffold.signs-hint": "como mucho {most} signos, ninguno invisible ni con significado para una plantilla, una "
    "consola o una ruta",
    "scaffold.project-hint": "palabras en minúsculas con guiones entre ellas, como mucho 60 signos, como hn-civil-"
    "certificates",
    "scaffold.package-hint": "un identificador de Python en minúsculas que no tenga ningún módulo de Python ni del "
    "kit, como mucho 60 signos",
    "scaffold.contact-hint": "una dirección de correo electrónico",
    "scaffold.exists": "{folder} ya existe",
    "scaffold.exists-hint": "elija otro --output o --project; no se cambió nada",
    "scaffold.unwritable": "no se puede escribir {folder}: {reason}",
    "scaffold.unwritable-hint": "no se creó nada; elija otro --output, o haga sitio",
    "scaffold.room": "la sala del servicio no se puede leer como tal",
    "scaffold.room-hint": "declara service = Service(...), e importa de istmo.runtime y de su propia carpeta",
    "scaffold.template": "{file} del kit no tiene {what}",
    "scaffold.template-hint": "el kit está dañado: instálelo de nuevo",
    "scaffold.no-builder": "el kit corre desde una copia de trabajo, y no está instalado lo que construye su wheel",
    "scaffold.no-project": "{folder} no es un proyecto hecho por este kit, o su registro está dañado",
    "scaffold.no-project-hint": "ejecútelo en la carpeta que contiene .istmo/scaffold.json",
    "scaffold.checklist": "Lo que falta por hacer",
    "scaffold.checklist-how": "Las operaciones son funciones de `handlers.py` que aún responden 501; los requisitos "
    "son lo que la evaluación exige.\nSuba `stage` en el `__init__.py` de la sala cuando todo hasta"
    " una etapa esté hecho.",
    "scaffold.checklist-stage": "Etapa {stage}",
    "cli.upgrade.short": "Muestra qué cambiaría este kit en un proyecto.",
    "cli.upgrade.help": "Muestra, como diff de git, qué cambiaría el kit instalado en un proyecto hecho "
    "por uno anterior, y qué requisitos toca. Lo que editó el país se queda. Código "
    "de salida: 0 no queda nada por hacer, 1 queda algo.",
    "cli.upgrade.examples": "istmo upgrade\nistmo upgrade --diff | git apply\nistmo upgrade --apply",
    "cli.upgrade.apply": "Hace los cambios.",
    "cli.upgrade.diff": "Imprime solo el diff.",
    "cli.upgrade.versions": "Hecho por el kit {before}; este es {after}.",
    "cli.upgrade.requirement-added": "requisito nuevo",
    "cli.upgrade.requirement-changed": "requisito cambiado",
    "cli.upgrade.requirement-retired": "requisito retirado",
    "cli.upgrade.nothing": "Nada cambiaría.",
    "cli.upgrade.added": "añadido",
    "cli.upgrade.changed": "cambiado",
    "cli.upgrade.merged": "combinado con sus ediciones",
    "cli.upgrade.removed": "eliminado",
    "cli.upgrade.conflict": "en conflicto con sus ediciones",
    "cli.upgrade.kept": "se queda como está",
    "cli.upgrade.conflicts": "{count} cambiaron donde también ustedes: lo suyo se queda, lo del kit está al "
    "lado como ARCHIVO.istmo-new.",
    "cli.upgrade.next": "istmo upgrade --apply hace estos cambios; istmo upgrade --diff | git apply "
    "también, salvo el registro en .istmo.",
    "cli.upgrade.applied": "Hecho. Instalen de nuevo (make test lo hace) y ejecuten make test y make check.",
    "scaffold.no-git": "git no está instalado, y es lo que compara los archivos",
    "scaffold.no-git-hint": "instale git",
    "scaffold.half-hint": "haga sitio y ejecútelo otra vez: lo ya cambiado no es ningún cambio",
}
