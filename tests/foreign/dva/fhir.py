"""The resource interface: STU3 resources of one provider, read, searched and written by fhir.resources."""

import base64
import datetime
import json
import re
import uuid
from pathlib import Path
from urllib.parse import quote, urlencode

from fhir.resources.STU3 import get_fhir_model_class

BATCHES = {}


class Problem(Exception):
    """A request that is refused: status, code of the issue, what to tell."""

    def __init__(self, status, code, text):
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


def model(resource):
    return get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def dump(resource, kind):
    """The bytes of a resource, as fhir.resources writes them."""
    made = model(resource)
    return made.model_dump_xml() if kind.endswith("xml") else made.model_dump_json().encode()


def outcome(code, text, status):
    severity = "fatal" if status >= 500 else "error"
    issue = {"severity": severity, "code": code, "diagnostics": text, "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def capability(base):
    resources = [
        {"type": kind, "interaction": [{"code": "read"}, {"code": "search-type"}],
         "searchParam": [{"name": name, "type": how} for name, (how, _) in PARAMETERS.get(kind, {}).items()]}
        for kind in sorted(TYPES)
    ]
    return {
        "resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance",
        "software": {"name": "Kade"}, "implementation": {"description": "Kade", "url": base}, "fhirVersion": "3.0.2",
        "acceptUnknown": "no", "format": ["application/fhir+json", "application/fhir+xml"],
        "rest": [{"mode": "server", "resource": [without_empty(r) for r in resources]}],
    }


def without_empty(resource):
    return {name: value for name, value in resource.items() if value != []}


# Search parameters of STU3 that this server knows: kind, and the element that they look at.
PARAMETERS = {
    "Observation": {"category": ("token", "category"), "code": ("token", "code")},
    "MedicationRequest": {"category": ("token", "category")},
    "MedicationDispense": {"category": ("token", "category")},
    "MedicationStatement": {"category": ("token", "category")},
    "Procedure": {"category": ("token", "category")},
    "ProcedureRequest": {"status": ("token", "status")},
    "Consent": {"category": ("token", "category")},
    "Encounter": {"class": ("token", "class")},
    "Immunization": {"status": ("token", "status")},
    "Appointment": {"status": ("token", "status")},
    "DeviceRequest": {"status": ("token", "status")},
    "DocumentReference": {"status": ("token", "status"), "indexed": ("date", "indexed"), "type": ("token", "type")},
    "DocumentManifest": {"status": ("token", "status"), "created": ("date", "created")},
    "Patient": {"birthdate": ("date", "birthDate")},
}

# Elements that `_include` follows.
INCLUDES = {
    "MedicationRequest:medication": "medicationReference", "MedicationDispense:medication": "medicationReference",
    "MedicationStatement:medication": "medicationReference", "Observation:specimen": "specimen",
    "Observation:related-target": "related.target", "Patient:general-practitioner": "generalPractitioner",
    "Coverage:payor": "payor", "DeviceRequest:device": "codeReference", "DeviceUseStatement:device": "device",
}

TYPES = {
    "AllergyIntolerance", "Appointment", "Binary", "Condition", "Consent", "Coverage", "Device", "DeviceRequest",
    "DeviceUseStatement", "DocumentManifest", "DocumentReference", "Encounter", "Flag", "Immunization",
    "ImmunizationRecommendation", "Location", "Medication", "MedicationDispense", "MedicationRequest",
    "MedicationStatement", "NutritionOrder", "Observation", "Organization", "Patient", "Practitioner", "Procedure",
    "ProcedureRequest", "Specimen",
}


class Store:
    """Resources from a folder, under ids of our own."""

    def __init__(self, folder: Path, look):
        self.look = look
        self.by_key, self.old = {}, {}
        texts = [dated(path.read_text()) for path in sorted(folder.glob("*.json"))]
        resources = [json.loads(text) for text in texts]
        for resource in resources:
            key = f"{resource['resourceType']}/{resource['id']}"
            self.old[key] = uuid.uuid5(uuid.NAMESPACE_URL, key).hex[:20]
        for resource in resources:
            fresh = self.renamed(resource)
            fresh["id"] = self.old[f"{resource['resourceType']}/{resource['id']}"]
            fresh.setdefault("meta", {})["lastUpdated"] = "2026-03-01T10:15:00.123+01:00"
            fresh["meta"]["versionId"] = "4"
            model(fresh)
            self.by_key[f"{fresh['resourceType']}/{fresh['id']}"] = fresh

    def renamed(self, value):
        if isinstance(value, dict):
            return {name: self.renamed(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.renamed(item) for item in value]
        if isinstance(value, str) and value in self.old:
            return f"{value.split('/')[0]}/{self.old[value]}"
        return value

    def patient(self, old_id):
        return f"Patient/{self.old[f'Patient/{old_id}']}"

    def answer(self, user, address, rest, parameters, wanted):
        """What a person gets for a path and its parameters: a resource, or the bytes of a document."""
        person = self.patient(user)
        mine = self.compartment(person)
        parts = rest.strip("/").split("/")
        if rest == "":
            return self.page(parameters)
        if parts[0] not in TYPES:
            raise Problem(404, "not-supported", f"{parts[0][:40]} is hier niet te vinden.")
        if len(parts) == 1:
            return self.search(parts[0], mine, address, parameters, last=False)
        if len(parts) == 2 and parts[1] == "$lastn" and parts[0] == "Observation":
            return self.search("Observation", mine, address, parameters, last=True)
        if len(parts) == 2 and re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", parts[1]):
            found = mine.get("/".join(parts))
            if found is None:
                raise Problem(404, "not-found", "Deze resource is er niet.")
            if parts[0] == "Binary" and wanted == "application/pdf":
                return base64.b64decode(found["content"])
            return self.shown(found, address)
        raise Problem(400, "invalid", "Dit adres klopt niet.")

    def compartment(self, person):
        """What belongs to a person, and what that refers to."""
        def belongs(resource):
            named = [(resource.get(name) or {}).get("reference") for name in ("subject", "patient", "beneficiary")]
            named += [(part.get("actor") or {}).get("reference") for part in resource.get("participant", []) if "actor" in part]
            return person in named
        mine = {key: r for key, r in self.by_key.items() if key == person or belongs(r)}
        todo = list(mine.values())
        while todo:
            for key in references(todo.pop()):
                if key in self.by_key and key not in mine and not key.startswith("Patient/"):
                    mine[key] = self.by_key[key]
                    todo.append(mine[key])
        return mine

    def search(self, kind, mine, address, parameters, last):
        used, tests, includes, count = [], [], [], self.look.page_size
        for name, value in parameters:
            known = PARAMETERS.get(kind, {}).get(name)
            if name == "_include" and value.startswith(f"{kind}:") and ":".join(value.split(":")[:2]) in INCLUDES:
                includes.append(value)
            elif name == "_count" and value.isdigit():
                count = max(1, min(int(value), 200))
            elif name == "_lastUpdated":
                tests.append(("date", "meta.lastUpdated", value))
            elif known:
                tests.append((*known, value))
            else:
                # Handling of what is not known is lenient (FHIR, search, 3.1.1.1.1): left out of the self link.
                continue
            used.append((name, value))
        if last and not any(name in ("category", "code") for name, _ in used):
            raise Problem(400, "required", "$lastn vraagt category of code.")
        found = [r for r in mine.values() if r["resourceType"] == kind and all(passes(r, test) for test in tests)]
        if last:
            found = newest(found)
        entries = [self.entry(r, address, "match") for r in found]
        extra = {}
        for value in includes:
            for resource in found:
                for key in included(resource, value):
                    if key in mine and mine[key] not in found:
                        extra[key] = mine[key]
        own = f"{address}/{kind}" + ("/$lastn" if last else "")
        link = own + (f"?{urlencode(used, quote_via=quote, safe='|:,/')}" if used else "")
        pages = [entries[at : at + count] for at in range(0, len(entries), count)] or [[]]
        pages[-1] = pages[-1] + [self.entry(r, address, "include") for r in extra.values()]
        # What an entry refers to by `_include` stands on its own page.
        if len(pages) > 1 and extra:
            pages = [[*sum(pages, [])]]
        batch = uuid.uuid4().hex
        BATCHES[batch] = (pages, link, len(entries), address)
        return self.bundle(batch, 0)

    def page(self, parameters):
        given = dict(parameters)
        batch, number = given.get("_getpages"), given.get("_getpagesoffset", "")
        if batch not in BATCHES or not number.isdigit() or int(number) >= len(BATCHES[batch][0]):
            raise Problem(410, "not-found", "Deze pagina is er niet meer.")
        return self.bundle(batch, int(number))

    def bundle(self, batch, number):
        pages, link, total, address = BATCHES[batch]
        links = [{"relation": "self", "url": link}]
        if number + 1 < len(pages):
            links.append({"relation": "next", "url": f"{address}/?_getpages={batch}&_getpagesoffset={number + 1}"})
        bundle = {"resourceType": "Bundle", "id": uuid.uuid4().hex, "type": "searchset", "link": links}
        bundle["meta"] = {"lastUpdated": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        if self.look.tells_total:
            bundle["total"] = total
        if pages[number]:
            bundle["entry"] = pages[number]
        return bundle

    def entry(self, resource, address, mode):
        url = f"{address}/{resource['resourceType']}/{resource['id']}"
        return {"fullUrl": url, "resource": self.shown(resource, address), "search": {"mode": mode}}

    def shown(self, resource, address):
        """The resource as it goes out: with absolute references when the look has them."""
        def turned(value, name=""):
            if isinstance(value, dict):
                return {key: turned(item, key) for key, item in value.items()}
            if isinstance(value, list):
                return [turned(item, name) for item in value]
            if name in ("reference", "url") and isinstance(value, str) and value in self.by_key:
                return f"{address}/{value}"
            return value
        return turned(resource) if self.look.absolute_references else resource


def dated(text):
    def day(match):
        return (datetime.date.today() + datetime.timedelta(days=int(match[1]))).isoformat()
    return re.sub(r"\$\{DATE, T, D, ?(-?\d+)\}", day, text)


def references(value):
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("reference", "url") and isinstance(item, str):
                yield item
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def at(resource, path):
    """The values of an element, lists opened."""
    values = [resource]
    for name in path.split("."):
        next_values = []
        for value in values:
            item = value.get(name) if isinstance(value, dict) else None
            next_values += item if isinstance(item, list) else [] if item is None else [item]
        values = next_values
    return values


def passes(resource, test):
    how, path, wanted = test
    values = at(resource, path)
    return any(is_token(values, one) if how == "token" else is_date(values, one) for one in wanted.split(","))


def is_token(values, wanted):
    system, bar, code = wanted.rpartition("|")
    codings = []
    for value in values:
        codings += [{"code": value}] if isinstance(value, str) else value.get("coding", [value])
    return any(c.get("code") == code and (not bar or c.get("system", "") == system) for c in codings)


def is_date(values, wanted):
    match = re.fullmatch(r"(eq|ge|le|gt|lt)?(\d{4}-\d{2}-\d{2}).*", wanted)
    if match is None:
        raise Problem(400, "value", "Dit is geen datum.")
    prefix, day = match[1] or "eq", match[2]
    compare = {"eq": str.__eq__, "ge": str.__ge__, "le": str.__le__, "gt": str.__gt__, "lt": str.__lt__}[prefix]
    return any(compare(value[:10], day) for value in values)


def newest(found):
    """The newest of each code (FHIR, Observation, operation lastn)."""
    def when(resource):
        return resource.get("effectiveDateTime") or (resource.get("effectivePeriod") or {}).get("start") or ""
    chosen = {}
    for resource in sorted(found, key=when):
        coding = resource["code"].get("coding", [{}])[0]
        chosen[(coding.get("system"), coding.get("code"))] = resource
    return list(chosen.values())


def included(resource, value):
    kind, name, *target = value.split(":")
    for reference in at(resource, f"{INCLUDES[f'{kind}:{name}']}.reference"):
        if not target or reference.startswith(f"{target[0]}/"):
            yield reference
