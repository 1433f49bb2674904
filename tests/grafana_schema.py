"""Holds dashboards to Grafana's own schema: grafana_schema.py FILE...

Each file is read into the types of grafana-foundation-sdk, which Grafana generates from its schema, and written again.
What is not in the result as it was is no part of the schema: an unknown key, or a word that none of its lists has.
"""

import enum
import json
import sys
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as schema

# Lists of words of the schema, by the key that takes one of them.
WORDS = {
    "hide": schema.VariableHide,
    "sort": schema.VariableSort,
    "refresh": schema.VariableRefresh,
}


def lost(ours, theirs, place):
    """Everything of `ours` that is not in `theirs`."""
    if isinstance(ours, dict):
        if not isinstance(theirs, dict):
            yield place
            return
        for key, value in ours.items():
            if key not in theirs:
                # What is empty may be left out.
                if value not in (None, "", [], {}, False):
                    yield f"{place}.{key}"
            else:
                yield from lost(value, theirs[key], f"{place}.{key}")
    elif isinstance(ours, list):
        if not isinstance(theirs, list) or len(ours) != len(theirs):
            yield place
            return
        for at, (own, their) in enumerate(zip(ours, theirs)):
            yield from lost(own, their, f"{place}[{at}]")
    elif ours != theirs:
        yield f"{place}: {ours!r} became {theirs!r}"


def wrong_words(variables):
    for variable in variables:
        for key, words in WORDS.items():
            if key in variable and variable[key] not in [word.value for word in words]:
                yield f"templating.{variable['name']}.{key}: {variable[key]!r}"


def main(files):
    register_default_plugins()
    failed = False
    for file in files:
        with open(file, encoding="utf-8") as opened:
            ours = json.load(opened)
        read = schema.Dashboard.from_json(ours)
        theirs = json.loads(JSONEncoder(sort_keys=True).encode(read))
        complaints = [*lost(ours, theirs, "dashboard"), *wrong_words(ours["templating"]["list"])]
        for complaint in complaints:
            print(f"{file}: {complaint}")
        failed = failed or bool(complaints)
    sys.exit(1 if failed else 0)


main(sys.argv[1:])
