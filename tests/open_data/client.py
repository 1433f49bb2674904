"""Reads a city with Fraunhofer's SensorThings client, as its user would, and prints what it found, as JSON.

Argument: the service's root.
"""

import json
import sys

import frost_sta_client as fsc

service = fsc.SensorThingsService(sys.argv[1])

things = {}
query = service.things().query().expand("Locations,Datastreams($top=1000;$expand=ObservedProperty)")
for thing in query.list():
    things[thing.id] = {
        "name": thing.name,
        "kind": thing.properties["kind"],
        "shapes": [location.location["type"] for location in thing.locations],
        "values": sorted(stream.observed_property.properties["value"] for stream in thing.datastreams),
    }

# Every stream by pages, each with its newest figure.
newest = {}
query = service.datastreams().query().top(7).expand("Observations($orderby=phenomenonTime desc;$top=1)")
for stream in query.list():
    # Without its pages: the client would follow them to the oldest pane.
    for observation in stream.observations.entities:
        newest[stream.id] = {
            "result": observation.result,
            "unit": stream.unit_of_measurement.symbol,
            "time": observation.phenomenon_time,
            "quality": observation.result_quality,
        }

# One stream's panes above a figure, found by a filter over a relation.
query = service.observations().query().filter("Datastream/ObservedProperty/id eq 'pm2_5' and result gt 60").top(50)
above = [observation.result for observation in query.list().entities]

stream = service.datastreams().find("tern-hill:pm2_5")
panes = stream.get_observations().query().orderby("phenomenonTime", "ASC").list()

print(json.dumps({
    "things": things,
    "newest": newest,
    "above": above,
    "panes": [pane.result for pane in panes],
}))
