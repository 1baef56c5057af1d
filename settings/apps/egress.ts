import { z } from "zod";

import { linkLocalRanges, type EgressTarget } from "../../components/network-policy/network-rules";
import { hostName, pattern, port } from "../formats/names";
import { isLinkLocal, range } from "../formats/ip-ranges";

const inCluster = /(^|\.)cluster\.local$/;

const stars = "one star or two in place of the whole first label, such as *.example.com or **.example.com";

/** A name, or `*.` and a name: any one label in place of the star; or `**.` and a name: any number of labels. */
const outsideName = pattern(/^(\*{1,2}\.)?[^*]*$/, stars)
  .transform((text, context) => {
    const [star = "", name = ""] = /^(\**\.)?(.*)$/.exec(text)?.slice(1) ?? [];
    const read = hostName.safeParse(name);
    if (read.success) return `${star}${read.data}`;
    for (const { message } of read.error.issues) context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .refine((name) => !inCluster.test(name), {
    error: "a name outside of the cluster; for an app in it, use calls",
  });

/** A range of addresses outside of the cluster. All addresses, such as 0.0.0.0/0, are those of the internet. */
const outsideRange = range.refine((cidr) => cidr.endsWith("/0") || !isLinkLocal(cidr), {
  error:
    `a range without link-local addresses (${linkLocalRanges.ipv4}, ${linkLocalRanges.ipv6}), which the server itself answers, ` +
    "with its metadata; for pods that need the metadata service, cilium.metadata.allow",
});

/** A destination of an app outside of the cluster: a name or a range, with its ports. */
export const egress = z
  .strictObject({
    /**
     * A host name; `*.` and a name: the star matches one label; or `**.` and a name, from Cilium 1.19 on: the stars match one
     * or more labels. Set exactly one of `host` and `cidr`.
     */
    host: outsideName.optional(),
    /**
     * An IPv4 or IPv6 range outside of the cluster. `0.0.0.0/0` and `::/0` do not include link-local addresses, nor the
     * ranges of the nodes, pods and Services: a server in the private network needs a range of its own.
     */
    cidr: outsideRange.optional(),
    /** The destination ports. */
    ports: z.array(port).min(1),
    /** The transport protocol. */
    protocol: z.enum(["TCP", "UDP"]).default("TCP"),
    /**
     * Whether the server speaks first, as with MySQL, SMTP, FTP or SSH. Linkerd's proxy waits 10 s for the client's first
     * bytes, so the app's pods connect to these ports without it, to whatever destination; traffic to the outside has no
     * mutual TLS anyway. For a call to an app of type `ExternalName`, its `protocol: tcp` does the same.
     *
     * @change Replaces the app's pods, one by one.
     */
    opaque: z.literal(true).optional(),
  })
  .transform(({ host, cidr, ...by }, context) => {
    if (host !== undefined && cidr === undefined) return { host, ...by };
    if (cidr !== undefined && host === undefined) return { cidr, ...by };
    context.addIssue({ code: "custom", message: "exactly one of host and cidr" });
    return z.NEVER;
  }) satisfies z.ZodType<EgressTarget>;
