"""What the DVP asks of a resource server, and how it reads what comes: XML where it can have it."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit
from xml.etree import ElementTree

ACCEPT = "application/fhir+xml; fhirVersion=3.0, application/fhir+json; fhirVersion=3.0; q=0.5"
FHIR = "{http://hl7.org/fhir}"
SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"
BGZ, LIST, DOCUMENT = "MM-3.0-BZB-FHIR", "MM-3.0-PLB-FHIR", "MM-3.0-PDB-FHIR"

# By gegevensdienst: systeemrol, resource type and parameters of each request.
ACTS = ",".join(f"http://hl7.org/fhir/v3/ActCode|{code}" for code in ("IMP", "ACUTE", "NONAC"))
ASKED = {
    "48": [
        (BGZ, "Patient", {"_include": "Patient:general-practitioner"}),
        (BGZ, "AllergyIntolerance", {}),
        (BGZ, "Appointment", {"status": "booked,pending,proposed"}),
        (BGZ, "Condition", {}),
        (BGZ, "Consent", {"category": f"{SCT}|11291000146105"}),
        (BGZ, "Consent", {"category": f"{SCT}|11341000146107"}),
        (BGZ, "Coverage", {"_include": ["Coverage:payor:Patient", "Coverage:payor:Organization"]}),
        (BGZ, "DeviceRequest", {"status": "active", "_include": "DeviceRequest:device"}),
        (BGZ, "DeviceUseStatement", {"_include": "DeviceUseStatement:device"}),
        (BGZ, "Encounter", {"class": ACTS}),
        (BGZ, "Flag", {}),
        (BGZ, "Immunization", {"status": "completed"}),
        (BGZ, "ImmunizationRecommendation", {}),
        (BGZ, "MedicationDispense", {"category": f"{SCT}|422037009", "_include": "MedicationDispense:medication"}),
        (BGZ, "MedicationRequest", {"category": f"{SCT}|16076005", "_include": "MedicationRequest:medication"}),
        (BGZ, "MedicationStatement", {"category": "urn:oid:2.16.840.1.113883.2.4.3.11.60.20.77.5.3|6", "_include": "MedicationStatement:medication"}),
        (BGZ, "NutritionOrder", {}),
        (BGZ, "Observation/$lastn", {"category": f"{SCT}|118228005,{SCT}|384821006"}),
        (BGZ, "Observation/$lastn", {"category": f"{SCT}|275711006", "_include": ["Observation:related-target", "Observation:specimen"]}),
        (BGZ, "Observation/$lastn", {"code": f"{LOINC}|29463-7"}),
        (BGZ, "Observation/$lastn", {"code": f"{LOINC}|8302-2,{LOINC}|8306-3,{LOINC}|8308-9"}),
        (BGZ, "Observation/$lastn", {"code": f"{LOINC}|85354-9"}),
        (BGZ, "Observation/$lastn", {"code": f"{SCT}|365508006"}),
        (BGZ, "Observation", {"code": f"{SCT}|228273003"}),
        (BGZ, "Observation", {"code": f"{SCT}|228366006"}),
        (BGZ, "Observation", {"code": f"{SCT}|365980008"}),
        (BGZ, "Procedure", {"category": f"{SCT}|387713003"}),
        (BGZ, "ProcedureRequest", {"status": "active"}),
    ],
    "51": [(LIST, "DocumentManifest", {"status": "current"}), (LIST, "DocumentReference", {"status": "current"})],
}


class Refused(Exception):
    """The server does not give the data: it is not asked again."""


class Collector:
    """Collects everything of one service with one token."""

    def __init__(self, session, place, hosts, token, correlation):
        self.session, self.place, self.hosts = session, place, hosts
        self.token, self.correlation = token, correlation

    def collect(self, service):
        """The number of resources; a few requests at a time."""
        with ThreadPoolExecutor(4) as pool:
            bundles = [bundle for found in pool.map(self.search, ASKED.get(service, [])) for bundle in found]
        if service == "51":
            for bundle in bundles:
                for address in attachments(bundle):
                    self.document(address)
        return sum(len(entries(bundle)) for bundle in bundles)

    def search(self, asked):
        role, kind, parameters = asked
        base, bundles = self.place.resource[role], []
        url = f"{base}/{kind}"
        while url and len(bundles) < 50:
            answer = self.get(url, ACCEPT, params=None if bundles else parameters)
            bundle = read(answer)
            if bundle is None:
                break
            bundles.append(bundle)
            url = self.followed(next_link(bundle), base)
        return bundles

    def document(self, address):
        base = self.place.resource[DOCUMENT]
        url = self.followed(address if "://" in address else f"{base}/{address}", base)
        if url:
            self.get(url, "application/pdf, application/fhir+json; fhirVersion=3.0; q=0.8")

    def followed(self, url, base):
        """An address that the token may go to: at the host of the list."""
        return url if url and urlsplit(url)[:2] == urlsplit(base)[:2] else None

    def get(self, url, accept, params=None):
        if urlsplit(url).hostname not in self.hosts:
            raise Refused("not on the Whitelist")
        headers = {
            "Authorization": f"Bearer {self.token}", "Accept": accept,
            "MedMij-Request-ID": str(uuid.uuid4()), "X-Correlation-ID": self.correlation,
        }
        answer = self.session.get(url, params=params, headers=headers, timeout=70, allow_redirects=False)
        if answer.status_code in (401, 403, 429, 503):
            raise Refused(f"status {answer.status_code}")
        return answer


def read(answer):
    """A Bundle as JSON or as an element; None for anything else."""
    if answer.status_code != 200:
        return None
    try:
        if "xml" in answer.headers.get("content-type", ""):
            root = ElementTree.fromstring(answer.content)
            return root if root.tag == f"{FHIR}Bundle" else None
        body = json.loads(answer.content)
        return body if body.get("resourceType") == "Bundle" else None
    except (ValueError, ElementTree.ParseError, AttributeError):
        return None


def entries(bundle):
    return bundle.get("entry", []) if isinstance(bundle, dict) else bundle.findall(f"{FHIR}entry")


def value(element, path):
    found = element.find("/".join(f"{FHIR}{step}" for step in path.split("/")))
    return None if found is None else found.get("value")


def next_link(bundle):
    if isinstance(bundle, dict):
        return next((link.get("url") for link in bundle.get("link", []) if link.get("relation") == "next"), None)
    return next((value(link, "url") for link in bundle.findall(f"{FHIR}link") if value(link, "relation") == "next"), None)


def attachments(bundle):
    if isinstance(bundle, dict):
        resources = [entry.get("resource", {}) for entry in entries(bundle)]
        contents = [content for resource in resources for content in resource.get("content", [])]
        return [content["attachment"]["url"] for content in contents if content.get("attachment", {}).get("url")]
    found = bundle.findall(f".//{FHIR}content/{FHIR}attachment/{FHIR}url")
    return [url.get("value") for url in found]
