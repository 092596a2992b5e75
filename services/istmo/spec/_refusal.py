"""What the specification layer says when it refuses a document: one sentence and one hint in both languages."""

from __future__ import annotations

import re
from typing import Final

from istmo.errors import KitError
from istmo.texts import language

__all__ = ["TEXTS", "plain", "refusal"]

# code: (English message, English hint, Spanish message, Spanish hint). A value never holds text of a refused file.
TEXTS: Final[dict[str, tuple[str, str, str, str]]] = {
    "spec-not-found": (
        "{file} is not there",
        "check the path of the file",
        "{file} no existe",
        "compruebe la ruta del archivo",
    ),
    "spec-unreadable": (
        "{file} cannot be read: {reason}",
        "give a readable regular file",
        "{file} no se puede leer: {reason}",
        "indique un archivo normal y legible",
    ),
    "spec-encoding": (
        "{file} is not UTF-8 text",
        "save the file as UTF-8 without control characters",
        "{file} no es texto UTF-8",
        "guarde el archivo en UTF-8 sin caracteres de control",
    ),
    "spec-syntax": (
        "{place}: this is not valid {format}: {reason}",
        "correct the document at this place",
        "{place}: esto no es {format} válido: {reason}",
        "corrija el documento en este lugar",
    ),
    "spec-duplicate-key": (
        "{place}: this key stands twice in one object",
        "keep one of the two",
        "{place}: esta clave aparece dos veces en un objeto",
        "deje una de las dos",
    ),
    "spec-alias": (
        "{place}: anchors and aliases are not accepted",
        "write the value out, or refer to a component with $ref",
        "{place}: no se aceptan anclas ni alias",
        "escriba el valor completo o refiera a un componente con $ref",
    ),
    "spec-merge": (
        "{place}: merge keys (<<) are not accepted",
        "write the members out, or use allOf",
        "{place}: no se aceptan claves de mezcla (<<)",
        "escriba los miembros completos o use allOf",
    ),
    "spec-tag": (
        "{place}: YAML tags are not accepted",
        "remove the tag; quote the value when it is text",
        "{place}: no se aceptan etiquetas de YAML",
        "quite la etiqueta; ponga el valor entre comillas si es texto",
    ),
    "spec-key": (
        "{place}: a key must be plain text",
        "quote the key",
        "{place}: una clave debe ser texto",
        "ponga la clave entre comillas",
    ),
    "spec-number": (
        "{place}: this number cannot be used",
        "use a finite number of ordinary size, or quote it as text",
        "{place}: este número no se puede usar",
        "use un número finito de tamaño normal o póngalo entre comillas",
    ),
    "spec-too-deep": (
        "{place}: objects and lists are nested deeper than {limit} levels",
        "flatten the document",
        "{place}: objetos y listas anidados a más de {limit} niveles",
        "aplane el documento",
    ),
    "spec-too-large": (
        "{file} is larger than the kit accepts ({limit})",
        "split the document",
        "{file} es mayor de lo que el kit acepta ({limit})",
        "divida el documento",
    ),
    "spec-not-an-object": (
        "{file} does not hold one JSON object",
        "an OpenAPI document is an object with the member openapi",
        "{file} no contiene un objeto JSON",
        "un documento OpenAPI es un objeto con el miembro openapi",
    ),
    "spec-version": (
        "{file} is not an OpenAPI 3.1 document",
        'begin the document with openapi: "3.1.0"',
        "{file} no es un documento OpenAPI 3.1",
        'comience el documento con openapi: "3.1.0"',
    ),
    "spec-ref-outside": (
        "{place}: this $ref leaves the folder of the specification",
        "refer only to #/... and to files inside the folder, without network addresses and symbolic links",
        "{place}: este $ref sale de la carpeta de la especificación",
        "refiera solo a #/... y a archivos dentro de la carpeta, sin direcciones de red ni enlaces simbólicos",
    ),
    "spec-ref-missing": (
        "{place}: this $ref leads to nothing: {target}",
        "correct the reference or add what it names",
        "{place}: este $ref no lleva a nada: {target}",
        "corrija la referencia o añada lo que nombra",
    ),
    "spec-ref-cycle": (
        "{place}: this $ref leads back to itself",
        "let one of the references hold a schema",
        "{place}: este $ref vuelve a sí mismo",
        "haga que una de las referencias contenga un esquema",
    ),
    "spec-ref-clash": (
        "{place}: two different components are called {target}",
        "rename one of them",
        "{place}: dos componentes distintos se llaman {target}",
        "cambie el nombre de uno de ellos",
    ),
    "spec-operation-doubled": (
        "the operationId {place} stands twice",
        "give each operation an operationId of its own",
        "el operationId {place} aparece dos veces",
        "dé a cada operación un operationId propio",
    ),
    "spec-operation-unnamed": (
        "{place}: this operation has no operationId",
        "give each operation an operationId of its own",
        "{place}: esta operación no tiene operationId",
        "dé a cada operación un operationId propio",
    ),
    "spec-operation-success": (
        "{place}: this operation declares no success answer",
        "declare at least one answer from 200 to 299",
        "{place}: esta operación no declara ninguna respuesta de éxito",
        "declare al menos una respuesta de 200 a 299",
    ),
    "spec-format": (
        "{place}: the format is not one that the kit can check",
        "use a format of JSON Schema 2020-12, or a pattern",
        "{place}: el formato no es de los que el kit puede comprobar",
        "use un formato de JSON Schema 2020-12 o un patrón",
    ),
    "spec-schema": (
        "{place}: this is not a usable JSON Schema",
        "use JSON Schema 2020-12; patterns without look-around and back-references",
        "{place}: esto no es un JSON Schema utilizable",
        "use JSON Schema 2020-12; patrones sin look-around ni referencias hacia atrás",
    ),
    "spec-example": (
        "{operation} has no example {name}",
        "known: {known}",
        "{operation} no tiene un ejemplo {name}",
        "conocidos: {known}",
    ),
    "spec-operation-unknown": (
        "there is no operation {name}",
        "known: {known}",
        "no hay una operación {name}",
        "conocidas: {known}",
    ),
    "spec-isolated": (
        "{file} could not be read within the limits of time and memory",
        "make the document smaller and simpler",
        "{file} no se pudo leer dentro de los límites de tiempo y memoria",
        "haga el documento más pequeño y sencillo",
    ),
    "spec-waited": (
        "reading {file} was given up: this machine is too busy",
        "try again when the machine has less to do",
        "se desistió de leer {file}: esta máquina está demasiado ocupada",
        "inténtelo otra vez cuando la máquina tenga menos que hacer",
    ),
    "overlay-target": (
        "{place}: the target finds nothing in the document",
        "correct the JSONPath or remove the action",
        "{place}: el destino no encuentra nada en el documento",
        "corrija el JSONPath o quite la acción",
    ),
    "overlay-syntax": (
        "{place}: this is not an action that the kit reads",
        "an action has a target ($.paths['/x'].get) and an update with texts",
        "{place}: esto no es una acción que el kit lea",
        "una acción tiene un target ($.paths['/x'].get) y un update con textos",
    ),
    "overlay-action": (
        "{place}: this is not an OpenAPI Overlay 1.0",
        'begin with overlay: "1.0.0" and actions: []; an action has a target and an update, or remove: true',
        "{place}: esto no es un OpenAPI Overlay 1.0",
        'comience con overlay: "1.0.0" y actions: []; una acción tiene un target y un update, o remove: true',
    ),
    "overlay-clash": (
        "{place}: the update does not fit what stands there: {member}",
        "an object takes an object, a list takes items, a single value takes another",
        "{place}: el update no encaja con lo que hay: {member}",
        "un objeto recibe un objeto, una lista recibe elementos, un valor simple recibe otro",
    ),
    "national-vendored": (
        "{file} is not as it was taken over from the region",
        "restore regional.* from the repository, or take them over again; additions go into overlay.yaml",
        "{file} no está como se tomó de la región",
        "restaure regional.* desde el repositorio o tómelos de nuevo; lo propio va en overlay.yaml",
    ),
    "national-overlay": (
        "{place}: the additions break clients of the region: {found}",
        "add optional members and operations below /x-<country>/, and take nothing away",
        "{place}: las adiciones rompen a los clientes de la región: {found}",
        "añada miembros opcionales y operaciones bajo /x-<país>/, y no quite nada",
    ),
    "national-operation": (
        "{place}: the operation {name} stands where only the region may add operations",
        "put it below /x-<country>/, such as /x-hn/appointments",
        "{place}: la operación {name} está donde solo la región puede añadir operaciones",
        "póngala bajo /x-<país>/, como /x-hn/appointments",
    ),
    "national-required": (
        "{place}: the schema refuses an empty object",
        "make every member optional: a client of another country sends none; a rule may ask its own citizens for more",
        "{place}: el esquema rechaza un objeto vacío",
        "haga opcional cada miembro: un cliente de otro país no envía ninguno; una regla puede pedir más a los propios",
    ),
    "national-closed": (
        "{place}: the schema refuses members that it does not describe",
        "leave out additionalProperties: false and its like: the object is open",
        "{place}: el esquema rechaza miembros que no describe",
        "omita additionalProperties: false y similares: el objeto es abierto",
    ),
    "national-reference": (
        "{place}: a reference may only lead to #/... of the same document",
        "write $ref: '#/...', and no $id and no $anchor",
        "{place}: una referencia solo puede llevar a #/... del mismo documento",
        "escriba $ref: '#/...', sin $id ni $anchor",
    ),
    "service-unknown": (
        "there is no service {name} in the catalogue",
        "known: {known}",
        "no hay un servicio {name} en el catálogo",
        "conocidos: {known}",
    ),
    "profile-unknown": (
        "there is no profile of country {name}",
        "known: {known}",
        "no hay un perfil del país {name}",
        "conocidos: {known}",
    ),
    "profile-value": (
        "the profile of {country} has no value {name}",
        "add the value to the profile",
        "el perfil de {country} no tiene el valor {name}",
        "añada el valor al perfil",
    ),
    "profile-source": (
        "{file}: {name} lacks its source",
        "write value, source and confidence: the value of the kit is replaced whole",
        "{file}: a {name} le falta su fuente",
        "escriba value, source y confidence: el valor del kit se reemplaza entero",
    ),
    "profile-not-an-object": (
        "{file} holds no profile",
        "a profile is an object with the member country; begin with a copy of specs/profiles/XX.yaml",
        "{file} no contiene un perfil",
        "un perfil es un objeto con el miembro country; comience con una copia de specs/profiles/XX.yaml",
    ),
    "profile-algorithm": (
        "no check digit algorithm is called {name}",
        "use a module of istmo.identifiers such as sv.dui, or of python-stdnum such as luhn",
        "ningún algoritmo de dígito verificador se llama {name}",
        "use un módulo de istmo.identifiers como sv.dui, o de python-stdnum como luhn",
    ),
    "models-room": (
        "no installed package of rooms can hold the models of {name}",
        "declare an entry point of the group istmo.rooms",
        "ningún paquete instalado de salas puede alojar los modelos de {name}",
        "declare un punto de entrada del grupo istmo.rooms",
    ),
    "models-failed": (
        "the models could not be generated: {reason}",
        "install the extra dev and correct the specification",
        "no se pudieron generar los modelos: {reason}",
        "instale el extra dev y corrija la especificación",
    ),
}

_UNPRINTABLE = re.compile(r"[^\w./#~:$@%?=&+{}()\[\]*' ,-]")


def plain(text: str, limit: int = 160) -> str:
    """Return a text of a foreign document made harmless for a terminal and a report, and cut."""
    return _UNPRINTABLE.sub("?", text if len(text) <= limit else text[: limit - 3] + "...")


def refusal(code: str, **values: object) -> KitError:
    """Return the error of a code in the language of this process."""
    english_message, english_hint, message, hint = TEXTS[code]
    if language() != "es":
        message, hint = english_message, english_hint
    harmless = {name: plain(str(value), 400) for name, value in values.items()}
    return KitError(code, message.format(**harmless), hint.format(**harmless))
