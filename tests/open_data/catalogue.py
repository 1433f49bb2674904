"""Reads both writings of a catalogue with rdflib, compares them, and holds them to DCAT-AP's shapes with pyshacl.

Arguments: the gateway's address, the file of shapes. Prints what was found, as JSON.
"""

import json
import sys

import pyshacl
import rdflib
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF

base, shapes = sys.argv[1:]
turtle = rdflib.Graph().parse(f"{base}/catalog.ttl", format="turtle")
linked = rdflib.Graph().parse(f"{base}/catalog.jsonld", format="json-ld")
conforms, _, report = pyshacl.validate(turtle, shacl_graph=rdflib.Graph().parse(shapes, format="turtle"))
catalogues = list(turtle.subjects(RDF.type, DCAT.Catalog))
# A catalogue without a title must not pass: the shapes are really looked at.
broken = rdflib.Graph() + turtle
for catalogue in catalogues:
    broken.remove((catalogue, DCTERMS.title, None))
notices, _, _ = pyshacl.validate(broken, shacl_graph=rdflib.Graph().parse(shapes, format="turtle"))
print(json.dumps({
    "same": isomorphic(turtle, linked),
    "conforms": conforms,
    "report": report,
    "notices": not notices,
    "catalogues": len(catalogues),
    "datasets": sorted(str(title) for s in turtle.subjects(RDF.type, DCAT.Dataset) for title in turtle.objects(s, DCTERMS.title)),
    "licences": sorted({str(licence) for licence in turtle.objects(None, DCTERMS.license)}),
    "downloads": sorted(str(address) for address in turtle.objects(None, DCAT.downloadURL)),
    "endpoints": sorted(str(address) for address in turtle.objects(None, DCAT.endpointURL)),
}))
