"""What SARIF 2.1.0 demands of a log (OASIS Standard, Errata 01, by the section
of each object), as far as belljar-fuzz writes one. Debian has no package with
its schema; this also knows what a schema does not say, of URIs and of what
refers to what."""
import re

# An absolute URI; a reference that may be relative (RFC 3986 appendix A).
SEGMENTS = r"(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})*"
ABSOLUTE = re.compile(r"[a-z]+://" + SEGMENTS + r"\Z")
RELATIVE = re.compile(SEGMENTS + r"\Z")

# Of each object what it must have, and what else it may; "name[]": an array.
OBJECTS = {
    "3.13 sarifLog": ({"version": str, "runs[]": "3.14 run"},
                      {"$schema": str}),
    "3.14 run": ({"tool": "3.18 tool"},
                 {"invocations[]": "3.20 invocation",
                  "originalUriBaseIds": dict, "results[]": "3.27 result"}),
    "3.18 tool": ({"driver": "3.19 toolComponent"}, {}),
    "3.19 toolComponent": ({"name": str},
                           {"semanticVersion": str,
                            "rules[]": "3.49 reportingDescriptor"}),
    "3.20 invocation": ({"executionSuccessful": bool}, {"exitCode": int}),
    "3.27 result": ({"message": "3.11 message"},
                    {"ruleId": str, "level": str, "baselineState": str,
                     "partialFingerprints": dict, "properties": dict,
                     "locations[]": "3.28 location"}),
    "3.28 location": ({}, {"physicalLocation": "3.29 physicalLocation",
                           "logicalLocations[]": "3.33 logicalLocation"}),
    "3.29 physicalLocation": ({"artifactLocation": "3.4 artifactLocation"},
                              {"region": "3.30 region"}),
    "3.4 artifactLocation": ({}, {"uri": str, "uriBaseId": str}),
    "3.30 region": ({}, {"startLine": int}),
    "3.33 logicalLocation": ({}, {"name": str}),
    "3.49 reportingDescriptor": ({"id": str},
                                 {"shortDescription": "3.11 message"}),
    "3.11 message": ({"text": str}, {}),
}

VALUES = {
    ("3.13 sarifLog", "version"): {"2.1.0"},
    ("3.27 result", "level"): {"none", "note", "warning", "error"},
    ("3.27 result", "baselineState"): {"new", "unchanged", "updated",
                                       "absent"},
}


def shape(made, kind, where):
    """The faults of an object and of all below it."""
    if not isinstance(kind, str):
        good = type(made) is kind
        return [] if good else ["%s is no %s" % (where, kind.__name__)]
    if not isinstance(made, dict):
        return ["%s is no object (%s)" % (where, kind)]
    must, may = OBJECTS[kind]
    known = {name.rstrip("[]"): (name.endswith("[]"), below)
             for name, below in {**must, **may}.items()}
    found = ["%s has no %s (%s)" % (where, name, kind)
             for name in must if name.rstrip("[]") not in made]
    for name, value in made.items():
        at = "%s.%s" % (where, name)
        if name not in known:
            found.append("%s is not known (%s)" % (at, kind))
            continue
        many, below = known[name]
        if many and not isinstance(value, list):
            found.append("%s is no array (%s)" % (at, kind))
            continue
        for i, one in enumerate(value if many else [value]):
            found += shape(one, below, "%s[%d]" % (at, i) if many else at)
        if value not in VALUES.get((kind, name), [value]):
            found.append("%s is %r (%s)" % (at, value, kind))
    return found


def place(artifact, bases):
    uri = artifact.get("uri", "")
    base = artifact.get("uriBaseId")
    if base is not None:
        good = base in bases and RELATIVE.match(uri) and uri[:1] != "/"
    else:
        good = ABSOLUTE.match(uri)
    return [] if good else ["%r is no URI below %r (3.4)" % (uri, base)]


def faults(log):
    """All that is wrong with a log, as texts; an empty list if nothing is."""
    found = shape(log, "3.13 sarifLog", "log")
    if found:
        return found
    for run in log["runs"]:
        bases = run.get("originalUriBaseIds", {})
        rules = [r["id"] for r in run["tool"]["driver"].get("rules", [])]
        if len(set(rules)) != len(rules):
            found.append("rules: an id stands twice (3.49)")
        for name, base in bases.items():
            if not ABSOLUTE.match(base["uri"]) or base["uri"][-1] != "/":
                found.append("%s: %r is no folder (3.14)" % (name, base))
        for result in run.get("results", []):
            if result.get("ruleId") not in rules:
                found.append("no such rule: %r (3.27)" % result.get("ruleId"))
            for location in result.get("locations", []):
                physical = location["physicalLocation"]
                found += place(physical["artifactLocation"], bases)
                if physical["region"]["startLine"] < 1:
                    found.append("a line below 1 (3.30)")
    return found
