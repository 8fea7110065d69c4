#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Writes, from the netlink spec, every file that must agree with it.

generate.py                 writes the files that are not current
generate.py --check         writes nothing; prints a diff and exits 1 if one is not current
generate.py --schema FILE   also validates the spec against the kernel's genetlink.yaml
"""

import argparse
import difflib
import pathlib
import sys
import textwrap

import yaml

TOP = pathlib.Path(__file__).resolve().parent.parent
SPEC = "include/netlink/specs/haswitch.yaml"
NOTE = f"Generated from {SPEC} by scripts/generate.py; do not edit."
WIDTH = 92          # where comment text is wrapped
S16_MAX = 32767     # what struct nla_policy can hold as a bound without a pointer


class SpecError(Exception):
    """The spec says something that cannot be generated."""


def upper(name):
    return name.upper().replace("-", "_")


def lower(name):
    return name.replace("-", "_")


class Spec:
    """The spec with its names resolved to what the C side calls them."""

    def __init__(self, raw):
        self.raw = raw
        self.family = raw["name"]
        self.doc = raw["doc"]
        self.consts = {d["name"]: d for d in raw["definitions"] if d["type"] == "const"}
        self.enums = {d["name"]: d for d in raw["definitions"] if d["type"] == "enum"}
        self.sets = {s["name"]: s for s in raw["attribute-sets"]}
        self.ops = raw["operations"]["list"]
        self.groups = [g["name"] for g in raw["mcast-groups"]["list"]]
        for aset in self.sets.values():
            for number, attr in enumerate(aset["attributes"], 1):
                attr["number"] = number
            if len(aset["attributes"]) > 63:
                raise SpecError(f"set {aset['name']}: more attributes than a 64-bit mask has bits")
        for number, oper in enumerate(self.ops, 1):
            oper["number"] = number
        self.verify()

    def verify(self):
        """Refuses names that lead nowhere; the schema cannot see them."""
        for aset in self.sets.values():
            for attr in aset["attributes"]:
                where = f"{aset['name']}/{attr['name']}"
                if attr["type"] != "pad" and not attr.get("doc"):
                    raise SpecError(f"{where}: no doc")
                if "enum" in attr and attr["enum"] not in self.enums:
                    raise SpecError(f"{where}: no enum {attr['enum']}")
                if "nested-attributes" in attr and attr["nested-attributes"] not in self.sets:
                    raise SpecError(f"{where}: no set {attr['nested-attributes']}")
        for oper in self.ops:
            for names in (self.names(oper, m, d) for m in ("do", "dump") for d in ("request", "reply")):
                for name in names:
                    self.attr(oper, name)

    def attr(self, oper, name):
        for attr in self.sets[oper["attribute-set"]]["attributes"]:
            if attr["name"] == name:
                return attr
        raise SpecError(f"operation {oper['name']}: set {oper['attribute-set']} has no {name}")

    def names(self, oper, mode, direction):
        """Attributes of one direction of one mode; an event has only a reply."""
        if mode == "event":
            return (oper.get("event") or {}).get("attributes", [])
        return ((oper.get(mode) or {}).get(direction) or {}).get("attributes", [])

    def request(self, oper):
        """What a request may hold, in the order of the numbers: do and dump together."""
        wanted = set(self.names(oper, "do", "request")) | set(self.names(oper, "dump", "request"))
        return [a for a in self.sets[oper["attribute-set"]]["attributes"] if a["name"] in wanted]

    def const(self, value):
        return self.consts[value]["value"] if value in self.consts else int(value)

    def cname(self, value):
        """The C spelling of a limit: a named constant, or the number itself."""
        return f"HASWITCH_{upper(value)}" if value in self.consts else str(value)

    def aname(self, aset, attr):
        return f"HASWITCH_A_{upper(aset)}_{upper(attr['name'])}"

    def ename(self, enum, entry):
        return f"HASWITCH_{upper(enum)}_{upper(entry['name'])}"

    def last(self, enum):
        return self.ename(enum, self.enums[enum]["entries"][-1])

    def cmd(self, oper):
        return f"HASWITCH_CMD_{upper(oper['name'])}"

    def kind(self, attr):
        """The type of an attribute, as people read it."""
        checks = attr.get("checks", {})
        text = attr["type"]
        if text == "pad":
            return "padding"
        if "enum" in attr:
            text += f", enum haswitch_{lower(attr['enum'])}"
        if attr.get("byte-order"):
            text += f", {attr['byte-order']}"
        if "nested-attributes" in attr:
            text += f" of {attr['nested-attributes']} attributes"
        if "exact-len" in checks:
            text += f", {self.const(checks['exact-len'])} bytes"
        if "min-len" in checks:
            text += f", {self.const(checks['min-len'])} to {self.const(checks['max-len'])} bytes"
        elif "max-len" in checks:
            text += f", at most {self.const(checks['max-len'])} bytes"
        if "min" in checks:
            text += f", {checks['min']} to {checks['max']}"
        if attr.get("multi-attr"):
            text += ", may repeat"
        return text


def comment(first, rest):
    """A kernel-doc block: the first line, then (name, text) members."""
    out = ["/**"]
    out += [f" * {line}" for line in textwrap.wrap(first, WIDTH, subsequent_indent="   ")]
    for name, text in rest:
        lines = textwrap.wrap(f"@{name}: {text}", WIDTH, subsequent_indent="   ",
                              break_on_hyphens=False)
        out += [f" * {line}" for line in lines]
    out.append(" */")
    return out


def uapi(spec):
    out = ["/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */",
           f"/* {NOTE} */", "", "#ifndef _UAPI_LINUX_HASWITCH_H", "#define _UAPI_LINUX_HASWITCH_H", "",
           f'#define HASWITCH_GENL_NAME\t"{spec.family}"', "#define HASWITCH_GENL_VERSION\t1", ""]
    out += [f'#define HASWITCH_MCGRP_{upper(g)}\t"{g}"' for g in spec.groups]
    for const in spec.consts.values():
        out += ["", f"/* {const['doc']} */", f"#define HASWITCH_{upper(const['name'])}\t{const['value']}"]
    for enum in spec.enums.values():
        name = enum["name"]
        out += [""] + comment(f"enum haswitch_{lower(name)} - {enum['doc']}",
                              [(spec.ename(name, e), e["doc"]) for e in enum["entries"]])
        out.append(f"enum haswitch_{lower(name)} {{")
        out += [f"\t{spec.ename(name, e)} = {i}," for i, e in enumerate(enum["entries"])]
        out.append("};")
    for aset in spec.sets.values():
        name, attrs = aset["name"], aset["attributes"]
        out += [""] + comment(f"enum haswitch_a_{lower(name)} - attributes: {aset['doc']}",
                              [(spec.aname(name, a),
                                f"({spec.kind(a)}) {a.get('doc', 'Aligns 64-bit values.')}") for a in attrs])
        out.append(f"enum haswitch_a_{lower(name)} {{")
        out += [f"\t{spec.aname(name, a)} = {a['number']}," for a in attrs]
        out += ["", "\t/* private: */", f"\t__HASWITCH_A_{upper(name)}_MAX,",
                f"\tHASWITCH_A_{upper(name)}_MAX = __HASWITCH_A_{upper(name)}_MAX - 1,", "};"]
    out += [""] + comment("enum haswitch_cmd - operations", [(spec.cmd(o), o["doc"]) for o in spec.ops])
    out.append("enum haswitch_cmd {")
    out += [f"\t{spec.cmd(o)} = {o['number']}," for o in spec.ops]
    out += ["", "\t/* private: */", "\t__HASWITCH_CMD_MAX,",
            "\tHASWITCH_CMD_MAX = __HASWITCH_CMD_MAX - 1,", "};", "",
            "#endif /* _UAPI_LINUX_HASWITCH_H */"]
    return out


def handlers(oper):
    """(member of struct genl_ops, function, parameters) of an operation."""
    base = f"hasw_nl_{lower(oper['name'])}"
    out = []
    if "do" in oper:
        if (oper["do"] or {}).keys() & {"pre", "post"}:
            raise SpecError(f"operation {oper['name']}: struct genl_ops has no pre or post of do")
        out.append(("doit", f"{base}_doit", "struct sk_buff *skb, struct genl_info *info"))
    if "dump" in oper:
        if "pre" in oper["dump"]:
            out.append(("start", lower(oper["dump"]["pre"]), "struct netlink_callback *cb"))
        out.append(("dumpit", f"{base}_dumpit", "struct sk_buff *skb, struct netlink_callback *cb"))
        if "post" in oper["dump"]:
            out.append(("done", lower(oper["dump"]["post"]), "struct netlink_callback *cb"))
    return out


def kernel_header(spec):
    callable_ops = [o for o in spec.ops if "do" in o or "dump" in o]
    out = ["/* SPDX-License-Identifier: GPL-2.0 */", f"/* {NOTE} */", "",
           "#ifndef _HASW_NETLINK_GEN_H", "#define _HASW_NETLINK_GEN_H", "",
           "#include <net/genetlink.h>", "", "#include <linux/haswitch.h>", "",
           f"#define HASW_GENL_N_OPS\t\t{len(callable_ops)}",
           f"#define HASW_GENL_N_MCGRPS\t{len(spec.groups)}", "", "enum {"]
    out += [f"\tHASW_MCGRP_{upper(g)} = {i}," for i, g in enumerate(spec.groups)]
    out += ["};", "",
            "extern const struct genl_ops hasw_genl_ops[HASW_GENL_N_OPS];",
            "extern const struct genl_multicast_group hasw_genl_mcgrps[HASW_GENL_N_MCGRPS];", "",
            "/* By command, one bit an attribute: which attributes a request may repeat, and",
            " * which a dump may hold (struct genl_ops has one policy for do and dump).",
            " */",
            "extern const u64 hasw_genl_multi[__HASWITCH_CMD_MAX];",
            "extern const u64 hasw_genl_dump[__HASWITCH_CMD_MAX];", ""]
    for oper in callable_ops:
        for _, func, params in handlers(oper):
            line = f"int {func}({params});"
            if len(line) > 100:
                first, second = params.split(", ", 1)
                line = f"int {func}({first},\n\t{second});"
            out.append(line)
    out += ["", "#endif /* _HASW_NETLINK_GEN_H */"]
    return out


def trace_header(spec):
    out = ["/* SPDX-License-Identifier: GPL-2.0 */", f"/* {NOTE} */", "",
           "#ifndef _HASW_TRACE_GEN_H", "#define _HASW_TRACE_GEN_H", "",
           "/* What __print_symbolic() calls the values of each enum. Numbers, not names of C:",
           " * who reads a trace in user space knows no C.", " */"]
    for name, enum in spec.enums.items():
        entries = [f"\t{{ {i}, {cstring(e['name'])} }}" for i, e in enumerate(enum["entries"])]
        out += ["", f"#define HASW_TRACE_{upper(name)} \\"] + ", \\\n".join(entries).split("\n")
        if any(a.get("enum") == name and a.get("multi-attr") for s in spec.sets.values() for a in s["attributes"]):
            # Of what may be several things at once: a bit each.
            entries = [f"\t{{ {1 << i}, {cstring(e['name'])} }}" for i, e in enumerate(enum["entries"])]
            out += ["", f"#define HASW_TRACE_{upper(name)}_BITS \\"] + ", \\\n".join(entries).split("\n")
    return out + ["", "#endif /* _HASW_TRACE_GEN_H */"]


def stat_header(spec):
    out = ["/* SPDX-License-Identifier: GPL-2.0 */", f"/* {NOTE} */", "",
           "#ifndef _HASW_STAT_GEN_H", "#define _HASW_STAT_GEN_H", "",
           "/* The names of the counters, in the order of the attribute set \"stats\", as",
           " * `haadm -j stats show` has them.", " */"]
    names = [a["name"] for a in spec.sets["stats"]["attributes"] if a["type"] in ("u64", "uint")]
    entries = [f"\t{cstring(lower(name))}" for name in names]
    return out + ["#define HASW_STAT_NAMES \\"] + ", \\\n".join(entries).split("\n") + [
        "", "#endif /* _HASW_STAT_GEN_H */"]


def policy_entry(spec, aset, attr):
    """The initializer of one policy entry."""
    checks, kind = attr.get("checks", {}), attr["type"]
    if kind == "string":
        return f"{{ .type = NLA_NUL_STRING, .len = {spec.cname(checks['max-len'])} }}"
    if kind == "binary" and "min-len" in checks:
        return f"NLA_POLICY_RANGE(NLA_BINARY, {checks['min-len']}, {spec.cname(checks['max-len'])})"
    if kind == "binary":
        return f"NLA_POLICY_EXACT_LEN({spec.cname(checks['exact-len'])})"
    if kind == "flag":
        return "{ .type = NLA_FLAG }"
    if kind == "nest":
        return f"NLA_POLICY_NESTED({nest_policy(attr)})"
    if kind not in ("u8", "u16", "u32", "u64"):
        raise SpecError(f"{aset}/{attr['name']}: no policy for type {kind} in a request")
    if "enum" in attr:
        return f"NLA_POLICY_MAX(NLA_{upper(kind)}, {spec.last(attr['enum'])})"
    if "min" in checks:
        if checks["max"] > S16_MAX:
            return f"NLA_POLICY_FULL_RANGE(NLA_{upper(kind)}, &{range_name(aset, attr)})"
        return f"NLA_POLICY_RANGE(NLA_{upper(kind)}, {checks['min']}, {checks['max']})"
    return f"{{ .type = NLA_{upper(kind)} }}"


def range_name(aset, attr):
    return f"hasw_{lower(aset)}_{lower(attr['name'])}_range"


def nest_policy(attr):
    return f"hasw_{lower(attr['nested-attributes'])}_policy"


def nest_policies(spec):
    """The policies of the sets that a request may hold nested; every attribute of such a set may come."""
    out, done = [], set()
    for attr in (a for oper in spec.ops for a in spec.request(oper) if a["type"] == "nest"):
        name = attr["nested-attributes"]
        if name in done:
            continue
        done.add(name)
        attrs = spec.sets[name]["attributes"]
        out += ["", f"static const struct nla_policy {nest_policy(attr)}[{spec.aname(name, attrs[-1])} + 1] = {{"]
        out += [f"\t[{spec.aname(name, a)}] = {policy_entry(spec, name, a)}," for a in attrs]
        out.append("};")
    return out


def mask(spec, oper, attrs):
    bits = " |\n\t\t".join(f"BIT_ULL({spec.aname(oper['attribute-set'], a)})" for a in attrs)
    return f"\t[{spec.cmd(oper)}] =\n\t\t{bits},"


def kernel_source(spec):
    out = ["// SPDX-License-Identifier: GPL-2.0", f"/* {NOTE} */", "",
           "#include <linux/bits.h>", "", '#include "netlink_gen.h"', "",
           "/* A policy cannot hold the shortest length of a string: handlers check that one",
           " * that must not be empty is not.", " */"]
    ranges = {}
    for oper in spec.ops:
        for attr in spec.request(oper):
            if "FULL_RANGE" in policy_entry(spec, oper["attribute-set"], attr):
                ranges[range_name(oper["attribute-set"], attr)] = attr["checks"]
    for name, checks in ranges.items():
        # Not const: struct nla_policy of 6.1 points to a writable range.
        out += ["", f"static struct netlink_range_validation {name} = {{",
                f"\t.min = {checks['min']}ULL,", f"\t.max = {checks['max']}ULL,", "};"]
    out += ["", "/* For an operation without attributes: without a policy any would be accepted. */",
            "static const struct nla_policy hasw_reject_policy[] = {",
            "\t[1] = { .type = NLA_REJECT },", "};"]
    out += nest_policies(spec)
    table = []
    for oper in spec.ops:
        if "do" not in oper and "dump" not in oper:
            continue
        attrs, aset = spec.request(oper), oper["attribute-set"]
        policy, top = "hasw_reject_policy", "1"
        if attrs:
            policy, top = f"hasw_{lower(oper['name'])}_policy", spec.aname(aset, attrs[-1])
            out += ["", f"static const struct nla_policy {policy}[{top} + 1] = {{"]
            out += [f"\t[{spec.aname(aset, a)}] = {policy_entry(spec, aset, a)}," for a in attrs]
            out.append("};")
        table += ["\t{", f"\t\t.cmd = {spec.cmd(oper)},"]
        table += [f"\t\t.{member} = {func}," for member, func, _ in handlers(oper)]
        table += [f"\t\t.policy = {policy},", f"\t\t.maxattr = {top},"]
        flags = [f"GENL_{upper(f)}" for f in oper.get("flags", [])]
        if flags:
            table.append(f"\t\t.flags = {' | '.join(flags)},")
        table.append("\t},")
    out += ["", "const struct genl_ops hasw_genl_ops[HASW_GENL_N_OPS] = {"] + table + ["};", "",
            "const struct genl_multicast_group hasw_genl_mcgrps[HASW_GENL_N_MCGRPS] = {"]
    out += [f"\t[HASW_MCGRP_{upper(g)}] = {{ .name = HASWITCH_MCGRP_{upper(g)} }}," for g in spec.groups]
    out += ["};", "", "const u64 hasw_genl_multi[__HASWITCH_CMD_MAX] = {"]
    for oper in spec.ops:
        multi = [a for a in spec.request(oper) if a.get("multi-attr")]
        if multi:
            out.append(mask(spec, oper, multi))
    out += ["};", "", "const u64 hasw_genl_dump[__HASWITCH_CMD_MAX] = {"]
    for oper in spec.ops:
        names = spec.names(oper, "dump", "request")
        if names:
            out.append(mask(spec, oper, [a for a in spec.request(oper) if a["name"] in names]))
    return out + ["};"]


def user_header(spec):
    out = ["/* SPDX-License-Identifier: GPL-2.0 */", f"/* {NOTE} */", "",
           "#ifndef HASW_SPEC_GEN_H", "#define HASW_SPEC_GEN_H", "", '#include "../spec.h"', ""]
    out += [f"extern const struct hasw_enum hasw_enum_{lower(e)};" for e in spec.enums]
    out.append("")
    out += [f"extern const struct hasw_set hasw_set_{lower(s)};" for s in spec.sets]
    out += ["", "/* Indexed by command; the first entry is empty. */",
            f"#define HASW_N_OPS {len(spec.ops) + 1}",
            "extern const struct hasw_op hasw_ops[HASW_N_OPS];", "", "#endif"]
    return out


def cstring(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def user_source(spec):
    out = ["// SPDX-License-Identifier: GPL-2.0", f"/* {NOTE} */", "",
           "#include <linux/haswitch.h>", "", '#include "spec_gen.h"', "",
           "#define BIT(number) (1ULL << (number))"]
    for name, enum in spec.enums.items():
        out += ["", f"static const char *const names_{lower(name)}[] = {{"]
        out += [f"\t[{spec.ename(name, e)}] = {cstring(e['name'])}," for e in enum["entries"]]
        out += ["};", "", f"const struct hasw_enum hasw_enum_{lower(name)} = {{",
                f"\t.name = {cstring(name)},", f"\t.names = names_{lower(name)},",
                f"\t.count = {len(enum['entries'])},", "};"]
    for name, aset in spec.sets.items():
        out += ["", f"static const struct hasw_attr attrs_{lower(name)}[] = {{"]
        for attr in aset["attributes"]:
            checks = attr.get("checks", {})
            fields = [f".name = {cstring(attr['name'])}", f".type = HASW_T_{upper(attr['type'])}"]
            if attr.get("byte-order") == "big-endian":
                fields.append(".big_endian = true")
            if attr.get("multi-attr"):
                fields.append(".multi = true")
            if "display-hint" in attr:
                fields.append(f".hint = HASW_HINT_{upper(attr['display-hint'])}")
            if "exact-len" in checks:
                fields.append(f".min_len = {spec.cname(checks['exact-len'])}")
                fields.append(f".max_len = {spec.cname(checks['exact-len'])}")
            if "min-len" in checks:
                fields.append(f".min_len = {spec.cname(checks['min-len'])}")
            if "max-len" in checks:
                fields.append(f".max_len = {spec.cname(checks['max-len'])}")
            if "min" in checks:
                fields += [f".min = {checks['min']}ULL", f".max = {checks['max']}ULL"]
            if "enum" in attr:
                fields.append(f".values = &hasw_enum_{lower(attr['enum'])}")
            if "nested-attributes" in attr:
                fields.append(f".nested = &hasw_set_{lower(attr['nested-attributes'])}")
            out += [f"\t[{spec.aname(name, attr)}] = {{"] + [f"\t\t{f}," for f in fields] + ["\t},"]
        out += ["};", "", f"const struct hasw_set hasw_set_{lower(name)} = {{",
                f"\t.name = {cstring(name)},", f"\t.attrs = attrs_{lower(name)},",
                f"\t.max = HASWITCH_A_{upper(name)}_MAX,", "};"]
    out += ["", "const struct hasw_op hasw_ops[HASW_N_OPS] = {"]
    for oper in spec.ops:
        out += [f"\t[{spec.cmd(oper)}] = {{", f"\t\t.name = {cstring(oper['name'])},",
                f"\t\t.set = &hasw_set_{lower(oper['attribute-set'])},"]
        for member, present in (("changes", oper.get("flags")), ("has_do", "do" in oper),
                                ("has_dump", "dump" in oper)):
            if present:
                out.append(f"\t\t.{member} = true,")
        for member, names in (("do_request", spec.names(oper, "do", "request")),
                              ("dump_request", spec.names(oper, "dump", "request")),
                              ("reply", spec.names(oper, "do", "reply") or
                               spec.names(oper, "dump", "reply") or spec.names(oper, "event", None))):
            if names:
                bits = " |\n\t\t\t".join(f"BIT({spec.aname(oper['attribute-set'], spec.attr(oper, n))})"
                                         for n in names)
                out.append(f"\t\t.{member} =\n\t\t\t{bits},")
        out.append("\t},")
    return out + ["};"]


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def roff_list(entries):
    out = []
    for term, kind, text in entries:
        out += [".TP", f".B {roff(term)}" if not kind else f".BR {roff(term)} \" ({roff(kind)})\"", roff(text)]
    return out


def man_page(spec):
    out = [f'.\\" SPDX-License-Identifier: GPL-2.0', f'.\\" {NOTE}',
           '.TH HASWITCH\\-NETLINK 7 "" haswitch "Netlink interface"',
           ".SH NAME", "haswitch\\-netlink \\- generic netlink family of haswitch.ko",
           ".SH DESCRIPTION", roff(spec.doc), ".PP",
           f"Family name \\(dq{spec.family}\\(dq, version 1; multicast groups: " + ", ".join(spec.groups) + ".",
           "C programs include", ".IR <linux/haswitch.h> .", ".SH OPERATIONS"]
    for oper in spec.ops:
        out += [f".SS {roff(oper['name'])} ({oper['number']})", roff(oper["doc"]), ".br",
                f"Attribute set: {roff(oper['attribute-set'])}."]
        if oper.get("flags"):
            out.append("Needs CAP_NET_ADMIN" + (" over the machine." if "admin-perm" in oper["flags"] else "."))
        for mode, direction, words in (("do", "request", "Request"), ("do", "reply", "Reply"),
                                       ("dump", "request", "Dump request"), ("dump", "reply", "Dump reply"),
                                       ("event", None, "Message")):
            names = spec.names(oper, mode, direction)
            if names:
                out += [".br", f"{words}: " + roff(", ".join(names)) + "."]
    out.append(".SH ATTRIBUTES")
    for name, aset in spec.sets.items():
        out += [f".SS {roff(name)}", roff(aset["doc"])]
        out += roff_list((a["name"], f"{a['number']}, {spec.kind(a)}", a.get("doc", "Aligns 64-bit values."))
                         for a in aset["attributes"])
    out.append(".SH VALUES")
    for name, enum in spec.enums.items():
        out += [f".SS {roff(name)}", roff(enum["doc"])]
        out += roff_list((e["name"], str(i), e["doc"]) for i, e in enumerate(enum["entries"]))
    out += [".SS constants"]
    out += roff_list((c["name"], str(c["value"]), c["doc"]) for c in spec.consts.values())
    return out + [".SH SEE ALSO", ".BR haadm (8)"]


FILES = {
    "include/uapi/linux/haswitch.h": uapi,
    "kmod/generated/netlink_gen.h": kernel_header,
    "kmod/generated/netlink_gen.c": kernel_source,
    "kmod/generated/trace_gen.h": trace_header,
    "kmod/generated/stat_gen.h": stat_header,
    "userspace/lib/generated/spec_gen.h": user_header,
    "userspace/lib/generated/spec_gen.c": user_source,
    "userspace/man/haswitch-netlink.7": man_page,
}


def validate(raw, schema_file):
    """Returns what the kernel's own schema finds wrong with the spec."""
    import jsonschema  # only --schema needs the package

    with open(schema_file, encoding="utf-8") as file:
        schema = yaml.safe_load(file)
    # Older releases of the package know no later draft; the kernel's schema needs no more.
    found = jsonschema.Draft7Validator(schema).iter_errors(raw)
    return [f"{SPEC}: {'/'.join(str(p) for p in e.absolute_path) or 'top'}: {e.message}" for e in found]


def main():
    parser = argparse.ArgumentParser(description="Write the files that are generated from the spec.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is not current")
    parser.add_argument("--schema", metavar="FILE", help="the kernel's Documentation/netlink/genetlink.yaml")
    args = parser.parse_args()

    with open(TOP / SPEC, encoding="utf-8") as file:
        raw = yaml.safe_load(file)
    if args.schema:
        errors = validate(raw, args.schema)
        if errors:
            sys.exit("\n".join(errors))
    try:
        spec = Spec(raw)
        texts = {path: "\n".join(make(spec)) + "\n" for path, make in FILES.items()}
    except SpecError as error:
        sys.exit(f"{SPEC}: {error}")

    stale = False
    for path, text in texts.items():
        target = TOP / path
        old = target.read_text(encoding="utf-8") if target.exists() else ""
        if old == text:
            continue
        stale = True
        if args.check:
            sys.stdout.writelines(difflib.unified_diff(
                old.splitlines(True), text.splitlines(True), path, f"{path} (from the spec)"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(f"wrote {path}")
    return 1 if stale and args.check else 0


if __name__ == "__main__":
    sys.exit(main())
