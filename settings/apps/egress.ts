import { z } from "zod";

import type { EgressTarget } from "../../components/network-policy/network-rules";
import { hostName, pattern, port } from "../formats/names";
import { range } from "../formats/ip-ranges";

const inCluster = /(^|\.)cluster\.local$/;

const stars = "at most one star, in place of the whole first label, such as *.example.com";

/** A name, or `*.` and a name: any one label in place of the star. */
const outsideName = pattern(/^(\*\.)?[^*]*$/, stars, [
  [/\*\*/, "one star for one label, such as *.example.com: ** requires Cilium 1.19, so it is not supported"],
])
  .transform((text, context) => {
    const [star, name] = text.startsWith("*.") ? ["*.", text.slice(2)] : ["", text];
    const read = hostName.safeParse(name);
    if (read.success) return `${star}${read.data}`;
    for (const { message } of read.error.issues) context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .refine((name) => !inCluster.test(name), {
    error: "a name outside of the cluster; for an app in it, use calls",
  });

/** A destination of an app outside of the cluster: a name or a range, with its ports. */
export const egress = z
  .strictObject({
    /** A host name, or `*.` and a name: the star matches one label. Set exactly one of `host` and `cidr`. */
    host: outsideName.optional(),
    /** An IPv4 or IPv6 range outside of the cluster. */
    cidr: range.optional(),
    /** The destination ports. */
    ports: z.array(port).min(1),
    /** The transport protocol. */
    protocol: z.enum(["TCP", "UDP"]).default("TCP"),
  })
  .transform(({ host, cidr, ...by }, context) => {
    if (host !== undefined && cidr === undefined) return { host, ...by };
    if (cidr !== undefined && host === undefined) return { cidr, ...by };
    context.addIssue({ code: "custom", message: "exactly one of host and cidr" });
    return z.NEVER;
  }) satisfies z.ZodType<EgressTarget>;
